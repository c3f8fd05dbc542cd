"""What no effort can better: parts that barriers leave, whole grids in each, cells that are never cut."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gisgrid.crs import FloatArray, IntArray
from gisgrid.errors import InvalidInput, Sentence, say
from gisgrid.geometry.balance.problem import BalanceProblem, BoolArray, refuse_unfit

_OWN_TARGET_FROM: Final = 0.8
"""A part that is off the norm by more than this share of the tolerance aims at its own mean."""
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LandPart:
    """Cells that hang together without crossing a hard barrier, and how many grids they get.

    ``cells``: sorted indexes; ``target``: households each of its grids aims at; ``off``: how far its mean
    grid is from the norm, as a share of the norm, with sign; ``cell_bound``: the least by which its
    heaviest grid exceeds the target because cells are whole, as a share of the target.
    """

    cells: IntArray
    households: int
    grids: int
    target: float
    off: float
    cell_bound: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floor:
    """What can be said before solving.

    ``passable``: per pair whether grids may hang together by it (barriers round land without households
    are open); ``deviation``: the least possible greatest deviation from the norm; ``opened``: how many
    parts without households were joined to a neighbour.
    """

    parts: tuple[LandPart, ...]
    passable: BoolArray
    deviation: float
    opened: int

    @property
    def cell_bound(self) -> float:
        """The greatest excess over a target that whole cells force."""
        return max(part.cell_bound for part in self.parts)

    def notes(self, tolerance: float) -> tuple[Sentence, ...]:
        """Why the tolerance can't be kept, one sentence per cause; none where nothing speaks against it."""
        sentences = [
            say(
                "barriers enclose {households} households: {grids} grids of {each}, off the norm by {off} %",
                households=part.households,
                grids=part.grids,
                each=round(part.households / part.grids),
                off=round(100 * part.off, 1),
            )
            for part in self.parts
            if abs(part.off) > tolerance
        ]
        sentences += [
            say(
                "cells are never cut: a grid must exceed its target of {target} by {over} %",
                target=round(part.target),
                over=round(100 * part.cell_bound, 1),
            )
            for part in self.parts
            if part.cell_bound > tolerance
        ]
        return tuple(sentences)


def floor_of(problem: BalanceProblem) -> Floor:
    """Parts, grids per part and the best deviation anyone can reach, in milliseconds.

    Raises
    ------
    InvalidInput
        As for `refuse_unfit`, or there are more parts than grids.
    """
    refuse_unfit(problem)
    passable = problem.is_passable()
    opened = 0
    while _open_an_empty_part(problem, passable):
        opened += 1
    label = _components(problem, passable)
    members = [np.flatnonzero(label == part) for part in range(int(label.max()) + 1)]
    households = np.array([problem.land.households[cells].sum() for cells in members], dtype=np.int64)
    counts, least = _whole_grids(problem, households, np.array([len(cells) for cells in members]))
    parts = tuple(
        _part(problem, cells, grids=int(count)) for cells, count in zip(members, counts, strict=True)
    )
    return Floor(parts=parts, passable=passable, deviation=least, opened=opened)


def floors_by_count(problem: BalanceProblem, counts: Iterable[int]) -> dict[int, float]:
    """The best deviation anyone can reach for each number of grids, to offer a number that fits better.

    Numbers for which there is no answer are left out.
    """
    deviations = {}
    for count in counts:
        try:
            deviations[count] = floor_of(replace(problem, grids=count)).deviation
        except InvalidInput:
            continue
    return deviations


def _components(problem: BalanceProblem, passable: BoolArray) -> IntArray:
    """The part of each cell, numbered by the lowest cell."""
    pairs, size = problem.land.graph.pairs[passable], problem.land.size
    links = sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, label = csgraph.connected_components(links, directed=False)
    return np.asarray(np.unique(label, return_inverse=True)[1], dtype=np.int64)


