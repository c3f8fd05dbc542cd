"""Tasks: what is to be done for a subject until when, computed from a rule and records, never stored."""
