"""The index as flat tables: the state of every cell, and for border cells their areas and edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from gisgrid.geometry.locate.outline import (
    BoolArray,
    Geometries,
    Int32Array,
    IntArray,
    Outlines,
    longest_edge,
    outlines_of,
)
from gisgrid.geometry.locate.raster import Raster, choose_raster
from gisgrid.geometry.locate.tracing import Runs, expand, inside_runs, touched_cells

OUTSIDE: Final = -1
MOST_SLOTS: Final = 63
"""Areas a listed cell can hold as bits of one number; a cell with more is asked of a tree."""
_SMALLEST_PRODUCT: Final = 1e-280
"""Below this a product loses digits on its way to zero."""
_BLOCK: Final = 2**16
"""Runs or members handled at a time: fresh memory costs more than the arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What is known of each cell.

    ``state`` (cells + 1, the last for places off the raster): an area that covers the whole cell alone,
    ``OUTSIDE``, or ``-2 - k`` for listed cell ``k``. Listed cell ``k`` has the areas
    ``slot_area[slot_first[k]:slot_first[k + 1]]`` in the order of their rank, slot by slot;
    ``centre`` has a bit for each slot whose area holds the centre of the cell; its edges are
    ``edge_vertex[edge_first[k]:edge_first[k + 1]]``, each of the slot in ``edge_slot``.
    """

    state: Int32Array
    slot_first: IntArray
    slot_area: Int32Array
    centre: npt.NDArray[np.uint64]
    edge_first: IntArray
    edge_vertex: Int32Array
    edge_slot: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Areas in the order of their rank, with everything drawn from them.

    ``near`` is the size of a cross product (square units) up to which its sign is not trusted: the
    guard's distance times the longest edge and the widest way inside a cell.
    """

    areas: Geometries
    outlines: Outlines
    raster: Raster
    tables: Tables
    near: float


def cover_of(areas: Geometries, *, cells_per_area: int) -> Cover:
    """Draws valid areas, given in the order of their rank, on a raster of about that many cells each."""
    outlines = outlines_of(areas)
    if not len(outlines.x):
        raster = Raster(west=0.0, south=0.0, size=1.0, columns=1, rows=1, guard=0.0)
        return Cover(areas=areas, outlines=outlines, raster=raster, tables=_empty_tables(), near=0.0)
    raster = choose_raster(
        outlines, total_area=float(shapely.area(areas).sum()), wanted=cells_per_area, count=len(areas)
    )
    near = max(raster.guard * (longest_edge(outlines) + 2 * raster.size), _SMALLEST_PRODUCT)
    return Cover(
        areas=areas, outlines=outlines, raster=raster, tables=_build_tables(outlines, raster), near=near
    )


def _empty_tables() -> Tables:
    """Tables of one cell that nothing covers."""
    none, zero = np.empty(0, dtype=np.int32), np.zeros(1, dtype=np.int64)
    return Tables(
        state=np.full(2, OUTSIDE, dtype=np.int32),
        slot_first=zero,
        slot_area=none,
        centre=np.empty(0, dtype=np.uint64),
        edge_first=zero,
        edge_vertex=none,
        edge_slot=np.empty(0, dtype=np.uint8),
    )


def _build_tables(outlines: Outlines, raster: Raster) -> Tables:
    """Tables of areas in the order of their rank."""
    cell, edge = touched_cells(outlines, raster)
    runs = inside_runs(outlines, raster)
    state, listed = _whole_cells(raster, runs)
    listed[cell] = True
    number = np.zeros(raster.cells + 1, dtype=np.int32)
    np.cumsum(listed, out=number[1:])
    state[:-1][listed] = -2 - np.arange(number[-1], dtype=np.int32)
    first = number[runs.first].astype(np.int64)
    owner, inside = expand(first, number[runs.end] - first)
    members = _Members(outlines, max(1, len(outlines.x).bit_length()))
    keys = np.empty(len(cell) + len(inside), dtype=np.int64)
    members.write(keys[: len(cell)], number[cell], edge)
    members.write(keys[len(cell) :], inside, outlines.last[runs.area[owner]])
    keys.sort()
    return _joined(state, [members.read(block) for block in members.blocks(keys)])


