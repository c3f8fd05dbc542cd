"""GeoJSON as others read it, exact to the lattice."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon

from gisgrid.crs import to_lattice
from gisgrid.geometry.geojson import feature_collection, geometry_object

HOLED = Polygon([(0, 0), (8, 0), (8, 8), (0, 8)], [[(2, 2), (2, 4), (4, 4), (4, 2)]])


@pytest.mark.parametrize(
    "shape",
    [
        Point(118.25, 33.5),
        LineString([(0, 0), (1, 2)]),
        HOLED,
        MultiPolygon([HOLED, shapely.box(9, 9, 10, 10)]),
        shapely.MultiPoint([(0, 0), (1, 1)]),
    ],
)
def test_other_readers_get_the_same_shape(shape: shapely.Geometry) -> None:
    text = feature_collection([(shape, {"id": "a", "name": "</script>"})])
    feature = json.loads(text)["features"][0]
    assert shapely.from_geojson(json.dumps(feature["geometry"])).equals(shape)
    assert feature["id"] == "a"


@given(st.floats(-179, 179), st.floats(-89, 89))
def test_eight_decimals_give_every_lattice_point_back(lon: float, lat: float) -> None:
    point = Point(*to_lattice([lon, lat]))
    written = json.loads(feature_collection([(point, {})]))["features"][0]["geometry"]["coordinates"]
    assert np.array_equal(to_lattice(written), [point.x, point.y])


def test_nothing_and_empty_shapes_are_null() -> None:
    assert geometry_object(None) is None
    assert geometry_object(Polygon()) is None
    assert json.loads(feature_collection([], more={"meta": {"records": 0}}))["meta"] == {"records": 0}
