"""A plan as pages show it: itself, its changes, two plans compared, an edit before it is made."""
