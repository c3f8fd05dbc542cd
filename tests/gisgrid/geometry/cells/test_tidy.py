"""Edges of a centimetre are drawn together inside, and nothing else moves."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.crs import LATTICE_STEPS
from gisgrid.geometry.cells.faces import join_faces, make_faces
from gisgrid.geometry.cells.tidy import without_short_edges
from gisgrid.geometry.partition import boundary_chain, check_tiling, union_outline

ORIGIN = np.array([int(121.5 * LATTICE_STEPS), int(31.2 * LATTICE_STEPS)])


def line(*points):
    return shapely.LineString((np.array(points) + ORIGIN) / LATTICE_STEPS)


def cells_between(*lines):
    faces = make_faces(np.array(lines, dtype=object))
    return join_faces(faces, np.arange(len(faces.faces)))[0]


FRAME = [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)]


def shortest_steps(cells):
    rings = shapely.get_coordinates(shapely.get_exterior_ring(cells))
    steps = np.hypot(*np.diff(rings * LATTICE_STEPS, axis=0).T)
    return steps[steps > 0].min()


def test_short_inner_edge_goes_and_the_outline_stays():
    cells = cells_between(line(*FRAME), line((500, 0), (500, 400), (502, 401), (500, 1000)))
    tidy = without_short_edges(cells, np.zeros(2, dtype=np.int64))
    assert shortest_steps(cells) < 3
    assert shortest_steps(tidy) > 399
    assert check_tiling(tidy, union_outline(cells)) == []


@pytest.mark.parametrize("area", [[0, 1], [1, 0]])
def test_border_between_areas_does_not_move(area):
    cells = cells_between(line(*FRAME), line((500, 0), (500, 400), (502, 401), (500, 1000)))
    tidy = without_short_edges(cells, np.array(area))
    assert boundary_chain(tidy[:1]) == boundary_chain(cells[:1])


def test_cell_that_would_vanish_stays():
    cells = cells_between(line(*FRAME), line((0, 0), (500, 400), (500, 402), (0, 0)))
    tidy = without_short_edges(cells, np.zeros(len(cells), dtype=np.int64))
    assert len(tidy) == len(cells) == 2
    assert check_tiling(tidy, union_outline(cells)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-50, 1050)] * 4), min_size=1, max_size=9), st.integers(0, 3))
def test_whatever_lines_cross_the_tiling_stays_sound(ends, areas):
    lines = [line((a, b), (c, d)) for a, b, c, d in ends if (a, b) != (c, d)]
    cells = cells_between(line(*FRAME), *lines)
    area = np.arange(len(cells)) % (areas + 1)
    tidy = without_short_edges(cells, area)
    assert check_tiling(tidy, union_outline(cells)) == []
    for name in np.unique(area):
        assert boundary_chain(tidy[area == name]) == boundary_chain(cells[area == name])
