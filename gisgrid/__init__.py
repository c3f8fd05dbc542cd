"""Everything that is true about grids, places, people and cases.

The rule of this package: it knows no Flask, no Jinja and no Folium.
"""
