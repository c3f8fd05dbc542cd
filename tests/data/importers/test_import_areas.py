"""Areas from a file: all or nothing, the same again changes nothing, known codes are updates."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from data.importers.kinds.area_rows import Mending
from data.importers.kinds.areas import import_areas, read_areas
from data.importers.kinds.places import read_buildings, read_streets
from data.importers.readers.table import FileTable
from gisgrid.access.actors import local_actor
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.areas.division import load_division
from gisgrid.areas.models import Area, AreaLineage, AreaName, CellLineage, Level, Revision, UnitCell
from gisgrid.crs import stored_crs
from gisgrid.errors import Conflict, InvalidInput, MissingCrs, NotAllowed
from gisgrid.geometry.partition import check_tiling, oracle_check, union_outline
from tests import world
from tests.world import square

LATER = datetime(2025, 6, 1, tzinfo=UTC)
HALF_METRE = 5e-6


def table(shapes, *, crs=stored_crs(), **columns):  # noqa: B008 - a constant
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)
    return FileTable(frame=frame, has_geometry=True, crs=crs, source="areas.geojson")


def pair(*, names=("甲", "乙"), cut=2.0, gap=0.0):
    """Two areas side by side, 0113 in the west and 9 in the east."""
    west = square(0, 0, 4).intersection(square(cut - 4, 0, 4))
    east = square(0, 0, 4).intersection(shapely.affinity.translate(square(cut, 0, 4), gap))
    return table([west, east], code=["0113", "9"], name=list(names))


def ring_with_gap():
    """A strip half a metre wide between two areas, closed by a third one at both ends."""
    west, east = square(0, 0, 1), shapely.affinity.translate(square(1, 0, 1), HALF_METRE)
    round_about = square(-1, -1, 4).difference(shapely.union_all([west, east]).envelope)
    return table([west, east, round_about], code=["1", "2", "3"])


def bring(session, table_, *, at=LATER, level=Level.GRID, code="C9", **options):
    if session.scalar(select(Account.id).where(Account.role == Role.LOCAL)) is None:
        session.add(Account(name="local", role=Role.LOCAL, created_at=at))
        session.flush()
    areas = read_areas(table_, level=level, **options)
    return import_areas(session, local_actor(session, "tester"), areas, community=code, at=at).counts


def division_of(session, at=LATER):
    community = session.scalar(select(Area.id).where(Area.level == Level.COMMUNITY))
    return load_division(session, community, at=at, revision=0)


def test_a_community_is_made_from_the_union_of_its_areas(database):
    with database.write() as session:
        counts = bring(session, pair())
        division = division_of(session)
        assert (counts["new"], counts["revision"]) == (2, 1)
        root = division.tree.areas[division.community_id]
        assert (root.code, root.name, root.level) == ("C9", "C9", Level.COMMUNITY)
        assert division.outlines[root.id].equals(square(0, 0, 4))
        assert {area.code for area in division.owner_at(Level.GRID).values()} == {"0113", "9"}
        assert [area.name for area in division.tree.at_level(Level.GRID)] == ["乙", "甲"]
        assert check_tiling(division.cells, division.outlines[root.id]) == []
        assert oracle_check(division.cells, division.outlines[root.id]) == []


def test_cells_are_numbered_by_code_by_length_then_text(database):
    with database.write() as session:
        bring(session, pair())
        division = division_of(session)
        first = division.cell_ids[int(division.numbers.argmin())]
        assert division.grid_of(first).code == "9"


def test_the_same_file_again_changes_nothing(database):
    with database.write() as session:
        bring(session, pair())
        counts = bring(session, pair(), at=LATER + timedelta(hours=1))
        assert (counts["new"], counts["updated"], counts["unchanged"]) == (0, 0, 2)
        assert counts["revision"] is None
        assert session.scalar(select(sa.func.count(Revision.id))) == 1
        assert session.scalar(select(sa.func.count(UnitCell.id))) == 2


def test_a_changed_name_is_an_update_and_a_revision_without_new_cells(database):
    with database.write() as session:
        bring(session, pair())
        counts = bring(session, pair(names=("丙", "乙")), at=LATER + timedelta(hours=1))
        assert (counts["updated"], counts["renamed"], counts["reshaped"]) == (1, ["0113"], [])
        assert counts["revision"] == 2
        assert session.scalar(select(sa.func.count(UnitCell.id))) == 2
        today = division_of(session, LATER + timedelta(days=1)).tree
        before = division_of(session, LATER).tree
        assert (today.by_code("0113").name, before.by_code("0113").name) == ("丙", "甲")


def test_changed_land_is_a_new_revision_whose_cells_know_where_they_come_from(database):
    with database.write() as session:
        bring(session, pair())
        counts = bring(session, pair(cut=1.0), at=LATER + timedelta(hours=1))
        assert (counts["reshaped"], counts["revision"], counts["cells_replaced"]) == (["0113", "9"], 2, 2)
        shares = sorted(session.scalars(select(CellLineage.share)))
        assert shares == pytest.approx([0.5, 0.5, 1.0])
        before, after = division_of(session, LATER), division_of(session, LATER + timedelta(days=1))
        assert min(after.numbers) > max(before.numbers)
        assert before.outlines[before.community_id].equals(after.outlines[after.community_id])


def test_objects_follow_and_their_former_cell_is_kept(database):
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 2, 0)
        shapes = [
            square(0, 0, 4).intersection(square(-1, 0, 4)),
            square(3, 0, 4).intersection(square(0, 0, 4)),
        ]
        counts = bring(
            session, table(shapes, code=["G1", "G2"], name=["第1网格", "第2网格"]), code="C1", at=LATER
        )
        assert counts["closed_codes"] == ["G3", "G4"]
        assert (counts["objects_moved"], counts["objects_placed"]) == (1, 0)
        merged = session.execute(select(AreaLineage.area_id, AreaLineage.other_id)).all()
        ids = made.areas
        assert sorted(merged) == sorted(
            [(ids["G3"], ids["G1"]), (ids["G4"], ids["G1"]), (ids["G4"], ids["G2"])]
        )
        session.refresh(building)
        division = load_division(session, made.community, at=LATER, revision=0)
        assert division.grid_of(building.cell_id).code == "G1"


def test_an_area_that_the_file_lacks_is_refused_where_its_land_would_be_lost(database):
    with database.write() as session:
        bring(session, pair())
    with pytest.raises(InvalidInput, match="9 is missing"), database.write() as session:
        bring(session, table([square(0, 0, 2)], code=["0113"]), at=LATER + timedelta(hours=1))


def test_overlaps_and_gaps_are_faults_with_sizes_unless_mended(database):
    drawn = ring_with_gap()
    with pytest.raises(InvalidInput, match=r"a gap of \d+\.\d+ m²"):
        read_areas(drawn, level=Level.GRID)
    with database.write() as session:
        counts = bring(session, drawn, mending=Mending(fix=True))
        assert counts["moved_m2"] == pytest.approx(0.5 * 107, rel=0.1)
        division = division_of(session)
        assert check_tiling(division.cells, division.outlines[division.community_id]) == []


def test_overlap_names_both_areas():
    with pytest.raises(InvalidInput, match="0113 and 9 overlap by"):
        read_areas(pair(gap=-HALF_METRE), level=Level.GRID)


def test_borders_drawn_a_millimetre_apart_are_one_border():
    areas = read_areas(pair(gap=1e-8), level=Level.GRID)
    assert areas.moved_m2 < 5
    assert len(areas.given.cells) == 2


def test_parts_are_cells_of_their_own_and_called_exclaves(database):
    far = shapely.MultiPolygon([square(0, 0, 1), square(3, 0, 1)])
    with database.write() as session:
        counts = bring(session, table([far, square(1, 0, 2)], code=["1", "2"]))
        assert (counts["areas"], counts["cells"], counts["exclaves"]) == (2, 3, ["1"])


def test_a_wide_hole_stays_a_hole_of_the_community(database):
    ring = square(0, 0, 4).difference(square(1, 1, 1))
    with database.write() as session:
        counts = bring(session, table([ring], code=["1"]))
        division = division_of(session)
        assert counts["cells"] == 1
        assert len(division.outlines[division.community_id].geoms[0].interiors) == 1


@st.composite
def drawn_twice(draw):
    """A square cut into strips whose common borders were drawn twice, up to 30 cm apart."""
    cuts = sorted(draw(st.lists(st.integers(1, 39), min_size=1, max_size=5, unique=True)))
    edges = [0.0, *(cut / 10 for cut in cuts), 4.0]
    tilt = draw(st.floats(-0.3, 0.3))
    wobble = st.floats(-3e-6, 3e-6)
    shapes = []
    for west, east in itertools.pairwise(edges):
        left = tilt if west > 0 else 0.0
        right = tilt if east < 4 else 0.0
        ring = [(west, 0), (east, 0), (east + right * 0.3, 4), (west + left * 0.3, 4)]
        xy = [(world.LON + x * world.STEP + draw(wobble), world.LAT + y * world.STEP) for x, y in ring]
        shapes.append(shapely.Polygon(xy))
    frame = square(-1, -1, 6).difference(shapely.union_all([square(-0.1, 0, 4), square(0.1, 0, 4)]))
    return table([*shapes, frame], code=[str(number) for number in range(len(shapes) + 1)])


@given(drawn_twice())
@settings(max_examples=25, deadline=None)
def test_whatever_was_drawn_the_mended_areas_tile_and_keep_their_middle(given_table):
    areas = read_areas(given_table, level=Level.GRID, mending=Mending(fix=True, accepted_m2=1e9))
    outline = union_outline(areas.given.cells)
    assert check_tiling(areas.given.cells, outline) == []
    assert oracle_check(areas.given.cells, outline) == []
    for index, shape in enumerate(given_table.frame.geometry):
        core = shape.buffer(-2e-5)
        own = shapely.union_all(areas.given.cells[areas.given.owner == index])
        assert own.contains(core)


def test_all_faults_of_all_rows_are_told_at_once():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InvalidInput) as caught:
        read_areas(table([square(0, 0), square(1, 0)], code=["", "x" * 61]), level=Level.GRID)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [(1, "code"), (2, "code")]
    with pytest.raises(InvalidInput, match="row 2, field geometry: the outline crosses itself"):
        read_areas(table([square(0, 0), bow], code=["1", "2"]), level=Level.GRID)
    with pytest.raises(InvalidInput, match="row 1 has the code 1 too"):
        read_areas(table([square(0, 0), square(1, 0)], code=["1", "1"]), level=Level.GRID)


def test_a_missing_crs_is_asked_for_and_a_datum_can_be_said():
    with pytest.raises(MissingCrs):
        read_areas(table([square(0, 0)], code=["1"], crs=None), level=Level.GRID)
    plain = read_areas(table([square(0, 0)], code=["1"]), level=Level.GRID)
    shifted = read_areas(table([square(0, 0)], code=["1"]), level=Level.GRID, crs="GCJ-02")
    apart = plain.given.cells[0].centroid.distance(shifted.given.cells[0].centroid)
    assert 0.001 < apart < 0.01


def test_metric_coordinates_land_on_the_lattice_and_fit(database):
    boxes = [shapely.box(500_000 + 300 * i, 3_450_000, 500_300 + 300 * i, 3_450_500) for i in range(3)]
    frame = table(boxes, code=["1", "2", "3"], crs="EPSG:4549")
    drawn = FileTable(frame=frame.frame, has_geometry=True, crs=frame.frame.crs, source="m.gpkg")
    with database.write() as session:
        counts = bring(session, drawn)
        division = division_of(session)
        assert counts["cells"] == 3
        assert check_tiling(division.cells, division.outlines[division.community_id]) == []


def test_levels_below_and_above_the_grid_get_the_areas_they_need(database):
    with database.write() as session:
        counts = bring(session, pair(), level=Level.COMPOUND)
        division = division_of(session)
        assert counts["new"] == 2
        assert {area.code for area in division.owner_at(Level.COMPOUND).values()} == {"0113", "9"}
        assert {area.code for area in division.owner_at(Level.GRID).values()} == {"011301", "901"}


@pytest.mark.parametrize("read", [partial(read_areas, level=Level.GRID), read_buildings, read_streets])
@pytest.mark.parametrize("crs", [None, "4326"])
def test_a_file_without_shapes_is_not_asked_for_its_crs(read, crs):
    bare = FileTable(frame=pd.DataFrame({"code": ["1"]}), has_geometry=False, crs=None, source="a.csv")
    with pytest.raises(InvalidInput, match="the file holds no shapes"):
        read(bare, crs=crs)


@pytest.mark.parametrize(
    ("level", "codes", "grids"),
    [(Level.GRID, ["1", "100"], {"1", "100"}), (Level.COMPOUND, ["1", "101"], {"1-01", "10101"})],
)
def test_plain_numbers_as_codes_do_not_meet_those_of_what_lies_below(spatialite, level, codes, grids):
    shapes = [square(0, 0, 2), square(2, 0, 2)]
    with spatialite.write() as session:
        bring(session, table(shapes, code=codes), level=level)
        division = division_of(session)
        assert {area.code for area in division.owner_at(level).values()} == set(codes)
        assert {area.code for area in division.owner_at(Level.GRID).values()} == grids
        again = bring(session, table(shapes, code=codes), level=level, at=LATER + timedelta(hours=1))
        assert (again["new"], again["unchanged"]) == (0, 2)


def test_micro_grids_divide_a_grid_that_stands(database):
    with database.write() as session:
        bring(session, table([square(0, 0, 4)], code=["5"]))
        halves = [
            square(0, 0, 4).intersection(square(2, 0, 4)),
            square(0, 0, 4).intersection(square(-2, 0, 4)),
        ]
        micro = table(halves, code=["51", "52"], parent=["5", "5"])
        counts = bring(session, micro, level=Level.MICRO_GRID, at=LATER + timedelta(hours=1))
        assert (counts["new"], counts["closed_codes"]) == (2, ["500"])
        division = division_of(session, LATER + timedelta(days=1))
        assert {area.code for area in division.owner_at(Level.GRID).values()} == {"5"}


def test_a_code_of_another_level_or_community_is_refused(database):
    with database.write() as session:
        bring(session, pair())
    with pytest.raises(InvalidInput, match="is the code of a grid"), database.write() as session:
        bring(session, pair(), level=Level.COMPOUND, at=LATER + timedelta(hours=1))
    with pytest.raises(Conflict, match="0113"), database.write() as session:
        bring(session, pair(), code="C8", at=LATER + timedelta(hours=1))


def test_while_a_revision_waits_for_its_day_no_division_comes_in(database):
    with database.write() as session:
        bring(session, pair())
        session.execute(update(Revision).values(effective_at=LATER + timedelta(days=3)))
    with pytest.raises(Conflict, match="revision 1 of this community waits"), database.write() as session:
        bring(session, pair(cut=1.0), at=LATER + timedelta(days=1))


def test_only_the_command_line_may_and_one_audit_entry_counts(database):
    with database.write() as session:
        bring(session, pair())
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "areas:import")).all()
        assert [(entry.count, entry.reason) for entry in entries] == [(2, "2 new, 0 changed")]
    with database.write() as session:
        made = world.add_actor(
            session, world.World(community="", actor=local_actor(session, "t")), Role.STAFF
        )
    with pytest.raises(NotAllowed), database.write() as session:
        import_areas(session, made, read_areas(pair(), level=Level.GRID), community="C9", at=LATER)


def strips(*codes, west=0.0):
    """Areas side by side, by code."""
    return table([square(west + place, 0, 1) for place in range(len(codes))], code=list(codes))


def micro_codes(session, at=LATER):
    """The codes of each grid's micro grids."""
    tree = division_of(session, at).tree
    return {grid.code: [one.code for one in tree.children(grid.id)] for grid in tree.at_level(Level.GRID)}


