"""The doors of a building: which state each is in, how they stand, and who learns what of whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.rules import ConsentStatus
from gisgrid.people.doors.queries import BuildingDoors, DoorPlate, building_doors
from gisgrid.people.doors.rules import DoorFacts, DoorState, door_state, floor_of, stacked
from gisgrid.people.freshness import AGEING_DAYS
from gisgrid.people.requests.service import VisitInput, note_visit
from gisgrid.people.verification import verify_household
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import NOW

OLD = date(1940, 1, 1)
days = st.none() | st.integers(0, 800).map(lambda count: NOW - timedelta(days=count))


class Stairs:
    """A building of G1 with a door in each state, and one of G4 beside it."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        self.house = world.add_building(session, self.made, 0, 0)
        self.far = world.add_building(session, self.made, 3, 3, number="8")
        self.member = world.add_actor(session, self.made, Role.MEMBER, "G1")
        for room in ("101", "102", "201", "202", "1001"):
            world.add_resident(session, self.add(room), OLD, name=f"示例{room}")
        verify_household(self.view(), self.home("101").id, now=now - timedelta(days=AGEING_DAYS - 1))
        verify_household(self.view(), self.home("102").id, now=now - timedelta(days=AGEING_DAYS + 1))
        refusal = AnswerInput(purpose="registration", status="refused")
        record_answer(self.view(), self.home("201").id, refusal, now=now)
        self.home("202").kind = "vacant"
        self.home("1001").consent = None
        note_visit(self.view(), self.home("1001").id, VisitInput(outcome="not_met"), now=now)
        world.add_household(session, self.far, "101")

    def add(self, room: str, **more: Any) -> Household:
        return world.add_household(self.session, self.house, room, **more)

    def home(self, room: str) -> Household:
        statement = select(Household).where(Household.building_id == self.house.id, Household.room == room)
        return self.session.scalars(statement).one()

    def view(self, actor: Actor | None = None, **more: Any) -> Any:
        return self.made.view(self.session, actor or self.member, now=self.now, **more)

    def doors(self, actor: Actor | None = None, building: str | None = None) -> BuildingDoors:
        return building_doors(self.view(actor), building or self.house.id, now=self.now)


def rows_of(board: BuildingDoors) -> dict[str, DoorPlate]:
    return {
        door["room"] or "": door
        for unit in board["units"]
        for floor in unit["floors"]
        for door in floor["doors"]
    }


def test_each_door_is_in_one_state(database: Database, now: datetime) -> None:
    with database.write() as session:
        board = Stairs(session, now).doors()
    assert {room: door["state"] for room, door in rows_of(board).items()} == {
        "101": "verified",
        "102": "to_verify",
        "201": "refused",
        "202": "empty",
        "1001": "nobody_met",
    }
    assert board["counts"] == dict.fromkeys(DoorState, 1)
    assert [floor["floor"] for floor in board["units"][0]["floors"]] == [10, 2, 1]
    assert rows_of(board)["1001"]["missed_on"] == "2026-11-24"
    assert rows_of(board)["101"]["persons"] == ["示例101"]
    assert rows_of(board)["201"]["persons"] is None


def test_who_learns_what(database: Database, now: datetime) -> None:
    with database.write() as session:
        stairs = Stairs(session, now)
        made, own = stairs.made, frozenset({stairs.house.id})
        head = rows_of(stairs.doors(world.add_actor(session, made, Role.HEAD)))
        assert head["101"]["persons"] == ["示****"]
        steward = replace(world.add_actor(session, made, Role.STEWARD), areas=frozenset(), buildings=own)
        doors = rows_of(stairs.doors(steward))
        assert len(doors) == 5
        assert {door["persons"] is None for door in doors.values()} == {True}
        staff = world.add_actor(session, made, Role.STAFF, "G1")
        assert rows_of(stairs.doors(staff))["101"]["persons"] == ["示例101"]
        for actor in (stairs.member, steward, staff, world.add_actor(session, made, Role.STAFF, "G2")):
            with pytest.raises(NotFound):
                stairs.doors(actor, stairs.far.id)
        for role in set(Role) - {Role.LOCAL, Role.HEAD, Role.STAFF, Role.MEMBER, Role.STEWARD}:
            with pytest.raises(NotAllowed):
                stairs.doors(world.add_actor(session, made, role, "G1"))


