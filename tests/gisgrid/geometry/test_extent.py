"""The box a map opens on is where most shapes lie, and never the world."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.geometry.extent import main_extent
from gisgrid.geometry.lattice import as_array

HERE = [shapely.Point(118.2 + n / 1000, 33.5) for n in range(10)]
ANYWHERE = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(shapely.Point)


def test_shapes_that_lie_together_have_their_own_bounds():
    assert main_extent(as_array(HERE)) == tuple(shapely.total_bounds(HERE))
    assert main_extent(as_array([shapely.Point(1, 2)])) == (1, 2, 1, 2)


def test_a_zero_and_the_whole_world_do_not_count():
    odd = [
        shapely.Point(0, 0),
        shapely.box(-180, -90, 180, 90),
        shapely.Point(),
        None,
        shapely.box(-179, 0, 179, 1),
    ]
    assert main_extent(as_array([*HERE, *odd])) == tuple(shapely.total_bounds(HERE))


def test_nothing_has_no_extent():
    assert main_extent(as_array([])) is None
    assert main_extent(as_array([None, shapely.Polygon()])) is None


def test_only_the_whole_world_is_a_box_about_its_middle():
    assert main_extent(as_array(shapely.box(-180, -90, 180, 90))) == (-0.5, -0.5, 0.5, 0.5)


@given(st.lists(ANYWHERE, min_size=1, max_size=30))
def test_it_is_never_wider_than_a_degree_and_lies_on_the_map(points):
    west, south, east, north = main_extent(as_array(points))
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    assert np.all(np.array([east - west, north - south]) <= 1.0 + 1e-9)
