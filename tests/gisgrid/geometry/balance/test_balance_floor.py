"""What is known before solving, against slow counts of every possibility."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from boards import board
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.geometry.balance import (
    BalanceProblem,
    barriers_between,
    floor_of,
    floors_by_count,
    grids_for_norm,
)


def walled(land, group, grids, **given):
    return BalanceProblem(land=land, grids=grids, hard=barriers_between(land.graph, np.array(group)), **given)


def rows(groups, width):
    return [group for group in groups for _ in range(width)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=4), st.integers(1, 12))
def test_the_floor_is_the_best_of_all_ways_to_share_out_whole_grids(loads, grids):
    assume(len(loads) <= grids)
    width = 12
    land = board(width, len(loads), [load if x == 0 else 0 for load in loads for x in range(width)])
    found = floor_of(walled(land, rows(range(len(loads)), width), grids))
    norm = sum(loads) / grids
    ways = [
        max(abs(load / (count * norm) - 1) for load, count in zip(loads, counts, strict=True))
        for counts in itertools.product(range(1, grids + 1), repeat=len(loads))
        if sum(counts) == grids
    ]
    assert found.deviation == pytest.approx(min(ways), abs=1e-9)
    assert sum(part.grids for part in found.parts) == grids
    assert max(abs(part.off) for part in found.parts) == pytest.approx(found.deviation, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=7), st.integers(1, 3))
def test_no_way_to_share_out_cells_is_better_than_the_cell_bound(loads, grids):
    assume(grids <= len(loads) and sum(loads) > 0)
    (part,) = floor_of(BalanceProblem(land=board(len(loads), 1, loads), grids=grids)).parts
    heaviest = min(
        max(np.bincount(owner, weights=loads, minlength=grids))
        for owner in itertools.product(range(grids), repeat=len(loads))
    )
    assert (1 + part.cell_bound) * part.target <= heaviest + 1e-6


def test_a_part_that_no_whole_number_of_grids_fits_is_told():
    land = board(6, 2, [30] * 6 + [45] * 6)
    problem = walled(land, rows([0, 1], 6), 5, norm=90.0)
    assert floor_of(problem).deviation == pytest.approx(0.0)
    found = floor_of(replace(problem, norm=100.0))
    assert [part.grids for part in found.parts] == [2, 3]
    assert found.deviation == pytest.approx(0.1)
    assert found.notes(0.03)[0] == ("barriers enclose 180 households: 2 grids of 90, off the norm by -10.0 %")
    assert found.notes(0.2) == ()


def test_another_number_of_grids_may_fit_the_barriers():
    land = board(10, 2, [10] * 10 + [20] * 10)
    found = floors_by_count(walled(land, rows([0, 1], 10), 4), range(1, 7))
    assert list(found) == [2, 3, 4, 5, 6]
    assert found[3] == pytest.approx(0.0)
    assert found[2] == pytest.approx(1 / 3)


def test_a_tower_above_the_target_is_told():
    found = floor_of(BalanceProblem(land=board(6, 1, [40, 4, 4, 4, 4, 4]), grids=3))
    assert found.cell_bound == pytest.approx(1.0)
    assert found.notes(0.03) == ("cells are never cut: a grid must exceed its target of 20 by 100.0 %",)


def test_empty_land_behind_a_barrier_claims_no_grid():
    land = board(4, 3, [5] * 8 + [0] * 4)
    found = floor_of(walled(land, rows([0, 0, 1], 4), 2))
    assert found.opened == 1
    assert [part.grids for part in found.parts] == [2]


def test_a_part_near_the_norm_aims_at_the_norm_and_one_far_off_at_its_own_mean():
    land = board(10, 2, [10] * 10 + [20] * 10)
    near, far = floor_of(walled(land, rows([0, 1], 10), 3)).parts
    assert (near.target, far.target) == (100.0, 100.0)
    near, far = floor_of(walled(land, rows([0, 1], 10), 3, norm=99.0)).parts
    assert (near.target, far.target) == (99.0, 99.0)
    near, far = floor_of(walled(land, rows([0, 1], 10), 3, norm=90.0)).parts
    assert (near.target, far.target) == (100.0, 100.0)


def test_the_number_of_grids_nearest_to_the_norm():
    assert [grids_for_norm(h, 600) for h in (9658, 100, 0, 1500)] == [16, 1, 1, 3]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"grids": 0}, "at least one grid"),
        ({"grids": 9}, "9 grids but only 8 cells"),
        ({"tolerance": 0.0}, "more than 0"),
        ({"norm": -1.0}, "more than 0"),
        ({"hard": np.zeros(3, dtype=bool)}, "for all cells"),
        ({"current": np.zeros(3, dtype=np.int64)}, "for all cells"),
    ],
)
def test_what_has_no_answer_is_refused(given, said):
    problem = BalanceProblem(**{"land": board(4, 2, [5] * 8), "grids": 2, **given})
    with pytest.raises(InvalidInput, match=said):
        floor_of(problem)


def test_land_without_households_is_refused():
    with pytest.raises(InvalidInput, match="no household"):
        floor_of(BalanceProblem(land=board(2, 2, [0] * 4), grids=2))


def test_more_parts_than_grids_are_refused():
    with pytest.raises(InvalidInput, match="leave 3 parts, so 2 grids"):
        floor_of(walled(board(2, 3, [5] * 6), rows([0, 1, 2], 2), 2))


def test_a_corner_is_no_border_but_the_best_that_a_cell_has_is():
    land = board(3, 1, [5] * 3)
    short = replace(land, graph=replace(land.graph, length_m=np.array([0.3, 10.0])))
    assert BalanceProblem(land=short, grids=1).is_passable().tolist() == [True, True]
    square = board(2, 2, [5] * 4)
    lengths = np.array([10.0, 10.0, 10.0, 0.3])
    square = replace(square, graph=replace(square.graph, length_m=lengths))
    assert BalanceProblem(land=square, grids=1).is_passable().tolist() == [True, True, True, False]
