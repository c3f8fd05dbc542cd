"""Draws: a layer is told a URL, a style and a legend; it fetches nothing itself."""