def test_children_and_who_left_or_refused_are_named_nowhere(database: Database, now: datetime) -> None:
    with database.write() as session:
        stairs = Stairs(session, now)
        home = stairs.home("101")
        world.add_resident(session, home, date(2012, 11, 25), name="示例小童")
        world.add_resident(session, home, date(2012, 11, 24), name="示例少年")
        world.add_resident(session, home, OLD, name="示例不愿", consent="refused")
        world.add_resident(session, home, OLD, name="示例已搬").lived_to = date(2026, 11, 24)
        session.flush()
        assert rows_of(stairs.doors())["101"]["persons"] == ["示例101", "示例少年"]


def test_a_door_is_empty_since_nobody_lives_there(database: Database, now: datetime) -> None:
    with database.write() as session:
        stairs = Stairs(session, now)
        stairs.home("101").vacated_at = now
        stairs.home("102").vacated_at = now + timedelta(days=1)
        session.flush()
        doors = rows_of(stairs.doors())
    assert (doors["101"]["state"], doors["102"]["state"]) == ("empty", "to_verify")


def test_it_is_one_entry_of_the_trail_and_a_question_for_each_table(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        stairs = Stairs(session, now)
        view = stairs.view()
        assert view.own_cells
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.lstrip().startswith(("SELECT", "WITH")):
                asked.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            building_doors(view, stairs.house.id, now=now)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        assert len(asked) <= 4, asked
        entries = select(AuditEntry).where(AuditEntry.action == "doors:list")
        entry = session.scalars(entries).one()
        assert (entry.object_id, entry.count, list(entry.fields)) == (stairs.house.id, 5, ["name"])


def test_a_building_without_households_has_no_doors(database: Database, now: datetime) -> None:
    with database.write() as session:
        stairs = Stairs(session, now)
        empty = world.add_building(session, stairs.made, 1, 0, number="2")
        assert stairs.doors(building=empty.id)["units"] == []


@given(
    st.sampled_from([None, *ConsentStatus]), st.sampled_from([None, "owned", "rented", "vacant"]), days, days
)
def test_states_by_what_is_known(
    consent: str | None, kind: str | None, verified_at: datetime | None, missed_at: datetime | None
) -> None:
    facts = DoorFacts(consent=consent, kind=kind, verified_at=verified_at, missed_at=missed_at)
    state = door_state(facts, NOW)
    is_closed = consent in {"refused", "withdrawn"}
    assert (state == DoorState.REFUSED) == is_closed
    assert (state == DoorState.EMPTY) == (kind == "vacant" and not is_closed)
    if state in {DoorState.VERIFIED, DoorState.TO_VERIFY, DoorState.NOBODY_MET}:
        recent = [at is not None and (NOW - at).days <= AGEING_DAYS for at in (verified_at, missed_at)]
        assert (state == DoorState.VERIFIED) == recent[0]
        assert (state == DoorState.TO_VERIFY) == (not any(recent))


@pytest.mark.parametrize(
    ("room", "floor"),
    [
        *[("101", 1), ("1203", 12), ("301A", 3), ("10203", 102), ("5", None), ("001", None), ("B101", None)],
        *[("门卫", None), ("", None), (None, None), ("12", None)],
    ],
)
def test_floors_are_read_from_rooms(room: str | None, floor: int | None) -> None:
    assert floor_of(room) == floor


def test_homes_stand_as_in_the_house() -> None:
    rooms = [("10", "101"), ("2", "1101"), ("2", "102"), ("2", "101"), (None, "门卫"), ("2", None)]
    homes = [Household(unit=unit, room=room) for unit, room in rooms]
    built = [
        (unit, [(floor, [home.room for home in row]) for floor, row in floors])
        for unit, floors in stacked(homes)
    ]
    assert built == [
        ("2", [(11, ["1101"]), (1, ["101", "102"]), (None, [None])]),
        ("10", [(1, ["101"])]),
        (None, [(None, ["门卫"])]),
    ]
