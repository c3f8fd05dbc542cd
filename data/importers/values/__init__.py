"""Single values, positions and shapes of a file as what they mean."""
