"""Where a search begins: from nothing, or from the grids of today fitted into the parts of the land."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gisgrid.crs import IntArray
from gisgrid.errors import InvalidInput
from gisgrid.geometry.balance.floor import Floor, LandPart, floor_of
from gisgrid.geometry.balance.problem import BalanceProblem
from gisgrid.geometry.balance.start import Spread, started
from gisgrid.geometry.balance.tally import Aim
from gisgrid.geometry.balance.unity import whole_grids, with_count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opening:
    """A first ownership, each grid whole and in one part.

    ``grid``: per cell its grid from 0; ``number``: per grid its lasting number (today's where it is one of
    today's); ``home``: per cell the grid that today's is now, -1 where it is gone, ``None`` from nothing.
    """

    grid: IntArray
    number: IntArray
    home: IntArray | None
    aims: tuple[Aim, ...]


def opening(
    problem: BalanceProblem, floor: Floor, *, rng: np.random.Generator, along: Floor | None = None
) -> Opening:
    """The first ownership of a problem; from today's grids where they are given.

    ``along``: a floor with more barriers, which an opening from nothing follows.
    """
    if problem.current is None:
        owner = _from_nothing(problem, along or floor, rng)
    else:
        owner = _from_today(problem, floor, rng)
    number, grid = np.unique(owner, return_inverse=True)
    aims = {
        int(own): Aim(target=part.target, tolerance=max(problem.tolerance, part.cell_bound))
        for part in floor.parts
        for own in np.unique(owner[part.cells])
    }
    return Opening(
        grid=np.asarray(grid, dtype=np.int64),
        number=number,
        home=None if problem.current is None else _homes(problem.current, number),
        aims=tuple(aims[own] for own in number.tolist()),
    )


def along_soft(problem: BalanceProblem) -> Floor | None:
    """The floor as if soft barriers were hard, from which fewer of them are crossed in the end.

    ``None`` where there are none, or they leave too many parts.
    """
    if not problem.is_soft().any():
        return None
    strict = replace(problem, hard=np.asarray(problem.is_hard() | problem.is_soft(), dtype=np.bool_))
    try:
        return floor_of(strict)
    except InvalidInput:
        return None


def _from_nothing(problem: BalanceProblem, floor: Floor, rng: np.random.Generator) -> IntArray:
    owner, first = np.zeros(problem.land.size, dtype=np.int64), 0
    for part in floor.parts:
        land = problem.land.part(part.cells, floor.passable)
        begun = started(Spread.of(land.middle_m, land.households), part.grids, rng=rng)
        owner[part.cells] = whole_grids(land, begun) + first
        first += part.grids
    return owner


def _from_today(problem: BalanceProblem, floor: Floor, rng: np.random.Generator) -> IntArray:
    """Today's grids; one that lies in several parts keeps its number in the part with most households."""
    owner, fresh = _one_part_each(problem, floor)
    for part in floor.parts:
        land = problem.land.part(part.cells, floor.passable)
        own = with_count(land, owner[part.cells], part.grids, fresh=fresh, rng=rng)
        owner[part.cells] = own
        fresh = max(fresh, int(own.max()) + 1)
    return owner


def _one_part_each(problem: BalanceProblem, floor: Floor) -> tuple[IntArray, int]:
    """Today's numbers with new ones for what lies beyond a barrier, and the next free number."""
    owner = np.asarray(problem.current, dtype=np.int64).copy()
    fresh = int(owner.max()) + 1
    most: dict[int, tuple[int, LandPart]] = {}
    for part in floor.parts:
        load = np.bincount(owner[part.cells], weights=problem.land.households[part.cells])
        for own in np.unique(owner[part.cells]).tolist():
            if own not in most or load[own] > most[own][0]:
                most[own] = (int(load[own]), part)
    for part in floor.parts:
        for own in np.unique(owner[part.cells]).tolist():
            if own in most and most[own][1] is not part:
                owner[part.cells[owner[part.cells] == own]] = fresh
                fresh += 1
    return owner, fresh


def _homes(current: IntArray, number: IntArray) -> IntArray:
    place = np.minimum(np.searchsorted(number, current), len(number) - 1)
    return np.where(number[place] == current, place, -1).astype(np.int64)
