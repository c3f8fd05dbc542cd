"""Proposals: what always holds, small named cases, and every possibility of tiny lands as the oracle."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from boards import QUICK, best_deviation, board, hangs_together, has_hole
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.crs import stored_crs, to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.balance import (
    BalanceProblem,
    Effort,
    SharedLand,
    barriers_between,
    floor_of,
    propose,
)
from gisgrid.geometry.measure import areas_m2, local_metric, transformed
from tests.bench.blocks import blocks

SIDES = st.integers(3, 7)
SOME = Effort(starts=3, reheats=3, renewals=10, rounds=40)


def homes(size, seed=4):
    chance = random.Random(seed)
    return [chance.choice((0, 2, 6, 9, 14)) for _ in range(size - 1)] + [5]


def assert_sound(problem, proposal):
    """Every cell in one grid, as many grids as asked for, each in one piece and told as it is."""
    land, owner = problem.land, proposal.owner
    assert len(owner) == land.size
    assert len(proposal.grids) == problem.grids
    pairs = land.graph.pairs[proposal.floor.passable].tolist()
    for grid in proposal.grids:
        cells = np.flatnonzero(owner == grid.number).tolist()
        assert hangs_together(cells, pairs)
        assert (grid.pieces, grid.cells) == (1, len(cells))
        assert grid.households == land.households[cells].sum()
        assert grid.has_hole == has_hole(cells, land)
    assert sum(grid.cells for grid in proposal.grids) == land.size


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, st.integers(1, 5), st.randoms(use_true_random=False))
def test_every_cell_is_in_one_grid_and_every_grid_in_one_piece(width, height, grids, chance):
    land = board(width, height, homes(width * height, chance.random()))
    problem = BalanceProblem(land=land, grids=grids)
    proposal = propose(problem, seed=chance.randrange(100), effort=QUICK)
    assert_sound(problem, proposal)
    assert (proposal.moved_cells, proposal.moved_households) == (0, 0)


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, st.integers(0, 4), st.randoms(use_true_random=False))
def test_no_grid_crosses_a_hard_barrier(width, height, more, chance):
    land = board(width, height, [household + 1 for household in homes(width * height, chance.random())])
    across, down = chance.randrange(1, width), chance.randrange(1, height)
    y, x = np.divmod(np.arange(land.size), width)
    group = (x >= across) * 2 + (y >= down)
    grids = min(4 + more, land.size)
    problem = BalanceProblem(land=land, grids=grids, hard=barriers_between(land.graph, group))
    proposal = propose(problem, seed=1, effort=QUICK)
    assert_sound(problem, proposal)
    assert sum(grid.crossed_m for grid in proposal.grids) == 0.0
    assert all(len(set(group[proposal.owner == grid.number])) == 1 for grid in proposal.grids)
    assert proposal.max_off >= proposal.floor.deviation - 1e-9


@settings(max_examples=20, deadline=None)
@given(SIDES, SIDES, st.integers(1, 5), st.integers(1, 5), st.randoms(use_true_random=False))
def test_todays_grids_in_any_state_lead_to_sound_ones(width, height, was, grids, chance):
    land = board(width, height, homes(width * height, chance.random()))
    current = np.array([10 * chance.randrange(was) for _ in range(land.size)])
    walls = np.array([chance.random() < 0.1 for _ in land.graph.pairs])
    problem = BalanceProblem(land=land, grids=grids, current=current, hard=walls)
    try:
        proposal = propose(problem, seed=1, effort=QUICK)
    except InvalidInput:
        with pytest.raises(InvalidInput):
            floor_of(problem)
        return
    assert_sound(problem, proposal)
    assert proposal.moved_cells == (proposal.owner != current).sum()


@pytest.mark.parametrize("few", [True, False])
def test_the_same_seed_gives_the_same_proposal(few):
    _, land, _ = blocks(120, households=700)
    current = np.asarray(land.middle_m[:, 0] // 1000, dtype=np.int64) if few else None
    problem = BalanceProblem(land=land, grids=4, current=current)
    first, again = (propose(problem, seed=5, effort=QUICK) for _ in range(2))
    assert first.digest == again.digest
    assert (first.owner == again.owner).all()
    assert first.grids == again.grids


@pytest.mark.parametrize(
    ("width", "height", "grids", "seed"), [(3, 3, 2, 1), (3, 3, 3, 2), (4, 2, 3, 3), (5, 2, 2, 4)]
)
def test_tiny_lands_reach_the_best_balance_of_all_ways_to_share_them_out(width, height, grids, seed):
    land = board(width, height, homes(width * height, seed))
    best = best_deviation(land, grids)
    problem = BalanceProblem(land=land, grids=grids, tolerance=max(best, 0.001))
    proposal = propose(problem, seed=1, effort=SOME)
    assert proposal.max_off == pytest.approx(best, abs=1e-9)
    assert not any(grid.has_hole for grid in proposal.grids)


def test_equal_squares_make_equal_square_grids():
    problem = BalanceProblem(land=board(12, 12, [5] * 144), grids=4)
    proposal = propose(problem, seed=2, effort=SOME)
    assert proposal.max_off == pytest.approx(0.0)
    assert np.mean([grid.compactness for grid in proposal.grids]) == pytest.approx(np.pi / 4)
    assert proposal.notes == ()


def test_many_blocks_are_balanced_and_compact():
    polygons, land, _ = blocks(500, households=2692)
    problem = BalanceProblem(land=land, grids=20)
    proposal = propose(problem, seed=1, effort=Effort(starts=4, reheats=0, renewals=20, rounds=60))
    assert proposal.max_off <= 0.03
    assert np.mean([grid.compactness for grid in proposal.grids]) >= 0.60
    unions = [shapely.union_all(polygons[proposal.owner == grid.number]) for grid in proposal.grids]
    assert {union.geom_type for union in unions} == {"Polygon"}
    assert not any(union.interiors for union in unions)
    compact = [4 * np.pi * union.area / union.length**2 for union in unions]
    assert compact == pytest.approx([grid.compactness for grid in proposal.grids], rel=1e-6)


def crooked_cells(columns, rows):
    """Quadrilaterals about 20 m wide near Shanghai, on the lattice."""
    places = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0), indexing="ij"), axis=-1)
    places += np.random.default_rng(1).uniform(-0.3, 0.3, places.shape)
    corner = to_lattice(places * 2e-4 + np.array([121.5, 31.2]))
    rings = [corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:], corner[:-1, :-1]]
    return shapely.polygons(np.stack(rings, axis=2).reshape(-1, 5, 2))


def test_land_of_cells_has_their_true_measures():
    cells = crooked_cells(8, 6)
    land = SharedLand.of_cells(cells, np.arange(48))
    proposal = propose(BalanceProblem(land=land, grids=3), seed=1, effort=QUICK)
    metric = transformed(cells, stored_crs(), local_metric(cells))
    assert land.area_m2 == pytest.approx(areas_m2(cells))
    for grid in proposal.grids:
        union = shapely.union_all(metric[proposal.owner == grid.number])
        assert grid.compactness == pytest.approx(4 * np.pi * union.area / union.length**2, rel=2e-3)
    assert land.is_outer().sum() == 2 * (8 + 6) - 4


def test_a_soft_barrier_is_crossed_less_than_no_barrier():
    _, land, compound = blocks(300, households=1600)
    between = barriers_between(land.graph, compound)
    free = propose(BalanceProblem(land=land, grids=12), seed=1, effort=SOME)
    soft = propose(BalanceProblem(land=land, grids=12, soft=between), seed=1, effort=SOME)
    same = free.owner[land.graph.pairs[:, 0]] == free.owner[land.graph.pairs[:, 1]]
    crossed_m = land.graph.length_m[between & same].sum()
    assert sum(grid.crossed_m for grid in soft.grids) < 0.6 * crossed_m


def test_barriers_that_forbid_the_balance_are_told_with_the_floor():
    land = board(10, 6, [5] * 40 + [8] * 20)
    group = np.repeat([0, 1], [40, 20])
    problem = BalanceProblem(land=land, grids=3, hard=barriers_between(land.graph, group))
    proposal = propose(problem, seed=1, effort=SOME)
    assert proposal.floor.deviation == pytest.approx(160 / 120 - 1)
    assert proposal.max_off == pytest.approx(proposal.floor.deviation)
    assert max(abs(grid.off_inside) for grid in proposal.grids) <= 0.03
    assert [str(note).split(":")[0] for note in proposal.notes] == [
        "barriers enclose 200 households",
        "barriers enclose 160 households",
    ]


@cache
def _today():
    """Grids that were balanced once, and what lives in their cells since."""
    _, land, _ = blocks(400, households=4000)
    plan = propose(BalanceProblem(land=land, grids=10), seed=1, effort=SOME).owner
    drift = np.random.default_rng(3).normal(1.0, 0.25, land.size)
    counts = np.round(land.households * np.clip(drift, 0.3, 2.0)).astype(np.int64)
    counts[plan == 4] = np.round(counts[plan == 4] * 1.15)
    return replace(land, households=counts), plan + 100


class TestFewChanges:
    def test_most_households_keep_their_grid(self):
        land, current = _today()
        problem = BalanceProblem(land=land, grids=10, current=current)
        proposal = propose(problem, seed=1, effort=SOME)
        assert_sound(problem, proposal)
        assert proposal.max_off <= 0.03
        assert proposal.moved_households <= 0.15 * land.households.sum()
        assert {grid.number for grid in proposal.grids} == set(current.tolist())

    def test_a_greater_weight_moves_fewer(self):
        land, current = _today()
        moved = [
            propose(
                BalanceProblem(land=land, grids=10, current=current, change_weight=weight),
                seed=1,
                effort=SOME,
            ).moved_households
            for weight in (0.0, 0.3)
        ]
        assert moved[1] < moved[0]

    def test_one_grid_more_takes_the_next_free_number(self):
        land, current = _today()
        problem = BalanceProblem(land=land, grids=11, current=current)
        proposal = propose(problem, seed=1, effort=SOME)
        assert_sound(problem, proposal)
        assert {grid.number for grid in proposal.grids} == {*range(100, 110), 110}

    def test_one_grid_fewer_dissolves_one(self):
        land, current = _today()
        problem = BalanceProblem(land=land, grids=9, current=current)
        proposal = propose(problem, seed=1, effort=SOME)
        assert_sound(problem, proposal)
        assert {grid.number for grid in proposal.grids} < set(range(100, 110))

    def test_what_is_balanced_and_compact_stays_as_it_is(self):
        land = board(8, 4, [5] * 32)
        current = np.array([0, 0, 0, 0, 1, 1, 1, 1] * 4)
        proposal = propose(BalanceProblem(land=land, grids=2, current=current), seed=1, effort=SOME)
        assert (proposal.moved_cells, proposal.moved_households) == (0, 0)


class TestProgress:
    def problem(self):
        return BalanceProblem(land=board(10, 10, homes(100)), grids=4)

    def test_the_share_done_grows_from_nothing_to_all(self):
        told = []
        propose(self.problem(), seed=1, effort=QUICK, progress=told.append)
        assert told[0] == 0.0
        assert told[-1] == 1.0
        assert told == sorted(told)

    @pytest.mark.parametrize("after", [0, 3, 25, 33])
    def test_a_cancelled_search_gives_nothing_and_stops_at_once(self, after):
        told = []
        answer = propose(
            self.problem(), seed=1, effort=QUICK, progress=told.append, cancelled=lambda: len(told) >= after
        )
        assert answer is None
        assert len(told) == after


def test_one_grid_takes_everything_and_as_many_grids_as_cells_take_one_each():
    land = board(3, 2, [5] * 6)
    whole = propose(BalanceProblem(land=land, grids=1), seed=1)
    single = propose(BalanceProblem(land=land, grids=6), seed=1, effort=QUICK)
    assert set(whole.owner.tolist()) == {0}
    assert sorted(single.owner.tolist()) == list(range(6))


def test_a_land_of_one_cell_is_one_grid():
    proposal = propose(BalanceProblem(land=board(1, 1, [5]), grids=1), seed=1)
    assert (proposal.owner.tolist(), proposal.max_off) == ([0], 0.0)
