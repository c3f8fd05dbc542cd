"""Curves through hand-set points, and places of the plan in degrees."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from data.demo.ground.curves import blob, carry_on, smooth_line
from data.demo.ground.frame import MAX_COMMUNITIES, community_code, frame_of
from gisgrid.crs import to_lattice
from gisgrid.errors import InvalidInput

POINTS = st.lists(st.tuples(st.integers(0, 1600), st.integers(0, 1200)), min_size=2, max_size=8, unique=True)


@given(POINTS)
def test_a_smooth_line_passes_through_all_its_points(points: list[tuple[int, int]]) -> None:
    line = smooth_line(points)
    vertices = {tuple(xy) for xy in shapely.get_coordinates(line)}
    assert {(float(x), float(y)) for x, y in points} <= vertices


def test_a_garden_is_a_valid_shape_of_about_the_wanted_size() -> None:
    garden = blob((100.0, 50.0), across_m=(60.0, 40.0), turn_deg=20.0)
    assert garden.is_valid
    assert garden.area == pytest.approx(np.pi * 30 * 20, rel=0.15)
    assert garden.covers(Point(100, 50))


def test_carrying_on_lengthens_both_ends_straight() -> None:
    longer = carry_on(LineString([(0, 0), (10, 0)]), 2.0)
    assert longer.equals(LineString([(-2, 0), (0, 0), (10, 0), (12, 0)]))


def test_places_of_the_plan_come_back_from_degrees_to_a_centimetre() -> None:
    frame = frame_of(0)
    square = box(100, 200, 140, 230)
    there = frame.polygon(square)
    assert (shapely.get_coordinates(there) == to_lattice(shapely.get_coordinates(there))).all()
    assert frame.to_metres(there).hausdorff_distance(square) < 0.01


def test_the_middle_of_the_plan_lies_near_118_20_east_33_90_north() -> None:
    place = frame_of(0).to_degrees(Point(800, 600))
    assert place.x == pytest.approx(118.20, abs=0.003)
    assert place.y == pytest.approx(33.90, abs=0.003)


def test_codes_come_from_the_range_no_community_has() -> None:
    assert community_code(0) == "321302001601"
    assert community_code(MAX_COMMUNITIES - 1) == "321302001999"
    for index in (-1, MAX_COMMUNITIES):
        with pytest.raises(InvalidInput, match="community must be"):
            frame_of(index)
