"""Disputes: their tables, their pipeline beside the workflow of cases, and who may see them."""
