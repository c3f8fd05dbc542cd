"""Coordinates: the lattice, named CRS, projections, and the datum shifts against public vectors."""

from __future__ import annotations

import csv

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.crs import (
    LATTICE_STEPS,
    Datum,
    box_around,
    equal_area_crs,
    lattice_units,
    metric_crs,
    metric_epsg,
    parse_crs,
    reproject,
    shift_datum,
    stored_crs,
    to_lattice,
)
from gisgrid.errors import InvalidInput, MissingCrs

GEOD = pyproj.Geod(ellps="WGS84")
LON = st.floats(73.5, 135.0)
LAT = st.floats(3.5, 53.5)
KINDS = {"WGS84": Datum.WGS84, "GCJ02": Datum.GCJ02, "BD09": Datum.BD09}


def metres(lon, lat, other_lon, other_lat):
    return GEOD.inv(lon, lat, other_lon, other_lat)[2]


@pytest.fixture(scope="module")
def cities(real_data):
    path = real_data / "china_coordinate_test_vectors" / "gcoord_china_cities_half_A.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = [f"{kind}_{axis}" for kind in KINDS for axis in "xy"]
    return {name: np.array([float(row[name]) for row in rows]) for name in names}


def furthest(cities, source, target):
    """How far, at worst in metres, the shift of one datum to another lies from the vectors."""
    lon, lat = shift_datum(cities[f"{source}_x"], cities[f"{source}_y"], KINDS[source], KINDS[target])
    return max(metres(lon, lat, cities[f"{target}_x"], cities[f"{target}_y"]))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("source", "target", "most_m"),
    [
        ("WGS84", "GCJ02", 0.75),
        ("GCJ02", "WGS84", 0.75),
        ("GCJ02", "BD09", 0.05),
        ("BD09", "GCJ02", 0.05),
        ("WGS84", "BD09", 0.80),
        ("BD09", "WGS84", 0.80),
    ],
)
def test_cities_of_china_shift_as_the_map_services_do(cities, source, target, most_m):
    assert len(cities["WGS84_x"]) == 166
    assert furthest(cities, source, target) <= most_m


@pytest.mark.real_data
def test_unit_vectors_of_the_public_libraries_are_met(real_data):
    path = real_data / "china_coordinate_test_vectors" / "unit_test_vectors_eviltransform_coordtransform.csv"
    steps = {
        "wgs2gcj": (Datum.WGS84, Datum.GCJ02, 0.01),
        "wgs84togcj02": (Datum.WGS84, Datum.GCJ02, 0.01),
        # This library takes pi where BD-09 has 3000 pi / 180 (its answers are met to 0 m with that slip).
        "bd2wgs": (Datum.BD09, Datum.WGS84, 45.0),
        "bd09togcj02": (Datum.BD09, Datum.GCJ02, 0.5),
        "gcj02tobd09": (Datum.GCJ02, Datum.BD09, 0.01),
        "gcj02towgs84 (one-step, ~1-2 m error)": (Datum.GCJ02, Datum.WGS84, 2.0),
    }
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 9
    for row in rows:
        source, target, most_m = steps[row["op"]]
        lon, lat = shift_datum([float(row["in_lon"])], [float(row["in_lat"])], source, target)
        assert metres(lon[0], lat[0], float(row["out_lon"]), float(row["out_lat"])) <= most_m, row


@settings(max_examples=300, deadline=None)
@given(LON, LAT, st.permutations(list(Datum)))
def test_there_and_back_is_less_than_a_millimetre(lon, lat, datums):
    source, target, _ = datums
    there = shift_datum([lon], [lat], source, target)
    back = shift_datum(*there, target, source)
    assert metres(lon, lat, back[0][0], back[1][0]) < 0.001


@given(LON, LAT)
def test_gcj_lies_hundreds_of_metres_from_wgs(lon, lat):
    there = shift_datum([lon], [lat], Datum.WGS84, Datum.GCJ02)
    assert 5 < metres(lon, lat, there[0][0], there[1][0]) < 1200


def test_outside_its_rectangle_nothing_is_shifted():
    lon, lat = shift_datum([-77.0, 2.35], [38.9, 48.85], Datum.WGS84, Datum.GCJ02)
    assert lon.tolist() == [-77.0, 2.35]
    assert lat.tolist() == [38.9, 48.85]


