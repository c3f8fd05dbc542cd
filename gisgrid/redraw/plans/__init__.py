"""Plans as they are kept: their tables, decisions, schedule, and whom they concern."""
