"""Shares between old and new cells: parts of one cell add up to it, strangers share nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.areas.lineage import cell_shares
from tests.world import square


def as_cells(shapes):
    return np.array(shapes, dtype=object)


def test_halves_of_a_cell_have_half_of_it_each_and_neighbours_nothing():
    old = as_cells([square(0, 0, 2), square(2, 0, 2)])
    new = as_cells(
        [square(0, 0, 2).intersection(square(-1, 0, 2)), square(1, 0, 3).intersection(square(1, 0, 2))]
    )
    one, two, share = cell_shares(old, new)
    assert list(zip(one.tolist(), two.tolist(), share.round(3).tolist(), strict=True)) == [
        (0, 0, 0.5),
        (0, 1, 0.5),
        (1, 1, 0.5),
    ]


def test_without_old_or_new_cells_there_are_no_shares():
    for old, new in [([], [square(0, 0)]), ([square(0, 0)], [])]:
        assert [len(part) for part in cell_shares(as_cells(old), as_cells(new))] == [0, 0, 0]


@given(st.lists(st.integers(1, 63), min_size=1, max_size=6, unique=True), st.integers(1, 63))
@settings(max_examples=60, deadline=None)
def test_shares_of_every_cell_add_up_to_one_and_equal_a_slow_sum(cuts, across):
    edges = [0, *sorted(cuts), 64]
    new = as_cells(
        [
            shapely.intersection(square(a / 16, 0, 4), square(b / 16 - 4, 0, 4))
            for a, b in itertools.pairwise(edges)
        ]
    )
    whole = square(0, 0, 4)
    south = whole.intersection(square(0, across / 16 - 4, 4))
    old = as_cells([south, whole.difference(south)])
    one, two, share = cell_shares(old, new)
    assert np.bincount(one, weights=share) == pytest.approx([1.0, 1.0])
    for a, b, part in zip(one, two, share, strict=True):
        assert part == pytest.approx(old[a].intersection(new[b]).area / old[a].area)
