"""The ground a plan is drawn on, and what lies around it."""
