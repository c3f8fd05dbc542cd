"""Errands: a piece of a case entrusted to a property company or a social organisation.

An organisation reads what staff wrote for it, category, number and place, and nothing else of the case or of
who reported it. Its steps stand in the log of the case and change nothing of how that stands.
"""
