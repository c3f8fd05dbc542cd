"""Imports after they were made: taken back as a whole, and what has been built on them since."""
