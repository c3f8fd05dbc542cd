"""Parses a request, calls one service or query, renders a page or JSON.

The rule of this package: it decides nothing.
"""
