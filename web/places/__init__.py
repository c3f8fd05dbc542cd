"""Interface of places: finding households and their cards."""
