"""Rounds of collection: a form, a frozen set of subjects, a last day."""