def _whole_cells(raster: Raster, runs: Runs) -> tuple[Int32Array, BoolArray]:
    """State of cells as if there were no borders, and which of them several areas hold."""
    state = np.full(raster.cells + 1, OUTSIDE, dtype=np.int32)
    several = np.zeros(raster.cells, dtype=bool)
    for begin in range(0, len(runs.first), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        owner, cell = expand(runs.first[part], runs.end[part] - runs.first[part])
        area = runs.area[part].astype(np.int32)[owner]
        several[cell[state[cell] != OUTSIDE]] = True
        state[cell] = area
        several[cell[state[cell] != area]] = True
    return state, several


@dataclass(frozen=True, slots=True)
class _Part:
    """The tables of some successive listed cells."""

    slots: Int32Array
    slot_area: Int32Array
    centre: npt.NDArray[np.uint64]
    edges: Int32Array
    edge_vertex: Int32Array
    edge_slot: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Members:
    """Members of listed cells as numbers that sort by cell, then by area.

    A member is an edge, by its first vertex, or an area that holds the cell's centre, by its last
    vertex; vertices are numbered in the order of the areas.
    """

    outlines: Outlines
    bits: int

    def write(self, keys: IntArray, cell: npt.NDArray[np.integer], vertex: npt.NDArray[np.integer]) -> None:
        """Pack pairs of a listed cell and a vertex into ``keys``."""
        keys[:] = cell
        keys <<= self.bits
        keys |= vertex

    def blocks(self, keys: IntArray) -> Iterator[IntArray]:
        """Sorted keys in blocks that never cut a cell in two."""
        begin = 0
        while begin < len(keys):
            end = min(begin + _BLOCK, len(keys))
            if end < len(keys):
                behind = ((keys[end - 1] >> self.bits) + 1) << self.bits
                end = int(np.searchsorted(keys, behind))
            yield keys[begin:end]
            begin = end

    def read(self, keys: IntArray) -> _Part:
        """Slots and edges of the cells in one block."""
        cell, vertex = keys >> self.bits, keys & ((1 << self.bits) - 1)
        cell -= cell[0]
        count = int(cell[-1]) + 1
        area = self.outlines.area[vertex]
        fresh = np.ones(len(area), dtype=bool)
        fresh[1:] = (area[1:] != area[:-1]) | (cell[1:] != cell[:-1])
        slots = np.bincount(cell[fresh], minlength=count)
        slot = np.cumsum(fresh) - 1 - (np.cumsum(slots) - slots)[cell]
        whole = self.outlines.last[area] == vertex
        edge = ~whole
        return _Part(
            slots=slots.astype(np.int32),
            slot_area=area[fresh],
            centre=_centre_bits(cell[whole], slot[whole], count),
            edges=np.bincount(cell[edge], minlength=count).astype(np.int32),
            edge_vertex=vertex[edge].astype(np.int32),
            edge_slot=np.minimum(slot[edge], MOST_SLOTS).astype(np.uint8),
        )


def _centre_bits(cell: IntArray, slot: IntArray, count: int) -> npt.NDArray[np.uint64]:
    bits = np.zeros(count, dtype=np.uint64)
    if len(cell):
        begin = np.flatnonzero(np.diff(cell, prepend=-1))
        bit = np.uint64(1) << np.minimum(slot, MOST_SLOTS).astype(np.uint64)
        bits[cell[begin]] = np.bitwise_or.reduceat(bit, begin)
    return bits


def _joined(state: Int32Array, parts: list[_Part]) -> Tables:
    return Tables(
        state=state,
        slot_first=_firsts([part.slots for part in parts]),
        slot_area=np.concatenate([part.slot_area for part in parts]),
        centre=np.concatenate([part.centre for part in parts]),
        edge_first=_firsts([part.edges for part in parts]),
        edge_vertex=np.concatenate([part.edge_vertex for part in parts]),
        edge_slot=np.concatenate([part.edge_slot for part in parts]),
    )


def _firsts(counts: list[Int32Array]) -> IntArray:
    """Where the members of each listed cell begin, and behind the last where they end."""
    firsts = np.zeros(sum(map(len, counts)) + 1, dtype=np.int64)
    np.cumsum(np.concatenate(counts), out=firsts[1:])
    return firsts
