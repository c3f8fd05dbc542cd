"""Clashes: who sees and settles them; duplicates: who is told of whom; notes about doors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.edit_models import DoorNote, FieldClash
from gisgrid.people.core.models import Resident
from gisgrid.people.core.phone_digests import fill_every_phone_digest
from gisgrid.people.edits.clashes import ask_to_check_again, list_clashes, settle_clash
from gisgrid.people.edits.door_notes import NewDoorNote, list_door_notes, note_door, settle_door_note
from gisgrid.people.edits.duplicates import decide_duplicate, duplicates_of, list_duplicates
from gisgrid.people.edits.service import FieldEdit, edit_household
from gisgrid.people.erasure.service import ask_erasure, carry_out
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.people.edits.home import Home


def clashing(home: Home) -> str:
    home.edit(home.first, "phone", "199-0000-0001", seen="199-0000-0000")
    return str(home.edit(home.first, "phone", "199-0000-0002", seen="199-0000-0000")["fields"][0]["clash"])


def test_a_clash_is_over_when_its_person_is_erased(database: Database, now: datetime, tmp_path: Path) -> None:
    with database.write() as session:
        home = Home(session, now)
        clash = clashing(home)
        head = world.add_actor(session, home.made, Role.HEAD, "C1")
        request = ask_erasure(home.view(), home.household.id, resident_id=home.first.id, now=now)
        carry_out(home.view(head), request, erasures=tmp_path / "erasures.jsonl", now=now)
        session.expire_all()
        assert session.get_one(FieldClash, clash).state == "gone"
        assert list_clashes(home.view(), now=now) == []


def test_a_clash_of_a_household_is_over_with_its_last_person(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        home = Home(session, now)
        for kind in ("owned", "rented"):
            edit = FieldEdit(field="household.kind", value=kind, seen=None)
            edit_household(home.view(), home.household.id, [edit], now=now)
        assert len(list_clashes(home.view(), now=now)) == 1
        head = world.add_actor(session, home.made, Role.HEAD, "C1")
        request = ask_erasure(home.view(), home.household.id, now=now)
        carry_out(home.view(head), request, erasures=tmp_path / "erasures.jsonl", now=now)
        session.expire_all()
        assert list_clashes(home.view(), now=now) == []


@pytest.mark.parametrize(("takes", "phone"), [(True, "199-0000-0002"), (False, "199-0000-0001")])
def test_staff_settle_and_members_look_again(
    database: Database, now: datetime, *, takes: bool, phone: str
) -> None:
    with database.write() as session:
        home = Home(session, now)
        clash = clashing(home)
        (row,) = list_clashes(home.view(), now=now)
        assert (row["id"], row["register"], row["answer"], row["name"]) == (
            *(clash, "199-0000-0001"),
            *("199-0000-0002", "示例甲"),
        )
        ask_to_check_again(home.view(), clash, now=now)
        assert list_clashes(home.view(), now=now)[0]["look_again_at"] is not None
        with pytest.raises(NotAllowed):
            settle_clash(home.view(), clash, takes_answer=takes, now=now)
        other = world.add_actor(session, home.made, Role.STAFF, "G2")
        assert list_clashes(home.view(other), now=now) == []
        with pytest.raises(NotFound):
            settle_clash(home.view(other), clash, takes_answer=takes, now=now)
        head = world.add_actor(session, home.made, Role.HEAD, "C1")
        (hidden,) = list_clashes(home.view(head), now=now)
        assert (hidden["is_shown"], hidden["register"], hidden["answer"], hidden["name"]) == (
            *(False, None),
            *(None, None),
        )
        with pytest.raises(InvalidInput, match="a reason is needed"):
            settle_clash(home.view(head), clash, takes_answer=takes, now=now)
        staff = world.add_actor(session, home.made, Role.STAFF, "G1")
        settled = settle_clash(home.view(staff), clash, takes_answer=takes, now=now)
        assert settled["state"] == ("taken" if takes else "kept")
        session.expire_all()
        assert session.get_one(Resident, home.first.id).phone == phone
        assert list_clashes(home.view(), now=now) == []
        for again in (
            lambda: settle_clash(home.view(staff), clash, takes_answer=True, now=now),
            lambda: ask_to_check_again(home.view(), clash, now=now),
        ):
            with pytest.raises(Conflict):
                again()


def test_a_clash_whose_purpose_is_withdrawn_is_gone(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        clash = clashing(home)
        home.answer("contact", "withdrawn")
        assert list_clashes(home.view(), now=now) == []
        assert session.get_one(FieldClash, clash).answer is None
        staff = world.add_actor(session, home.made, Role.STAFF, "G1")
        with pytest.raises(Conflict):
            settle_clash(home.view(staff), clash, takes_answer=True, now=now)


def test_duplicates_are_told_without_showing_another_grids_person(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        far = world.add_building(session, home.made, 2, 0, number="9")
        there = world.add_household(session, far, "101")
        near = world.add_household(session, world.add_building(session, home.made, 1, 1, number="5"), "101")
        same = world.add_resident(session, near, date(1950, 1, 1), name="示例甲")
        away = world.add_resident(session, there, date(1960, 1, 1), name="示例丙")
        for row in (home.first, home.second, same, away):
            row.phone = None
        home.first.phone, away.phone = "199-0000-1234", "+86 19900001234"
        fill_every_phone_digest(session)
        in_grid, across = f"{home.first.id}.{same.id}", f"{home.first.id}.{away.id}"

        def told(actor: Actor) -> dict[str, dict[str, Any]]:
            return {row["id"]: dict(row) for row in list_duplicates(home.view(actor), now=now)}

        assert set(told(home.member)) == {in_grid}
        assert {row["id"] for row in duplicates_of(home.view(), home.first.id)} == {in_grid}
        assert duplicates_of(home.view(), away.id) == []
        staff = world.add_actor(session, home.made, Role.STAFF, "G1")
        rows = told(staff)
        assert set(rows) == {in_grid, across}
        assert rows[across]["alike"] == ["phone"]
        assert rows[across]["second"] == {
            **dict.fromkeys(("id", "name", "household", "address")),
            "grid": "G2",
        }
        head = world.add_actor(session, home.made, Role.HEAD, "C1")
        assert {row["first"]["name"] for row in told(head).values()} == {"示**"}
        assert told(world.add_actor(session, home.made, Role.STAFF, "G3")) == {}
        with pytest.raises(NotAllowed):
            decide_duplicate(home.view(), in_grid, is_same=True, now=now)
        with pytest.raises(NotFound):
            decide_duplicate(home.view(staff), f"{same.id}.{away.id}", is_same=True, now=now)
        decide_duplicate(home.view(staff), across, is_same=False, now=now)
        assert set(told(staff)) == {in_grid}


def test_a_steward_notes_doors_and_members_settle_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        home = Home(session, now)
        building = home.household.building_id
        plain = world.add_actor(session, home.made, Role.STEWARD, "G1")
        steward = replace(plain, areas=frozenset(), buildings=frozenset({building}))
        note = NewDoorNote(
            id=new_id(), building=building, unit="1", room="101", kind="empty", day="2026-11-24"
        )
        row = note_door(home.view(steward), note, now=now)
        assert note_door(home.view(steward), note, now=now) == row
        with pytest.raises(Conflict):
            note_door(home.view(steward), replace(note, kind="moved_in"), now=now)
        wrong = replace(note, id="1", room="", kind="burnt", day="2030-01-01")
        with pytest.raises(InvalidInput) as raised:
            note_door(home.view(steward), wrong, now=now)
        assert [fault.field for fault in raised.value.faults] == ["id", "room", "kind", "day"]
        elsewhere = world.add_building(session, home.made, 2, 0, number="9")
        with pytest.raises(NotFound):
            note_door(home.view(steward), replace(note, building=elsewhere.id), now=now)
        with pytest.raises(NotAllowed):
            note_door(home.view(), note, now=now)
        assert list_door_notes(home.view(), now=now) == [row]
        other = world.add_actor(session, home.made, Role.MEMBER, "G2")
        assert list_door_notes(home.view(other), now=now) == []
        with pytest.raises(NotFound):
            settle_door_note(home.view(other), note.id, "wrong", now=now)
        with pytest.raises(NotAllowed):
            settle_door_note(home.view(steward), note.id, "wrong", now=now)
        settled = settle_door_note(home.view(), note.id, "as_known", now=now)
        assert settle_door_note(home.view(), note.id, "as_known", now=now) == settled
        with pytest.raises(Conflict):
            settle_door_note(home.view(), note.id, "wrong", now=now)
        assert list_door_notes(home.view(), now=now) == []
        assert list_door_notes(home.view(steward), now=now) == [settled]
        assert session.scalars(select(DoorNote.outcome)).all() == ["as_known"]


def test_a_name_and_a_day_that_stand_for_none_make_no_pairs(database: Database, now: datetime) -> None:
    """A register in which a thousand people are called the same must not stop the list."""
    with database.write() as session:
        home = Home(session, now)
        for person in (home.first, home.second):
            person.phone_digest = None
        for _ in range(1_000):
            world.add_resident(session, home.household, date(1950, 1, 1), name="不详").phone_digest = None
        session.flush()
        assert list_duplicates(home.view(), now=now) == []
