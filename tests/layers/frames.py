"""Invented areas and points for layers with data."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

WEST, SOUTH, SIDE = 118.29, 33.93, 0.01


def areas(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Squares side by side, one for each value of the columns, EPSG:4326."""
    many = len(next(iter(columns.values())))
    squares = [shapely.box(WEST + i * SIDE, SOUTH, WEST + (i + 1) * SIDE, SOUTH + SIDE) for i in range(many)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs="EPSG:4326")


def points(**columns: list[Any]) -> gpd.GeoDataFrame:
    """The middles of such squares."""
    found = areas(**columns)
    middles = [shapely.Point(WEST + (i + 0.5) * SIDE, SOUTH + SIDE / 2) for i in range(len(found))]
    return found.set_geometry(gpd.GeoSeries(middles, crs="EPSG:4326"))
