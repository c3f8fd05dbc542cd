"""The exact test by GEOS, for places so near to an edge that plain arithmetic can't decide."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gisgrid.geometry.locate.outline import BoolArray, FloatArray, Geometries, IntArray

_PREPARE_FROM: Final = 8
"""Tests per area from which preparing it pays."""


def cover_and_border(
    areas: Geometries, which: IntArray, x: FloatArray, y: FloatArray
) -> tuple[BoolArray, BoolArray]:
    """For each pair of an area and a place: covered, and exactly on its boundary.

    Only copies are prepared: shapely prepares in place, and other threads may be using the areas.
    """
    number = np.zeros(len(areas), dtype=np.int64)
    number[which] = 1
    used = np.flatnonzero(number)
    number[used] = np.arange(len(used))
    tested = areas[used]
    if len(which) >= _PREPARE_FROM * len(used):
        tested = shapely.from_wkb(shapely.to_wkb(tested))
        shapely.prepare(tested)
    order = np.argsort(number[which], kind="stable")
    own = tested[number[which[order]]]
    covered, border = np.zeros(len(which), dtype=bool), np.zeros(len(which), dtype=bool)
    covered[order] = shapely.intersects_xy(own, x[order], y[order])
    border[order] = covered[order] & ~shapely.contains_xy(own, x[order], y[order])
    return covered, border


def bounded_pairs(areas: Geometries, x: FloatArray, y: FloatArray) -> tuple[IntArray, IntArray]:
    """Pairs of a place and an area whose bounds hold it."""
    place, area = shapely.STRtree(areas).query(shapely.points(x, y))
    return place.astype(np.int64), area.astype(np.int64)
