"""The index as flat tables: the state of every cell, and for border cells their areas and edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.outline import (
    BoolArray,
    Int32Array,
    IntArray,
    Outlines,
)
from gisgrid.geometry.locate.raster import Raster
from gisgrid.geometry.locate.trace import CellRuns, expand, inside_runs, touched_cells

OUTSIDE: Final = -1
MOST_SLOTS: Final = 63
"""Areas a listed cell can hold as bits of one number; a cell with more is asked of a tree."""
VERTICAL: Final = 64
"""Of an edge's flags: it crosses the vertical line through the centre of the cell."""
LEFT: Final = 128
"""Of an edge's flags: the centre lies to its left, seen along the edge; said of vertical ones."""
_BLOCK: Final = 2**16
"""Runs or members handled at a time: fresh memory costs more than the arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What is known of each cell.

    ``state`` (cells + 1, the last for places off the raster): an area that covers the whole cell alone,
    ``OUTSIDE``, or ``-2 - k`` for listed cell ``k``. Listed cell ``k`` has the areas
    ``slot_area[slot_first[k]:slot_first[k + 1]]`` in the order of their rank, slot by slot;
    ``centre`` has a bit for each slot whose area holds the centre of the cell, ``plain[k]`` tells that this
    is certain and that the slots fit into bits. Its edges are
    ``edge_vertex[edge_first[k]:edge_first[k + 1]]``, each with its slot in the lower six bits of
    ``edge_flags``, beside ``VERTICAL`` and ``LEFT``.

    Tables made for some places only know the cells of these places.
    """

    state: Int32Array
    slot_first: IntArray
    slot_area: Int32Array
    centre: npt.NDArray[np.uint64]
    plain: BoolArray
    edge_first: IntArray
    edge_vertex: Int32Array
    edge_flags: npt.NDArray[np.uint8]


def empty_tables() -> Tables:
    """Tables of one cell that nothing covers."""
    return _joined(np.full(2, OUTSIDE, dtype=np.int32), [])


def build_tables(
    outlines: Outlines, raster: Raster, *, near: float, wanted: BoolArray | None = None
) -> Tables:
    """Tables of areas in the order of their rank, of all cells or of the wanted ones."""
    cell, edge = touched_cells(outlines, raster, wanted)
    runs = inside_runs(outlines, raster)
    state, listed = _whole_cells(raster, runs) if wanted is None else _whole_of(wanted, runs)
    listed[cell] = True
    number = np.zeros(raster.cells + 1, dtype=np.int32)
    np.cumsum(listed, out=number[1:])
    cells = np.flatnonzero(listed)
    state[cells] = -2 - np.arange(len(cells), dtype=np.int32)
    first = number[runs.first].astype(np.int64)
    owner, inside = expand(first, number[runs.end] - first)
    members = _Members(outlines, raster, cells, near, max(1, len(outlines.x).bit_length()))
    keys = np.empty(len(cell) + len(inside), dtype=np.int64)
    members.write(keys[: len(cell)], number[cell], edge)
    members.write(keys[len(cell) :], inside, outlines.last[runs.area[owner]])
    keys.sort()
    return _joined(state, [members.read(block) for block in members.blocks(keys)])


def _whole_cells(raster: Raster, runs: CellRuns) -> tuple[Int32Array, BoolArray]:
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


def _whole_of(wanted: BoolArray, runs: CellRuns) -> tuple[Int32Array, BoolArray]:
    """The same for the wanted cells alone, without writing a run out: the others hold anything.

    Of the runs that begin up to a cell those that end before it don't hold it; where one is left, its area
    is the difference of two running sums.
    """
    cell = np.flatnonzero(wanted)
    by_first, by_end = np.argsort(runs.first), np.argsort(runs.end)
    begun = np.searchsorted(runs.first[by_first], cell, side="right")
    ended = np.searchsorted(runs.end[by_end], cell, side="right")
    sums = np.zeros((2, len(runs.area) + 1), dtype=np.int64)
    np.cumsum(runs.area[by_first], out=sums[0, 1:])
    np.cumsum(runs.area[by_end], out=sums[1, 1:])
    held = begun - ended
    state = np.empty(len(wanted) + 1, dtype=np.int32)
    state[-1] = OUTSIDE
    state[cell] = np.where(held == 1, sums[0, begun] - sums[1, ended], OUTSIDE)
    several = np.zeros(len(wanted), dtype=bool)
    several[cell[held > 1]] = True
    return state, several


