"""Residents, consent, and the one definition of an elder."""
