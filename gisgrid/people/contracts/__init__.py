"""Contracted services: which organisation does what for whom, and what it may know of them."""
