"""What every part about people stands on: tables, ages, purposes, scope and answers."""
