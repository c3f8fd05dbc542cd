"""Rounds of collection: drafting, opening, progress."""
