"""Places in listed cells: parity of the cell's few edges on the way from its centre to the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.cover import Cover
from gisgrid.geometry.locate.exact import bounded_pairs
from gisgrid.geometry.locate.outline import BoolArray, FloatArray, Int32Array, IntArray
from gisgrid.geometry.locate.tables import LEFT, MOST_SLOTS, OUTSIDE, VERTICAL
from gisgrid.geometry.locate.trace import expand

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


def listed_blocks(x: FloatArray, y: FloatArray, *, cell: Int32Array, state: Int32Array) -> Iterator[Places]:
    """Places in listed cells, in the order of their cells (neighbours share edges), block by block.

    ``state`` is that of each place's cell.
    """
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
    sure = tables.plain[places.listed]
    count[~sure] = 0
    bits = tables.centre[places.listed]
    owner, entry = expand(first, count)
    if len(owner):
        crossed, doubted = _crossings(cover, places, owner=owner, entry=entry)
        sure[owner[doubted]] = False
        _flip(bits, owner[crossed], tables.edge_flags[entry[crossed]])
    return bits, sure


def _flip(bits: Bits, owner: IntArray, flags: npt.NDArray[np.uint8]) -> None:
    """Turn for each crossing the bit of its slot; the owners come in order."""
    if len(owner):
        begin = np.flatnonzero(np.diff(owner, prepend=-1))
        turned = np.uint64(1) << (flags & np.uint8(VERTICAL - 1)).astype(np.uint64)
        bits[owner[begin]] ^= np.bitwise_xor.reduceat(turned, begin)


def _crossings(
    cover: Cover, places: Places, *, owner: IntArray, entry: IntArray
) -> tuple[IntArray, IntArray]:
    """Numbers of the pairs in which the way to a place crosses an edge, and of those that are in doubt.

    The way goes from the cell's centre up or down to the height of the place, and along it to the place.
    An edge that neither reaches that height nor crosses the vertical line through the centre is passed
    over by two comparisons, which are exact. Of the others it counts on which side of the edge's line
    centre, corner and place lie. At its lower end an edge reaches a height, at its upper end it doesn't
    (as if the way ran a little higher), and likewise to the left of the vertical line; but both ends are
    looked at, for a place on a vertex lies on a border.
    """
    tables, y = cover.tables, cover.outlines.y
    vertex = tables.edge_vertex[entry]
    flags = tables.edge_flags[entry]
    height = places.y[owner]
    y0, y1 = y[vertex], y[vertex + 1]
    spans = (y0 > height) != (y1 > height)
    seen = np.flatnonzero(spans | ((flags & np.uint8(VERTICAL)) > 0) | (y0 == height) | (y1 == height))
    vertex, owner, flags, spans = vertex[seen], owner[seen], flags[seen], spans[seen]
    corner, side = _sides(cover, places, owner=owner, vertex=vertex)
    turned = corner > 0
    crossed = spans & (turned != (side > 0))
    crossed ^= ((flags & np.uint8(VERTICAL)) > 0) & (turned != ((flags & np.uint8(LEFT)) > 0))
    doubted = np.minimum(np.abs(corner), np.abs(side)) <= cover.near
    return seen[crossed], seen[doubted]


def _sides(
    cover: Cover, places: Places, *, owner: IntArray, vertex: Int32Array
) -> tuple[FloatArray, FloatArray]:
    """On which side of an edge the corner of the way and its place lie: above 0 to the left of it."""
    x, y = cover.outlines.x, cover.outlines.y
    centre_x, _ = cover.raster.centre_of(places.cell)
    x0, y0 = x[vertex], y[vertex]
    along, up = x[vertex + 1] - x0, y[vertex + 1] - y0
    corner = along * (places.y[owner] - y0) - up * (centre_x[owner] - x0)
    return corner, corner - up * (places.x - centre_x)[owner]


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
