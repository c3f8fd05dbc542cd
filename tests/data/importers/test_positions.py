"""Positions of rows: what counts as one, in which CRS, and how they come to another."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.importers.readers.table import FileTable
from data.importers.values.positions import (
    Positions,
    Reference,
    brought_to,
    china_note,
    column_positions,
    geometry_positions,
    numbers,
    reference_of,
)
from data.importers.values.shapes import shapes_in_degrees
from gisgrid.crs import Datum, parse_crs, shift_datum, stored_crs
from gisgrid.errors import InvalidInput, MissingCrs

WGS = Reference(stored_crs(), Datum.WGS84)


def table(crs=None, **columns):
    return FileTable(frame=pd.DataFrame(columns), has_geometry=False, crs=crs, source="a.csv")


def points(*shapes, crs="EPSG:4326"):
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=crs)
    return FileTable(frame=frame, has_geometry=True, crs=frame.crs, source="a.gpkg")


@pytest.mark.parametrize(
    "text",
    ["", " ", "NULL", "abc", "nan", "NaN", "inf", "-Infinity", "1_000", "121,5", "0x10", "1e999", None, True],
)
def test_what_is_no_finite_number_is_missing(text):
    assert np.isnan(numbers(pd.Series([text], dtype=object))).all()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_to_the_last_digit(value):
    assert numbers(pd.Series([repr(value)], dtype="str"))[0] == value


def test_columns_of_numbers_are_taken_as_they_are():
    assert numbers(pd.Series(pd.array([1, None], dtype="Int64")))[0] == 1.0
    assert np.isnan(numbers(pd.Series([np.inf, np.nan]))).all()


def test_a_row_has_both_numbers_or_no_position():
    found = column_positions(
        table(x=["121.5", "121.5", "bad"], y=["31.2", "", "31.2"]), "x", "y", reference=WGS
    )
    assert found.x.tolist()[0] == 121.5
    assert np.isnan(found.x[1:]).all()
    assert np.isnan(found.y[1:]).all()
    assert found.missing == 2


@pytest.mark.parametrize(
    ("x", "y", "swapped"),
    [
        ("31.2", "121.5", True),
        ("39.9", "75.9", True),
        ("0", "90.1", True),
        ("181", "31", False),
        ("-180.1", "0", False),
        ("12", "180.1", False),
    ],
)
def test_degrees_out_of_range_are_no_position_and_swapped_ones_are_told(x, y, swapped):
    given = table(x=["121.5", "121.5", x], y=["31.2", "31.2", y])
    found = column_positions(given, "x", "y", reference=WGS)
    assert found.missing == (x != "39.9")
    assert found.swapped == ((3,) if swapped else ())
    assert brought_to(found, Reference(*parse_crs("GCJ-02"))).swapped == found.swapped


@pytest.mark.parametrize("count", [1, 3])
def test_a_file_whose_longitude_and_latitude_are_swapped_is_refused(count):
    given = table(x=["31.2"] * count + ["121.5", ""], y=["121.5"] * count + ["31.2", ""])
    if count == 1:
        assert column_positions(given, "x", "y", reference=WGS).swapped == (1,)
        return
    with pytest.raises(InvalidInput, match="x, y: longitude and latitude seem to be swapped in 3 of 4 rows"):
        column_positions(given, "x", "y", reference=WGS)


def test_metres_that_are_said_to_be_degrees_are_refused():
    given = table(x=["500000"] * 5, y=["3453000"] * 5)
    with pytest.raises(InvalidInput, match="5 of 5 positions are no degrees: say the CRS"):
        column_positions(given, "x", "y", reference=WGS)


def test_swapped_shapes_and_points_are_refused():
    with pytest.raises(InvalidInput, match="swapped in 2 of 3 rows"):
        geometry_positions(
            points(shapely.Point(31, 121), shapely.Point(31, 121), shapely.Point(121, 31)), reference=WGS
        )
    with pytest.raises(InvalidInput, match="field geometry: longitude and latitude seem to be swapped"):
        shapes_in_degrees(points(shapely.box(31, 121, 32, 122)), WGS)


@pytest.mark.parametrize(("lon", "told"), [(121.0, False), (-77.0, True)])
def test_places_outside_china_are_warned_of(lon, told):
    note = china_note(np.array([lon, lon, np.nan]), np.array([31.0, 31.0, np.nan]))
    assert list(note) == ["2 of 2 places lie outside China: are the CRS and the columns right?"] * told


def test_no_places_lie_nowhere():
    assert china_note(np.array([np.nan]), np.array([np.nan])) == ()


def test_metres_have_no_such_range():
    metres = Reference(*parse_crs("EPSG:4549"))
    assert column_positions(table(x=["500000"], y=["3453000"]), "x", "y", reference=metres).missing == 0


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(InvalidInput, match="lat: no such column; there are: x, y"):
        column_positions(table(x=["1"], y=["2"]), "x", "lat", reference=WGS)


def test_points_are_taken_from_geometries_and_absent_ones_are_missing():
    found = geometry_positions(points(shapely.Point(121, 31), None, shapely.Point()), reference=WGS)
    assert (found.x[0], found.y[0], found.missing) == (121.0, 31.0, 2)


def test_a_geometry_that_is_no_point_is_named():
    with pytest.raises(InvalidInput, match="row 2: a point is needed, not a Polygon"):
        geometry_positions(points(shapely.Point(1, 1), shapely.box(0, 0, 1, 1)), reference=WGS)


def test_the_crs_said_goes_before_that_of_the_file():
    assert reference_of(points(crs="EPSG:4548"), "GCJ-02").datum == Datum.GCJ02
    assert reference_of(points(crs="EPSG:4548"), None).crs.to_epsg() == 4548


def test_a_missing_crs_is_asked_for():
    with pytest.raises(MissingCrs, match="--areas-crs"):
        reference_of(table(x=["1"]), None, option="--areas-crs")


@pytest.mark.parametrize("title", ["crs", "坐标系"])
def test_a_list_names_its_crs_in_a_column(title):
    """Ours do: whoever brings one back is not asked for what stands in it."""

    def naming(*names):
        frame = pd.DataFrame({"x": ["1"] * len(names), title: names})
        return FileTable(frame=frame, has_geometry=False, crs=None, source="a.csv")

    assert reference_of(naming("EPSG:4548", "EPSG:4548"), None).crs.to_epsg() == 4548
    assert reference_of(naming("GCJ-02"), None).datum == Datum.GCJ02
    assert reference_of(naming("EPSG:4548"), "EPSG:4326").crs.to_epsg() == 4326
    for names in (("EPSG:4548", "EPSG:4549"), (None, None), (" ", " ")):
        with pytest.raises(MissingCrs):
            reference_of(naming(*names), None)


def test_the_same_crs_touches_no_digit():
    places = Positions(np.array([0.1 + 0.2]), np.array([31.2]), WGS)
    crs84 = Reference(parse_crs("OGC:CRS84")[0], Datum.WGS84)
    assert brought_to(places, WGS) is places
    assert brought_to(places, crs84) is places


@pytest.mark.parametrize("source", ["WGS-84", "GCJ-02", "BD-09", "EPSG:4549"])
@pytest.mark.parametrize("target", ["WGS-84", "GCJ-02", "BD-09", "EPSG:4549"])
def test_places_come_to_each_crs_and_back(source, target):
    start = brought_to(
        Positions(np.array([121.5, np.nan]), np.array([31.2, np.nan]), WGS), Reference(*parse_crs(source))
    )
    there = brought_to(start, Reference(*parse_crs(target)))
    back = brought_to(there, start.reference)
    assert back.x[0] == pytest.approx(start.x[0], rel=1e-12)
    assert back.y[0] == pytest.approx(start.y[0], rel=1e-12)
    assert np.isnan(back.x[1])


def test_a_datum_said_is_shifted_by_its_formula():
    places = Positions(np.array([121.5]), np.array([31.2]), WGS)
    lon, lat = shift_datum([121.5], [31.2], Datum.WGS84, Datum.GCJ02)
    found = brought_to(places, Reference(stored_crs(), Datum.GCJ02))
    assert (found.x.tolist(), found.y.tolist()) == (lon.tolist(), lat.tolist())


def test_what_cannot_be_projected_is_missing():
    far = Positions(np.array([1e12]), np.array([1e12]), Reference(*parse_crs("EPSG:4549")))
    assert brought_to(far, WGS).missing == 1
