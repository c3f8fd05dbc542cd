"""Draws: a layer is told URLs or given data, a style and a legend; it fetches nothing itself."""
