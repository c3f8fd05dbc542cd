"""Cases as lists, cards, points of a map and exports, scoped in the SQL."""
