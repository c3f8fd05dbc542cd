"""Which counts of a tree of areas have to be hidden so that none comes back from sums.

A node is an area's count; a parent's count is the sum of its children's. Pure index work for
:mod:`gisgrid.analysis.disclosure`, which knows tables and columns.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gisgrid.crs import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The least and the greatest anybody knows a hidden count to be, per node, from other columns."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Puzzle:
    """One column while siblings are being hidden; ``hidden`` grows, the rest stays."""

    values: FloatArray
    hidden: BoolArray
    parent: IntArray
    children: dict[int, IntArray]
    bounds: Bounds
    small: int


def hide(
    values: FloatArray, hidden: BoolArray, *, parent: IntArray, bounds: Bounds, threshold: int
) -> BoolArray:
    """All nodes to hide, given the ones that are hidden for their own sake.

    Parameters
    ----------
    values
        Counts per node; ``NaN`` where not known (never hidden, never a sibling).
    hidden
        Nodes hidden for their own sake. Not changed.
    parent
        Index of each node's parent, negative for one whose total is told nowhere.
    bounds
        What is known about hidden counts beside the sums.
    threshold
        Counts from 1 up to and without this are small.

    Returns
    -------
    numpy.ndarray
        Flags per node, a superset of ``hidden``.

    Notes
    -----
    Under a shown parent the hidden children must be two or more, not all at their least and not all at
    their greatest; the smallest shown one that isn't 0 is added until that holds, equal ones together, and
    where none is left the parent is hidden. Under a hidden parent all are hidden that aren't 0. Then each
    hidden count can be raised or lowered by one along a path of hidden counts that meets every sum, so none
    is determined; and since nothing hangs on the order of siblings, two of them can change places with the
    very same answer, so who replays this rule for all counts there could be finds no hidden one either.
    The least of a hidden parent counts in what its children show.
    """
    puzzle = _Puzzle(
        values=values,
        hidden=hidden & ~np.isnan(values),
        parent=parent,
        children=_children(parent),
        bounds=bounds,
        small=threshold - 1,
    )
    waiting = sorted({sum_ for node in np.flatnonzero(puzzle.hidden) for sum_ in _sums_of(puzzle, int(node))})
    while waiting:
        for node in _settle(puzzle, heapq.heappop(waiting)):
            for sum_ in _sums_of(puzzle, node):
                heapq.heappush(waiting, sum_)
    return puzzle.hidden


def _children(parent: IntArray) -> dict[int, IntArray]:
    nodes = np.flatnonzero(parent >= 0)
    nodes = nodes[np.argsort(parent[nodes], kind="stable")]
    parents, starts = np.unique(parent[nodes], return_index=True)
    groups = np.split(nodes, starts)[1:]
    return {int(parent_index): group for parent_index, group in zip(parents, groups, strict=True)}


def _sums_of(puzzle: _Puzzle, node: int) -> Iterator[int]:
    """The sums to look at again when a node is hidden: its own, and those of all above it."""
    while node >= 0:
        if node in puzzle.children:
            yield node
        node = int(puzzle.parent[node])


def _settle(puzzle: _Puzzle, node: int) -> list[int]:
    """Hides what the sum at a node demands; gives the newly hidden nodes."""
    kids = puzzle.children[node]
    hidden = puzzle.hidden
    shown = kids[~hidden[kids] & (puzzle.values[kids] > 0)]
    if hidden[node]:
        # Which of its children are shown would tell how large it can be.
        hidden[shown] = True
        return list(map(int, shown))
    added: list[int] = []
    while _is_given_away(puzzle, kids[hidden[kids]]):
        # Equal ones go together: were it the first of them, a shown one would tell which sibling is small.
        least = shown[puzzle.values[shown] == puzzle.values[shown].min()] if len(shown) else np.array([node])
        if hidden[least].any():
            break
        hidden[least] = True
        added += least.tolist()
        shown = shown[~hidden[shown]]
    return added


def _is_given_away(puzzle: _Puzzle, hidden_kids: IntArray) -> bool:
    """Whether a shown sum gives away one of its hidden parts, or that one is small.

    Were all of them small, their sum would say so: one that isn't must be among them.
    """
    if len(hidden_kids) < 2:
        return len(hidden_kids) == 1
    total = float(puzzle.values[hidden_kids].sum())
    least = [_end(puzzle, int(kid), is_low=True) for kid in hidden_kids]
    lows = sum(least)
    if total - (lows - min(least)) <= puzzle.small:
        return True  # one of them can't be anything but small
    highs = sum(_end(puzzle, int(kid), is_low=False) for kid in hidden_kids)
    return total <= lows or total >= highs or bool(np.all(puzzle.values[hidden_kids] <= puzzle.small))


def _end(puzzle: _Puzzle, node: int, *, is_low: bool, is_under_hidden: bool = False) -> float:
    """The least (or greatest) a node can be for someone who knows all that is shown below it.

    What lies under a hidden one is hidden too, or will be, unless it is 0.
    """
    if np.isnan(puzzle.values[node]):
        return 0.0
    if not (puzzle.hidden[node] or (is_under_hidden and puzzle.values[node] > 0)):
        return float(puzzle.values[node])
    own = float((puzzle.bounds.low if is_low else puzzle.bounds.high)[node])
    if node not in puzzle.children:
        return own
    kids = puzzle.children[node]
    below = sum(_end(puzzle, int(kid), is_low=is_low, is_under_hidden=True) for kid in kids)
    return max(own, below) if is_low else min(own, below)
