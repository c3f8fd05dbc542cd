"""Deadlines of cases: working time, rules with versions, and how much of a case's time is gone."""
