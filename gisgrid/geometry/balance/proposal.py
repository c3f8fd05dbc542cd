"""What is proposed, with the figures of every grid, worked out anew from the cells."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from gisgrid.crs import FloatArray, IntArray
from gisgrid.errors import Sentence, say
from gisgrid.geometry.balance.enclosures import enclosing
from gisgrid.geometry.balance.floor import Floor
from gisgrid.geometry.balance.problem import BalanceProblem, BoolArray
from gisgrid.geometry.neighbours import Neighbours, pieces

_LEAST_M: Final = 1e-9
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFigures:
    """One proposed grid.

    ``off``: households off the norm as a share of it, with sign; ``off_inside``: the same off the target
    of its part of the land; ``compactness``: Polsby-Popper, from 0 to 1; ``pieces``: 1 where it hangs
    together; ``has_hole``: whether it encloses another grid; ``crossed_m``: metres of barrier inside it.
    """

    number: int
    cells: int
    households: int
    off: float
    off_inside: float
    compactness: float
    pieces: int
    has_hole: bool
    crossed_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """A proposal; nothing is changed by it.

    ``owner``: per cell the number of its grid (today's numbers go on where there are grids of today);
    ``floor``: what was known before; ``moved_cells``, ``moved_households``: what leaves its grid of today;
    ``digest``: the same for the same ownership; ``notes``: what can't be had, one sentence each.
    """

    owner: IntArray
    grids: tuple[GridFigures, ...]
    floor: Floor
    seed: int
    moved_cells: int
    moved_households: int
    digest: str
    notes: tuple[Sentence, ...]

    @property
    def max_off(self) -> float:
        """The greatest deviation from the norm, as a share of it."""
        return max(abs(grid.off) for grid in self.grids)


def proposal_of(problem: BalanceProblem, floor: Floor, owner: IntArray, *, seed: int) -> Proposal:
    """The proposal of an ownership, each figure worked out from the cells and not from the search."""
    grids = _figures(problem, floor, owner)
    moved = np.zeros(0, dtype=np.int64)
    if problem.current is not None:
        moved = np.flatnonzero(owner != problem.current)
    return Proposal(
        owner=owner,
        grids=grids,
        floor=floor,
        seed=seed,
        moved_cells=len(moved),
        moved_households=int(problem.land.households[moved].sum()),
        digest=hashlib.sha256(owner.astype("<i8").tobytes()).hexdigest(),
        notes=(*floor.notes(problem.tolerance), *_misses(problem, floor, grids)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Totals:
    """Per grid, in the order of their numbers."""

    households: FloatArray
    target: FloatArray
    compactness: FloatArray
    crossed_m: FloatArray


def _figures(problem: BalanceProblem, floor: Floor, owner: IntArray) -> tuple[GridFigures, ...]:
    numbers, inverse = np.unique(owner, return_inverse=True)
    grid = inverse.astype(np.int64)
    totals = _totals(problem, floor, grid, len(numbers))
    holes, hung = _holes(problem, grid), _hung(problem.land.graph, floor.passable)
    return tuple(
        GridFigures(
            number=int(number),
            cells=int((grid == place).sum()),
            households=int(totals.households[place]),
            off=float(totals.households[place] / problem.target - 1),
            off_inside=float(totals.households[place] / totals.target[place] - 1),
            compactness=float(totals.compactness[place]),
            pieces=len(pieces(np.flatnonzero(grid == place), hung)),
            has_hole=place in holes,
            crossed_m=float(totals.crossed_m[place]),
        )
        for place, number in enumerate(numbers)
    )


def _totals(problem: BalanceProblem, floor: Floor, grid: IntArray, count: int) -> _Totals:
    land = problem.land
    first, second = grid[land.graph.pairs].T
    inner_m = np.where(first == second, land.graph.length_m, 0.0)
    barrier = problem.is_soft() | problem.is_hard()
    outline_m = _summed(grid, land.perimeter_m, count) - 2 * _summed(first, inner_m, count)
    area_m2 = _summed(grid, land.area_m2, count)
    target = np.zeros(count)
    for part in floor.parts:
        target[grid[part.cells]] = part.target
    return _Totals(
        households=_summed(grid, land.households.astype(np.float64), count),
        target=target,
        compactness=np.asarray(4 * math.pi * area_m2 / np.maximum(outline_m, _LEAST_M) ** 2),
        crossed_m=_summed(first, np.where(barrier, inner_m, 0.0), count),
    )


def _holes(problem: BalanceProblem, grid: IntArray) -> set[int]:
    links: list[set[int]] = [set() for _ in range(int(grid.max()) + 1)]
    for first, second in np.unique(grid[problem.land.graph.pairs], axis=0).tolist():
        if first != second:
            links[first].add(second)
            links[second].add(first)
    return enclosing(links, np.unique(grid[problem.land.is_outer()]).tolist())


def _hung(graph: Neighbours, passable: BoolArray) -> Neighbours:
    """The graph with only those borders by which a grid may hang together."""
    return Neighbours(size=graph.size, pairs=graph.pairs[passable], length_m=graph.length_m[passable])


def _summed(index: IntArray, values: FloatArray, count: int) -> FloatArray:
    return np.bincount(index, weights=values, minlength=count).astype(np.float64)


def _misses(problem: BalanceProblem, floor: Floor, grids: tuple[GridFigures, ...]) -> list[Sentence]:
    """What the search did not reach though nothing is known to forbid it."""
    notes = []
    worst = max(abs(grid.off_inside) for grid in grids)
    if worst > max(problem.tolerance, floor.cell_bound) + _ROUNDING:
        notes.append(say("no better balance was found: a grid is off by {off} %", off=round(100 * worst, 1)))
    enclosers = sum(grid.has_hole for grid in grids)
    if enclosers:
        notes.append(say("grids that enclose another one: {count}", count=enclosers))
    return notes
