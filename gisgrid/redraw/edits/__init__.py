"""Edits of a plan: their forms, the tools that draw them, and the plan as drawn."""
