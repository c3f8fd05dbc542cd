"""Indicators of cases and the appraisal of grid members: one table of formulas, counted in SQL."""
