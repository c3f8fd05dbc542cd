"""Which shapes in degrees go across the antimeridian in one piece."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.geometry.antimeridian import beyond_antimeridian
from gisgrid.geometry.lattice import as_array

NARROW = st.floats(0.001, 170.0)


def faults(*shapes):
    return beyond_antimeridian(as_array(shapes))


@given(west=st.floats(-180.0, 10.0), width=NARROW, south=st.floats(-80.0, 70.0))
def test_what_lies_on_one_side_is_right(west, width, south):
    assert faults(shapely.box(west, south, west + width, south + 5)) == []


@given(west=st.floats(100.0, 179.9), east=st.floats(-179.9, -100.0), south=st.floats(-80.0, 70.0))
def test_what_goes_across_is_a_fault_and_cut_in_two_it_is_right(west, east, south):
    across = shapely.Polygon([(west, south), (east, south), (east, south + 5), (west, south + 5)])
    ((row, message),) = faults(across)
    assert row == 1
    assert "antimeridian" in message
    cut = [shapely.box(west, south, 180, south + 5), shapely.box(-180, south, east, south + 5)]
    assert faults(shapely.MultiPolygon(cut)) == []


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(-180, -90, 180, 90),
        shapely.box(-180, -90, 180, -60),
        shapely.segmentize(shapely.box(-175, -90, 175, -60), 10),
        shapely.Polygon(),
        None,
        shapely.MultiPolygon([shapely.box(-170, 0, -160, 5), shapely.box(160, 0, 170, 5)]),
        shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)])]),
    ],
)
def test_shapes_round_the_world_and_nothing_at_all_are_no_fault(shape):
    assert faults(shape) == []


def test_each_row_is_named_with_its_own_reason():
    hole = shapely.box(-180, 0, 180, 5).difference(shapely.box(-100, 1, 100, 4))
    line = shapely.LineString([(179, 0), (-179, 1)])
    found = faults(shapely.box(0, 0, 1, 1), shapely.box(179, 0, 181, 1), None, line, hole)
    assert [row for row, _message in found] == [2, 4, 5]
    assert "beyond 180" in found[0][1]
    assert all("antimeridian" in message for _row, message in found[1:])
