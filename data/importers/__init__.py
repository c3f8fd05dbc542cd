"""Brings files in: read as they stand, checked, with every fault placed by file, row and column."""
