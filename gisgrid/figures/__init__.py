"""Figures per area over all subjects, as of any day: reads only."""
