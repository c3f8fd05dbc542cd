"""Plots between: few cells that make an edit legal which would tear a grid, found whenever there are any."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
import shapely
from grounds import box, exclaves, grown, random_ground, table, with_points
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.geometry.edits import FallsApart, apply, merge, paint, redraw_outline, reshape


def between(make, locked=()):
    """The cells that the refusal of an edit offers."""
    with pytest.raises(FallsApart) as refused:
        make()
    return refused.value.between(locked)


@pytest.mark.parametrize(
    ("layout", "cells", "to", "wanted"),
    [
        ("AAAAB AAAAB", [2], "B", (3, 4)),
        ("AAAAB CCCCB", [7], "B", (8, 9)),
        ("AAA BBB", [2], "B", (1,)),
        ("AAAAA BBBBB", [2], "B", (1,)),
        ("AAABA", [2], "B", (3,)),
        ("AABAA", [1, 5], "B", ()),
        ("AAAa AAAA", [1], "A01", (2, 3)),
        ("AAAbB AAAAA", [1], "B01", (2, 3)),
    ],
)
def test_the_cells_between_are_found_and_giving_them_too_is_legal(layout, cells, to, wanted):
    ground = table(layout)
    try:
        assert between(lambda: paint(ground, cells, to)) == wanted
    finally:
        if wanted:
            after = apply(ground, paint(ground, [*cells, *wanted], to))
            assert exclaves(after)[0] <= exclaves(ground)[0]


def test_of_two_ways_the_one_with_fewer_households_is_taken():
    for place, wanted in (((50, 30), (7, 8)), ((70, 50), (7, 11))):
        ground = with_points(table("AAAA AAAA AAAB"), [place], households=[0])
        assert between(lambda on=ground: paint(on, [6], "B")) == wanted


def test_a_way_goes_round_a_locked_grid_or_there_is_none():
    ground = table("DAAAAA DDCCBB EECCEE")
    assert between(lambda: paint(ground, [8], "B")) == (9, 10)
    assert between(lambda: paint(ground, [8], "B"), ["C"]) == (2, 3, 4, 5)
    assert between(lambda: paint(ground, [8], "B"), ["A", "C"]) == ()
    assert between(lambda: paint(ground, [8], "B"), ["B"]) == ()
    assert between(lambda: paint(ground, [8], "B"), ["D"]) == ()


def test_merging_over_what_lies_between_takes_it_along():
    ground = table("ADDB AADB CCCC")
    also = between(lambda: merge(ground, ["A", "B"], "A"))
    assert also == (7,)
    after = apply(ground, merge(ground, ["A", "B"], "A", also=also))
    assert after.grids.keys() == {"A", "C", "D"}
    assert exclaves(after)[0] == 0
    assert between(lambda: merge(ground, ["A", "B"], "A"), ["D", "C"]) == ()


def test_micro_grids_are_merged_over_what_lies_between():
    ground = table("AABaa BBBBB")
    also = between(lambda: merge(ground, ["A00", "A01"], "A00"))
    assert also == (3,)
    after = apply(ground, merge(ground, ["A00", "A01"], "A00", also=also))
    assert after.grids == {"A": (1, 2, 3, 4, 5), "B": (6, 7, 8, 9, 10)}


@pytest.mark.parametrize("cut", [False, True])
def test_a_ring_takes_along_what_it_cuts_off(cut):
    ground = table("ABBBB ABBBB AAAAA")
    ring = shapely.union_all([box(-2, 18, 24, 70), box(18, 18, 90, 25), box(38, 18, 24, 70)])
    also = between(lambda: reshape(ground, "A", ring, cut=cut))
    assert also
    after = apply(ground, reshape(ground, "A", ring, cut=cut, also=also))
    assert exclaves(after)[0] == 0
    assert set(after.grids) == {"A", "B"}


def test_an_outline_keeps_the_plots_between_the_parts_it_leaves():
    ground = table("AAAB AAAB")
    wanted = shapely.difference(ground.outline, box(22, -5, 16, 90))
    also = between(lambda: redraw_outline(ground, wanted))
    assert also in {(2,), (6,)}
    after = apply(ground, redraw_outline(ground, wanted, also=also))
    assert exclaves(after)[0] == 0
    assert shapely.area(after.outline) < shapely.area(ground.outline)
    assert between(lambda: redraw_outline(ground, wanted), ["A"]) == ()


def random_board(rng):
    """A small board of grids, now and then with micro grids and exclaves."""
    columns, rows = (4, 3) if rng.random() < 0.5 else (3, 4)
    plain = table(" ".join("A" * columns for _row in range(rows)))
    groups = grown(rng, plain.land, int(rng.integers(2, 5)))
    names = np.array(["ABCD"[groups[cell]] for cell in plain.land.numbers])
    small = rng.random(len(names)) < (0.3 if rng.random() < 0.4 else 0)
    names[small] = np.char.lower(names[small])
    if rng.random() < 0.3:
        names[int(rng.integers(len(names)))] = str(rng.choice(list("ABCD")))
    return table(" ".join("".join(row) for row in names.reshape(rows, columns)))


def is_legal(ground, cells, to):
    try:
        paint(ground, cells, to)
    except InvalidInput:
        return False
    return True


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_what_lies_between_is_found_whenever_there_is_something_and_nothing_is_given_in_vain(seed):
    """Held against every choice of further cells there is, on boards of twelve cells."""
    rng = np.random.default_rng(seed)
    ground = random_board(rng)
    to = str(rng.choice([*ground.grids, *ground.grid_of]))
    cells = rng.choice(12, int(rng.integers(1, 4)), replace=False).tolist()
    cells = [cell + 1 for cell in cells]
    locked = [grid for grid in ground.grids if rng.random() < 0.15]
    try:
        paint(ground, cells, to)
    except FallsApart as fault:
        found = fault.between(locked)
    except InvalidInput:
        return
    else:
        return
    closed = {cell for grid in locked for cell in ground.grids[grid]}
    moved = set(cells) - set(ground.cells_of(to))
    free = set(ground.land.numbers) - closed - set(cells) - set(ground.cells_of(to))
    is_open = ground.grid_of.get(to, to) not in locked and not moved & closed
    counts = range(1, len(free) + 1) if is_open else []
    choices = chain.from_iterable(combinations(sorted(free), count) for count in counts)
    best = next((one for one in choices if is_legal(ground, [*cells, *one], to)), ())
    assert bool(found) == bool(best)
    if found:
        assert set(found) <= free
        assert is_legal(ground, [*cells, *found], to)
        assert len(found) <= 2 * len(best) + 1
        fewer = ([*cells, *(set(found) - {one})] for one in found)
        assert not any(is_legal(ground, less, to) for less in fewer)


@pytest.mark.parametrize("seed", range(4))
def test_on_odd_grounds_what_is_offered_mends_the_stroke(seed):
    """Lakes, exclaves, T-junctions and micro grids; strokes far from the grid that takes them."""
    ground = random_ground(seed)
    rng = np.random.default_rng(seed)
    offered = 0
    for _stroke in range(40):
        cells = rng.choice(ground.land.numbers, int(rng.integers(1, 5)), replace=False).tolist()
        to = str(rng.choice(sorted(ground.grids)))
        try:
            paint(ground, cells, to)
        except FallsApart as fault:
            found = fault.between(())
            if found:
                offered += 1
                after = apply(ground, paint(ground, [*cells, *found], to))
                assert exclaves(after)[0] <= exclaves(ground)[0]
        except InvalidInput:
            continue
    assert offered > 20
