"""Straightens ragged borders: cells nobody lives on go over where that shortens the border."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from gisgrid.crs import IntArray
from gisgrid.geometry.balance.enclosures import enclosing
from gisgrid.geometry.balance.problem import BoolArray
from gisgrid.geometry.neighbours import Neighbours, pieces

_LEAST_GAIN_M: Final = 0.5
"""A border that gets shorter by less is not worth a change."""
_LARGEST_CLUMP: Final = 12
"""Free cells side by side go over together up to so many."""


def border_m(graph: Neighbours, owner: IntArray) -> float:
    """Metres of border between different owners; ``owner``: shape (n,)."""
    first, second = np.asarray(owner)[graph.pairs].T
    return float(graph.length_m[first != second].sum())


def straightened(
    graph: Neighbours,
    owner: IntArray,
    *,
    movable: BoolArray,
    outer: BoolArray,
    cancelled: Callable[[], bool] | None = None,
) -> IntArray | None:
    """Owners after free cells went over to a neighbour wherever that shortens the border.

    Only whole cells go over. No owner vanishes, falls into more parts than it has, or comes to enclose
    another; the border never gets longer. The same input gives the same answer.

    Parameters
    ----------
    graph
        The neighbour graph of the cells.
    owner
        Shape (n,), the owner of each cell, any numbers.
    movable
        Shape (n,), the cells that may change hands: those without a building and without a household.
    outer
        Shape (n,), the cells on the outline of the land.
    cancelled
        Asked after each pass; true stops the work.

    Returns
    -------
    The owners, shape (n,); ``None`` where it was cancelled.
    """
    tidy = _Tidy(graph, owner, movable=movable, outer=outer)
    while tidy.passed():
        if cancelled is not None and cancelled():
            return None
    return tidy.owner


class _Tidy:
    """Owners while borders are being straightened."""

    def __init__(self, graph: Neighbours, owner: IntArray, *, movable: BoolArray, outer: BoolArray) -> None:
        self.owner = np.array(owner, dtype=np.int64)
        self._graph, self._movable, self._outer = graph, movable, outer
        self._around: list[dict[int, float]] = [{} for _ in range(graph.size)]
        for (first, second), metres in zip(graph.pairs.tolist(), graph.length_m.tolist(), strict=True):
            self._around[first][second] = self._around[second][first] = metres
        names, count = np.unique(self.owner), self._parts
        self._most = {name: count(np.flatnonzero(self.owner == name)) for name in names.tolist()}
        self._enclosing = self._enclosers()

    def passed(self) -> bool:
        """One pass over all that may move, the greatest gain first; whether anything did."""
        singles = [np.array([cell]) for cell in np.flatnonzero(self._movable).tolist()]
        moved = [self._moved(unit) for unit in self._by_gain(singles)]
        moved += [self._moved(unit) for unit in self._by_gain(self._clumps())]
        return any(moved)

    def _by_gain(self, units: list[IntArray]) -> list[IntArray]:
        gains = [(self._best(unit), unit) for unit in units]
        gains.sort(key=lambda entry: (-entry[0][0], int(entry[1][0])))
        return [unit for (gain, _to), unit in gains if gain >= _LEAST_GAIN_M]

    def _clumps(self) -> list[IntArray]:
        """Free cells of one owner that hang together."""
        clumps = []
        for name in np.unique(self.owner).tolist():
            free = np.flatnonzero((self.owner == name) & self._movable)
            clumps += [piece for piece in pieces(free, self._graph) if 1 < len(piece) <= _LARGEST_CLUMP]
        return clumps

    def _best(self, unit: IntArray) -> tuple[float, int]:
        """By how many metres the border gets shorter at most, and with which new owner."""
        inside, own = set(unit.tolist()), int(self.owner[unit[0]])
        shared: dict[int, float] = {}
        for cell in inside:
            for other, metres in self._around[cell].items():
                if other not in inside:
                    name = int(self.owner[other])
                    shared[name] = shared.get(name, 0.0) + metres
        kept = shared.pop(own, 0.0)
        return max(((metres - kept, -name) for name, metres in shared.items()), default=(0.0, 0))

    def _moved(self, unit: IntArray) -> bool:
        """Let a unit go over where that still shortens the border and breaks nothing."""
        own = int(self.owner[unit[0]])
        if (self.owner[unit] != own).any():
            return False
        gain, name = self._best(unit)
        if gain < _LEAST_GAIN_M:
            return False
        self.owner[unit] = -name
        if self._is_sound(own, -name):
            return True
        self.owner[unit] = own
        return False

    def _is_sound(self, *names: int) -> bool:
        for name in names:
            cells = np.flatnonzero(self.owner == name)
            if not len(cells) or self._parts(cells) > self._most[name]:
                return False
        return self._enclosers() <= self._enclosing

    def _parts(self, cells: IntArray) -> int:
        return len(pieces(cells, self._graph))

    def _enclosers(self) -> set[int]:
        """Owners that enclose others."""
        names, index = np.unique(self.owner, return_inverse=True)
        links: list[set[int]] = [set() for _ in names]
        for first, second in np.unique(index[self._graph.pairs], axis=0).tolist():
            if first != second:
                links[first].add(second)
                links[second].add(first)
        places = enclosing(links, np.unique(index[self._outer]).tolist())
        return {int(names[place]) for place in places}
