"""Areas as flat arrays of vertices: what the raster is drawn from and points are tested against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from gisgrid.errors import Fault, InvalidInput, say

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]
Geometries = npt.NDArray[np.object_]

_POLYGONAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

_FARTHEST: Final = 1e100
"""Coordinates beyond this overflow when they are multiplied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """All rings of all areas, one after the other, in the order of the areas.

    Edge ``i`` runs from vertex ``i`` to vertex ``i + 1``; the last vertex of a ring starts none.
    ``starts`` are the vertices that start an edge of some length; ``last[a]`` is the last vertex
    of area ``a``, which stands for the area itself where an edge is not meant.
    """

    x: FloatArray
    y: FloatArray
    area: Int32Array
    starts: Int32Array
    last: IntArray


def checked_areas(areas: npt.ArrayLike) -> Geometries:
    """The areas as an array of shapely geometries, all of them valid polygons.

    Raises
    ------
    InvalidInput
        An area is missing, no polygon, or invalid; every such row is named, counted from 1.
    """
    array = np.asarray(areas, dtype=object)
    kinds = shapely.get_type_id(array)
    polygonal = np.isin(kinds, _POLYGONAL)
    # Written so that the NaN bounds of an empty polygon pass.
    measurable = ~(np.abs(shapely.bounds(array)) > _FARTHEST).any(axis=1)
    sound = polygonal & measurable & shapely.is_valid(array)
    if not sound.all():
        raise InvalidInput([_fault(array[row], row=int(row) + 1) for row in np.flatnonzero(~sound)])
    return array


def _fault(area: object, *, row: int) -> Fault:
    if not isinstance(area, shapely.Geometry):
        return Fault(message="an area without a geometry", row=row)
    kind = shapely.GeometryType(int(shapely.get_type_id(area)))
    if kind not in _POLYGONAL:
        return Fault(message=say("an area must be a polygon, not a {kind}", kind=kind.name.lower()), row=row)
    if np.abs(shapely.bounds(area)).max() > _FARTHEST:
        return Fault(message="the coordinates are too large for any place", row=row)
    return Fault(message=say("an invalid polygon: {reason}", reason=shapely.is_valid_reason(area)), row=row)


def outlines_of(areas: Geometries) -> Outlines:
    """Flat arrays of valid polygons and multipolygons; an empty one has no vertices."""
    full = np.flatnonzero(~shapely.is_empty(areas))
    if not len(full):
        nothing = np.empty(0)
        none = np.empty(0, dtype=np.int32)
        return Outlines(x=nothing, y=nothing, area=none, starts=none, last=np.empty(0, dtype=np.int64))
    _, coordinates, offsets = shapely.to_ragged_array(areas[full], include_z=False)
    ring_ends, area_rings = offsets[0], offsets[-1]
    if len(offsets) == 3:
        area_rings = offsets[1][offsets[2]]
    ends = ring_ends[area_rings]
    area = np.repeat(full.astype(np.int32), np.diff(ends))
    last = np.full(len(areas), -1, dtype=np.int64)
    last[full] = ends[1:] - 1
    x, y = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    return Outlines(x=x, y=y, area=area, starts=_edge_starts(x, y, ring_ends), last=last)


def _edge_starts(x: FloatArray, y: FloatArray, ring_ends: npt.NDArray[np.integer]) -> Int32Array:
    """Vertices that start an edge: not the last of a ring, not one repeated by the next."""
    starts = np.ones(len(x), dtype=bool)
    starts[:-1] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    starts[ring_ends[1:] - 1] = False
    return np.flatnonzero(starts).astype(np.int32)