def test_one_datum_to_itself_is_a_copy():
    given_lon = np.array([121.5])
    lon, _ = shift_datum(given_lon, [31.2], Datum.GCJ02, Datum.GCJ02)
    assert lon.tolist() == [121.5]
    assert lon is not given_lon


@given(st.floats(-180, 180))
def test_the_lattice_is_exact_and_within_half_a_step(value):
    on_lattice = float(to_lattice(value))
    steps = int(lattice_units(on_lattice))
    assert steps / LATTICE_STEPS == on_lattice
    assert abs(on_lattice - value) <= 0.5 / LATTICE_STEPS
    assert float(to_lattice(on_lattice)) == on_lattice


@given(st.floats(-180, 180))
def test_eight_decimals_give_a_lattice_value_back(value):
    on_lattice = float(to_lattice(value))
    assert float(to_lattice(float(f"{on_lattice:.8f}"))) == on_lattice


@pytest.mark.parametrize(
    ("text", "epsg", "datum"),
    [
        ("EPSG:4548", 4548, Datum.WGS84),
        ("4326", 4326, Datum.WGS84),
        ("epsg:4490", 4490, Datum.WGS84),
        ("GCJ-02", 4326, Datum.GCJ02),
        ("gcj02", 4326, Datum.GCJ02),
        ("BD_09", 4326, Datum.BD09),
        (" WGS-84 ", 4326, Datum.WGS84),
    ],
)
def test_a_named_crs_is_understood(text, epsg, datum):
    crs, found = parse_crs(text)
    assert (crs.to_epsg(), found) == (epsg, datum)


def test_no_crs_is_asked_for_and_an_unknown_one_refused():
    with pytest.raises(MissingCrs, match="EPSG"):
        parse_crs("  ")
    with pytest.raises(InvalidInput, match="EPSG:4326"):
        parse_crs("no such thing")


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [(121.5, 31.2, 4549), (118.27, 33.96, 4548), (-77.0, 38.9, 32618), (151.2, -33.9, 32756)],
)
def test_the_metric_crs_follows_the_place(lon, lat, epsg):
    assert metric_epsg(lon, lat) == epsg


@given(LON.filter(lambda lon: 75 <= lon <= 134), LAT.filter(lambda lat: lat >= 17))
def test_the_zone_of_a_place_in_china_has_its_meridian_within_a_degree_and_a_half(lon, lat):
    x, y = reproject([lon], [lat], stored_crs(), metric_crs(lon, lat))
    back = reproject(x, y, metric_crs(lon, lat), stored_crs())
    assert abs(x[0] - 500_000) < 170_000
    assert metres(lon, lat, back[0][0], back[1][0]) < 0.001


def test_equal_area_is_true_to_area():
    crs = equal_area_crs(121.5, 31.2)
    lon, lat = np.array([121.5, 121.51, 121.51, 121.5]), np.array([31.2, 31.2, 31.21, 31.21])
    x, y = reproject(lon, lat, stored_crs(), crs)
    planar = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert planar == pytest.approx(abs(GEOD.polygon_area_perimeter(lon, lat)[0]), rel=1e-4)


def test_what_cannot_be_projected_comes_back_infinite():
    x, _ = reproject([200.0], [95.0], stored_crs(), metric_crs(121.5, 31.2))
    assert not np.isfinite(x[0])


@given(
    lon=st.floats(-170, 170),
    lat=st.floats(-80, 80),
    metres=st.floats(1, 1000),
    azimuth=st.floats(0, 360),
)
def test_a_box_around_a_place_holds_what_is_near_and_not_much_more(lon, lat, metres, azimuth):
    west, south, east, north = box_around(lon, lat, metres)
    near_lon, near_lat, _back = GEOD.fwd(lon, lat, azimuth, metres * 0.99)
    assert west <= near_lon <= east
    assert south <= near_lat <= north
    for far_azimuth in (0, 90, 180, 270):
        far_lon, far_lat, _back = GEOD.fwd(lon, lat, far_azimuth, metres * 1.01)
        assert not (west <= far_lon <= east and south <= far_lat <= north)
