"""Rows and cells of a department's table hold what people agreed to, within what the actor serves."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.models import Consent
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.cell_values import NO_CONSENT
from gisgrid.records.outward.content import OutwardContent, read_content
from gisgrid.records.outward.fields import read_fields
from gisgrid.records.outward.scope import OutwardRequest, open_scope
from gisgrid.records.outward.sheets import OutwardPeople, OutwardSheet, sheets_from_json, sheets_to_json
from gisgrid.storage.engine import Database
from tests import world

ELDERS = OutwardSheet(
    sheet="表一",
    rows=OutwardRows.PERSON,
    people=OutwardPeople.ELDERS,
    columns={
        "A": "person.name",
        "B": "person.phone",
        "C": "person.need.living_alone",
        "D": "household.address",
        "E": "community.name",
    },
    cells={"B2": "count.elders", "C2": "grid.name"},
)


def content(view: View, *sheets: OutwardSheet, **wanted: str) -> OutwardContent:
    scope = open_scope(view, OutwardRequest(**wanted))
    return read_content(view, scope, read_fields(view), sheets)


def street(session: Session, now: datetime) -> world.World:
    """Grid G1 with an elder who agreed to calls and no to visits, and one whose household refused."""
    made = world.found(session)
    building = world.add_building(session, made, 0, 0)
    home = world.add_household(session, building, "101")
    world.add_resident(session, home, date(1940, 1, 1), name="=示例")
    world.add_resident(session, home, date(1990, 1, 1))
    refused = world.add_household(session, building, "102", consent="refused")
    world.add_resident(session, refused, date(1940, 1, 1), consent="refused")
    for purpose, status in (("contact", "granted"), ("elder_visits", "refused")):
        answer = Consent(household_id=home.id, purpose=purpose, status=status, text_version="1", asked_at=now)
        session.add(answer)
    session.flush()
    return made


def test_rows_hold_what_was_agreed_to_and_say_where_not(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = street(session, now)
        view = made.view(session, world.add_actor(session, made, Role.MEMBER, "G1"), now=now)
        table = content(view, ELDERS, grid="G1")
    (row,) = table.rows["表一"]
    assert (row["person.name"], row["person.phone"]) == ("=示例", "199-0000-0000")
    assert row["person.need.living_alone"] is NO_CONSENT
    assert row["community.name"] == "示例社区"
    assert (table.cells["count.elders"], table.cells["grid.name"]) == (1, "第1网格")
    assert table.left_out == 1


def test_a_refused_household_stands_there_by_its_address(database: Database, now: datetime) -> None:
    columns = {"A": "household.address", "B": "household.contact", "C": "household.registered"}
    homes = OutwardSheet(sheet="户", rows=OutwardRows.HOUSEHOLD, columns=columns)
    with database.write() as session:
        made = street(session, now)
        first, second = content(made.view(session, now=now), homes).rows["户"]
    assert (first["household.registered"], second["household.registered"]) == (2, 0)
    assert second["household.address"]
    assert second["household.contact"] is NO_CONSENT


def test_grids_are_counted_and_one_without_people_has_zeroes(database: Database, now: datetime) -> None:
    columns = {"A": "grid.name", "B": "count.households", "C": "count.elders", "D": "count.cases.received"}
    grids = OutwardSheet(sheet="月报", rows=OutwardRows.GRID, columns=columns)
    with database.write() as session:
        made = street(session, now)
        view = made.view(session, now=now)
        first, *others = content(view, grids).rows["月报"]
        assert content(view, ELDERS, grid="G2").rows["表一"] == []
    assert (first["count.households"], first["count.elders"]) == (2, 1)
    assert [row["count.households"] for row in others] == [0, 0, 0]


@pytest.mark.parametrize("month", ["2026-13", "26-01", "2099-01"])
def test_no_month_or_one_to_come_is_refused(database: Database, now: datetime, month: str) -> None:
    with database.write() as session:
        made = street(session, now)
        with pytest.raises(InvalidInput, match="month"):
            content(made.view(session, now=now), ELDERS, month=month)


def test_a_leap_day_belongs_to_its_month(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = street(session, now)
        scope = open_scope(made.view(session, now=now), OutwardRequest(month="2024-02"))
    assert (scope.first, scope.end) == (date(2024, 2, 1), date(2024, 3, 1))


def test_heads_say_why_members_stay_in_their_grids_and_others_fill_none(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = street(session, now)
        head = made.view(session, world.add_actor(session, made, Role.HEAD, "G1", "G2"), now=now)
        with pytest.raises(InvalidInput, match="reason"):
            content(head, ELDERS)
        assert len(content(head, ELDERS, reason="civil affairs").rows["表一"]) == 1
        member = made.view(session, world.add_actor(session, made, Role.MEMBER, "G2"), now=now)
        with pytest.raises(NotFound):
            content(member, ELDERS, grid="G1")
        assert content(member, ELDERS).rows["表一"] == []
        for role in (Role.STEWARD, Role.LEADER, Role.GRID_LEADER):
            other = made.view(session, world.add_actor(session, made, role, "G3"), now=now)
            with pytest.raises(NotAllowed):
                content(other, ELDERS)


def test_sheets_come_back_as_they_were_kept() -> None:
    assert sheets_from_json(sheets_to_json([ELDERS])) == (ELDERS,)


def test_more_rows_ask_the_database_no_more_often(database: Database, now: datetime) -> None:
    def asked(session: Session, view: View) -> int:
        count = 0

        def note(*_told: object) -> None:
            nonlocal count
            count += 1

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        content(view, ELDERS)
        event.remove(connection, "before_cursor_execute", note)
        return count

    with database.write() as session:
        made = street(session, now)
        few = asked(session, made.view(session, now=now))
        building = world.add_building(session, made, 1, 0, number="9")
        for room in range(40):
            home = world.add_household(session, building, str(room + 101))
            world.add_resident(session, home, date(1940, 1, 1))
        many = asked(session, made.view(session, now=now))
    assert 0 < many <= few
