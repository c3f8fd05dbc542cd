"""Real files through the importers into both databases, with the figures that are known of them."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from data.importers.kinds.area_rows import Mending
from data.importers.kinds.areas import import_areas, read_areas
from data.importers.kinds.cases import NewCategories, import_cases, read_cases
from data.importers.kinds.places import import_buildings, import_streets, read_buildings, read_streets
from data.importers.readers.files import read_table
from gisgrid.access.actors import local_actor
from gisgrid.access.models import Account, Role
from gisgrid.areas.communities import choose_community
from gisgrid.areas.division import load_division
from gisgrid.areas.models import Area, Level
from gisgrid.cases.core.models import Case
from gisgrid.errors import InvalidInput
from gisgrid.geometry.measure import areas_m2
from gisgrid.geometry.partition import check_tiling, oracle_check
from gisgrid.places.models import Building
from gisgrid.positions.cell_assignment import plan_cells, publish_plan
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.importing import thinned

pytestmark = pytest.mark.real_data
SPATIALITE_FIRST = pytest.mark.parametrize(
    "database", ["spatialite", pytest.param("postgis", marks=pytest.mark.prove)], indirect=True
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
DC_COLUMNS = [
    "number=SERVICEREQUESTID",
    "category=layer",
    "reported_at=ADDDATE",
    "due_at=SERVICEDUEDATE",
    "closed_at=RESOLUTIONDATE",
    "state=SERVICEORDERSTATUS",
    "recorded_area=WARD",
]


def local(session):
    if session.scalar(select(Account.id).where(Account.role == Role.LOCAL)) is None:
        session.add(Account(name="local", role=Role.LOCAL, created_at=AT))
        session.flush()
    return local_actor(session, "tester")


def bring_areas(session, path, code, *columns, fix=False):
    areas = read_areas(read_table(path), level=Level.GRID, columns=columns, mending=Mending(fix=fix))
    return import_areas(session, local(session), areas, community=code, at=AT).counts


def division_of(session):
    community = session.scalar(select(Area.id).where(Area.level == Level.COMMUNITY))
    return load_division(session, community, at=AT, revision=0)


def washington(session, path, *, lon, lat):
    bring_areas(session, path.with_name("ward_2012.geojson"), "DC", "code=WARD_ID")
    table = read_table(path)
    rows = read_cases(table, tz=world.TZ, crs="4326", columns=[*DC_COLUMNS, f"lon={lon}", f"lat={lat}"])
    actor = local(session)
    return import_cases(
        session,
        actor,
        rows,
        community=choose_community(session, actor, "DC", now=AT),
        new_categories=NewCategories.OPEN,
        now=AT,
    )


def grid_codes(session):
    """Number of each case and the code of the grid it lies in."""
    division = division_of(session)
    rows = session.execute(select(Case.external_number, Case.cell_id)).all()
    grids = ((row.external_number, division.grid_of(row.cell_id)) for row in rows)
    return {number: grid.code for number, grid in grids if grid}


@pytest.mark.prove
@pytest.mark.parametrize(
    ("lon", "lat", "right"), [("LONGITUDE", "LATITUDE", 14_461), ("geom_lon", "geom_lat", 14_463)]
)
def test_requests_of_washington_are_all_kept_and_lie_in_their_ward(database, real_data, lon, lat, right):
    folder = real_data / "dc_311_requests_wards"
    with database.write() as session:
        outcome = washington(session, folder / "dc_311_requests_2016_07_08.csv", lon=lon, lat=lat)
        assert session.scalar(select(sa.func.count(Case.fid))) == 14_562
        counts = outcome.counts
        assert (counts["new"], counts["refused"], counts["outside"]) == (14_562, 0, 0)
        assert (counts["recorded_same"], counts["recorded_differs"]) == (right, 14_469 - right)
        assert (counts["no_position"], counts["without_recorded_or_position"]) == (1, 93)
        listed = [note for note in outcome.remarks if note.message.startswith("no ")]
        assert len(listed) == 93
        found = grid_codes(session)
        far = 0
        with gzip.open(folder / "ground_truth_flags.csv.gz", "rt", encoding="utf-8") as flags:
            for row in csv.DictReader(flags):
                if row["recorded"] in "12345678" and row["n_areas_within_1m"] == "1":
                    far += row["layer"] == "WARD 311"
                    assert row["layer"] != "WARD 311" or found[row["record_id"]] == row["recorded"]
        assert far > 14_000


def test_every_fifteenth_request_lies_in_its_ward_and_the_same_file_changes_nothing(
    database, real_data, tmp_path
):
    folder = real_data / "dc_311_requests_wards"
    path = thinned(folder / "dc_311_requests_2016_07_08.csv", tmp_path, every=15)
    shutil.copy(folder / "ward_2012.geojson", tmp_path)
    with database.write() as session:
        counts = washington(session, path, lon="geom_lon", lat="geom_lat").counts
        assert (counts["new"], counts["refused"], counts["outside"], counts["no_position"]) == (971, 0, 0, 0)
        assert counts["recorded_same"] + counts["recorded_differs"] == 971 - 5
        assert counts["without_recorded_or_position"] == 5
        found, compared = grid_codes(session), 0
        with gzip.open(folder / "ground_truth_flags.csv.gz", "rt", encoding="utf-8") as flags:
            for row in csv.DictReader(flags):
                if row["n_areas_within_1m"] == "1" and row["record_id"] in found:
                    compared += 1
                    assert found[row["record_id"]] == row["contained_in"]
        assert compared > 900
        again = washington(session, path, lon="geom_lon", lat="geom_lat").counts
        assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 971)
        checked = check_database(session, local(session), at=AT)
        assert (checked.faults, checked.objects) == ((), 971)


@pytest.mark.prove
def test_requests_of_washington_are_checked_and_the_same_file_changes_nothing(spatialite, real_data):
    path = real_data / "dc_311_requests_wards" / "dc_311_requests_2016_07_08.csv"
    with spatialite.write() as session:
        washington(session, path, lon="LONGITUDE", lat="LATITUDE")
        counts = washington(session, path, lon="LONGITUDE", lat="LATITUDE").counts
        assert (counts["new"], counts["updated"], counts["unchanged"]) == (0, 0, 14_562)
        checked = check_database(session, local(session), at=AT)
        assert checked.faults == ()
        assert checked.objects == 14_562


@SPATIALITE_FIRST
def test_lujiazui_gets_a_cell_for_each_building_and_passes_the_whole_check(database, real_data):
    folder = real_data / "osm_shanghai_lujiazui"
    with database.write() as session:
        actor = local(session)
        houses = read_buildings(read_table(folder / "shanghai_buildings_wgs84.gpkg"), columns=["code=osm_id"])
        roads = read_streets(read_table(folder / "shanghai_roads_wgs84.gpkg"), columns=["kind=kind_detail"])
        assert import_buildings(session, actor, houses, community="LJZ", at=AT).counts["new"] == 1_450
        assert import_streets(session, actor, roads, community="LJZ", at=AT).counts["new"] == 1_094
        community = choose_community(session, actor, "LJZ", now=AT).id
        plan = plan_cells(session, actor, community, outline=None, at=AT)
        done = publish_plan(session, actor, plan, at=AT)
        assert (done.cells, done.placed.placed, done.placed.outside) == (1_423, 1_450, 0)
        told = {entry.why: entry.count for entry in plan.plan.left_out}
        assert told["footprint overlaps another by more than 5 %: both share a cell"] == 158
        division = division_of(session)
        outline = division.outlines[community]
        assert check_tiling(division.cells, outline) == []
        assert oracle_check(division.cells, outline) == []
        assert check_database(session, actor, at=AT).faults == ()
        assert None not in set(session.scalars(select(Building.cell_id)))
        again = import_buildings(session, actor, houses, community="LJZ", at=AT).counts
        assert (again["new"], again["updated"], again["unchanged"]) == (0, 0, 1_450)


def test_precincts_of_providence_are_refused_with_their_faults_or_mended(database, real_data):
    path = real_data / "maup_providence_precincts/precincts.zip"
    with pytest.raises(InvalidInput) as caught:
        read_areas(read_table(path), level=Level.GRID, columns=["code=NAME"])
    told = [fault.message.split(" at ")[0] for fault in caught.value.faults]
    assert sorted(told) == [
        "2827 and 2879 overlap by 0.52 m²",
        "2832 and 2879 overlap by 3.45 m²",
        "a gap of 47.65 m²",
    ]
    with database.write() as session:
        counts = bring_areas(session, path, "PV", "code=NAME", fix=True)
        assert (counts["areas"], counts["cells"]) == (59, 61)
        assert counts["moved_m2"] == pytest.approx(51.6, abs=0.2)
        assert sorted(counts["holes_m2"]) == pytest.approx([12_746, 85_230], rel=1e-3)
        faults = check_database(session, local(session), at=AT).counts()
        assert faults.pop("multipart") == 2
        assert set(faults.values()) == {0}


@pytest.mark.parametrize(
    ("name", "columns", "count"),
    [("new_precincts.zip", ["code=GEOID20", "name=NAME20"], 55), ("districts.zip", ["code=id"], 15)],
)
def test_sound_areas_of_providence_come_as_they_are(spatialite, real_data, name, columns, count):
    with spatialite.write() as session:
        counts = bring_areas(session, real_data / "maup_providence_precincts" / name, "PV", *columns)
        assert (counts["areas"], counts["moved_m2"], counts["holes_m2"]) == (count, 0.0, [])


def test_counties_of_suqian_tile_the_city_with_their_codes(database, real_data):
    path = real_data / "suqian_admin_codes_boundaries/suqian_5_counties_WGS84_converted.geojson"
    with database.write() as session:
        counts = bring_areas(session, path, "3213", "code=adcode")
        assert (counts["areas"], counts["cells"], counts["moved_m2"]) == (5, 5, 0.0)
        division = division_of(session)
        codes = {grid.code for grid in division.owner_at(Level.GRID).values()}
        assert codes == {str(row["properties"]["adcode"]) for row in json.loads(path.read_text())["features"]}
        assert areas_m2(division.cells).sum() / 1e6 == pytest.approx(8_527.93, rel=1e-3)
        assert check_database(session, local(session), at=AT).faults == ()
