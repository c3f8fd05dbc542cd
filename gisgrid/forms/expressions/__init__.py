"""The expressions of forms: what a workbook writes, as a tree that Python and the browser work out alike."""