def test_the_code_of_a_micro_grid_that_nobody_sees_is_free_for_a_grid(database):
    with database.write() as session:
        bring(session, strips("1", "2"))
        assert micro_codes(session) == {"1": ["100"], "2": ["200"]}
        later = LATER + timedelta(days=1)
        counts = bring(session, strips("1", "2", "100"), at=later)
        assert (counts["new"], counts["unchanged"], counts["revision"]) == (1, 2, 2)
        assert micro_codes(session, later) == {"1": ["1-00"], "2": ["200"], "100": ["10000"]}
        assert micro_codes(session) == {"1": ["1-00"], "2": ["200"]}
        again = bring(session, strips("1", "2", "100"), at=later + timedelta(days=1))
        assert (again["new"], again["unchanged"]) == (0, 3)


def test_so_is_that_of_another_community_and_of_a_closed_grid(database):
    with database.write() as session:
        bring(session, strips("1", "2"))
        later = LATER + timedelta(days=1)
        bring(session, strips("3", "200", west=10), at=later, code="C8")
        assert {"200", "2-00", "20000", "300"} <= set(session.scalars(select(AreaName.code)))
        whole = table([square(0, 0, 1).union(square(1, 0, 1))], code=["2"])
        bring(session, whole, at=later)  # grid 1 is closed, and with it the micro grid 100
        bring(session, strips("100", west=20), at=later, code="C7")


def test_a_micro_grid_that_has_siblings_keeps_its_code(database):
    with database.write() as session:
        bring(session, strips("1"))
        west, east = shapely.box(*square(0, 0, 0.5).bounds[:3], square(0, 0).bounds[3]), square(0, 0)
        later = LATER + timedelta(days=1)
        halves = table([west, east.difference(west)], code=["100", "102"], parent=["1", "1"])
        bring(session, halves, level=Level.MICRO_GRID, at=later)
        with pytest.raises(Conflict, match="area codes that are taken: 100"):
            bring(session, strips("100", west=10), at=later, code="C8")
        assert micro_codes(session, later)["1"] == ["100", "102"]
