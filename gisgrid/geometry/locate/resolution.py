"""How fine to draw an index that is asked once: what drawing costs against what asking saves."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gisgrid.geometry.locate.outline import FloatArray, Int32Array, IntArray, Outlines
from gisgrid.geometry.locate.raster import Raster

FINEST: Final = 4096
"""Cells per area of the finest raster that is considered."""
_HALVINGS: Final = 4
_SAMPLE: Final = 2**12
_SAMPLE_OF_VERTICES: Final = 2**15
_PER_PAIR: Final = 14.0
_PER_LISTED: Final = 70.0
_PER_CELL: Final = 9.0
_PER_EDGE: Final = 22.0
"""Nanoseconds, as measured: a look at an edge, a place in a listed cell, a cell, an edge drawn."""


def fitted(finest: Raster, outlines: Outlines, x: FloatArray, y: FloatArray) -> Raster:
    """Of rasters each half as fine as the one before, the one that costs least for these places.

    How many edges a place meets is estimated from a sample of the vertices in the cells of a sample of the
    places. A wrong estimate costs time, never an answer.
    """
    places, vertices = _every(len(x), _SAMPLE), _every(len(outlines.x), _SAMPLE_OF_VERTICES)
    rasters = [finest, *(finest.coarser(2**times) for times in range(1, _HALVINGS))]
    costs = []
    for raster in rasters:
        drawn = np.sort(raster.cell_of(outlines.x[vertices], outlines.y[vertices]))
        asked = raster.cell_of(x[places], y[places])
        on = asked < raster.cells
        met = np.where(on, _met(drawn, asked) * vertices.step, 0)
        costs.append(_cost(raster, outlines, met, places=len(x)))
    return rasters[int(np.argmin(costs))]


def _every(count: int, most: int) -> slice[int, int, int]:
    return slice(0, count, max(1, -(-count // most)))


def _met(drawn: Int32Array, asked: Int32Array) -> IntArray:
    """For each cell asked how many of the sorted cells drawn are the same."""
    return np.searchsorted(drawn, asked, side="right") - np.searchsorted(drawn, asked, side="left")


def _cost(raster: Raster, outlines: Outlines, met: IntArray, *, places: int) -> float:
    """Nanoseconds for drawing and asking; a place in a cell with vertices meets one edge more than these."""
    if not len(met):
        return float(raster.cells)
    listed = float((met > 0).mean())
    pairs = float(met.mean()) + listed
    length = math.sqrt(raster.cells / max(len(outlines.last), 1) / 64) / 4
    asking = places * (pairs * _PER_PAIR + listed * _PER_LISTED)
    return asking + raster.cells * _PER_CELL + len(outlines.starts) * _PER_EDGE * (1 + length)
