"""The pieces of the search: running sums, whole grids, starts, bundles, enclosed grids."""

from __future__ import annotations

import random

import numpy as np
import pytest
from boards import CELL_M, board, hangs_together, has_hole
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.geometry.balance import BalanceProblem, barriers_between, floor_of
from gisgrid.geometry.balance.bundles import bundled
from gisgrid.geometry.balance.enclosures import enclosing
from gisgrid.geometry.balance.start import Spread, bisected, started
from gisgrid.geometry.balance.tally import Aim, CellLists, Tally, Weights
from gisgrid.geometry.balance.unity import whole_grids, with_count

SIDES = st.integers(2, 6)


def random_land(width, height, chance):
    return board(width, height, [chance.choice((0, 1, 6, 20, 60)) for _ in range(width * height - 1)] + [7])


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, st.integers(1, 4), st.randoms(use_true_random=False))
def test_whole_grids_hang_together_and_none_vanishes(width, height, grids, chance):
    land = random_land(width, height, chance)
    owner = np.array([chance.randrange(grids) for _ in range(land.size)])
    result = whole_grids(land, owner)
    assert set(result.tolist()) == set(owner.tolist())
    pairs = land.graph.pairs.tolist()
    assert all(hangs_together(np.flatnonzero(result == one).tolist(), pairs) for one in set(result.tolist()))
    assert (whole_grids(land, result) == result).all()


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_grids_are_cut_off_and_dissolved_to_a_count(width, height, was, count, chance):
    land = random_land(width, height, chance)
    owner = np.array([chance.randrange(was) for _ in range(land.size)])
    result = with_count(land, owner, count, fresh=50, rng=np.random.default_rng(1))
    assert len(set(result.tolist())) == count
    assert {one for one in result.tolist() if one < 50} <= set(owner.tolist())
    pairs = land.graph.pairs.tolist()
    assert all(hangs_together(np.flatnonzero(result == one).tolist(), pairs) for one in set(result.tolist()))


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_start_leaves_no_grid_empty(width, height, grids, chance):
    land = random_land(width, height, chance)
    spread = Spread.of(land.middle_m, land.households)
    for make in (bisected, started):
        assert set(make(spread, grids, rng=np.random.default_rng(3)).tolist()) == set(range(grids))


@settings(max_examples=30, deadline=None)
@given(SIDES, SIDES, st.randoms(use_true_random=False))
def test_running_sums_are_the_sums(width, height, chance):
    land = random_land(width, height, chance)
    group = np.array([chance.randrange(2) for _ in range(land.size)])
    problem = BalanceProblem(land=land, grids=3, soft=barriers_between(land.graph, group))
    field = CellLists.of(problem, floor_of(problem), home=None)
    owner = np.array([chance.randrange(3) for _ in range(land.size)])
    aims = [Aim(target=problem.target, tolerance=0.03)] * 3
    tally = Tally(field, problem, grid=owner, aims=aims, weights=Weights())
    for _ in range(20):
        cell, taker = chance.randrange(land.size), chance.randrange(3)
        giver = tally.grid[cell]
        if giver != taker:
            tally.sums[giver], tally.sums[taker] = tally.shifted(cell, giver, taker)
            tally.grid[cell] = taker
    running = np.array(tally.sums)
    tally.restart(tally.grid)
    assert running == pytest.approx(np.array(tally.sums), rel=1e-9, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, st.integers(2, 6), st.randoms(use_true_random=False))
def test_grids_with_others_inside_are_found(width, height, grids, chance):
    land = random_land(width, height, chance)
    owner = np.unique(
        whole_grids(land, np.array([chance.randrange(grids) for _ in range(land.size)])), return_inverse=True
    )[1]
    links = [set() for _ in range(int(owner.max()) + 1)]
    for first, second in owner[land.graph.pairs].tolist():
        if first != second:
            links[first].add(second)
            links[second].add(first)
    found = enclosing(links, np.unique(owner[land.is_outer()]).tolist())
    members = [np.flatnonzero(owner == one).tolist() for one in range(len(links))]
    assert found == {one for one, cells in enumerate(members) if has_hole(cells, land)}


def framed_garden():
    """A garden inside a frame of one cell, beside two houses."""
    land = board(4, 1, [0, 0, 9, 9])
    perimeter = np.array([4 * CELL_M, 12 * CELL_M, 4 * CELL_M, 4 * CELL_M])
    lengths = np.array([4 * CELL_M, CELL_M, CELL_M])
    graph = type(land.graph)(size=4, pairs=land.graph.pairs, length_m=lengths)
    return type(land)(
        graph=graph,
        households=land.households,
        area_m2=np.array([100.0, 300.0, 100.0, 100.0]),
        perimeter_m=perimeter,
        middle_m=land.middle_m,
    )


def test_a_garden_goes_with_its_frame():
    problem = BalanceProblem(land=framed_garden(), grids=2)
    units = bundled(problem, floor_of(problem))
    assert units.unit.tolist() == [0, 0, 1, 2]
    assert units.problem.land.perimeter_m.tolist() == [8 * CELL_M, 4 * CELL_M, 4 * CELL_M]
    assert units.problem.land.area_m2.tolist() == [400.0, 100.0, 100.0]
    assert units.problem.land.graph.pairs.tolist() == [[0, 1], [1, 2]]


def test_a_garden_of_another_grid_today_stays_apart():
    problem = BalanceProblem(land=framed_garden(), grids=2, current=np.array([7, 8, 8, 8]))
    assert bundled(problem, floor_of(problem)).unit.tolist() == [0, 1, 2, 3]


def test_nothing_is_bundled_where_grids_would_run_out_of_units():
    problem = BalanceProblem(land=framed_garden(), grids=4)
    assert bundled(problem, floor_of(problem)).unit.tolist() == [0, 1, 2, 3]


def test_a_start_is_balanced_where_cells_are_small():
    chance = random.Random(5)
    land = board(20, 20, [chance.randint(1, 9) for _ in range(400)])
    spread = Spread.of(land.middle_m, land.households)
    owner = started(spread, 8, rng=np.random.default_rng(2))
    load = np.bincount(owner, weights=land.households)
    assert np.abs(load / load.mean() - 1).max() < 0.15
