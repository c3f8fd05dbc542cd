"""The start page, by role."""
