"""The boundary chain: what is left of all directed edges of a set of cells when a→b meets b→a.

Cells that are valid polygons and whose chain is the chain of an outline tile that outline exactly:
no gap, no overlap, no vertex on a neighbour's edge. Whole numbers, so equality needs no tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from gisgrid.crs import LATTICE_STEPS, FloatArray, IntArray, lattice_units
from gisgrid.geometry.lattice import GeometryArray

KeyArray = npt.NDArray[np.uint64]

_HALF_X: Final = 180 * LATTICE_STEPS
_HALF_Y: Final = 90 * LATTICE_STEPS
_ROW: Final = np.uint64(2 * _HALF_Y + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Directed edges of rings; shells counter-clockwise, holes clockwise.

    ``start`` and ``end`` are vertex keys (see `vertex_keys`), ``owner`` is the index of the geometry.
    """

    start: KeyArray
    end: KeyArray
    owner: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """What remains of a set of edges. Sorted, so equal chains have equal arrays.

    ``low`` and ``high`` are the vertex keys of an edge, ``count`` how often it is walked from low to high
    more than back (never 0).
    """

    low: KeyArray
    high: KeyArray
    count: IntArray

    def __eq__(self, other: object) -> bool:
        """Exactly the same edges, walked the same way, as often."""
        if not isinstance(other, Chain):
            return NotImplemented
        return (
            np.array_equal(self.low, other.low)
            and np.array_equal(self.high, other.high)
            and np.array_equal(self.count, other.count)
        )

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.count)

    def lines(self) -> GeometryArray:
        """One line per remaining edge, EPSG:4326, in the direction it is walked."""
        forward = (self.count > 0)[:, None]
        low, high = key_positions(self.low), key_positions(self.high)
        ends = np.stack([np.where(forward, low, high), np.where(forward, high, low)], axis=1)
        return np.asarray(shapely.linestrings(ends), dtype=np.object_).reshape(-1)


def vertex_keys(xy: FloatArray) -> KeyArray:
    """One number per position, shape (n,), of lon and lat in degrees, shape (n, 2).

    Two positions have the same key exactly where they are the same lattice point.
    """
    x, y = lattice_units(xy[:, 0]) + _HALF_X, lattice_units(xy[:, 1]) + _HALF_Y
    keys: KeyArray = x.astype(np.uint64) * _ROW + y.astype(np.uint64)
    return keys


def key_positions(keys: KeyArray) -> FloatArray:
    """Lon and lat in degrees, shape (n, 2), of vertex keys."""
    x, y = np.divmod(keys, _ROW)
    units = np.stack([x.astype(np.int64) - _HALF_X, y.astype(np.int64) - _HALF_Y], axis=1)
    positions: FloatArray = units / np.float64(LATTICE_STEPS)
    return positions


def directed_edges(
    polygons: GeometryArray, *, keys_of: Callable[[FloatArray], KeyArray] = vertex_keys
) -> Edges:
    """All edges of polygons or multipolygons, each ring turned the right way.

    ``keys_of`` numbers positions; by default these are EPSG:4326 and equal on the same lattice point.
    Empty geometries and edges from a position to itself give no edge.
    """
    parts, part_owner = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    keys = keys_of(xy)
    real = (ring[1:] == ring[:-1]) & (keys[1:] != keys[:-1])
    owner = part_owner[ring_part[ring[:-1][real]]].astype(np.int64)
    return Edges(start=keys[:-1][real], end=keys[1:][real], owner=owner)


def cancel(edges: Edges, *, minus: Edges | None = None) -> Chain:
    """The chain of some edges, less the chain of others."""
    start, end = edges.start, edges.end
    if minus is not None:
        start, end = np.concatenate([start, minus.end]), np.concatenate([end, minus.start])
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    sign = np.where(start[order] == low, 1, -1).astype(np.int64)
    if not len(low):
        return Chain(low=low, high=high, count=sign)
    first = np.flatnonzero(np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])])
    count = np.add.reduceat(sign, first)
    left = count != 0
    return Chain(low=low[first][left], high=high[first][left], count=count[left])


def boundary_chain(cells: GeometryArray) -> Chain:
    """The chain of cells (polygons on the lattice, EPSG:4326; any orientation)."""
    return cancel(directed_edges(np.atleast_1d(cells)))
