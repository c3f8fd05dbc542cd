"""Shapes in degrees that go across the antimeridian in one piece, which would cover the rest of the world."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gisgrid.errors import Sentence, say
from gisgrid.geometry.lattice import GeometryArray

_HALF: Final = 180.0
_WHOLE: Final = 360.0
ACROSS: Final = say("the shape goes across the antimeridian: cut it in two there (RFC 7946, 3.1.9)")
BEYOND: Final = say("a longitude lies beyond 180 degrees or a latitude beyond 90")


def beyond_antimeridian(shapes: GeometryArray) -> list[tuple[int, Sentence]]:
    """Rows, counted from 1, whose shape in degrees reaches beyond the map, and what is wrong with each.

    An edge over more than half the world is meant the short way round, but would be read the long way. Only
    one from -180 to 180 is what it says: the border of a shape that goes round the whole world.
    """
    west, south, east, north = shapely.bounds(shapes).T
    is_out = (west < -_HALF) | (east > _HALF) | (south < -90.0) | (north > 90.0)
    rows = sorted(rows_across(shapes) | set(np.flatnonzero(is_out).tolist()))
    return [(row + 1, BEYOND if is_out[row] else ACROSS) for row in rows]


def rows_across(shapes: GeometryArray) -> set[int]:
    """Rows, counted from 0, whose shape in degrees goes across the antimeridian in one piece."""
    west, _south, east, _north = shapely.bounds(shapes).T
    return {int(row) for row in np.flatnonzero(east - west > _HALF) if _has_jump(shapes[row])}


def _has_jump(shape: shapely.Geometry) -> bool:
    """Whether an edge of a shape goes over more than half the world, but not round it."""
    xy, part = shapely.get_coordinates(_lines(shape), return_index=True)
    length = np.abs(np.diff(xy[:, 0]))[part[1:] == part[:-1]]
    return bool(((length > _HALF) & (length < _WHOLE)).any())


def _lines(shape: shapely.Geometry) -> GeometryArray:
    """The rings of polygons, and the lines of lines."""
    parts = shapely.get_parts(shape)
    is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return np.concatenate([shapely.get_rings(parts[is_polygon]), parts[~is_polygon]])
