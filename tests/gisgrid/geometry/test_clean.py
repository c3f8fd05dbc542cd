"""Shapes come out valid, precise and bounded, or are refused with a sentence that says why."""

import csv

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.crs import to_lattice
from gisgrid.errors import InvalidInput, Sentence
from gisgrid.geometry.clean import (
    LONGEST_EDGE_DEG,
    MAX_VERTICES,
    clean_line,
    clean_polygon,
    invalid_reason,
)
from gisgrid.geometry.measure import areas_m2

BOW = shapely.Polygon([(121.5, 31.2), (121.501, 31.201), (121.501, 31.2), (121.5, 31.201)])


def read(text):
    """A shape from WKT or hex WKB; numpy's complaint about NaN is not the subject here."""
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt(text) if "(" in text or "EMPTY" in text else shapely.from_wkb(text)


def assert_fit(shape):
    xy = shapely.get_coordinates(shape)
    assert shape.is_valid
    assert not shape.is_empty
    assert not shape.has_z
    assert (xy == to_lattice(xy)).all()
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        steps = np.hypot(*np.diff(shapely.get_coordinates(ring), axis=0).T)
        assert (steps > 0).all()
        assert steps.max() <= LONGEST_EDGE_DEG * 1.001


def test_sound_polygon_is_put_on_the_lattice_counter_clockwise_in_2d():
    drawn = shapely.Polygon([(121.5, 31.2, 7), (121.5, 31.2, 7), (121.5, 31.21, 7), (121.51, 31.21, 7)])
    clean = clean_polygon(drawn)
    assert_fit(clean.shape)
    assert clean.shape.exterior.is_ccw
    assert (clean.moved_m2, clean.repaired) == (0.0, None)


def test_edges_over_200_m_get_vertices_that_neighbours_share():
    left = clean_polygon(shapely.box(121.5, 31.2, 121.51, 31.233)).shape
    right = clean_polygon(shapely.box(121.51, 31.2, 121.52, 31.233)).shape
    assert_fit(left)
    shared = left.boundary.intersection(right.boundary)
    assert shared.length == pytest.approx(0.033, abs=1e-6)
    assert left.intersection(right).area == 0.0


def test_self_crossing_is_refused_with_its_place():
    with pytest.raises(InvalidInput, match=r"crosses itself near 121\.500500, 31\.200500"):
        clean_polygon(BOW)


def test_self_crossing_is_repaired_on_request_and_the_moved_area_told():
    clean = clean_polygon(BOW, repair=True)
    assert_fit(clean.shape)
    assert clean.moved_m2 == pytest.approx(float(areas_m2(np.array([clean.shape]))[0]), rel=1e-3)
    assert "crosses itself" in clean.repaired


def test_repair_keeps_polygons_only():
    spike = shapely.Polygon(
        [(121.5, 31.2), (121.501, 31.2), (121.502, 31.2), (121.501, 31.2), (121.501, 31.201)]
    )
    clean = clean_polygon(spike, repair=True)
    assert clean.shape.geom_type == "Polygon"
    assert clean.moved_m2 == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "empty"),
        (shapely.MultiPolygon(), "empty"),
        (shapely.LineString([(121, 31), (122, 31)]), "a polygon is needed, not a LineString"),
        (read("POLYGON ((121 31, 121.1 nan, 121.1 31.1, 121 31))"), "not a number"),
        (read("POLYGON ((121 31, 121.1 inf, 121.1 31.1, 121 31))"), "not a number"),
        (shapely.box(31, 121, 31.1, 121.1), "swapped"),
        (shapely.box(350_000, 3_450_000, 350_100, 3_450_100), "out of range"),
        (shapely.box(121, 31, 121 + 1e-9, 31.1), "too narrow"),
        (shapely.segmentize(shapely.box(121, 31, 122, 32), 3.9 / MAX_VERTICES), "vertices, more than"),
    ],
)
def test_unfit_polygon_is_refused(shape, words):
    with pytest.raises(InvalidInput, match=words):
        clean_polygon(shape, repair=True)


def test_polygon_that_encloses_nothing_is_refused_even_with_repair():
    flat = shapely.Polygon([(121.5, 31.25), (121.75, 31.5), (122, 31.75)])
    with pytest.raises(InvalidInput, match="nothing of it encloses land"):
        clean_polygon(flat, repair=True)


def test_line_is_put_on_the_lattice():
    clean = clean_line(shapely.LineString([(121.5, 31.2, 1), (121.5, 31.2, 2), (121.6, 31.3, 3)]))
    xy = shapely.get_coordinates(clean)
    assert len(xy) == 2
    assert (xy == to_lattice(xy)).all()
    assert not clean.has_z


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([(121.5, 31.2), (121.5 + 1e-9, 31.2)], "no length"),
        ([(121.5, 31.2), (121.6, 31.3), (121.6, 31.2), (121.5, 31.3)], "crosses itself"),
        ([(121.5, 31.2), (131.5, 91)], "swapped|out of range"),
    ],
)
def test_unfit_line_is_refused(points, words):
    with pytest.raises(InvalidInput, match=words):
        clean_line(shapely.LineString(points))


@given(st.lists(st.tuples(st.floats(121, 121.2), st.floats(31, 31.2)), min_size=3, max_size=9))
def test_whatever_is_drawn_comes_out_fit_or_is_refused(points):
    try:
        clean = clean_polygon(shapely.Polygon(points), repair=True)
    except InvalidInput:
        return
    assert_fit(clean.shape)


@pytest.mark.real_data
def test_published_validity_cases_are_told_apart(real_data):
    path = real_data / "geos_validity_cases" / "geos_isvalid_half_A.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "Polygon" in row["geom_type"]]
    assert len(rows) > 30
    for row in rows:
        with np.errstate(invalid="ignore"):
            reason = invalid_reason(read(row["wkt_or_hex"]))
        assert (reason is None) == (row["expected"] == "true"), row["desc"]


def test_what_is_wrong_can_be_told_in_other_languages():
    reason = invalid_reason(BOW)
    assert isinstance(reason, Sentence)
    assert reason.template == "{what} near {lon}, {lat}"
    assert isinstance(reason.values["what"], Sentence)
