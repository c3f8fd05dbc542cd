"""Simulated annealing of cells along the borders of grids; every grid stays in one piece throughout."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gisgrid.geometry.balance.tally import COST, CellLists, Tally

MOVES_PER_ROUND: Final = 20
"""Moves per cell between two looks at progress, cancelling and the best so far."""
_STEPS_TO_PARTNER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how hot: rounds of 20 moves a cell, first and last temperature, share of swaps."""

    rounds: int
    hot: float = 0.15
    cold: float = 0.0015
    swap_share: float = 0.3


class Annealer:
    """One run over a field; the same random numbers give the same run."""

    __slots__ = ("_chance", "_field", "_size", "_swap_share", "_tally", "_temperature")

    def __init__(self, field: CellLists, tally: Tally, *, chance: random.Random) -> None:
        self._field, self._tally, self._chance = field, tally, chance.random
        self._size = [0] * len(tally.sums)
        for own in tally.grid:
            self._size[own] += 1
        self._temperature = self._swap_share = 0.0

    def run(self, schedule: Schedule, step: Callable[[float], bool]) -> bool:
        """Move cells until the schedule ends; the tally then holds the best that was met.

        ``step`` is told the share that is done and says whether to go on. False where it was stopped.
        """
        tally, self._swap_share = self._tally, schedule.swap_share
        best, best_grid = tally.rank(), list(tally.grid)
        fall = (schedule.cold / schedule.hot) ** (1 / max(schedule.rounds - 1, 1))
        for number in range(schedule.rounds):
            if not step(number / schedule.rounds):
                return False
            self._temperature = schedule.hot * fall**number
            self._round()
            if 2 * number >= schedule.rounds or number == schedule.rounds - 1:
                rank = tally.rank()
                if rank < best:
                    best, best_grid = rank, list(tally.grid)
        tally.restart(best_grid)
        return True

    def _round(self) -> None:
        moves, grid, chance = self._field.moves, self._tally.grid, self._chance
        count = len(moves)
        for _ in range(MOVES_PER_ROUND * len(grid) if moves else 0):
            cell, near = moves[int(chance() * count)]
            giver, taker = grid[cell], grid[near]
            if giver == taker or self._size[giver] == 1:
                continue
            if chance() < self._swap_share:
                self._swap(cell, near)
            else:
                self._move(cell, giver, taker)

    def _move(self, cell: int, giver: int, taker: int) -> None:
        tally = self._tally
        sums, grid = tally.sums, tally.grid
        less, more = tally.shifted(cell, giver, taker)
        rise = less[COST] + more[COST] - sums[giver][COST] - sums[taker][COST]
        rise += tally.change(cell, giver, taker)
        if self._is_refused(rise) or self._falls_apart(cell, giver):
            return
        sums[giver], sums[taker] = less, more
        grid[cell] = taker
        self._size[giver] -= 1
        self._size[taker] += 1

    def _swap(self, cell: int, near: int) -> None:
        """The cell goes over and another one comes back, so that the households change little."""
        tally = self._tally
        sums, grid = tally.sums, tally.grid
        giver, taker = grid[cell], grid[near]
        back = self._partner(near, taker)
        if not self._touches(back, giver, but=cell):
            return
        before = sums[giver], sums[taker]
        sums[giver], sums[taker] = tally.shifted(cell, giver, taker)
        grid[cell] = taker
        more, less = tally.shifted(back, taker, giver)
        rise = less[COST] + more[COST] - before[0][COST] - before[1][COST]
        rise += tally.change(cell, giver, taker) + tally.change(back, taker, giver)
        is_whole = not self._is_refused(rise) and not self._falls_apart(cell, giver)
        if is_whole and not self._falls_apart(back, taker):
            sums[taker], sums[giver] = more, less
            grid[back] = giver
        else:
            sums[giver], sums[taker] = before
            grid[cell] = giver

    def _is_refused(self, rise: float) -> bool:
        return rise > 0 and self._chance() >= math.exp(-rise / self._temperature)

    def _partner(self, start: int, grid: int) -> int:
        """A cell of a grid at most a few random steps away from one of its cells."""
        owner, chance, place = self._tally.grid, self._chance, start
        for _ in range(int(chance() * (_STEPS_TO_PARTNER + 1))):
            near = self._field.passable[place]
            step = near[int(chance() * len(near))]
            if owner[step] == grid:
                place = step
        return place

    def _touches(self, cell: int, grid: int, *, but: int) -> bool:
        owner = self._tally.grid
        return any(owner[near] == grid and near != but for near in self._field.passable[cell])

    def _falls_apart(self, cell: int, grid: int) -> bool:
        """Whether a grid is in pieces without a cell; the search ends when the cell's neighbours meet."""
        owner, passable = self._tally.grid, self._field.passable
        ends = [near for near in passable[cell] if owner[near] == grid]
        if len(ends) < 2:
            return not ends
        missing, seen, queue = set(ends[1:]), {cell, ends[0]}, [ends[0]]
        for place in queue:
            for near in passable[place]:
                if owner[near] == grid and near not in seen:
                    missing.discard(near)
                    if not missing:
                        return False
                    seen.add(near)
                    queue.append(near)
        return True
