"""Consent: what people are asked, what they answer, and what follows from it."""
