"""Grids made whole: stray pieces go to neighbours, missing grids are cut off, surplus ones dissolved."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gisgrid.crs import IntArray
from gisgrid.geometry.balance.problem import SharedLand
from gisgrid.geometry.balance.start import Spread, bisected

_NOBODY: Final = -1


def whole_grids(land: SharedLand, grid: IntArray) -> IntArray:
    """The ownership with each grid in one piece, for a land whose every pair may be hung together by.

    Of each grid the piece with most households stays; the others go, the lightest first, to the
    neighbour with the longest common border. Cells of nobody (-1) go the same way. No grid vanishes.
    """
    result = grid.copy()
    while True:
        piece = _pieces(land, result)
        stray = _strays(land, result, piece)
        if not len(stray):
            return result
        for number in stray.tolist():
            taker = _longest_neighbour(land, result, piece == number, avoid=np.isin(piece, stray))
            if taker != _NOBODY:
                result[piece == number] = taker
                break


def with_count(
    land: SharedLand, grid: IntArray, count: int, *, fresh: int, rng: np.random.Generator
) -> IntArray:
    """The ownership made whole, then grids cut off the heaviest, or the lightest dissolved, to a count.

    New grids take the numbers from ``fresh``; the numbers of the others stay.
    """
    result = whole_grids(land, grid)
    while (grids_now := len(np.unique(result))) > count:
        result[result == _ranked(land, result)[0]] = _NOBODY
        result = whole_grids(land, result)
    for number in range(fresh, fresh + count - grids_now):
        result = _cut_heaviest(land, result, number, rng=rng)
    return result


def _cut_heaviest(land: SharedLand, grid: IntArray, number: int, *, rng: np.random.Generator) -> IntArray:
    """The heaviest grid of several cells cut in two; the lighter half gets a new number."""
    sizes = np.bincount(grid)
    heaviest = next(own for own in reversed(_ranked(land, grid)) if sizes[own] > 1)
    cells = np.flatnonzero(grid == heaviest)
    spread = Spread.of(land.middle_m[cells], land.households[cells])
    half = bisected(spread, 2, rng=rng)
    result = grid.copy()
    result[cells[half == 1]] = number
    return whole_grids(land, result)


def _ranked(land: SharedLand, grid: IntArray) -> list[int]:
    """The numbers of grids, the lightest first; ties by number."""
    load = np.bincount(grid, weights=land.households)
    present = np.bincount(grid) > 0
    return [int(own) for own in np.argsort(load, kind="stable") if present[own]]


def _pieces(land: SharedLand, grid: IntArray) -> IntArray:
    """The piece of each cell: cells of one grid that hang together."""
    pairs = land.graph.pairs
    same = pairs[grid[pairs[:, 0]] == grid[pairs[:, 1]]]
    links = sparse.csr_array((np.ones(len(same)), (same[:, 0], same[:, 1])), shape=(land.size, land.size))
    return np.asarray(csgraph.connected_components(links, directed=False)[1], dtype=np.int64)


def _strays(land: SharedLand, grid: IntArray, piece: IntArray) -> IntArray:
    """Pieces that are not the main one of their grid, the lightest first."""
    count = int(piece.max()) + 1
    owner = np.full(count, _NOBODY, dtype=np.int64)
    owner[piece] = grid
    load = np.bincount(piece, weights=land.households)
    cells = np.bincount(piece)
    order = np.lexsort((np.arange(count), -cells, -load, owner))
    is_first = np.r_[True, owner[order][1:] != owner[order][:-1]] & (owner[order] != _NOBODY)
    stray = order[~is_first]
    return np.asarray(stray[np.lexsort((stray, load[stray]))], dtype=np.int64)


def _longest_neighbour(land: SharedLand, grid: IntArray, inside: np.ndarray, *, avoid: np.ndarray) -> int:
    """The grid whose main piece has the longest border with some cells; -1 where there is none."""
    pairs = land.graph.pairs
    out = inside[pairs[:, 0]] != inside[pairs[:, 1]]
    outer = np.where(inside[pairs[out, 0]], pairs[out, 1], pairs[out, 0])
    kept = ~avoid[outer]
    if not kept.any():
        return _NOBODY
    return int(np.bincount(grid[outer[kept]], weights=land.graph.length_m[out][kept]).argmax())
