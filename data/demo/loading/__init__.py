"""Puts the demo's records into an empty database."""
