"""An attacker who knows the words, the totals and the rule: every world is tried, its answer compared.

Whoever reads an answer can work out what the rule would have answered in every other world. A hidden count is
safe while worlds with the very same answer differ in it; and the answer must not say which hidden counts are
small.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest

from gisgrid.analysis.disclosure import THRESHOLD
from gisgrid.analysis.suppression import Bounds, hide

Answer = tuple[int | None, ...]
FLAT = [-1, 0, 0, 0]
"""A shown total and three parts of it."""
FOUR = [-1, 0, 0, 0, 0]
TREE = [-1, 0, 0, 1, 1, 2, 2]
"""A total, two parts, two parts of each."""


def worlds(parent: list[int], most: int) -> Iterator[list[int]]:
    """All worlds with a total of up to ``most``: counts of the leaves, and the sums above them."""
    leaves = [node for node in range(len(parent)) if node not in parent]
    for counts in itertools.product(range(most + 1), repeat=len(leaves)):
        values = [0] * len(parent)
        for leaf, count in zip(leaves, counts, strict=True):
            node = leaf
            while node >= 0:
                values[node] += count
                node = parent[node]
        if values[0] <= most:
            yield values


def answer(values: list[int], parent: list[int]) -> Answer:
    """What is shown of a world."""
    counts = np.array(values, dtype=np.float64)
    small = (counts > 0) & (counts < THRESHOLD)
    bounds = Bounds(low=np.ones(len(counts)), high=np.full(len(counts), np.inf))
    hidden = hide(counts, small, parent=np.array(parent), bounds=bounds, threshold=THRESHOLD)
    return tuple(None if one else value for value, one in zip(values, hidden, strict=True))


def readings(parent: list[int], most: int) -> Iterator[tuple[Answer, int, set[int]]]:
    """For each answer and hidden count what it may be, by all worlds with that very answer.

    Of a hidden total only the worlds up to ``most`` are known, so nothing is said of it.
    """
    told: dict[Answer, list[list[int]]] = defaultdict(list)
    for values in worlds(parent, most):
        told[answer(values, parent)].append(values)
    for shown, alike in told.items():
        for node, value in enumerate(shown):
            if shown[0] is not None and value is None:
                yield shown, node, {values[node] for values in alike}


SHAPES = pytest.mark.parametrize(
    ("parent", "most"), [(FLAT, 24), (FOUR, 16), (TREE, 16)], ids=["three", "four", "tree"]
)


@SHAPES
def test_replaying_the_rule_gives_no_hidden_count_back(parent: list[int], most: int) -> None:
    assert not [found for found in readings(parent, most) if len(found[2]) == 1][:5]


@SHAPES
def test_replaying_the_rule_does_not_tell_a_small_count_from_its_shadow(parent: list[int], most: int) -> None:
    """But where the total alone says so: 7 persons in four places, in none nobody, are at most 4 in each."""
    leaves = [node for node in range(len(parent)) if node not in parent]
    for shown, node, values in readings(parent, most):
        hidden = sum(shown[leaf] is None for leaf in leaves)
        rest = (shown[0] or 0) - sum(shown[leaf] or 0 for leaf in leaves)
        if rest - (hidden - 1) >= THRESHOLD:
            assert min(values) < THRESHOLD <= max(values), (shown, node, values)


def test_of_equal_siblings_the_order_does_not_tell_which_is_small() -> None:
    """5, 5, 3: were only the first 5 hidden beside the 3, the shown one would say which is which."""
    shown = {answer([13, *counts], [-1, 0, 0, 0]) for counts in itertools.permutations((5, 5, 3))}
    assert len(shown) == 1
