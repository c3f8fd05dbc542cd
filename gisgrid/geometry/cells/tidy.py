"""Takes out edges of a centimetre or two inside the outline, which nobody can draw or see."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gisgrid.crs import LATTICE_STEPS, FloatArray, IntArray
from gisgrid.geometry.cells.plan import BoolArray
from gisgrid.geometry.chain import (
    Edges,
    KeyArray,
    boundary_chain,
    cancel,
    directed_edges,
    key_positions,
    vertex_keys,
)
from gisgrid.geometry.lattice import GeometryArray, without_repeats

_SHORT_STEPS: Final = 4.0
_ROUNDS: Final = 5


def without_short_edges(cells: GeometryArray, area: IntArray) -> GeometryArray:
    """Cells whose edges under 4 lattice steps (about 2.5 cm) are drawn together into one vertex.

    Vertices on the outline and on borders between areas stay where they are; an edge whose going would
    make a cell invalid stays. The outline of all cells and of each area is the same afterwards.

    Parameters
    ----------
    cells
        Polygons that tile an outline, EPSG:4326 on the lattice.
    area
        For each the number of the area whose border must not move.
    """
    before = cells
    fixed = _border_vertices(cells, area)
    refused = np.empty(0, dtype=np.uint64)
    for _round in range(_ROUNDS):
        goes, into = _collapses(cells, fixed, refused)
        if not len(goes):
            break
        moved = _with_vertices_moved(cells, goes, into)
        broken = ~shapely.is_valid(moved) | (shapely.get_type_id(moved) != shapely.get_type_id(cells))
        if broken.any():
            refused = np.union1d(refused, _keys_of(cells[broken]))
            continue
        cells = moved
    return cells if boundary_chain(cells) == boundary_chain(before) else before


def _keys_of(cells: GeometryArray) -> KeyArray:
    return np.unique(vertex_keys(shapely.get_coordinates(cells)))


def _border_vertices(cells: GeometryArray, area: IntArray) -> KeyArray:
    """Keys of the vertices on the outline or between areas, sorted."""
    edges = directed_edges(cells)
    fixed: list[KeyArray] = []
    for name in np.unique(area):
        own: BoolArray = area[edges.owner] == name
        chain = cancel(Edges(start=edges.start[own], end=edges.end[own], owner=edges.owner[own]))
        fixed += [chain.low, chain.high]
    return np.unique(np.concatenate(fixed))


def _collapses(cells: GeometryArray, fixed: KeyArray, refused: KeyArray) -> tuple[KeyArray, KeyArray]:
    """Which vertices go, and into which; no vertex is in two collapses of a round."""
    edges = directed_edges(cells)
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    short = _length_steps(low, high) < _SHORT_STEPS
    pairs = np.unique(np.stack([low[short], high[short]], axis=1), axis=0)
    pairs = pairs[~np.isin(pairs, refused).any(axis=1)]
    stays = np.isin(pairs, fixed)
    pairs, stays = pairs[~stays.all(axis=1)], stays[~stays.all(axis=1)]
    goes, into = (
        np.where(stays[:, 0], pairs[:, 1], pairs[:, 0]),
        np.where(stays[:, 0], pairs[:, 0], pairs[:, 1]),
    )
    used: set[int] = set()
    free = np.zeros(len(pairs), dtype=np.bool_)
    for at, (first, second) in enumerate(pairs.tolist()):
        free[at] = first not in used and second not in used
        used |= {first, second}
    return goes[free], into[free]


def _length_steps(start: KeyArray, end: KeyArray) -> FloatArray:
    across = (key_positions(start) - key_positions(end)) * LATTICE_STEPS
    length: FloatArray = np.hypot(across[:, 0], across[:, 1])
    return length


def _with_vertices_moved(cells: GeometryArray, goes: KeyArray, into: KeyArray) -> GeometryArray:
    """The cells with some vertices put where others are."""
    order = np.argsort(goes)
    goes, places = goes[order], key_positions(into[order])

    def move(xy: FloatArray) -> FloatArray:
        keys = vertex_keys(xy)
        at = np.minimum(np.searchsorted(goes, keys), len(goes) - 1)
        return np.where((goes[at] == keys)[:, None], places[at], xy)

    touched = np.isin(vertex_keys(shapely.get_coordinates(cells)), goes)
    _xy, owner = shapely.get_coordinates(cells, return_index=True)
    result = cells.copy()
    hit = np.unique(owner[touched])
    for index in hit:
        result[index] = without_repeats(shapely.transform(cells[index], move))
    return result
