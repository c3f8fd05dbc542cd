"""Who lives behind which door, as the phone holds it: the board, the card and the fields of each household.

All of it in a few statements for the whole territory, by the rules of the card: of who refused or withdrew
and of minors below 14 nothing, of stewards' buildings no persons, of each purpose only what was agreed to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.areas.view import View
from gisgrid.offline.territory import filled, homes_here, learns_persons, pairs_of
from gisgrid.people.core.answers import last_answers
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, NOT_ASKED, latest_birth
from gisgrid.people.doors.homes import DoorHome, door_homes
from gisgrid.people.doors.rules import door_state, floor_of
from gisgrid.people.edits.field_states import FieldState, state_of_answers
from gisgrid.people.edits.fields import NEEDS
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on, valid_at
from gisgrid.welfare.queries import VisitorRow, visits_of

Answers = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDoors:
    """The doors of a territory by building; those of households that stand in none under ``""``."""

    by_building: Mapping[str, list[dict[str, Any]]]
    households: int
    persons: int


def held_doors(view: View) -> HeldDoors:
    """The doors of the territory with who lives there, as far as the account may know them."""
    here = homes_here(view)
    homes = {home.id: home for home in view.session.scalars(select(Household).where(here))}
    dwellings = {dwelling.id: dwelling for dwelling in door_homes(view, here)}
    people = _HeldPeople.read(view, here, homes) if learns_persons(view) else None
    doors: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for home in sorted(homes.values(), key=lambda home: (len(home.std_address), home.std_address)):
        doors[home.building_id or ""].append(_door(view, home, dwellings[home.id], people))
    persons = sum(len(door.get("persons", ())) for rows in doors.values() for door in rows)
    return HeldDoors(by_building=doors, households=len(homes), persons=persons)


def _door(view: View, home: Household, dwelling: DoorHome, people: _HeldPeople | None) -> dict[str, Any]:
    facts = dwelling.facts
    row = filled(
        id=home.id,
        address=home.std_address,
        unit=home.unit,
        room=home.room,
        floor=floor_of(home.room),
        at=pairs_of(home.position) if home.position is not None else None,
        state=door_state(facts, view.when.at).value,
        verified=_day(view, facts.verified_at),
        missed=_day(view, facts.missed_at),
    )
    return row if people is None else {**row, **people.of_home(view, home)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldPeople:
    """What is known of the people of a territory, read at once; answers by subject and purpose."""

    residents: Mapping[str, list[Resident]]
    listed: frozenset[str]
    shared: Answers
    own: Answers
    needs: Mapping[str, list[Need]]
    visitors: Mapping[str, VisitorRow]

    @classmethod
    def read(cls, view: View, here: ColumnElement[bool], homes: Iterable[str]) -> _HeldPeople:
        """The residents of some households who may be known, with their answers, needs and visitors."""
        residents = _residents(view, here)
        listed = [row.id for row in residents if _is_listed(view, row)]
        by_home: dict[str, list[Resident]] = defaultdict(list)
        for row in residents:
            by_home[row.household_id].append(row)
        return cls(
            residents=by_home,
            listed=frozenset(listed),
            shared=last_answers(view.session, Consent.household_id, homes),
            own=last_answers(view.session, Consent.resident_id, listed),
            needs=_needs(view, here),
            visitors=visits_of(view, listed) if may(view.actor, Action.VISITORS_VIEW) else {},
        )

    def of_home(self, view: View, home: Household) -> dict[str, Any]:
        """What the phone holds of a household beside its door."""
        if home.consent in NO_CONSENT:
            return {"consent": home.consent}
        residents = self.residents.get(home.id, [])
        is_open = self._state(home, None, Purpose.REGISTRATION) == FieldState.OPEN
        return filled(
            consent=home.consent,
            kind=home.kind if is_open else None,
            contact=home.contact if self._state(home, None, Purpose.CONTACT) == FieldState.OPEN else None,
            told=home.people_told if is_open else None,
            minors=home.minors if is_open else None,
            vacated=_day(view, home.vacated_at),
            people=len(residents) or None,
            purposes=_purposes(self.shared, home.id),
            persons=[self._person(view, home, row) for row in residents if row.id in self.listed],
        )

    def _person(self, view: View, home: Household, person: Resident) -> dict[str, Any]:
        visitor = self.visitors.get(person.id)
        return filled(
            id=person.id,
            name=person.name,
            born=person.birth_date.isoformat() if person.birth_date else None,
            sex=person.sex,
            residence=person.residence_status,
            phone=person.phone,
            consent=person.consent if person.consent != NOT_ASKED else None,
            purposes=_purposes(self.own, person.id),
            needs=[
                self._need(view, need)
                for need in self.needs.get(person.id, ())
                if self._state(home, person, NEEDS[need.kind].purpose) == FieldState.OPEN
            ],
            visitor=filled(**visitor.shown(view)) if visitor else None,
        )

    def _need(self, view: View, need: Need) -> dict[str, Any]:
        return filled(kind=need.kind, grade=need.grade, since=_day(view, need.valid_from))

    def _state(self, home: Household, person: Resident | None, purpose: Purpose) -> FieldState:
        """As the fields of the card have it: see :func:`gisgrid.people.edits.field_states.states_of`."""
        registered = state_of_answers(_registered(person), home.consent)
        if purpose == Purpose.REGISTRATION or registered == FieldState.REFUSED:
            return registered
        own = self.own.get((person.id, purpose)) if person is not None else None
        return state_of_answers(own, self.shared.get((home.id, purpose)))


def _registered(person: Resident | None) -> str | None:
    return person.consent if person is not None and person.consent != NOT_ASKED else None


def _residents(view: View, here: ColumnElement[bool]) -> list[Resident]:
    """Who lives in some households today and may be known at all, the eldest first."""
    statement = (
        select(Resident)
        .join(Household, Household.id == Resident.household_id)
        .where(
            here,
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
            Resident.consent.not_in(NO_CONSENT),
            lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
        )
        .order_by(Resident.birth_date, Resident.id)
    )
    return list(view.session.scalars(statement))


def _is_listed(view: View, person: Resident) -> bool:
    youngest: date = latest_birth(LISTED_AGE, view.when.day)
    return person.erased_at is None and (person.birth_date is None or person.birth_date <= youngest)


def _needs(view: View, here: ColumnElement[bool]) -> dict[str, list[Need]]:
    statement = (
        select(Need)
        .join(Resident, Resident.id == Need.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(here, valid_at(Need, view.when.at), Need.kind.in_(NEEDS))
        .order_by(Need.kind, Need.valid_from)
    )
    needs: dict[str, list[Need]] = defaultdict(list)
    for need in view.session.scalars(statement):
        needs[need.resident_id].append(need)
    return needs


def _purposes(answers: Answers, subject: str) -> dict[str, str]:
    return {purpose.value: answers[subject, purpose] for purpose in Purpose if (subject, purpose) in answers}


def _day(view: View, at: datetime | None) -> str | None:
    return at.astimezone(view.tz).date().isoformat() if at else None
