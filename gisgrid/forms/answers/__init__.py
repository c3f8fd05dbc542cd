"""Answers to a form: read by type, worked out from the top down, and checked all at once."""
