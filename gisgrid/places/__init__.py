"""Compounds, buildings, households, facilities, streets, and finding them by address."""
