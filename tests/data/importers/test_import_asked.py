"""What is asked or told before a file is taken: joined codes, repairs, zeros, ends; all faults at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy import func, select

from data.importers.kinds.area_rows import TooMuchMoved
from gisgrid.areas.models import Area, AreaName, AreaOutline, Level
from gisgrid.cases.core.models import Case
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.errors import InvalidInput
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import areas_m2
from tests.importing import Desk, reasons
from tests.world import LAT, LON, STEP, square

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
ANYWHERE = {"lon": repr(LON + STEP), "lat": repr(LAT + STEP)}


@pytest.fixture
def desk(database, tmp_path):
    return Desk(database, tmp_path, NOW)


def case(number: str, **more: str) -> dict[str, str]:
    told = {"number": number, "category": "garbage", "reported_at": "2020-01-01 08:00", **ANYWHERE}
    return {**told, **more}


def areas(*codes: str, width: float = 1.0, **more: str):
    return [
        (
            {"code": code, **more},
            square(10 + 2 * place, 0, 1) if width == 1.0 else square(10 + place, 0, width),
        )
        for place, code in enumerate(codes)
    ]


def stored_codes(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        grids = (
            select(AreaName.code)
            .join(Area, Area.id == AreaName.area_id)
            .where(Area.level == Level.GRID, AreaName.code.like("A%"))
        )
        return sorted(session.scalars(grids))


def test_one_code_on_several_polygons_is_a_fault_that_offers_to_join_them(desk):
    with pytest.raises(InvalidInput, match=r"feature 1 has the code A1 too \(--merge-same-code makes"):
        desk.bring_file("areas", desk.shapes(*areas("A1", "A2", "A1")), community="C9")
    assert stored_codes(desk) == []


def test_joined_polygons_are_one_area_with_all_their_land(desk):
    shapes = areas("A1", "A2", "A1")
    shapes[2][0]["name"] = "第一网格"
    outcome = desk.bring_file("areas", desk.shapes(*shapes), community="C9", merge=True)
    assert (outcome.counts["areas"], outcome.counts["joined"], outcome.counts["joined_codes"]) == (
        2,
        1,
        ["A1"],
    )
    with desk.database.read() as session:
        found = select(AreaName.name, AreaOutline.geom).join(
            AreaOutline, AreaOutline.area_id == AreaName.area_id
        )
        name, land = session.execute(found.where(AreaName.code == "A1")).one()
    assert name == "第一网格"
    assert land.equals(shapely.union_all([shapes[0][1], shapes[2][1]]))
    again = desk.bring_file("areas", desk.shapes(*shapes), community="C9", merge=True)
    assert (again.counts["new"], again.counts["updated"]) == (0, 0)


def test_a_repair_of_more_than_100_m2_of_an_area_is_asked_about_first(desk):
    shapes = areas("A1", "A2", width=1.5)  # three quarters of a cell, some 7,400 m2, claimed twice
    with pytest.raises(TooMuchMoved) as caught:
        desk.bring_file("areas", desk.shapes(*shapes), community="C9", fix=True)
    moved = caught.value.moved_m2
    assert len(moved) == 1  # whoever gets what both claim gains nothing by it
    ((code, size),) = moved.items()
    assert 6_000 < size < 9_000
    assert f"m² of {code}, more than 100" in str(caught.value)
    assert f"--accept-moved {int(size) + 1}" in str(caught.value)
    (piece,) = caught.value.redrawn.pieces
    assert {*piece.of, piece.to} == {"A1", "A2"}
    assert piece.of == (code,)
    assert areas_m2(as_array([piece.shape]))[0] == pytest.approx(size, abs=0.1)
    assert shapely.equals_exact(
        piece.shape.normalize(), shapes[0][1].intersection(shapes[1][1]).normalize(), tolerance=1e-7
    )
    after = caught.value.redrawn.after
    whole = shapely.union_all([one for _told, one in shapes])
    assert shapely.union_all(after).symmetric_difference(whole).area < 1e-9
    assert stored_codes(desk) == []
    with pytest.raises(TooMuchMoved):
        desk.bring_file("areas", desk.shapes(*shapes), community="C9", fix=True, accepted_m2=size - 1)
    outcome = desk.bring_file("areas", desk.shapes(*shapes), community="C9", fix=True, accepted_m2=size + 1)
    assert outcome.counts["moved_by_area"][code] == pytest.approx(size, abs=0.1)
    assert stored_codes(desk) == ["A1", "A2"]


def test_a_small_repair_is_not_asked_about_but_told(desk):
    west = square(10, 0, 1)
    east = shapely.affinity.translate(square(11, 0, 1), -5e-6)  # half a metre over 90 m
    outcome = desk.bring_file(
        "areas", desk.shapes(({"code": "A1"}, west), ({"code": "A2"}, east)), community="C9", fix=True
    )
    (size,) = outcome.counts["moved_by_area"].values()
    assert 20 < size < 100


def test_codes_that_differ_only_by_leading_zeros_are_noticed_in_the_file_and_beside_what_is_stored(desk):
    def zeros(outcome):
        return [(one.row, one.key) for one in outcome.remarks if "leading zeros" in one.message]

    first = desk.bring_file("areas", desk.shapes(*areas("A1", "0723", "723")), community="C9")
    assert zeros(first) == [(2, "0723"), (3, "723")]
    houses = [
        ({"code": code}, shapely.box(LON + n * STEP, LAT, LON + n * STEP + 1e-4, LAT + 1e-4))
        for n, code in enumerate(["0113", "7"])
    ]
    assert zeros(desk.bring_file("buildings", desk.shapes(*houses))) == []
    other = [({"code": "113"}, shapely.box(LON, LAT + STEP, LON + 1e-4, LAT + STEP + 1e-4))]
    assert zeros(desk.bring_file("buildings", desk.shapes(*other))) == [(1, "113")]
    station = {"type": "home_care_station", "name": "站", **ANYWHERE}
    assert zeros(
        desk.bring("facilities", {"code": "01", **station}, {"code": "1", **station}, crs="4326")
    ) == [
        (2, "01"),
        (3, "1"),
    ]


def test_an_unknown_category_names_the_option(desk):
    outcome = desk.bring("cases", case("1", category="noise"), crs="4326")
    assert reasons(outcome) == {
        1: ("category", "the category 'noise' is not known (--new-categories makes such categories)")
    }


def test_history_without_an_end_can_come_as_closed_and_nothing_is_overdue(desk):
    rows = [
        case("1"),
        case("2", state="handling"),
        case("3", closed_at="2020-01-02 08:00"),
        case("4", state="不予立案"),
    ]
    outcome = desk.bring("cases", *rows, crs="4326", as_closed=True)
    assert (outcome.counts["new"], outcome.counts["as_closed"]) == (4, 2)
    with desk.database.read() as session:
        states = dict(session.execute(select(Case.external_number, Case.state)).all())
        assert states == {"1": "closed", "2": "closed", "3": "closed", "4": "rejected"}
        assert session.scalar(select(func.count()).where(Case.escalates_at.is_not(None))) == 0
    with desk.database.write() as session:
        view = desk.world.view(session, now=NOW)
        assert list_cases(view, CaseSearch(state="all", late=True), now=NOW) == ([], 0)
    again = desk.bring("cases", *rows, crs="4326", as_closed=True)
    assert (again.counts["new"], again.counts["updated"]) == (0, 0)


def test_without_that_they_are_open_and_late(desk):
    outcome = desk.bring("cases", case("1"), crs="4326")
    assert outcome.counts["as_closed"] == 0
    with desk.database.read() as session:
        assert session.scalars(select(Case.state)).all() == ["reported"]


def test_every_fault_of_a_case_is_told_at_once(desk):
    row = case(
        "1",
        category="noise",
        reported_at="soon",
        closed_at="later",
        severity="huge",
        state="odd",
        lon=repr(LON + 1),
    )
    outcome = desk.bring("cases", row, case("2"), crs="4326")
    assert {(fault.row, fault.field) for fault in outcome.faults} == {
        (2, field) for field in ("category", "reported_at", "closed_at", "severity", "state", "lon")
    }
    assert (outcome.counts["new"], outcome.counts["refused"]) == (1, 1)


def test_every_fault_of_an_area_is_told_at_once(desk):
    bow = shapely.Polygon([(LON, LAT), (LON + STEP, LAT + STEP), (LON + STEP, LAT), (LON, LAT + STEP)])
    shapes = [
        ({"code": "", "type": "odd"}, bow),
        ({"code": "A1"}, square(10, 0)),
        ({"code": "A1"}, square(12, 0)),
    ]
    with pytest.raises(InvalidInput) as caught:
        desk.bring_file("areas", desk.shapes(*shapes), community="C9")
    told = [(fault.row, fault.field) for fault in caught.value.faults]
    assert told == [(1, "type"), (1, "code"), (1, "geometry"), (3, "code")]
    shapes = [({"code": ""}, square(10, 0, 1.5)), ({"code": "A1"}, square(11, 0, 1.5))]
    with pytest.raises(InvalidInput) as caught:
        desk.bring_file("areas", desk.shapes(*shapes), community="C9")
    assert {fault.field for fault in caught.value.faults} == {"code", "geometry"}  # an overlap too


def test_every_fault_of_a_household_is_told_at_once_and_nothing_of_it_stays(desk):
    before = desk.contents()
    row = {"address": "不存在的地方9号", "consent": "perhaps", "kind": "odd", "lived_from": "soon"}
    outcome = desk.bring("households", row, crs="4326")
    assert {fault.field for fault in outcome.faults} == {"address", "consent", "kind", "lived_from"}
    assert (outcome.counts["new"], outcome.refused) == (0, 1)
    assert desk.contents() == before


TURNED = {"lived_from": "2026-05-02", "lived_to": "2026-05-01"}


def test_days_the_wrong_way_round_are_told_beside_whatever_else_is_wrong(desk):
    nowhere, home = {"address": "不存在的地方9号"}, {"address": "柳岸新村1幢1单元101室"}
    outcome = desk.bring("households", {**nowhere, **TURNED}, {**TURNED})
    assert {(one.row, one.field) for one in outcome.faults} == {
        (row, name) for row in (2, 3) for name in ("address", "lived_to")
    }
    desk.bring("households", home)
    born = {"name": "示例甲", "birth_date": "1950-03-07"}
    outcome = desk.bring(
        "residents",
        {**nowhere, **born, **TURNED, "residence_status": "resident"},
        {**home, **born, **TURNED},
        {**nowhere, **born, **TURNED, "birth_date": "2190-01-01", "sex": "Q"},
    )
    told = {(one.row, one.field) for one in outcome.faults}
    assert told == {
        (2, "address"),
        (2, "lived_to"),
        (3, "residence_status"),
        (3, "lived_to"),
        (4, "address"),
        (4, "birth_date"),
        (4, "sex"),
        (4, "lived_to"),
    }
    turned = {"from": "2026-05-02", "until": "2026-05-01", "name": "示例乙", "duty": "grid_member"}
    outcome = desk.bring("members", {**turned, "area": "nowhere"}, {**turned, "area": "G1"})
    assert sorted((one.row, one.field) for one in outcome.faults) == [
        (2, "area"),
        (2, "until"),
        (3, "until"),
    ]


def test_a_faulty_row_that_would_be_new_leaves_nothing(desk):
    before = desk.contents()
    row = {"address": "柳岸新村1幢1单元101室", "consent": "perhaps"}
    outcome = desk.bring("households", row, crs="4326")
    assert [fault.field for fault in outcome.faults] == ["consent"]
    assert desk.contents() == before


def test_every_fault_of_a_building_is_told_at_once(desk):
    shapes = [({"code": "N1", "floors": "many"}, shapely.box(LON + 1, LAT, LON + 1.0001, LAT + 1e-4))]
    shapes.append(({"code": "N2"}, shapely.box(LON, LAT, LON + 1e-4, LAT + 1e-4)))
    outcome = desk.bring_file("buildings", desk.shapes(*shapes))
    assert {(fault.row, fault.field) for fault in outcome.faults} == {(1, "floors"), (1, "geometry")}
    assert outcome.counts["new"] == 1
