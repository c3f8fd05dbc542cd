"""Draws areas on the raster: which cells an edge touches, and which cell centres lie inside an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gisgrid.geometry.locate.outline import FloatArray, Int32Array, IntArray, Outlines
from gisgrid.geometry.locate.raster import Raster

_BLOCK: Final = 2**14
"""Edges drawn at a time: fresh memory costs more than the arithmetic."""


def expand(first: IntArray, length: IntArray) -> tuple[IntArray, IntArray]:
    """Ranges written out: for each number its range's position, and the number itself."""
    owner = np.repeat(np.arange(len(first)), length)
    shift = first - (np.cumsum(length) - length)
    return owner, np.arange(len(owner)) + shift[owner]


def touched_cells(outlines: Outlines, raster: Raster) -> tuple[Int32Array, Int32Array]:
    """Pairs of a cell and an edge (by its first vertex) that touches it.

    Never one too few: a place on an edge falls in a cell that is listed with that edge, rounding included.
    """
    blocks = [
        _touched_by(outlines, raster, outlines.starts[begin : begin + _BLOCK])
        for begin in range(0, len(outlines.starts), _BLOCK)
    ]
    return np.concatenate([cell for cell, _ in blocks]), np.concatenate([edge for _, edge in blocks])


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


def _index(values: FloatArray, origin: float, inverse: float) -> IntArray:
    """Row or column of coordinates; the same arithmetic as for points, so both agree."""
    result: IntArray = np.floor((values - origin) * inverse).astype(np.int64)
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
class Runs:
    """Successive cells of a row inside one area: the first, the one behind the last, the area."""

    first: IntArray
    end: IntArray
    area: IntArray


def inside_runs(outlines: Outlines, raster: Raster) -> Runs:
    """All runs of cells whose centres lie inside an area.

    Where a centre lies nearer to an edge than the guard its side is not certain; the exact test knows.
    """
    keys = np.concatenate(
        [
            _crossing_keys(outlines, raster, outlines.starts[begin : begin + _BLOCK])
            for begin in range(0, len(outlines.starts), _BLOCK)
        ]
    )
    keys.sort()
    # Every ring crosses a line of centres an even number of times, by one half-open rule in y.
    rows, first = np.divmod(keys[::2], raster.columns + 1)
    area, row = np.divmod(rows, raster.rows)
    row *= raster.columns
    end = row + keys[1::2] - rows * (raster.columns + 1)
    first += row
    full = end > first
    return Runs(first[full], end[full], area[full])


def _crossing_keys(outlines: Outlines, raster: Raster, start: Int32Array) -> IntArray:
    """Crossings of edges with lines of centres, as numbers that sort by area, row and column."""
    y0, y1 = outlines.y[start], outlines.y[start + 1]
    low = _first_centre(np.minimum(y0, y1), raster.south, raster.inverse)
    high = _first_centre(np.maximum(y0, y1), raster.south, raster.inverse)
    owner, row = expand(low, high - low)
    edge = start[owner]
    column = _crossing_columns(outlines, raster, edge, row)
    keys: IntArray = (outlines.area[edge].astype(np.int64) * raster.rows + row) * (
        raster.columns + 1
    ) + column
    return keys


def _first_centre(values: FloatArray, origin: float, inverse: float) -> IntArray:
    """The first row or column whose centre is not below a coordinate."""
    result: IntArray = np.ceil((values - origin) * inverse - 0.5).astype(np.int64)
    return result


def _crossing_columns(outlines: Outlines, raster: Raster, edge: Int32Array, row: IntArray) -> IntArray:
    """The first column whose centre lies behind the place where an edge crosses a row's line of centres."""
    x0, y0 = outlines.x[edge], outlines.y[edge]
    x1, y1 = outlines.x[edge + 1], outlines.y[edge + 1]
    line = raster.south + (row + 0.5) * raster.size
    crossing = np.clip((line - y0) / (y1 - y0), 0.0, 1.0) * (x1 - x0) + x0
    return np.clip(_first_centre(crossing, raster.west, raster.inverse), 0, raster.columns)