@dataclass(frozen=True, slots=True)
class _Part:
    """The tables of some successive listed cells."""

    slots: Int32Array
    slot_area: Int32Array
    centre: npt.NDArray[np.uint64]
    plain: BoolArray
    edges: Int32Array
    edge_vertex: Int32Array
    edge_flags: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Members:
    """Members of listed cells as numbers that sort by cell, then by area.

    A member is an edge, by its first vertex, or an area that holds the cell's centre, by its last
    vertex; vertices are numbered in the order of the areas.
    """

    outlines: Outlines
    raster: Raster
    cells: IntArray
    near: float
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
        before = int(cell[0])
        cell -= before
        count = int(cell[-1]) + 1
        area = self.outlines.area[vertex]
        fresh = np.ones(len(area), dtype=bool)
        fresh[1:] = (area[1:] != area[:-1]) | (cell[1:] != cell[:-1])
        slots = np.bincount(cell[fresh], minlength=count)
        slot = np.cumsum(fresh) - 1 - (np.cumsum(slots) - slots)[cell]
        whole = self.outlines.last[area] == vertex
        centre = _centre_bits(cell[whole], slot[whole], count)
        edge = np.flatnonzero(~whole)
        cell, vertex, slot = cell[edge], vertex[edge], slot[edge]
        side, certain = self._sides(self.cells[before : before + count], cell, vertex)
        plain = slots <= MOST_SLOTS
        plain[cell[~certain]] = False
        return _Part(
            slots=slots.astype(np.int32),
            slot_area=area[fresh],
            centre=centre,
            plain=plain,
            edges=np.bincount(cell, minlength=count).astype(np.int32),
            edge_vertex=vertex.astype(np.int32),
            edge_flags=np.minimum(slot, MOST_SLOTS).astype(np.uint8) | side,
        )

    def _sides(
        self, cells: IntArray, owner: IntArray, vertex: IntArray
    ) -> tuple[npt.NDArray[np.uint8], BoolArray]:
        """Flags of edges as seen from the centres of their cells, and whether these lie off the edge."""
        centre_x, centre_y = self.raster.centre_of(cells)
        centre_x, centre_y = centre_x[owner], centre_y[owner]
        x, y = self.outlines.x, self.outlines.y
        x0, y0, x1, y1 = x[vertex], y[vertex], x[vertex + 1], y[vertex + 1]
        left = (x1 - x0) * (centre_y - y0) - (y1 - y0) * (centre_x - x0)
        flags = np.where((x0 > centre_x) != (x1 > centre_x), np.uint8(VERTICAL), np.uint8(0))
        flags |= np.where(left > 0, np.uint8(LEFT), np.uint8(0))
        guard = self.raster.guard
        beside = (np.minimum(x0, x1) - guard > centre_x) | (np.maximum(x0, x1) + guard < centre_x)
        beside |= (np.minimum(y0, y1) - guard > centre_y) | (np.maximum(y0, y1) + guard < centre_y)
        return flags, beside | (np.abs(left) > self.near)


def _centre_bits(cell: IntArray, slot: IntArray, count: int) -> npt.NDArray[np.uint64]:
    bits = np.zeros(count, dtype=np.uint64)
    if len(cell):
        begin = np.flatnonzero(np.diff(cell, prepend=-1))
        bit = np.uint64(1) << np.minimum(slot, MOST_SLOTS).astype(np.uint64)
        bits[cell[begin]] = np.bitwise_or.reduceat(bit, begin)
    return bits


def _joined(state: Int32Array, parts: list[_Part]) -> Tables:
    whole = [_NO_CELLS, *parts]
    return Tables(
        state=state,
        slot_first=_firsts([part.slots for part in whole]),
        slot_area=np.concatenate([part.slot_area for part in whole]),
        centre=np.concatenate([part.centre for part in whole]),
        plain=np.concatenate([part.plain for part in whole]),
        edge_first=_firsts([part.edges for part in whole]),
        edge_vertex=np.concatenate([part.edge_vertex for part in whole]),
        edge_flags=np.concatenate([part.edge_flags for part in whole]),
    )


def _firsts(counts: list[Int32Array]) -> IntArray:
    """Where the members of each listed cell begin, and behind the last where they end."""
    firsts = np.zeros(sum(map(len, counts)) + 1, dtype=np.int64)
    np.cumsum(np.concatenate(counts), out=firsts[1:])
    return firsts


_NO_CELLS: Final = _Part(
    slots=np.empty(0, dtype=np.int32),
    slot_area=np.empty(0, dtype=np.int32),
    centre=np.empty(0, dtype=np.uint64),
    plain=np.empty(0, dtype=bool),
    edges=np.empty(0, dtype=np.int32),
    edge_vertex=np.empty(0, dtype=np.int32),
    edge_flags=np.empty(0, dtype=np.uint8),
)
