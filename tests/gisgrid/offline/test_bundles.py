"""What a phone is given says neither more nor less than cards, boards and fields tell the same account."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Duty, Role
from gisgrid.figures.cards import household_card
from gisgrid.offline.parts import Bundle
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.core.models import Need
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.doors.queries import building_doors
from gisgrid.people.edits.fields import FieldType
from gisgrid.people.edits.queries import household_fields, person_fields
from gisgrid.people.verification import verify_household
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from gisgrid.welfare.service import VisitorInput, assign_visitor
from tests import world

NEEDS = ("living_alone", "empty_nest", "ability_grade", "no_income", "disabled")


class Quarter:
    """Buildings of several grids with people who answered this and that, drawn at random."""

    def __init__(self, session: Session, now: datetime, seed: int) -> None:
        self.session, self.now, self.rng = session, now, random.Random(seed)
        self.made = world.found(session)
        self.member = world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.houses = [
            world.add_building(session, self.made, column, row, number=str(number))
            for number, (column, row) in enumerate(((0, 0), (1, 0), (0, 1), (3, 3)), 1)
        ]
        for house in self.houses:
            for room in self.rng.sample(("101", "102", "201", "302", "A", "1203"), 4):
                self._home(house, room)

    def _home(self, house: Any, room: str) -> None:
        home = world.add_household(self.session, house, room)
        rng = self.rng
        home.consent = rng.choice((None, "granted", "granted", "statutory_duty", "refused", "withdrawn"))
        home.kind = rng.choice((None, "owned", "vacant", "rented"))
        home.people_told, home.minors = rng.choice((None, 3)), rng.choice((None, 0, 2))
        home.contact = None if home.consent in NO_CONSENT else rng.choice((None, "0527-80000001"))
        for count in range(rng.randrange(4)):
            self._person(home, count)
        for purpose in rng.sample(list(Purpose), 3):
            if home.consent not in NO_CONSENT and home.consent and purpose != Purpose.REGISTRATION:
                answer = AnswerInput(purpose=purpose, status=rng.choice(("granted", "refused")))
                record_answer(self.view(Role.LOCAL), home.id, answer, now=self.now)
        if rng.random() < 0.4:
            home.last_verified_at = self.now - timedelta(days=rng.randrange(400))

    def _person(self, home: Household, count: int) -> None:
        rng = self.rng
        year = rng.choice((1938, 1950, 1980, 2011, 2012, 2013, 2020))
        person = world.add_resident(
            self.session,
            home,
            date(year, 11, 24),
            name=f"示例{home.room}{count}",
            consent=rng.choice(("granted", "granted", "not_asked", "refused")),
        )
        if rng.random() < 0.2:
            person.lived_to = date(2026, 11, rng.randrange(1, 28))
        for kind in rng.sample(NEEDS, 2):
            need = Need(
                id=new_id(), resident_id=person.id, kind=kind, legal_basis="示例", valid_from=world.START
            )
            self.session.add(need)
        self.session.flush()

    def view(self, actor: Actor | Role) -> Any:
        who = replace(self.member, role=actor, account_id=None) if isinstance(actor, Role) else actor
        return self.made.view(self.session, who, now=self.now)

    def bundle(self, actor: Actor) -> Bundle:
        return Bundle(self.view(actor), self.now)


def doors_of(bundle: Bundle) -> dict[str, dict[str, Any]]:
    rows = [part["doors"] for name, part in bundle.parts.items() if name.startswith("b/")]
    return {door["id"]: door for doors in rows for door in doors}


def persons_of(bundle: Bundle) -> list[dict[str, Any]]:
    return [person for door in doors_of(bundle).values() for person in door.get("persons", ())]


@pytest.mark.parametrize("seed", range(6))
def test_a_phone_holds_what_cards_boards_and_fields_tell(
    database: Database, now: datetime, seed: int
) -> None:
    with database.write() as session:
        quarter = Quarter(session, now, seed)
        view = quarter.view(quarter.member)
        bundle = quarter.bundle(quarter.member)
        held = doors_of(bundle)
        own = {home.id for home in session.scalars(select(Household)) if home.cell_id in view.own_cells}
        assert set(held) == own
        assert len(own) > 4
        assert {row["id"] for row in bundle.parts["buildings"]} == {house.id for house in quarter.houses[:3]}
        for home_id, row in held.items():
            _is_as_the_card(row, household_card(view, home_id, reason=None, now=now))
            _is_as_the_fields(quarter, row)
        for house in quarter.houses[:3]:
            for plate in _plates(building_doors(view, house.id, now=now)):
                _is_as_the_board(held[plate["household"]], plate)


def _is_as_the_card(row: dict[str, Any], card: Any) -> None:
    assert row["address"] == card["address"]
    persons = [
        (person["id"], person["name"], person["sex"], person["residence_status"], person["phone"])
        for person in card["persons"] or ()
    ]
    assert persons == [
        (person["id"], person.get("name"), person.get("sex"), person["residence"], person.get("phone"))
        for person in row.get("persons", ())
    ]
    ages = [person["age"] for person in card["persons"] or ()]
    born = [date.fromisoformat(person["born"]) for person in row.get("persons", ())]
    assert ages == [2026 - day.year - ((day.month, day.day) > (11, 24)) for day in born]
    assert row.get("people") == card["people"]
    visitors = [(person.get("visitor") or {}).get("name") for person in card["persons"] or ()]
    assert visitors == [(person.get("visitor") or {}).get("name") for person in row.get("persons", ())]


def _is_as_the_fields(quarter: Quarter, row: dict[str, Any]) -> None:
    view, now = quarter.view(quarter.member), quarter.now
    values = {
        field["field"]: field["value"] for field in household_fields(view, row["id"], now=now)["fields"]
    }
    names = {"kind": "kind", "contact": "contact", "people_told": "told", "minors": "minors"}
    assert {code: values[f"household.{code}"] for code in names} == {
        code: row.get(name) for code, name in names.items()
    }
    for person in row.get("persons", ()):
        needs = {
            field["field"].removeprefix("person.need.")
            for field in person_fields(view, person["id"], now=now)["fields"]
            if field["type"] == FieldType.NEED and field["value"] is not None
        }
        assert needs == {need["kind"] for need in person.get("needs", ())}


def _is_as_the_board(row: dict[str, Any], plate: Any) -> None:
    assert row["state"] == plate["state"]
    assert (row.get("verified"), row.get("missed")) == (plate["verified_on"], plate["missed_on"])
    names = [person.get("name") for person in row.get("persons", ())]
    assert names == (plate["persons"] or [])


def _plates(board: Any) -> list[Any]:
    return [door for unit in board["units"] for floor in unit["floors"] for door in floor["doors"]]


def test_a_steward_holds_doors_of_own_buildings_without_persons(database: Database, now: datetime) -> None:
    with database.write() as session:
        quarter = Quarter(session, now, 1)
        steward = replace(
            world.add_actor(session, quarter.made, Role.STEWARD),
            areas=frozenset(),
            buildings=frozenset({quarter.houses[3].id}),
        )
        bundle = quarter.bundle(steward)
        doors = doors_of(bundle)
        assert len(doors) == 4
        known = {"id", "address", "unit", "room", "floor", "at", "state", "verified", "missed"}
        assert {name for door in doors.values() for name in door} <= known
        assert [row["id"] for row in bundle.parts["buildings"]] == [quarter.houses[3].id]
        assert [grid["name"] for grid in bundle.parts["ground"]["grids"]] == ["第4网格"]
        assert "示例" not in bundle.texts["work"]


def test_a_tag_changes_with_its_part_alone_and_differs_by_account(database: Database, now: datetime) -> None:
    with database.write() as session:
        quarter = Quarter(session, now, 2)
        other = world.add_actor(session, quarter.made, Role.MEMBER, "G1", primary=False)
        before = quarter.bundle(quarter.member)
        assert before.tags == quarter.bundle(quarter.member).tags
        late = Bundle(quarter.made.view(session, quarter.member, now=now + timedelta(seconds=40)), now)
        assert late.tags == before.tags
        assert not set(quarter.bundle(other).tags.values()) & set(before.tags.values())
        home = next(door for door in doors_of(before).values() if door["state"] == "to_verify")
        verify_household(quarter.view(quarter.member), home["id"], now=now)
        after = quarter.bundle(quarter.member)
        building = session.scalar(select(Household.building_id).where(Household.id == home["id"]))
        changed = {name for name in after.tags if after.tags[name] != before.tags[name]}
        assert f"b/{building}" in changed
        assert changed <= {f"b/{building}", "work"}


def test_looking_at_a_bundle_leaves_no_entry_by_itself(database: Database, now: datetime) -> None:
    """Whoever hands it out leaves one; a phone that only asks whether anything changed is handed nothing."""
    with database.write() as session:
        quarter = Quarter(session, now, 3)
        counted = select(func.count()).select_from(AuditEntry)
        before = session.scalar(counted)
        assert quarter.bundle(quarter.member).tags
        session.flush()
        assert session.scalar(counted) == before


def test_visitors_stand_beside_whom_they_visit(database: Database, now: datetime) -> None:
    with database.write() as session:
        quarter = Quarter(session, now, 4)
        first = persons_of(quarter.bundle(quarter.member))[0]
        worker = session.scalars(select(Duty.worker_id)).first()
        visitor = VisitorInput(kind="worker", worker=worker)
        assign_visitor(quarter.view(quarter.member), first["id"], visitor, now=now)
        held = {person["id"]: person for person in persons_of(quarter.bundle(quarter.member))}
        assert held[first["id"]]["visitor"]["name"] == "member示例"


def test_a_territory_without_anything_is_a_bundle_too(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        bundle = Bundle(made.view(session, member, now=now), now)
        assert bundle.parts["buildings"] == []
        assert bundle.parts["ground"]["grids"][0]["name"] == "第1网格"
