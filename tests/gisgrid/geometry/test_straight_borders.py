"""Borders get straighter: nobody's house changes its grid, no border gets longer, every grid stays whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.geometry.balance import SharedLand as BalanceLand
from gisgrid.geometry.balance.enclosures import enclosing
from gisgrid.geometry.neighbours import neighbour_graph, pieces
from gisgrid.geometry.straight_borders import border_m, straightened
from tests.gisgrid.geometry.edits.grounds import random_ground, table


def tidied(layout):
    """Owners after tidying a board of letters; only those of lower case are free to go."""
    ground = table(layout.upper())
    letters = [name for row in layout.split() for name in row]
    owner = np.array([ord(name.upper()) for name in letters])
    movable = np.array([name.islower() for name in letters])
    land = BalanceLand.of_cells(ground.land.shapes, np.ones(len(owner), dtype=np.int64))
    after = straightened(land.graph, owner, movable=movable, outer=land.is_outer())
    return "".join(chr(name) for name in after)


def test_a_free_cell_that_juts_out_goes_over() -> None:
    assert tidied("AAABB AAABB AAAaB AAABB") == "AAABBAAABBAAABBAAABB"


def test_a_cell_with_a_house_stays_where_it_is() -> None:
    assert tidied("AAABB AAABB AAAAB AAABB") == "AAABBAAABBAAAABAAABB"


def test_free_cells_side_by_side_go_over_together() -> None:
    assert tidied("AAABBBB AAAaaBB AAABBBB") == "AAABBBBAAABBBBAAABBBB"


def test_no_grid_vanishes_or_falls_apart_for_a_straight_border() -> None:
    assert tidied("AAAA AbAA AAAA") == "AAAAABAAAAAA"
    assert tidied("ABBBA AaaaA ABBBA") == "ABBBAAAAAAABBBA"


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_whatever_is_tidied_keeps_every_house_every_grid_and_no_longer_border(seed: int) -> None:
    ground = random_ground(seed, columns=9, rows=7, grids=5, micros=1)
    cells = ground.land.numbers
    codes = sorted(ground.grids)
    owner = np.array([codes.index(ground.grid_at(cell)) for cell in cells])
    rng = np.random.default_rng(seed)
    movable = ~np.isin(cells, ground.points.cell) | (rng.random(len(cells)) < 0.3)
    land = BalanceLand.of_cells(ground.land.shapes, np.ones(len(cells), dtype=np.int64))
    after = straightened(land.graph, owner, movable=movable, outer=land.is_outer())
    assert after is not None
    assert (after[~movable] == owner[~movable]).all()
    assert border_m(land.graph, after) <= border_m(land.graph, owner) + 1e-9
    graph = neighbour_graph(ground.land.shapes)
    for grid in range(len(codes)):
        before, now = (len(pieces(np.flatnonzero(one == grid), graph)) for one in (owner, after))
        assert 1 <= now <= before
    assert _enclosing(graph, after, land) <= _enclosing(graph, owner, land)
    again = straightened(land.graph, after, movable=movable, outer=land.is_outer())
    assert (again == after).all()


def test_what_nobody_wants_any_more_stops() -> None:
    ground = table("AAABB AAABB AAAAB AAABB")
    owner = np.array([ord(ground.grid_at(cell)) for cell in ground.land.numbers])
    land = BalanceLand.of_cells(ground.land.shapes, np.ones(len(owner), dtype=np.int64))
    everything = np.ones(len(owner), dtype=np.bool_)
    stopped = straightened(
        land.graph, owner, movable=everything, outer=land.is_outer(), cancelled=lambda: True
    )
    assert stopped is None


def _enclosing(graph, owner, land):
    """Grids that enclose others, by a slower way than the code's."""
    names = np.unique(owner).tolist()
    links = [set() for _ in names]
    for first, second in graph.pairs.tolist():
        if owner[first] != owner[second]:
            links[names.index(owner[first])].add(names.index(owner[second]))
            links[names.index(owner[second])].add(names.index(owner[first]))
    outer = {names.index(name) for name in owner[land.is_outer()].tolist()}
    return {names[place] for place in enclosing(links, outer)}
