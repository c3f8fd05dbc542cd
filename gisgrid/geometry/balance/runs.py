"""The single runs of a search: from the opening, from the best so far, or a neighbourhood made anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from gisgrid.crs import IntArray
from gisgrid.geometry.balance.anneal import Annealer, Schedule
from gisgrid.geometry.balance.bundles import Bundles
from gisgrid.geometry.balance.initial import Opening, along_soft, opening
from gisgrid.geometry.balance.start import Spread, started
from gisgrid.geometry.balance.tally import CellLists, Rank, Tally, Weights
from gisgrid.geometry.balance.unity import whole_grids

_COARSE: Final = 12.0
"""Cells per grid below which each cell counts so much that it takes more heat to move one."""
_HOT_FROM_NOTHING: Final = 0.15
_HOT_FROM_TODAY: Final = 0.05
_HOT_COARSE: Final = 0.5
_SWAPS: Final = 0.3
_SWAPS_COARSE: Final = 0.6
_STIFF: Final = Weights(balance=10.0)
_NEIGHBOURS_RENEWED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """An ownership of units, and how good it is; ``number`` breaks ties."""

    rank: Rank
    number: int
    opening: Opening
    grid: IntArray

    @property
    def key(self) -> tuple[Rank, int]:
        """What is compared: less is better."""
        return self.rank, self.number

    @property
    def is_sound(self) -> bool:
        """Whether no grid encloses another and all are within the tolerance."""
        return self.rank[:2] <= (0, 0.0)


class SearchRuns:
    """Makes runs one after the other; each has random numbers of its own.

    ``step`` is told the number of the run and the share of it that is done, and says whether to go on.
    A run that was stopped gives ``None``.
    """

    def __init__(self, units: Bundles, *, rounds: int, seed: int, step: Callable[[int, float], bool]) -> None:
        self._problem, self._floor = units.problem, units.floor
        self._along = along_soft(units.problem)
        self._rounds, self._seed, self._step = rounds, seed, step
        self._is_coarse = units.problem.land.size < _COARSE * units.problem.grids
        self._count = 0

    def fresh(self) -> Ownership | None:
        """A run from an opening of its own; every other one keeps soft barriers at first."""
        along = self._along if self._count % 2 == 0 else None
        rng = np.random.default_rng([self._seed, self._count])
        begun = opening(self._problem, self._floor, rng=rng, along=along)
        return self._annealed(begun, begun.grid, self._schedule(), Weights())

    def heated(self, best: Ownership) -> Ownership | None:
        """The better of the best and another run from it."""
        return _better(best, self._annealed(best.opening, best.grid, self._schedule(), Weights()))

    def stiffened(self, best: Ownership) -> Ownership | None:
        """The better of the best and a cool run from it in which balance counts for more."""
        schedule = replace(self._schedule(), swap_share=0.5)
        schedule = replace(schedule, hot=max(schedule.hot / 5, schedule.cold))
        return _better(best, self._annealed(best.opening, best.grid, schedule, _STIFF))

    def renewed(self, best: Ownership) -> Ownership | None:
        """The better of the best and one in which a grid and some neighbours were made from nothing.

        Grids settle into a pattern that single cells don't get out of; a new start nearby does.
        """
        rng = np.random.default_rng([self._seed, self._count])
        near = self._neighbourhood(best.grid, rng)
        members = np.flatnonzero(np.isin(best.grid, near))
        local = self._remade(best, near, members, rng=rng)
        if local is None:
            return None
        grid = best.grid.copy()
        grid[members] = near[local]
        return _better(best, self._found(best.opening, grid))

    def _remade(
        self, best: Ownership, near: IntArray, members: IntArray, *, rng: np.random.Generator
    ) -> IntArray | None:
        """New grids, from 0, for the units of some neighbouring grids."""
        aims = [best.opening.aims[grid] for grid in near.tolist()]
        problem = self._problem.part(members, self._floor.passable)
        problem = replace(problem, grids=len(near), norm=aims[0].target)
        floor = replace(self._floor, passable=np.ones(len(problem.land.graph.pairs), dtype=np.bool_))
        spread = Spread.of(problem.land.middle_m, problem.land.households)
        begun = whole_grids(problem.land, started(spread, len(near), rng=rng))
        field = CellLists.of(problem, floor, home=None)
        tally = Tally(field, problem, grid=begun, aims=aims, weights=Weights())
        return np.array(tally.grid) if self._run(field, tally, self._schedule()) else None

    def _neighbourhood(self, grid: IntArray, rng: np.random.Generator) -> IntArray:
        """A grid by chance and some around it that hang together, sorted."""
        pairs = grid[self._problem.land.graph.pairs[self._floor.passable]]
        chosen = [int(rng.integers(int(grid.max()) + 1))]
        for _ in range(_NEIGHBOURS_RENEWED):
            hit = np.isin(pairs, chosen)
            ends = np.unique(pairs[hit.any(axis=1) & ~hit.all(axis=1)])
            ends = ends[~np.isin(ends, chosen)]
            if not len(ends):
                break
            chosen.append(int(rng.choice(ends)))
        return np.array(sorted(chosen), dtype=np.int64)

    def _annealed(
        self, begun: Opening, grid: IntArray, schedule: Schedule, weights: Weights
    ) -> Ownership | None:
        field = CellLists.of(self._problem, self._floor, home=begun.home)
        tally = Tally(field, self._problem, grid=grid, aims=begun.aims, weights=weights)
        if not self._run(field, tally, schedule):
            return None
        return self._found(begun, np.array(tally.grid))

    def _run(self, field: CellLists, tally: Tally, schedule: Schedule) -> bool:
        number = self._count
        self._count += 1
        chance = random.Random(f"{self._seed}/{number}")  # noqa: S311 - repeatable, not secret
        return Annealer(field, tally, chance=chance).run(schedule, lambda share: self._step(number, share))

    def _found(self, begun: Opening, grid: IntArray) -> Ownership:
        """The ownership judged by the ordinary weights, whatever it was found by."""
        field = CellLists.of(self._problem, self._floor, home=begun.home)
        tally = Tally(field, self._problem, grid=grid, aims=begun.aims, weights=Weights())
        return Ownership(rank=tally.rank(), number=self._count, opening=begun, grid=grid)

    def _schedule(self) -> Schedule:
        if self._is_coarse:
            return Schedule(rounds=self._rounds, hot=_HOT_COARSE, swap_share=_SWAPS_COARSE)
        hot = _HOT_FROM_NOTHING if self._problem.current is None else _HOT_FROM_TODAY
        return Schedule(rounds=self._rounds, hot=hot, swap_share=_SWAPS)


def _better(best: Ownership, other: Ownership | None) -> Ownership | None:
    return other and min(best, other, key=lambda ownership: ownership.key)
