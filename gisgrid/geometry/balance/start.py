"""Balanced starts: the plane cut in two again and again, then cells given to the nearest weighted centre.

Source: balanced centroidal power diagrams (Cohen-Addad, Klein, Young); whole cells, so the weights are
only stepped towards balance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import KDTree

from gisgrid.crs import FloatArray, IntArray

_ROUNDS: Final = 60
_ROUNDS_THAT_MOVE: Final = 40
_WEIGHT_STEPS: Final = 6
_NEAREST: Final = 12
_STEP: Final = 0.25
_STEP_FALL: Final = 0.97
_EMPTY_COUNTS: Final = 0.05
"""A cell counts at least this share of the mean cell, so that parks too pull at a centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Cells of one part as positions in metres, shape (n, 2), with households and weights for middles."""

    middle_m: FloatArray
    households: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, middle_m: FloatArray, households: IntArray) -> Spread:
        """The spread of cells with households."""
        load = households.astype(np.float64)
        least = _EMPTY_COUNTS * max(float(load.mean()), 1.0)
        return cls(middle_m=middle_m, households=load, weight=load + least)


def started(spread: Spread, grids: int, *, rng: np.random.Generator) -> IntArray:
    """A grid from 0 for each cell, balanced, mostly in one piece; no grid is empty."""
    halves = bisected(spread, grids, rng=rng)
    if grids == 1:
        return halves
    cells = _power_diagram(spread, halves, grids)
    return cells if len(np.unique(cells)) == grids else halves


def bisected(spread: Spread, grids: int, *, rng: np.random.Generator) -> IntArray:
    """The cells cut in two across the longer way, at the right share of households, until all are cut.

    Each grid has at least one cell; there must be as many cells as grids.
    """
    angle = rng.uniform(0, math.pi / 2)
    cos, sin = math.cos(angle), math.sin(angle)
    turned = spread.middle_m @ np.array([[cos, -sin], [sin, cos]])
    grid = np.zeros(len(turned), dtype=np.int64)
    waiting = [(np.arange(len(turned)), 0, grids)]
    while waiting:
        cells, first, count = waiting.pop()
        if count == 1:
            grid[cells] = first
            continue
        half = count // 2 + (int(rng.integers(2)) if count % 2 else 0)
        order, split = _cut(turned[cells], spread.weight[cells], half=half, count=count)
        waiting.append((cells[order[:split]], first, half))
        waiting.append((cells[order[split:]], first + half, count - half))
    return grid


def _cut(xy: FloatArray, weight: FloatArray, *, half: int, count: int) -> tuple[IntArray, int]:
    """The order of cells along the longer way, and how many of them are the first half."""
    axis = int(np.argmax(np.ptp(xy, axis=0)))
    order = np.argsort(xy[:, axis], kind="stable")
    reached = np.cumsum(weight[order])
    wanted = reached[-1] * half / count
    split = int(np.argmin(np.abs(reached - wanted))) + 1
    return order, min(max(split, half), len(order) - (count - half))


def _power_diagram(spread: Spread, grid: IntArray, grids: int) -> IntArray:
    """Each cell with the centre of least squared distance less weight; weights step towards balance."""
    centres = _middles(spread, grid, grids)
    radius2 = float(np.prod(np.ptp(spread.middle_m, axis=0) + 1.0)) / (grids * math.pi)
    weights = np.zeros(grids)
    best, best_off = grid, np.inf
    for number in range(_ROUNDS):
        step = _STEP * radius2 * _STEP_FALL**number
        owners, weights, off = _stepped(spread, centres, weights, step=step)
        if 2 * number >= _ROUNDS and off < best_off:
            best, best_off = owners, off
        if number < _ROUNDS_THAT_MOVE:
            centres = np.where(np.isnan(moved := _middles(spread, owners, grids)), centres, moved)
    return best


def _middles(spread: Spread, grid: IntArray, grids: int) -> FloatArray:
    """The weighted middle of each grid, shape (k, 2); not a number where it is empty."""
    total = np.bincount(grid, weights=spread.weight, minlength=grids)
    x, y = (np.bincount(grid, weights=spread.weight * axis, minlength=grids) for axis in spread.middle_m.T)
    result = np.full((grids, 2), np.nan)
    np.divide(np.stack([x, y], axis=1), total[:, None], out=result, where=total[:, None] > 0)
    return result


def _stepped(
    spread: Spread, centres: FloatArray, weights: FloatArray, *, step: float
) -> tuple[IntArray, FloatArray, float]:
    """Some steps of the weights around fixed centres: the last grids, new weights, worst deviation."""
    grids = len(centres)
    wanted = spread.households.sum() / grids
    near_m, near = (
        np.asarray(column) for column in KDTree(centres).query(spread.middle_m, k=min(_NEAREST, grids))
    )
    owners = near[:, 0]
    off = np.inf
    for _ in range(_WEIGHT_STEPS):
        owners = near[np.arange(len(near)), np.argmin(near_m**2 - weights[near], axis=1)]
        load = np.bincount(owners, weights=spread.households, minlength=grids)
        off = float(np.abs(load / wanted - 1).max())
        weights = weights + step * np.clip(1 - load / wanted, -1, 1)
    return np.asarray(owners, dtype=np.int64), weights, off
