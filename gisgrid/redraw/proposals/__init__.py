"""Helpers that propose divisions, never decide: worked out by a process of their own, accepted by people."""
