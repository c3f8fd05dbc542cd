"""The rules a plan is held against, and what was found."""
