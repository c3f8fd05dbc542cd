"""Counts per area over all subjects, as of any date."""
