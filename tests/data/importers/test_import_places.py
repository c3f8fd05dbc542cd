"""Buildings and streets from a file: good rows kept, bad ones told, known ones updated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy import select

from data.importers.kinds.places import import_buildings, import_streets, read_buildings, read_streets
from data.importers.readers.table import FileTable
from gisgrid.access.actors import local_actor
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.areas.models import Area, CommunityState, Level, Placement
from gisgrid.crs import stored_crs, to_lattice
from gisgrid.errors import InvalidInput, MissingCrs, NotAllowed
from gisgrid.places.models import Building, Compound, Street
from tests import world
from tests.world import square

LATER = datetime(2025, 6, 1, tzinfo=UTC)


def table(shapes, *, crs=stored_crs(), **columns):  # noqa: B008 - a constant
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
    return FileTable(frame=frame, has_geometry=True, crs=crs, source="b.gpkg")


def local(session):
    if session.scalar(select(Account.id).where(Account.role == Role.LOCAL)) is None:
        session.add(Account(name="local", role=Role.LOCAL, created_at=world.START))
        session.flush()
    return local_actor(session, "tester")


def bring(session, given, *, at=LATER, code="C1", **options):
    rows = read_buildings(given, **options)
    return import_buildings(session, local(session), rows, community=code, at=at)


def bring_streets(session, given, *, at=LATER, **options):
    return import_streets(session, local(session), read_streets(given, **options), community="C1", at=at)


def houses(**columns):
    told = {
        "code": ["001", "002"],
        "address": ["柳岸新村1幢", "柳岸新村2幢"],
        "compound": ["柳岸新村", "柳岸新村"],
        "floors": ["6", ""],
        "built_year": ["1995", "2001"],
        "condition": ["c", ""],
        "lift": ["无", "有"],
        "dwellings": ["36", "0"],
    }
    return table([square(0.25, 0.25, 0.5), square(1.25, 0.25, 0.5)], **{**told, **columns})


def test_buildings_before_any_area_make_the_community_and_wait_for_cells(database):
    with database.write() as session:
        counts = bring(session, houses()).counts
        assert (counts["new"], counts["refused"], counts["objects_placed"]) == (2, 0, 0)
        assert session.scalar(select(Area.level)) == Level.COMMUNITY
        one, two = session.scalars(select(Building).order_by(Building.code)).all()
        assert (one.code, one.address, one.cell_id) == ("001", "柳岸新村1幢", None)
        assert (one.floors, one.built_year, one.condition, one.has_lift, one.dwellings) == (
            6,
            1995,
            "C",
            False,
            36,
        )
        assert (two.floors, two.condition, two.has_lift, two.dwellings) == (None, None, True, 0)
        assert session.scalars(select(Compound.name)).all() == ["柳岸新村"]
        assert one.compound_id == two.compound_id
        assert one.search_text == "柳岸新村-1-"
        assert one.search_initials.startswith("laxc")


def test_buildings_that_come_later_lie_in_their_cell(database):
    with database.write() as session:
        world.found(session)
        counts = bring(session, houses()).counts
        assert counts["objects_placed"] == 2
        cells = session.scalars(select(Building.cell_id).order_by(Building.code)).all()
        assert cells == [world.cell_id(session, 0, 0), world.cell_id(session, 1, 0)]


def test_the_same_file_again_changes_nothing(database):
    with database.write() as session:
        bring(session, houses())
        version = session.scalar(select(CommunityState.data_version))
        counts = bring(session, houses(), at=LATER + timedelta(hours=1)).counts
        assert (counts["new"], counts["updated"], counts["unchanged"], counts["refused"]) == (0, 0, 2, 0)
        assert session.scalar(select(CommunityState.data_version)) == version


def test_a_changed_row_with_a_known_code_is_an_update_that_is_listed(database):
    with database.write() as session:
        bring(session, houses())
        outcome = bring(session, houses(floors=["7", ""]))
        assert (outcome.counts["updated"], outcome.counts["unchanged"]) == (1, 1)
        assert [(note.row, note.key, note.field) for note in outcome.remarks] == [(1, "001", "floors")]
        assert session.scalars(select(Building.floors).order_by(Building.code)).all() == [7, None]


def test_a_field_the_file_leaves_empty_keeps_its_value(database):
    with database.write() as session:
        bring(session, houses())
        counts = bring(session, houses(floors=["", ""], dwellings=["", ""])).counts
        assert counts["unchanged"] == 2


def test_a_footprint_that_moves_takes_its_building_to_another_cell(database):
    with database.write() as session:
        world.found(session)
        bring(session, houses())
        moved = table([square(3.25, 3.25, 0.5)], code=["001"], address=["柳岸新村1幢"])
        counts = bring(session, moved, at=LATER + timedelta(hours=1)).counts
        assert (counts["updated"], counts["objects_moved"]) == (1, 1)
        kept = session.scalars(select(Placement)).one()
        assert kept.cell_id == world.cell_id(session, 0, 0)


def test_without_a_code_the_address_is_the_key(database):
    with database.write() as session:
        given = table([square(0, 0, 0.5)], address=["幸福路12号"])
        assert bring(session, given).counts["new"] == 1
        again = table([square(0, 0, 0.5)], address=["幸福路12号"], floors=[3])
        assert bring(session, again).counts["updated"] == 1
        stored = session.scalars(select(Building)).one()
        assert (stored.code, stored.floors) == (None, 3)


def test_bad_rows_are_told_with_all_their_faults_and_good_ones_kept(database):
    bow = shapely.Polygon([(118.25, 33.5), (118.251, 33.501), (118.251, 33.5), (118.25, 33.501)])
    given = table(
        [bow, square(0, 0, 0.5), square(1, 0, 0.5), None],
        code=["1", "2", "2", ""],
        floors=["0", "3", "x", "1"],
        condition=["E", "", "", ""],
    )
    with database.write() as session:
        outcome = bring(session, given)
        assert (outcome.counts["new"], outcome.counts["refused"]) == (1, 3)
        assert session.scalars(select(Building.code)).all() == ["2"]
    told = [(fault.row, fault.field) for fault in outcome.faults]
    assert told == [
        (1, "geometry"),
        (1, "floors"),
        (1, "condition"),
        (3, "floors"),
        (3, "code"),
        (4, "geometry"),
        (4, "code"),
    ]


def test_crossing_footprints_are_repaired_only_when_asked(database):
    bow = shapely.Polygon([(118.25, 33.5), (118.251, 33.501), (118.251, 33.5), (118.25, 33.501)])
    with database.write() as session:
        assert bring(session, table([bow], code=["1"])).counts["refused"] == 1
        counts = bring(session, table([bow], code=["1"]), fix=True).counts
        assert (counts["new"], counts["repaired"]) == (1, 1)
        assert session.scalars(select(Building)).one().footprint.is_valid


def test_footprints_lie_on_the_lattice_from_any_crs(database):
    given = table([shapely.box(500_000, 3_450_000, 500_020, 3_450_010)], code=["1"], crs="EPSG:4549")
    given = FileTable(frame=given.frame, has_geometry=True, crs=given.frame.crs, source="b.gpkg")
    with database.write() as session:
        bring(session, given)
        xy = shapely.get_coordinates(session.scalars(select(Building)).one().footprint)
        assert (xy == to_lattice(xy)).all()
        assert 119.9 < xy[0, 0] < 120.1


def test_neither_key_column_nor_crs_is_guessed():
    with pytest.raises(InvalidInput, match="no column for code or address"):
        read_buildings(table([square(0, 0)], osm_id=["1"]))
    with pytest.raises(MissingCrs):
        read_buildings(table([square(0, 0)], code=["1"], crs=None))


def lines(**columns):
    shapes = [
        shapely.LineString([(118.25, 33.5), (118.26, 33.5)]),
        shapely.MultiLineString([[(118.25, 33.51), (118.26, 33.51)], [(118.25, 33.52), (118.25, 33.52)]]),
        shapely.LineString([(118.25, 33.5), (118.26, 33.5)]),
        shapely.Point(118.25, 33.5),
    ]
    told = {
        "name": ["幸福路", None, "幸福路", "x"],
        "kind": ["residential", "tertiary", "", ""],
        "tunnel": ["no", "yes", "", ""],
        "bridge": [None, "viaduct", "", ""],
        "layer": [None, "1", "", ""],
    }
    return table(shapes, **{**told, **columns})


def test_streets_are_known_by_their_line(database):
    with database.write() as session:
        outcome = bring_streets(session, lines())
        assert (outcome.counts["new"], outcome.counts["refused"]) == (2, 2)
        assert [(fault.row, fault.message) for fault in outcome.faults] == [
            (3, "the same line as row 1"),
            (4, "a line is needed, not a Point"),
        ]
        one, two = session.scalars(select(Street).order_by(Street.fid)).all()
        assert (one.name, one.kind, one.tunnel, one.bridge, one.layer) == (
            "幸福路",
            "residential",
            False,
            False,
            0,
        )
        assert (two.tunnel, two.bridge, two.layer, two.geom.geom_type) == (True, True, 1, "LineString")
        counts = bring_streets(session, lines()).counts
        assert (counts["new"], counts["updated"], counts["unchanged"]) == (0, 0, 2)
        renamed = bring_streets(session, lines(name=["新幸福路", None, None, None])).counts
        assert (renamed["new"], renamed["updated"], renamed["unchanged"]) == (0, 1, 1)


def test_a_crash_leaves_nothing(database):
    def crash(session):
        bring(session, houses())
        raise RuntimeError

    with pytest.raises(RuntimeError), database.write() as session:
        crash(session)
    with database.read() as session:
        assert session.scalar(select(sa.func.count(Building.fid))) == 0
        assert session.scalar(select(sa.func.count()).select_from(Area)) == 0


def test_one_audit_entry_counts_and_others_may_not(database):
    with database.write() as session:
        made = world.found(session)
        bring(session, houses())
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "places:import")).one()
        assert (entry.object_kind, entry.count, entry.reason) == (
            "building",
            2,
            "2 new, 0 changed, 0 unchanged",
        )
        staff = world.add_actor(session, made, Role.STAFF, "G1")
        with pytest.raises(NotAllowed):
            import_buildings(session, staff, read_buildings(houses()), community="C1", at=LATER)
        with pytest.raises(NotAllowed):
            import_streets(session, staff, read_streets(lines()), community="C1", at=LATER)
