"""Time limits of cases: working time, rules with versions, and who is told when a limit runs out."""
