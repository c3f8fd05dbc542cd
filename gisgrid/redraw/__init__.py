"""Redrawing who serves which cells: plans, edits, rules, impact and publishing; on top of all it counts."""
