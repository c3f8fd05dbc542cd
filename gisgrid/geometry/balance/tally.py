"""Running sums of grids while cells change hands: households, area, outline, barriers crossed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gisgrid.crs import IntArray
from gisgrid.geometry.balance.enclosures import enclosing
from gisgrid.geometry.balance.floor import Floor
from gisgrid.geometry.balance.problem import BalanceProblem

DEAD_ZONE: Final = 0.8
"""A grid off by less than this share of the tolerance costs nothing: balance beyond need costs shape."""
_SHAPE: Final = 1.6
_ROUNDING: Final = 1e-9
_FOUR_PI: Final = 4 * math.pi


Rank = tuple[int, float, float]
"""What is compared between ownerships; less is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Households a grid should have, and the share by which it may be off; whole cells may force more."""

    target: float
    tolerance: float


Sums = tuple[float, float, float, float, float]
"""One grid: households, metres of outline, square metres, metres of barrier inside it, and its cost.

A plain tuple, because the inner loop makes millions of them.
"""
COST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What counts how much against shape: households off target, barriers crossed."""

    balance: float = 2.0
    barrier: float = 1.0


@dataclass(frozen=True, slots=True)
class CellLists:
    """The cells as plain lists, which the inner loop reads faster than arrays.

    ``around``: per cell its neighbours as (cell, metres of border, metres of barrier); ``passable``: per
    cell the neighbours it may hang together with; ``moves``: directed passable borders; ``borders``: all
    pairs once; ``outer``: cells on the outline; ``home``, ``changed``: per cell the grid it should stay in,
    and what it costs to leave.
    """

    households: list[float]
    perimeter_m: list[float]
    area_m2: list[float]
    around: list[tuple[tuple[int, float, float], ...]]
    passable: list[tuple[int, ...]]
    moves: list[tuple[int, int]]
    borders: list[tuple[int, int]]
    outer: list[int]
    home: list[int]
    changed: list[float]

    @classmethod
    def of(cls, problem: BalanceProblem, floor: Floor, *, home: IntArray | None) -> CellLists:
        """The field of a problem; ``home``: the grid in which each cell costs nothing."""
        land, pairs = problem.land, problem.land.graph.pairs.tolist()
        around: list[list[tuple[int, float, float]]] = [[] for _ in range(land.size)]
        passable: list[list[int]] = [[] for _ in range(land.size)]
        barrier_m = np.where(problem.is_soft() | problem.is_hard(), land.graph.length_m, 0.0).tolist()
        borders = zip(pairs, land.graph.length_m.tolist(), barrier_m, floor.passable.tolist(), strict=True)
        for (first, second), length_m, crossed_m, is_open in borders:
            around[first].append((second, length_m, crossed_m))
            around[second].append((first, length_m, crossed_m))
            if is_open:
                passable[first].append(second)
                passable[second].append(first)
        mean = max(float(land.households.mean()), 1.0)
        weight = (land.households + mean) / (2 * mean) * (problem.change_weight if home is not None else 0.0)
        return cls(
            households=land.households.astype(np.float64).tolist(),
            perimeter_m=land.perimeter_m.tolist(),
            area_m2=land.area_m2.tolist(),
            around=[tuple(near) for near in around],
            passable=[tuple(near) for near in passable],
            moves=[(cell, near) for cell, nears in enumerate(passable) for near in nears],
            borders=[(first, second) for first, second in pairs],
            outer=np.flatnonzero(land.is_outer()).tolist(),
            home=[0] * land.size if home is None else home.tolist(),
            changed=weight.tolist(),
        )


