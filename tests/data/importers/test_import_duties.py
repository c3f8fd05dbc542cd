"""Facilities and people on duty from files; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from gisgrid.access.models import Account, Duty, Worker
from gisgrid.places.models import Facility
from tests import world
from tests.importing import Desk, reasons


@pytest.fixture
def desk(database, tmp_path, now):
    return Desk(database, tmp_path, now)


def station(name="柳岸党员服务站", column=0, row=1, **more):
    there = world.middle(column, row)
    return {"名称": name, "类型": "党员服务站", "经度": str(there.x), "纬度": str(there.y), **more}


def member(name="甲", grid="G1", **more):
    return {"姓名": name, "职责": "网格员", "网格": grid, "是否主责": "是", **more}


def test_facilities_by_code_else_by_name_and_position(desk):
    both = station(编码="F1", 面积="120.5", 容量="30"), station("义工点", 2, 2, 类型="义工服务点")
    assert desk.bring("facilities", *both, crs="4326").counts["new"] == 2
    before = desk.contents()
    assert desk.bring("facilities", *both, crs="4326").counts["unchanged"] == 2
    assert desk.contents() == before
    # With its code a facility may move and be renamed; without, another place is another facility.
    moved = station("柳岸新站", 3, 3, 编码="F1"), station("义工点", 2, 3, 类型="义工服务点")
    outcome = desk.bring("facilities", *moved, crs="4326")
    assert (outcome.counts["updated"], outcome.counts["new"]) == (1, 1)
    with desk.database.read() as session:
        stored = session.scalar(select(Facility).where(Facility.code == "F1"))
        assert (stored.name, stored.cell_id) == ("柳岸新站", world.cell_id(session, 3, 3))


def test_a_facility_without_position_stands_at_its_building_and_may_get_a_code(desk):
    row = {"名称": "托老所", "类型": "居家养老服务站", "地址": "柳岸新村1幢"}
    assert desk.bring("facilities", row).counts["new"] == 1
    assert desk.bring("facilities", {**row, "编码": "F9"}).counts["updated"] == 1
    with desk.database.read() as session:
        stored = session.scalars(select(Facility)).one()
        assert (stored.code, stored.cell_id) == ("F9", world.cell_id(session, 0, 0))


def test_bad_facilities_are_told(desk):
    outcome = desk.bring(
        "facilities",
        station(类型="食堂"),
        station("无名处", 类型=""),
        station(经度="abc"),
        station("", 1, 1),
        station(面积="很大"),
        {"名称": "远处", "类型": "红色驿站"},
        crs="4326",
    )
    assert outcome.counts["new"] == 0
    found = {((fault.row or 0) - 1, fault.field) for fault in outcome.faults}
    assert found >= {(1, "type"), (2, "type"), (3, "lon"), (4, "name"), (5, "floor_area_m2"), (6, "lon")}


def test_members_serve_their_grid_and_get_no_account(desk):
    with desk.database.read() as session:
        accounts = session.scalar(select(func.count(Account.id)))
    rows = member(办公电话="0527-1"), {**member("乙", "G1"), "是否主责": "否"}, member("丙", "G2", 工号="W3")
    outcome = desk.bring("members", *rows)
    assert (outcome.counts["new"], outcome.counts["grids_without_primary"]) == (3, 2)
    before = desk.contents()
    assert desk.bring("members", *rows).counts["unchanged"] == 3
    assert desk.contents() == before
    with desk.database.read() as session:
        assert session.scalar(select(func.count(Account.id))) == accounts
        assert session.scalar(select(func.count(Duty.id)).where(Duty.is_primary)) == 2


def test_a_second_primary_member_is_refused_and_both_are_named(desk):
    outcome = desk.bring("members", member("甲"), member("乙"), member("丙", "G9"))
    assert outcome.counts["new"] == 1
    told = reasons(outcome)
    assert told[2] == (
        "primary",
        "the grid G1 has the primary member 甲 since 2026-11-24: 乙 can't be so too",
    )
    assert told[3][0] == "area"
    assert reasons(desk.bring("members", member("乙")))[1][0] == "primary"
    assert [row["name"] for row in desk.rows(Worker)] == ["甲"]


def test_a_hand_over_in_one_file_whatever_the_order_of_its_rows(desk):
    desk.bring("members", member("甲", 开始日期="2024-01-01"))
    outcome = desk.bring("members", member("乙", 开始日期="2026-12-01"), member("甲", 结束日期="2026-11-30"))
    assert (outcome.faults, outcome.counts["new"], outcome.counts["updated"]) == ([], 1, 1)
    with desk.database.read() as session:
        ended = session.scalar(select(Duty.valid_to).where(Duty.valid_to.is_not(None)))
        begun = session.scalar(select(Duty.valid_from).where(Duty.valid_to.is_(None)))
        assert ended == begun
    # A day earlier both would serve.
    assert reasons(desk.bring("members", member("乙", 开始日期="2026-11-30")))[1][0] in {"primary", "from"}


def test_a_swap_of_the_primary_member(desk):
    desk.bring("members", member("甲"), {**member("乙"), "是否主责": "否"})
    outcome = desk.bring("members", member("乙"), {**member("甲"), "是否主责": "否"})
    assert (outcome.faults, outcome.counts["updated"]) == ([], 2)


def test_a_steward_serves_a_building_and_a_leader_a_compound_or_grid(desk):
    rows = (
        {"姓名": "管家", "职责": "楼栋管家", "网格": "B00-1"},
        {"姓名": "长", "职责": "网格长", "网格": "G1"},
    )
    assert desk.bring("members", *rows).counts["new"] == 2
    told = reasons(desk.bring("members", {"姓名": "管家二", "职责": "楼栋管家", "网格": "没有"}))
    assert told[1] == ("area", "no building with the code '没有'")


def test_two_people_of_one_name_are_told_apart_or_asked_for(desk):
    desk.bring("members", member("甲", "G1", 办公电话="1"), member("甲", "G2", 办公电话="2"))
    assert len(desk.rows(Worker)) == 2
    told = reasons(desk.bring("members", member("甲", "G3")))
    assert told[1] == (
        "name",
        "several people of this name serve here: tell them apart by code or office phone",
    )
    # The one who serves there is meant, and may get another phone.
    assert desk.bring("members", member("甲", "G1", 办公电话="3")).counts["updated"] == 1
    assert {row["office_phone"] for row in desk.rows(Worker)} == {"3", "2"}


def test_what_two_rows_say_of_one_person_must_agree(desk):
    rows = member("甲", "G1", 工号="W1", 学历="大专"), member("甲", "G2", 工号="W1", 学历="本科")
    outcome = desk.bring("members", *rows)
    assert reasons(outcome)[2] == ("education", "another row says something else of the same person")