def _open_an_empty_part(problem: BalanceProblem, passable: BoolArray) -> bool:
    """Make the longest way out of a part without households passable, in place; false where there is none.

    A park behind a road must not claim a grid of its own.
    """
    graph, label = problem.land.graph, _components(problem, passable)
    households = np.bincount(label, weights=problem.land.households)
    for part in np.flatnonzero(households == 0):
        ends = label[graph.pairs] == part
        out = ends.any(axis=1) & ~ends.all(axis=1)
        if out.any():
            passable[np.argmax(np.where(out, graph.length_m, -1.0))] = True
            return True
    return False


def _whole_grids(problem: BalanceProblem, households: IntArray, cells: IntArray) -> tuple[IntArray, float]:
    """How many grids each part gets, and the greatest deviation of a part's mean grid from the norm."""
    if problem.grids < len(cells):
        raise InvalidInput(
            say(
                "the barriers leave {parts} parts, so {grids} grids are too few",
                parts=len(cells),
                grids=problem.grids,
            ),
            field="grids",
        )
    tries = _deviations(problem, households, cells)
    low, high = 0, len(tries) - 1
    while low < high:
        middle = (low + high) // 2
        is_enough = _ranges(problem, households, cells, off=tries[middle]) is not None
        low, high = (low, middle) if is_enough else (middle + 1, high)
    ranges = _ranges(problem, households, cells, off=tries[low])
    if ranges is None:
        raise InvalidInput(
            say("{grids} grids but only {cells} cells", grids=problem.grids, cells=cells.sum())
        )
    return _filled(problem.grids, households, *ranges), float(tries[low])


def _deviations(problem: BalanceProblem, households: IntArray, cells: IntArray) -> FloatArray:
    """Every deviation that a part's mean grid can have, sorted."""
    deviations = [
        np.abs(load / (np.arange(1, min(count, problem.grids) + 1) * problem.target) - 1)
        for load, count in zip(households.tolist(), cells.tolist(), strict=True)
    ]
    return np.unique(np.concatenate(deviations))


def _ranges(
    problem: BalanceProblem, households: IntArray, cells: IntArray, *, off: float
) -> tuple[IntArray, IntArray] | None:
    """Least and greatest number of grids per part within a deviation; ``None`` where they can't add up."""
    most = np.minimum(cells, problem.grids)
    low = np.maximum(np.ceil(households / (problem.target * (1 + off)) - _ROUNDING), 1)
    room = problem.target * (1 - off)
    high = np.minimum(np.floor(households / room + _ROUNDING), most) if room > _ROUNDING else most
    if (low > high).any() or not low.sum() <= problem.grids <= high.sum():
        return None
    return low.astype(np.int64), np.asarray(high).astype(np.int64)


def _filled(grids: int, households: IntArray, low: IntArray, high: IntArray) -> IntArray:
    """Grids above the least go one by one to the part whose grids are heaviest."""
    counts = low.copy()
    for _ in range(grids - int(low.sum())):
        counts[np.argmax(np.where(counts < high, households / counts, -1.0))] += 1
    return counts


def _part(problem: BalanceProblem, cells: IntArray, *, grids: int) -> LandPart:
    own = problem.land.households[cells]
    households = int(own.sum())
    off = households / (grids * problem.target) - 1
    is_near = abs(off) <= _OWN_TARGET_FROM * problem.tolerance
    target = problem.target if is_near or not households else households / grids
    heaviest = _least_heaviest(own, grids)
    return LandPart(
        cells=cells,
        households=households,
        grids=grids,
        target=target,
        off=off,
        cell_bound=max(0.0, heaviest / target - 1),
    )


def _least_heaviest(households: IntArray, grids: int) -> int:
    """What the heaviest grid has at least, by pigeon holes.

    Of the ``j * grids + 1`` heaviest cells some ``j + 1`` lie in one grid.
    """
    load = np.sort(households)[::-1]
    sums = np.concatenate([[0], np.cumsum(load)])
    most = math.ceil(len(load) / grids)
    return max(int(sums[j * grids + 1] - sums[j * grids - j]) for j in range(most))
