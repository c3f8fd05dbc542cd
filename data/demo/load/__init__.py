"""Puts the demo into an empty database."""
