"""Places in listed cells: parity of the cell's few edges on the way from its centre to the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.exact import bounded_pairs
from gisgrid.geometry.locate.outline import BoolArray, FloatArray, Int32Array, IntArray
from gisgrid.geometry.locate.tables import MOST_SLOTS, OUTSIDE, Cover
from gisgrid.geometry.locate.tracing import expand

_BLOCK: Final = 2**15
"""Places handled at a time: the arrays in between stay in the cache."""

Bits = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Some places: their positions in the caller's arrays, coordinates, cells and listed cells."""

    index: IntArray
    x: FloatArray
    y: FloatArray
    cell: Int32Array
    listed: Int32Array


def cells_of(cover: Cover, x: FloatArray, y: FloatArray) -> tuple[Int32Array, Int32Array]:
    """For each place its cell and the state of that cell."""
    cell, state = np.empty(len(x), dtype=np.int32), np.empty(len(x), dtype=np.int32)
    for begin in range(0, len(x), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        cell[part] = cover.raster.cell_of(x[part], y[part])
        state[part] = cover.tables.state[cell[part]]
    return cell, state


def listed_blocks(cover: Cover, x: FloatArray, y: FloatArray, *, cell: Int32Array) -> Iterator[Places]:
    """Places in listed cells, in the order of their cells (neighbours share edges), block by block."""
    state = cover.tables.state[cell]
    index = np.flatnonzero(state < OUTSIDE)
    listed = -2 - state[index]
    order = np.argsort(listed)
    for begin in range(0, len(order), _BLOCK):
        part = order[begin : begin + _BLOCK]
        chosen = index[part]
        yield Places(index=chosen, x=x[chosen], y=y[chosen], cell=cell[chosen], listed=listed[part])


def slots_of(cover: Cover, places: Places) -> tuple[Bits, BoolArray]:
    """A bit for each slot whose area holds a place, and whether that is certain."""
    tables = cover.tables
    first = tables.edge_first[places.listed]
    count = tables.edge_first[places.listed + 1] - first
    sure = tables.slot_first[places.listed + 1] - tables.slot_first[places.listed] <= MOST_SLOTS
    count[~sure] = 0
    bits = tables.centre[places.listed]
    owner, entry = expand(first, count)
    if len(owner):
        crossed, certain = _crossings(cover, places, owner=owner, vertex=tables.edge_vertex[entry])
        sure[owner[~certain]] = False
        flips = crossed.astype(np.uint64) << tables.edge_slot[entry].astype(np.uint64)
        some = np.flatnonzero(count)
        bits[some] ^= np.bitwise_xor.reduceat(flips, (np.cumsum(count) - count)[some])
    return bits, sure


def _crossings(
    cover: Cover, places: Places, *, owner: IntArray, vertex: Int32Array
) -> tuple[BoolArray, BoolArray]:
    """Whether the way from a cell's centre to a place in it crosses an edge, and whether that is certain.

    With a, b the ends of the edge as seen from the centre and d the way, the cross products d x a and
    d x b have different signs where the edge meets the line of the way, and a x b and
    (a - d) x (b - d) = a x b + d x a - d x b have different signs where centre and place lie on
    different sides of the edge. The signs of the first two may be wrong by rounding, but alike for both
    edges at a vertex, which is as if that vertex were moved by less than the guard; so only the last
    two must be certain.
    """
    centre_x, centre_y = cover.raster.centre_of(places.cell)
    way_x, way_y = (places.x - centre_x)[owner], (places.y - centre_y)[owner]
    centre_x, centre_y = centre_x[owner], centre_y[owner]
    x, y = cover.outlines.x, cover.outlines.y
    ax, ay = x[vertex] - centre_x, y[vertex] - centre_y
    bx, by = x[vertex + 1] - centre_x, y[vertex + 1] - centre_y
    to_a = way_x * ay - way_y * ax
    to_b = way_x * by - way_y * bx
    side = ax * by - ay * bx
    far_side = side + to_a - to_b
    crossed = ((to_a > 0) != (to_b > 0)) & ((side > 0) != (far_side > 0))
    return crossed, np.minimum(np.abs(side), np.abs(far_side)) > cover.near


def first_area(cover: Cover, places: Places, bits: Bits) -> Int32Array:
    """The area of the lowest slot that is set, ``OUTSIDE`` where none is."""
    low = bits & (~bits + np.uint64(1))
    slot = np.bitwise_count(np.where(low > 0, low - np.uint64(1), 0))
    area = cover.tables.slot_area[cover.tables.slot_first[places.listed] + slot]
    return np.where(low > 0, area, np.int32(OUTSIDE))


def candidates(cover: Cover, places: Places) -> tuple[IntArray, IntArray]:
    """Pairs of a place (by its number among the given) and an area that may cover it, areas by rank."""
    tables = cover.tables
    first = tables.slot_first[places.listed]
    count = tables.slot_first[places.listed + 1] - first
    crowded = np.flatnonzero(count > MOST_SLOTS)
    count[crowded] = 0
    owner, entry = expand(first, count)
    area = tables.slot_area[entry].astype(np.int64)
    if not len(crowded):
        return owner, area
    more, areas = bounded_pairs(cover.areas, places.x[crowded], places.y[crowded])
    owner, area = np.concatenate([owner, crowded[more]]), np.concatenate([area, areas])
    order = np.lexsort((area, owner))
    return owner[order], area[order]
