"""Households and residents from files: keys, cells, seals, refusals, rights; on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import Placement
from gisgrid.errors import NotAllowed
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Building, Household
from tests import world
from tests.importing import Desk, reasons

CARD = "11010519491231002X"
"""An identity-card number of the standard's own example, with a right check."""


@pytest.fixture
def desk(database, tmp_path, now):
    return Desk(database, tmp_path, now)


def home(room="101", **more):
    return {"标准地址": f"柳岸新村1幢1单元{room}室", **more}


def person(name="示例甲", born="1950-3-7", room="101", **more):
    return {**home(room), "姓名": name, "出生日期": born, "居住状态": "户籍在册且常住", **more}


def test_households_stand_in_their_building_and_its_cell(desk):
    outcome = desk.bring("households", home(), home("102", 联系电话="199-1", 居住类型="出租"))
    assert (outcome.counts["new"], outcome.refused) == (2, 0)
    stored = {row["room"]: row for row in desk.rows(Household)}
    assert stored["101"]["std_address"] == "柳岸新村1幢1单元101室"
    assert (stored["102"]["contact"], stored["102"]["kind"]) == ("199-1", "rented")
    with desk.database.read() as session:
        building = session.scalar(select(Building).where(Building.code == "B00-1"))
        assert {row["cell_id"] for row in stored.values()} == {building.cell_id}
        assert building.footprint.covers(stored["101"]["position"])
        assert session.scalar(select(sa.func.count(Placement.id))) == 0


@pytest.mark.parametrize(
    "row",
    [
        {"地址": "柳岸新村1幢1单元101"},
        {"地址": "柳岸新村 1-1-101"},
        {"楼栋": "B00-1", "单元": "1单元", "室号": "101室"},
        {"楼栋": "柳岸新村1号楼", "unit": "1", "room": "101"},
        {"building": "B00-1", "address": "1幢1单元101室"},
    ],
)
def test_one_household_however_its_address_is_written(desk, row):
    desk.bring("households", home())
    outcome = desk.bring("households", row)
    assert (outcome.counts["new"], outcome.counts["unchanged"], outcome.faults) == (0, 1, [])


