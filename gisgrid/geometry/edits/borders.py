"""The borders between numbered cells, measured the same however few cells are looked at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gisgrid.crs import Crs, FloatArray, reproject, stored_crs
from gisgrid.geometry.chain import KeyArray, directed_edges, key_positions
from gisgrid.geometry.lattice import as_array

Borders = Mapping[int, Mapping[int, float]]
"""For each cell its neighbours and the metres of common border."""


def borders_between(cells: Mapping[int, shapely.Polygon], metric: Crs) -> dict[int, dict[int, float]]:
    """For each cell its neighbours and the metres of common border, in a metric CRS.

    The cells are polygons in EPSG:4326 on the lattice, exactly noded. The metres of a pair are the same to
    the bit whichever other cells are given, so that a few can be measured anew.
    """
    numbers = sorted(cells)
    edges = directed_edges(as_array([cells[number] for number in numbers]))
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    order = np.lexsort((high, low))
    low, high, owner = low[order], high[order], edges.owner[order]
    shared = (low[1:] == low[:-1]) & (high[1:] == high[:-1]) & (owner[1:] != owner[:-1])
    metres = _lengths(low[:-1][shared], high[:-1][shared], metric)
    borders: dict[int, dict[int, float]] = {number: {} for number in numbers}
    pairs = zip(owner[:-1][shared].tolist(), owner[1:][shared].tolist(), metres.tolist(), strict=True)
    for first, second, length in pairs:
        own, other = numbers[first], numbers[second]
        borders[own][other] = borders[other][own] = borders[own].get(other, 0.0) + length
    return borders


def _lengths(start: KeyArray, end: KeyArray, metric: Crs) -> FloatArray:
    """Metres between vertices given by their keys."""
    a, b = key_positions(start), key_positions(end)
    ax, ay = reproject(a[:, 0], a[:, 1], stored_crs(), metric)
    bx, by = reproject(b[:, 0], b[:, 1], stored_crs(), metric)
    lengths: FloatArray = np.hypot(bx - ax, by - ay)
    return lengths
