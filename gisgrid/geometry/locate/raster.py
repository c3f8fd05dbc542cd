"""The uniform raster over all areas: its size, and which cell a place falls in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from gisgrid.geometry.locate.outline import FloatArray, Int32Array, Outlines

_MOST_CELLS: Final = 2**24
_FREE_CELLS: Final = 2**22
_MOST_FILL: Final = 2**25
"""Cells that all areas together may cover, counted once for each area."""
_FREE_PAIRS: Final = 2**22
_PAIRS_PER_EDGE: Final = 8
_BLOCK: Final = 2**15
"""Places handled at a time: the arrays in between stay in the cache."""
_MARGIN: Final = 0.37
"""Of a cell, round the bounds: no area reaches the rim, and round numbers miss the cell borders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raster:
    """Square cells of side ``size`` from a south-west corner, in the units of the coordinates.

    ``guard`` is a distance far above rounding and far below anything drawn: what is decided
    nearer to an edge is left to an exact test.
    """

    west: float
    south: float
    size: float
    columns: int
    rows: int
    guard: float

    @property
    def inverse(self) -> float:
        """Cells per unit."""
        return 1.0 / self.size

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.columns * self.rows

    def cell_of(self, x: FloatArray, y: FloatArray) -> Int32Array:
        """Row-major number of the cell of each place; ``cells`` for NaN, inf and places off the raster."""
        across, up = (x - self.west) * self.inverse, (y - self.south) * self.inverse
        on = (across >= 0) & (across < self.columns) & (up >= 0) & (up < self.rows)
        column, row = np.where(on, across, 0).astype(np.int32), np.where(on, up, 0).astype(np.int32)
        return np.where(on, row * np.int32(self.columns) + column, np.int32(self.cells))

    def coarser(self, times: int) -> Raster:
        """The same ground in cells so many times as wide."""
        return replace(
            self,
            size=self.size * times,
            columns=-(-self.columns // times),
            rows=-(-self.rows // times),
            guard=self.guard * times,
        )

    def cells_of(self, x: FloatArray, y: FloatArray) -> Int32Array:
        """``cell_of`` for many places, block by block."""
        cell = np.empty(len(x), dtype=np.int32)
        for begin in range(0, len(x), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            cell[part] = self.cell_of(x[part], y[part])
        return cell

    def centre_of(self, cell: npt.NDArray[np.integer]) -> tuple[FloatArray, FloatArray]:
        """Centres of cells."""
        row, column = np.divmod(cell, self.columns)
        return self.west + (column + 0.5) * self.size, self.south + (row + 0.5) * self.size


def choose_raster(outlines: Outlines, *, total_area: float, wanted: int, count: int) -> Raster:
    """A raster of about ``wanted`` cells in an area of mean size, within bounded memory.

    ``total_area`` is the sum of the areas in square units of the coordinates. Wide extents with small
    areas, or many long edges, get larger cells: the answers stay the same, only slower.
    """
    west, south, width, height = _bounds(outlines)
    reach = max(abs(west), abs(south), abs(west + width), abs(south + height))
    most = min(_MOST_CELLS, max(_FREE_CELLS, 2 * wanted * count))
    size = max(
        math.sqrt(total_area / min(count * wanted, _MOST_FILL)),
        math.sqrt(width) * math.sqrt(height / most),
        2 * max(width, height) / most,
        _size_for_pairs(outlines),
        reach * 2.0**-40,
    )
    west, south = west - _MARGIN * size, south - _MARGIN * size
    columns, rows = int(width / size + 1 + _MARGIN) + 1, int(height / size + 1 + _MARGIN) + 1
    guard = (reach + size) * 2.0**-47
    return Raster(west=west, south=south, size=size, columns=columns, rows=rows, guard=guard)


def _bounds(outlines: Outlines) -> tuple[float, float, float, float]:
    west, south = float(outlines.x.min()), float(outlines.y.min())
    return west, south, float(outlines.x.max()) - west, float(outlines.y.max()) - south


def _size_for_pairs(outlines: Outlines) -> float:
    """The smallest cell for which the pairs of cell and edge stay within their budget."""
    begin = outlines.starts
    length = np.abs(outlines.x[begin + 1] - outlines.x[begin]).sum()
    length += np.abs(outlines.y[begin + 1] - outlines.y[begin]).sum()
    return float(length / (_FREE_PAIRS + _PAIRS_PER_EDGE * len(begin)))