def test_the_same_file_twice_changes_nothing_and_a_change_is_listed(desk):
    desk.bring("households", home(联系电话="1"), home("102"))
    before = desk.contents()
    again = desk.bring("households", home(联系电话="1"), home("102"))
    assert (again.counts["new"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 2)
    assert desk.contents() == before
    changed = desk.bring("households", home(联系电话="2"), home("102"))
    assert [(note.row, note.key, note.field) for note in changed.remarks] == [
        (2, "柳岸新村1幢1单元101室", "contact")
    ]
    # What a file leaves empty keeps its value.
    desk.bring("households", home(), home("102"))
    assert {row["room"]: row["contact"] for row in desk.rows(Household)} == {"101": "2", "102": None}


def test_bad_households_are_told_with_row_and_column_and_the_good_ones_kept(desk):
    outcome = desk.bring(
        "households",
        home(),
        {"标准地址": "别处花园1幢101室"},
        home(),
        {"标准地址": "", "居住类型": "自住"},
        home("103", 居住类型="租来租去"),
        home("104", 入住日期="07.03.50"),
        home("105", 联系电话=CARD),
    )
    assert outcome.counts["new"] == 1
    told = reasons(outcome)
    assert set(told) == {2, 3, 4, 5, 6, 7}
    assert told[2] == ("address", "no building here has this address, and the row has no position")
    assert told[3] == ("address", "line 2 has the same standard address")
    assert told[5][0] == "kind"
    assert told[6][0] == "lived_from"
    assert "identity-card" in told[7][1]
    assert all(CARD not in message for _field, message in told.values())


def test_a_position_decides_the_cell_and_a_move_leaves_the_former_one(desk):
    there, elsewhere = world.middle(2, 2), world.middle(3, 2)
    row = {"地址": "村头路9号", "经度": str(there.x), "纬度": str(there.y)}
    assert desk.bring("households", row, crs="EPSG:4326").counts["new"] == 1
    moved = {**row, "经度": str(elsewhere.x)}
    assert desk.bring("households", moved, crs="EPSG:4326").counts["updated"] == 1
    stored = desk.rows(Household)[0]
    with desk.database.read() as session:
        assert stored["cell_id"] == world.cell_id(session, 3, 2)
        left = session.scalars(select(Placement.cell_id).where(Placement.object_id == stored["id"])).all()
        assert left == [world.cell_id(session, 2, 2)]


def test_who_refused_is_an_address_without_contact_and_stays_so(desk):
    outcome = desk.bring("households", home(登记同意="拒绝", 联系电话="199-1", 询问日期="2025-03-01"))
    stored = desk.rows(Household)[0]
    assert (stored["consent"], stored["contact"]) == ("refused", None)
    assert [note.field for note in outcome.remarks] == ["contact"]
    assert [(row["status"], row["purpose"]) for row in desk.rows(Consent)] == [("refused", "registration")]
    later = desk.bring("households", home(登记同意="同意", 联系电话="199-1"))
    assert "stays until somebody asks again" in later.remarks[0].message
    assert desk.rows(Household)[0]["consent"] == "refused"
    told = reasons(desk.bring("residents", person()))
    assert told[1] == ("address", "this household has refused to be registered: nobody of it is kept")


def test_residents_are_sealed_and_known_again_without_an_id(desk):
    desk.bring("households", home(), home("102"))
    rows = person(电话="199-7"), person("示例乙", "19500307", "102"), person("示例丙", "1950年3月7日", "102")
    assert desk.bring("residents", *rows).counts["new"] == 3
    stored = desk.rows(Resident)
    assert {row["name"] for row in stored} == {"示例甲", "示例乙", "示例丙"}
    assert {row["birth_date"] for row in stored} == {date(1950, 3, 7)}
    assert {row["consent"] for row in stored} == {"not_asked"}
    with desk.database.read() as session:
        raw = [bytes(row[0]) for row in session.execute(sa.text("SELECT name FROM resident"))]
        keys = session.scalars(select(Resident.external_key)).all()
    assert not any("示例".encode() in value for value in raw)
    assert all(key.startswith("#1:") and "示例" not in key for key in keys)
    before = desk.contents()
    again = desk.bring("residents", *rows)
    assert (again.counts["unchanged"], desk.contents()) == (3, before)
    assert desk.bring("residents", person(电话="199-8")).counts["updated"] == 1


def test_an_external_id_follows_a_person_to_another_household(desk):
    desk.bring("households", home(), home("102"))
    desk.bring("residents", person(外部编号="R1"))
    outcome = desk.bring("residents", person("示例甲改", room="102", 外部编号="R1"))
    assert [note.field for note in outcome.remarks] == ["household, name"]
    assert len(desk.rows(Resident)) == 1


def test_identity_card_numbers_are_neither_columns_nor_values(desk, database):
    desk.bring("households", home(), home("102"))
    outcome = desk.bring("residents", person(身份证号=CARD), person("乙", room="102", 外部编号=CARD))
    assert outcome.counts["new"] == 1
    assert [str(one) for one in outcome.warnings] == [
        "the column '身份证号' holds identity-card numbers: it was left out and not stored"
    ]
    assert reasons(outcome)[2][0] == "external_id"
    if database.is_sqlite:
        path = Path(database.engine.url.database)
        database.close()
        assert CARD.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("户籍在册且常住", "registered_here"),
        ("常住,户籍在外(半年以上)", "resident"),
        ("流动", "floating"),
        ("人户分离(户在人不在)", "absent"),
        ("absent", "absent"),
    ],
)
def test_residence_is_one_of_four_words(desk, word, status):
    desk.bring("households", home())
    desk.bring("residents", person(居住状态=word))
    assert desk.rows(Resident)[0]["residence_status"] == status


def test_bad_residents_are_told(desk):
    desk.bring("households", home())
    outcome = desk.bring(
        "residents",
        person(居住状态="住在这里"),
        person("示例丁", 居住状态=""),
        person(born="2031-01-01"),
        person(name=""),
        person(room="999"),
        person(联系同意="同意"),
        person(),
        person(),
    )
    assert outcome.counts["new"] == 1
    assert {(fault.row, fault.field) for fault in outcome.faults} == {
        (2, "residence_status"),
        (3, "residence_status"),
        (4, "birth_date"),
        (5, "name"),
        (6, "address"),
        (7, "consent_contact"),
        (7, "name"),  # the person of line 2 once more
        (9, "name"),
    }
    assert all("示例" not in fault.message for fault in outcome.faults)


def test_answers_by_purpose_and_what_a_refusal_takes_away(desk):
    desk.bring("households", home())
    asked = {"登记同意": "同意", "联系同意": "同意", "探访同意": "法定职责", "询问日期": "2025-03-01"}
    desk.bring("residents", person(电话="199-7", **asked))
    given = {(row["purpose"], row["status"]) for row in desk.rows(Consent)}
    assert given == {
        ("registration", "granted"),
        ("contact", "granted"),
        ("elder_visits", "statutory_duty"),
    }
    no_call = {"联系同意": "撤回", "询问日期": "2026-03-01"}
    desk.bring("residents", person(电话="199-7", **no_call))
    assert desk.rows(Resident)[0]["phone"] is None
    # The old file once more doesn't bring the number back.
    desk.bring("residents", person(电话="199-7", **asked))
    assert desk.rows(Resident)[0]["phone"] is None
    desk.bring("residents", person(登记同意="撤回", 询问日期="2026-04-01"))
    stored = desk.rows(Resident)[0]
    assert (stored["name"], stored["phone"], stored["consent"]) == (None, None, "withdrawn")
    again = desk.bring("residents", person(登记同意="同意", 询问日期="2026-05-01"))
    assert "stays until somebody asks again" in again.remarks[0].message
    assert desk.rows(Resident)[0]["name"] is None


