"""Draws areas on the raster: which cells an edge touches, and which cell centres lie inside an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.outline import BoolArray, FloatArray, Int32Array, IntArray, Outlines
from gisgrid.geometry.locate.raster import Raster

_BLOCK: Final = 2**14
"""Edges drawn at a time: fresh memory costs more than the arithmetic."""


def expand(first: npt.NDArray[np.integer], length: npt.NDArray[np.integer]) -> tuple[IntArray, IntArray]:
    """Ranges written out: for each number its range's position, and the number itself."""
    owner = np.repeat(np.arange(len(first)), length)
    shift = first - (np.cumsum(length) - length)
    return owner, np.arange(len(owner)) + shift[owner]


def touched_cells(
    outlines: Outlines, raster: Raster, wanted: BoolArray | None = None
) -> tuple[Int32Array, Int32Array]:
    """Pairs of a cell and an edge (by its first vertex) that touches it; with ``wanted`` of those cells only.

    Never one too few: a place on an edge falls in a cell that is listed with that edge, rounding included.
    """
    column = _index(outlines.x, raster.west, raster.inverse)
    row = _index(outlines.y, raster.south, raster.inverse)
    cells, edges = [], []
    for begin in range(0, len(outlines.starts), _BLOCK):
        start = outlines.starts[begin : begin + _BLOCK]
        cell = row[start] * raster.columns + column[start]
        stays = cell == row[start + 1] * raster.columns + column[start + 1]
        kept = stays if wanted is None else stays & wanted[cell]
        cells.append(cell[kept].astype(np.int32))
        edges.append(start[kept])
        moving = start[~stays]
        if wanted is not None:
            moving = moving[_may_touch(wanted, raster, moving, column=column, row=row)]
        cell, edge = _touched_by(outlines, raster, moving)
        if wanted is not None:
            kept = wanted[cell]
            cell, edge = cell[kept], edge[kept]
        cells.append(cell)
        edges.append(edge)
    return np.concatenate(cells), np.concatenate(edges)


def _may_touch(
    wanted: BoolArray, raster: Raster, start: Int32Array, *, column: Int32Array, row: Int32Array
) -> BoolArray:
    """Whether a wanted cell is among the four that a short step may touch; a longer edge always may."""
    first, end = column[start], column[start + 1]
    low, high = row[start] * raster.columns, row[start + 1] * raster.columns
    near = wanted[low + first] | wanted[high + end] | wanted[low + end] | wanted[high + first]
    far = (np.abs(end - first) > 1) | (np.abs(high - low) > raster.columns)
    result: BoolArray = near | far
    return result


def _touched_by(outlines: Outlines, raster: Raster, start: Int32Array) -> tuple[Int32Array, Int32Array]:
    y0, y1 = outlines.y[start], outlines.y[start + 1]
    low = _index(np.minimum(y0, y1), raster.south, raster.inverse)
    rows = _index(np.maximum(y0, y1), raster.south, raster.inverse) - low + 1
    owner, row = expand(low, rows)
    edge = start[owner]
    x0, x1 = outlines.x[edge], outlines.x[edge + 1]
    west, east = np.minimum(x0, x1), np.maximum(x0, x1)
    tall = np.flatnonzero((rows > 1)[owner])
    west[tall], east[tall] = _span_in_row(outlines, raster, edge[tall], row[tall])
    left = np.maximum(_index(west, raster.west, raster.inverse), 0)
    right = np.minimum(_index(east, raster.west, raster.inverse), raster.columns - 1)
    owner, cell = expand(row * raster.columns + left, right - left + 1)
    return cell.astype(np.int32), edge[owner]


def _index(values: FloatArray, origin: float, inverse: float) -> Int32Array:
    """Row or column of coordinates; the same arithmetic as for points, so both agree."""
    result: Int32Array = np.floor((values - origin) * inverse).astype(np.int32)
    return result


def _span_in_row(
    outlines: Outlines, raster: Raster, edge: Int32Array, row: IntArray
) -> tuple[FloatArray, FloatArray]:
    """West and east end of the part of each edge in one row of cells, padded by the guard."""
    x0, y0 = outlines.x[edge], outlines.y[edge]
    x1, y1 = outlines.x[edge + 1], outlines.y[edge + 1]
    bottom = raster.south + row * raster.size - raster.guard
    top = raster.south + (row + 1) * raster.size + raster.guard
    at_bottom = np.clip((bottom - y0) / (y1 - y0), 0.0, 1.0) * (x1 - x0) + x0
    at_top = np.clip((top - y0) / (y1 - y0), 0.0, 1.0) * (x1 - x0) + x0
    return np.minimum(at_bottom, at_top) - raster.guard, np.maximum(at_bottom, at_top) + raster.guard


@dataclass(frozen=True, slots=True)
class CellRuns:
    """Successive cells of a row inside one area: the first, the one behind the last, the area."""

    first: IntArray
    end: IntArray
    area: IntArray


def inside_runs(outlines: Outlines, raster: Raster) -> CellRuns:
    """All runs of cells whose centres lie inside an area.

    Where a centre lies nearer to an edge than the guard its side is not certain; the exact test knows.
    """
    line = _first_centre(outlines.y, raster.south, raster.inverse)
    crossing = outlines.starts[line[outlines.starts] != line[outlines.starts + 1]]
    blocks = [crossing[begin : begin + _BLOCK] for begin in range(0, len(crossing), _BLOCK)]
    keys = np.concatenate(
        [np.empty(0, np.int64), *(_crossing_keys(outlines, raster, block, line=line) for block in blocks)]
    )
    keys.sort()
    # Every ring crosses a line of centres an even number of times, by one half-open rule in y.
    rows, first = np.divmod(keys[::2], raster.columns + 1)
    area, row = np.divmod(rows, raster.rows)
    row *= raster.columns
    end = row + keys[1::2] - rows * (raster.columns + 1)
    first += row
    full = end > first
    return CellRuns(first[full], end[full], area[full])


def _crossing_keys(outlines: Outlines, raster: Raster, start: Int32Array, *, line: Int32Array) -> IntArray:
    """Crossings of edges with lines of centres, as numbers that sort by area, row and column."""
    low, high = np.minimum(line[start], line[start + 1]), np.maximum(line[start], line[start + 1])
    owner, row = expand(low, high - low)
    edge = start[owner]
    column = _crossing_columns(outlines, raster, edge, row)
    keys: IntArray = (outlines.area[edge].astype(np.int64) * raster.rows + row) * (
        raster.columns + 1
    ) + column
    return keys


def _first_centre(values: FloatArray, origin: float, inverse: float) -> Int32Array:
    """The first row or column whose centre is not below a coordinate."""
    result: Int32Array = np.ceil((values - origin) * inverse - 0.5).astype(np.int32)
    return result


def _crossing_columns(outlines: Outlines, raster: Raster, edge: Int32Array, row: IntArray) -> Int32Array:
    """The first column whose centre lies behind the place where an edge crosses a row's line of centres."""
    x0, y0 = outlines.x[edge], outlines.y[edge]
    x1, y1 = outlines.x[edge + 1], outlines.y[edge + 1]
    line = raster.south + (row + 0.5) * raster.size
    crossing = np.clip((line - y0) / (y1 - y0), 0.0, 1.0) * (x1 - x0) + x0
    return np.clip(_first_centre(crossing, raster.west, raster.inverse), 0, raster.columns)
