"""Workbooks of other offices: read as templates, filled from what is known."""
