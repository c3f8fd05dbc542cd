"""Welfare visits: who looks in on whom."""
