"""Outward forms: a department's own workbook, filled from the register and from records."""
