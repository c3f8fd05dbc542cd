"""Photos of cases: made clean of what a camera adds, sealed in the row, seen by who sees the case."""