def test_somebody_new_who_refused_is_not_taken_up(desk):
    desk.bring("households", home())
    outcome = desk.bring("residents", person(登记同意="拒绝"))
    assert (outcome.counts["new"], outcome.counts["without_consent"]) == (0, 1)
    assert desk.rows(Resident) == []


def test_rights_a_head_has_the_community_staff_their_grids_others_nothing(desk):
    with desk.database.write() as session:
        head = world.add_actor(session, desk.world, Role.HEAD)
        staff = world.add_actor(session, desk.world, Role.STAFF, "G2")
        member = world.add_actor(session, desk.world, Role.MEMBER, "G1")
    east = {"标准地址": "柳岸新村3幢1单元301室"}
    outcome = desk.bring("households", home(), east, actor=staff)
    assert outcome.counts["new"] == 1
    assert reasons(outcome)[1][1] == "this address lies outside the grids this account serves"
    assert desk.bring("households", home(), actor=head).counts["new"] == 1
    told = reasons(desk.bring("residents", person(), actor=staff))
    assert told[1][1] == "this address lies outside the grids this account serves"
    assert desk.bring("residents", {**person(), **east}, actor=staff).counts["new"] == 1
    with pytest.raises(NotAllowed):
        desk.bring("households", home("109"), actor=member)
    with pytest.raises(NotAllowed):
        desk.bring("members", {"姓名": "甲", "职责": "网格员", "网格": "G1"}, actor=staff)


def test_the_trail_names_counts_and_no_person(desk):
    desk.bring("households", home())
    desk.bring("residents", person())
    with desk.database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "residents:import")).all()
        assert [(entry.count, entry.reason) for entry in entries] == [(1, None)]


def test_an_example_row_is_skipped(desk):
    outcome = desk.bring("households", home("102", 说明="示例行(导入时跳过)"), home(说明="有狗"))
    assert (outcome.counts["new"], outcome.counts["examples"], outcome.faults) == (1, 1, [])


@pytest.mark.parametrize("units", [["1"], ["1", None], ["1", "2"], [None]], ids=str)
def test_residents_are_found_without_the_unit_in_a_house_that_has_one(desk, units):
    """Where there are more it is the household that has no unit either; else nobody is guessed at."""
    with desk.database.write() as session:
        building = session.scalars(select(Building).order_by(Building.fid)).first()
        homes = [world.add_household(session, building, room) for room, _ in zip("ab", units, strict=False)]
        for home, unit in zip(homes, units, strict=True):
            home.unit, home.room, home.std_address = unit, "101", f"{building.address} {unit or ''} 101室"
        ids = {unit: home.id for home, unit in zip(homes, units, strict=True)}
    outcome = desk.bring("residents", person() | {"标准地址": "柳岸新村1幢101室"})
    meant = ids[units[0]] if len(units) == 1 else ids.get(None)
    assert outcome.counts["new"] == (meant is not None)
    assert [row["household_id"] for row in desk.rows(Resident)] == ([meant] if meant else [])


def test_nobody_is_put_into_the_only_flat_that_is_known_of_a_house_with_two_units(desk):
    with desk.database.write() as session:
        building = session.scalars(select(Building).order_by(Building.fid)).first()
        for unit, room in (("1", "101"), ("2", "102")):
            home = world.add_household(session, building, room)
            home.unit, home.std_address = unit, f"{building.address}{unit}单元{room}室"
    assert desk.bring("residents", person() | {"标准地址": "柳岸新村1幢101室"}).counts["new"] == 0


def test_two_rows_of_a_file_of_households_are_never_taken_for_one_by_the_room_alone(desk):
    desk.bring("households", home(联系电话="199-1"))
    desk.bring("households", home(联系电话="199-2"), {"标准地址": "柳岸新村1幢101室", "联系电话": "199-3"})
    assert sorted(row["contact"] for row in desk.rows(Household)) == ["199-2", "199-3"]


def test_a_household_stored_in_another_spelling_is_known_by_its_room(desk):
    with desk.database.write() as session:
        building = session.scalars(select(Building).order_by(Building.fid)).first()
        home = world.add_household(session, building, "101", consent=None)
        home.std_address = f"{building.address} 1单元 101室"
    outcome = desk.bring("households", {"地址": "柳岸新村1幢1单元101室", "登记同意": "同意"})
    assert (outcome.counts["new"], outcome.counts["updated"]) == (0, 1)
    person = {"地址": "柳岸新村1幢1单元101室", "姓名": "示例甲", "出生日期": "1950-3-7"}
    outcome = desk.bring("residents", person | {"居住状态": "户籍在册且常住"})
    assert (outcome.counts["new"], outcome.faults) == (1, [])
    assert len(desk.rows(Household)) == 1
