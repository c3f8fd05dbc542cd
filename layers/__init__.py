"""Draws: a layer is told a URL, a style and a legend, and is a Folium element.

The rule of this package: it fetches nothing in Python; no database, no Flask.
"""
