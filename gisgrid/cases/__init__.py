"""The case file: its steps, its time limits, its numbers."""