class Tally:
    """Which grid each cell is in and the sums of all grids; both change as cells change hands."""

    __slots__ = (
        "_balance",
        "_barrier",
        "_field",
        "_scale",
        "_target",
        "_zone",
        "aims",
        "grid",
        "sums",
    )

    def __init__(
        self,
        field: CellLists,
        problem: BalanceProblem,
        *,
        grid: IntArray,
        aims: Sequence[Aim],
        weights: Weights,
    ) -> None:
        self._field, self.aims = field, aims
        self._target = [aim.target for aim in aims]
        self._zone, self._scale = DEAD_ZONE * problem.tolerance, 1 / problem.tolerance
        self._balance = weights.balance
        self._barrier = weights.barrier / math.sqrt(max(sum(field.area_m2) / problem.grids, 1.0))
        self.grid: list[int] = grid.tolist()
        self.sums: list[Sums] = []
        self.restart(self.grid)

    def restart(self, grid: list[int]) -> None:
        """Take over an ownership and add everything up anew, so that no rounding gathers."""
        field, self.grid = self._field, list(grid)
        raw = [[0.0, 0.0, 0.0, 0.0] for _ in self._target]
        for cell, own in enumerate(self.grid):
            total = raw[own]
            total[0] += field.households[cell]
            total[1] += field.perimeter_m[cell]
            total[2] += field.area_m2[cell]
            for near, length_m, barrier_m in field.around[cell]:
                if self.grid[near] == own:
                    total[1] -= length_m
                    total[3] += barrier_m / 2
        self.sums = [self._costed(number, *total) for number, total in enumerate(raw)]

    def cost(self) -> float:
        """The cost of all grids and of all cells that left their home."""
        field = self._field
        left = (c for g, h, c in zip(self.grid, field.home, field.changed, strict=True) if g != h)
        return sum(sums[COST] for sums in self.sums) + sum(left)

    def rank(self) -> Rank:
        """How good it is, less is better: grids with holes, deviation beyond tolerance, cost."""
        beyond = (
            abs(sums[0] / aim.target - 1) - aim.tolerance
            for sums, aim in zip(self.sums, self.aims, strict=True)
        )
        return len(self.enclosing()), max(0.0, max(beyond) - _ROUNDING), self.cost()

    def enclosing(self) -> set[int]:
        """Grids with others inside them."""
        grid, links = self.grid, [set[int]() for _ in self.sums]
        for cell, near in self._field.borders:
            first, second = grid[cell], grid[near]
            if first != second:
                links[first].add(second)
                links[second].add(first)
        return enclosing(links, {grid[cell] for cell in self._field.outer})

    def shifted(self, cell: int, giver: int, taker: int) -> tuple[Sums, Sums]:
        """The sums of both grids if a cell went from one to the other."""
        field, grid = self._field, self.grid
        with_giver = with_taker = barrier_giver = barrier_taker = 0.0
        for near, length_m, barrier_m in field.around[cell]:
            owner = grid[near]
            if owner == giver:
                with_giver += length_m
                barrier_giver += barrier_m
            elif owner == taker:
                with_taker += length_m
                barrier_taker += barrier_m
        load, edge, area = field.households[cell], field.perimeter_m[cell], field.area_m2[cell]
        load_a, edge_a, area_a, crossed_a, _ = self.sums[giver]
        load_b, edge_b, area_b, crossed_b, _ = self.sums[taker]
        return (
            self._costed(
                giver, load_a - load, edge_a + 2 * with_giver - edge, area_a - area, crossed_a - barrier_giver
            ),
            self._costed(
                taker, load_b + load, edge_b + edge - 2 * with_taker, area_b + area, crossed_b + barrier_taker
            ),
        )

    def change(self, cell: int, giver: int, taker: int) -> float:
        """How much more it costs that a cell is not at home."""
        home = self._field.home[cell]
        return self._field.changed[cell] * ((taker != home) - (giver != home))

    def _costed(self, number: int, load: float, perimeter_m: float, area_m2: float, crossed_m: float) -> Sums:
        """The sums with their cost: households off the target, less the log of Polsby-Popper, barriers.

        The log weighs a gain of a bad shape more than that of a good one, but not so much that one grid
        beside a long park spoils all others.
        """
        over = abs(load / self._target[number] - 1) - self._zone
        cost = self._barrier * crossed_m
        if over > 0:
            over *= self._scale
            cost += self._balance * over * over
        if area_m2 > 0 < perimeter_m:
            cost += _SHAPE * math.log(perimeter_m * perimeter_m / (_FOUR_PI * area_m2))
        return load, perimeter_m, area_m2, crossed_m, cost
