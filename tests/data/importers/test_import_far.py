"""What lies far outside, at 0, 0 or across the antimeridian is a fault of its row, for every kind of file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box
from shapely.geometry.base import BaseGeometry

from gisgrid.areas.division import Division
from gisgrid.areas.models import Level, UnitCell
from gisgrid.areas.nearness import FAR, far_outside, far_points, refusal_of_place
from gisgrid.areas.tree import AreaTree
from gisgrid.cases.core.models import Case
from gisgrid.crs import NOWHERE, metric_crs, reproject, stored_crs
from gisgrid.errors import InvalidInput
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import transformed
from gisgrid.places.models import Building, Facility, Household, Street
from tests import world
from tests.importing import Desk, reasons
from tests.world import LAT, LON, STEP, square

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
EAST = LON + 4 * STEP
"""The eastern end of the community."""


@pytest.fixture
def desk(database, tmp_path):
    return Desk(database, tmp_path, NOW)


def aside(metres: float) -> float:
    """The longitude that lies so many metres east of the community, half way up."""
    lat = LAT + 2 * STEP
    crs = metric_crs(LON, LAT)
    x, y = reproject([EAST], [lat], stored_crs(), crs)
    lon, _lat = reproject(x + metres, y, crs, stored_crs())
    return float(lon[0])


def point_row(kind: str, number: int, lon: float, lat: float) -> dict[str, str]:
    told = {
        "households": {"address": f"柳岸新村{number}幢1单元{number}01室"},
        "facilities": {"code": f"F{number}", "type": "home_care_station", "name": f"站{number}"},
        "cases": {"number": f"N{number}", "category": "garbage", "reported_at": "2026-01-01 08:00"},
    }
    return {**told[kind], "lon": repr(lon), "lat": repr(lat)}


def house(lon: float, lat: float):
    return box(lon, lat, lon + 1e-4, lat + 1e-4)


TABLES = {"households": Household, "facilities": Facility, "cases": Case}


@pytest.mark.parametrize("kind", TABLES)
def test_a_point_more_than_2_km_outside_is_a_fault_that_names_its_row(desk, kind):
    lat = LAT + 2 * STEP
    places = [(LON + STEP, lat), (aside(1_990), lat), (aside(2_010), lat), (LON, LAT + 1), (1.0, 1.0)]
    rows = [point_row(kind, number, *place) for number, place in enumerate(places, 1)]
    outcome = desk.bring(kind, *rows, crs="EPSG:4326")
    assert reasons(outcome) == dict.fromkeys((3, 4, 5), ("lon", FAR))
    assert all(fault.file == "rows.csv" for fault in outcome.faults)
    assert (outcome.counts["new"], outcome.counts["refused"]) == (2, 3)
    assert len(desk.rows(TABLES[kind], "id")) == 2


@pytest.mark.parametrize("kind", TABLES)
def test_a_position_at_0_0_is_a_fault_also_where_no_cells_say_where_the_community_lies(desk, kind):
    desk.bring_file("buildings", desk.shapes(({"code": "a"}, house(LON, LAT))), community="C9")
    rows = [point_row(kind, 1, 0.0, 0.0), point_row(kind, 2, LON, LAT), point_row(kind, 3, LON + 1, LAT)]
    outcome = desk.bring_file(kind, desk.file(*rows), community="C9", crs="EPSG:4326")
    assert reasons(outcome) == {1: ("lon", NOWHERE)}
    assert outcome.counts["new"] == 2


@pytest.mark.parametrize(
    ("kind", "shape_of", "table"),
    [
        ("buildings", house, Building),
        ("streets", lambda lon, lat: LineString([(lon, lat), (lon + 1e-4, lat)]), Street),
    ],
)
def test_a_shape_more_than_2_km_outside_is_a_fault_and_the_others_are_kept(desk, kind, shape_of, table):
    lat, before = LAT + 2 * STEP, len(desk.rows(table, "id"))
    lons = [LON + STEP, aside(1_990), aside(2_010), LON + 1]
    shapes = [
        ({"code": f"N{number}", "name": f"n{number}"}, shape_of(lon, lat))
        for number, lon in enumerate(lons, 1)
    ]
    shapes.append(({"code": "N5", "name": "n5"}, shape_of(0.0, 0.0)))
    outcome = desk.bring_file(kind, desk.shapes(*shapes))
    assert reasons(outcome) == {3: ("geometry", FAR), 4: ("geometry", FAR), 5: ("geometry", NOWHERE)}
    assert (outcome.counts["new"], outcome.counts["refused"]) == (2, 3)
    assert len(desk.rows(table, "id")) == before + 2


def quarters(*more: tuple[dict[str, str], BaseGeometry]) -> list[tuple[dict[str, str], BaseGeometry]]:
    """The four grids of the community as they stand, and further ones."""
    corners = [(0, 0), (2, 0), (0, 2), (2, 2)]
    known = [({"code": f"G{n}", "name": f"第{n}网格"}, square(*at, 2)) for n, at in enumerate(corners, 1)]
    return [*known, *more]


def test_areas_more_than_2_km_outside_are_faults_that_name_their_rows(desk):
    lat, before = LAT + 2 * STEP, desk.rows(UnitCell, "id", "valid_to")
    near = ({"code": "G5", "name": "近处"}, house(aside(1_990), lat))
    parts = ({"code": "G6", "name": "两处"}, MultiPolygon([house(EAST, lat), house(aside(2_010), lat)]))
    away = ({"code": "G7", "name": "远处"}, house(LON + 1, lat))
    with pytest.raises(InvalidInput) as refused:
        desk.bring_file("areas", desk.shapes(*quarters(near, parts, away)), level=Level.GRID)
    told = [(fault.file, fault.row, fault.field, fault.message) for fault in refused.value.faults]
    assert told == [("shapes.geojson", row, "geometry", FAR) for row in (6, 7)]
    assert desk.rows(UnitCell, "id", "valid_to") == before
    desk.now = datetime.now(UTC) + timedelta(days=1)
    assert desk.bring_file("areas", desk.shapes(*quarters(near)), level=Level.GRID).counts["new"] == 1


def test_what_areas_lack_names_their_file(desk):
    with pytest.raises(InvalidInput) as refused:
        desk.bring_file("areas", desk.shapes(*quarters()[:3]), level=Level.GRID)
    assert [(fault.file, fault.field) for fault in refused.value.faults] == [("shapes.geojson", "code")]


def test_a_street_that_passes_by_is_no_fault_however_long_it_is(desk):
    road = LineString([(LON - 1, LAT + STEP), (LON + 1, LAT + STEP)])
    outcome = desk.bring_file("streets", desk.shapes(({"name": "长路"}, road)))
    assert (outcome.counts["new"], outcome.counts["refused"]) == (1, 0)


def test_before_there_are_cells_nothing_is_far_but_0_0_is_no_place(desk):
    shapes = [
        ({"code": "a"}, house(LON, LAT)),
        ({"code": "b"}, house(LON + 1, LAT)),
        ({"code": "c"}, house(0, 0)),
    ]
    outcome = desk.bring_file("buildings", desk.shapes(*shapes), community="C9")
    assert reasons(outcome) == {3: ("geometry", NOWHERE)}
    assert outcome.counts["new"] == 2


@pytest.mark.parametrize("kind", ["buildings", "areas"])
def test_a_polygon_across_the_antimeridian_is_a_fault_of_its_row(desk, kind):
    across = box(-179.9, LAT, 179.9, LAT + 0.1)
    shapes = [({"code": "a"}, house(LON + STEP, LAT + STEP)), ({"code": "b"}, across)]
    try:
        faults = desk.bring_file(kind, desk.shapes(*shapes), community="C9").faults
    except InvalidInput as error:  # areas come all or not at all
        faults = error.faults
    assert [(fault.row, fault.field) for fault in faults] == [(2, "geometry")]
    assert "antimeridian" in faults[0].message


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_a_polygon_across_the_antimeridian_is_found_before_its_edges_are_cut(desk, crs):
    shapes = [({"code": "b"}, box(-179.9, LAT, 179.9, LAT + 0.1))]
    with pytest.raises(InvalidInput, match=r"feature 1, field geometry: .*antimeridian"):
        desk.bring_file("areas", desk.shapes(*shapes), community="C9", crs=crs)


DIVISION = Division(
    community_id="c",
    revision=1,
    at=NOW,
    tree=AreaTree({}),
    cell_ids=("a", "b"),
    numbers=np.array([1, 2]),
    cells=as_array([square(0, 0, 2), box(LON + 2 * STEP, LAT, LON + 4 * STEP, LAT + 4 * STEP)]),
    owners={},
    outlines={},
)


@settings(max_examples=60)
@given(data=st.data())
def test_far_is_what_a_metric_distance_says(data):
    lon = data.draw(st.floats(LON - 0.06, LON + 0.06))
    lat = data.draw(st.floats(LAT - 0.06, LAT + 0.06))
    crs = metric_crs(LON, LAT)
    x, y = reproject([lon], [lat], stored_crs(), crs)
    (land,) = transformed(as_array(shapely.union_all(DIVISION.cells)), stored_crs(), crs)
    metres = shapely.distance(land, Point(x[0], y[0]))
    if abs(metres - 2000) > 2:
        told = far_points(DIVISION, np.array([lon]), np.array([lat]))
        assert bool(told[0]) == (metres > 2000)
        assert bool(far_outside(DIVISION, as_array(Point(lon, lat)))[0]) == (metres > 2000)


def test_a_place_is_refused_only_where_no_community_is_near(database):
    with database.write() as session:
        assert refusal_of_place(session, LON, LAT, at=NOW) is None  # nobody has cells
        world.found(session)
        lat = LAT + 2 * STEP
        assert refusal_of_place(session, aside(1_990), lat, at=NOW) is None
        for lon, north in ((aside(2_010), lat), (0.0, 0.0), (-LON, -LAT), (179.99, 89.0)):
            assert refusal_of_place(session, lon, north, at=NOW) is not None
