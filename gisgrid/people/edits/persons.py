"""People come, go and come back: new entries, moves and deaths, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput
from gisgrid.people.core.models import Resident
from gisgrid.people.core.phone_digests import phone_digest, phone_digests
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import Leaving
from gisgrid.people.edits.changes import EditAct, begin_edit
from gisgrid.people.edits.duplicates import PersonPair, duplicates_of
from gisgrid.people.edits.field_states import states_of
from gisgrid.people.edits.fields import FIELDS, HOUSEHOLD_KIND, LEFT
from gisgrid.people.edits.head_counts import HeadCount, head_count
from gisgrid.people.edits.register import settle_vacancy
from gisgrid.people.edits.repeats import id_faults, was_taken
from gisgrid.people.edits.scope import EditSubject, editable_household, editable_person, reason_faults
from gisgrid.people.edits.service import check_open, check_stay
from gisgrid.people.edits.values import Value, check_value, past_day
from gisgrid.places.models import HouseholdKind

ADDED: Final = "person.added"
_VALUES: Final = ("name", "sex", "birth_date", "residence_status", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person of 14 or older who lives in a household, with an id made by the sender.

    Days are ISO dates; without ``lived_from`` the person has lived there since today.
    """

    id: str
    birth_date: str
    residence_status: str
    name: str | None = None
    sex: str | None = None
    phone: str | None = None
    lived_from: str | None = None


class PersonAnswer(TypedDict):
    """A person who came or went: the change, if any, the household's counts, possible duplicates."""

    person: str
    change: str | None
    count: HeadCount
    duplicates: list[PersonPair]


def add_person(
    view: View, household_id: str, new: NewPerson, *, reason: str | None = None, now: datetime
) -> PersonAnswer:
    """Add a person to a household that agreed to be registered; the same again is the same answer.

    A dwelling that was said to be vacant is so no longer.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    InvalidInput
        A value or the reason can't be so, or consent is missing: all faults at once.
    Conflict
        The id is that of somebody else.
    """
    subject = editable_household(view, household_id)
    act = begin_edit(view, subject, reason, now)
    values = _check(act, new)
    if was_taken(view.session, new.id, ADDED, subject, values):
        return _answer(act, new.id, new.id)
    if view.session.scalar(select(Resident.id).where(Resident.id == new.id)) is not None:
        raise Conflict("something else was sent under this id")
    person = _made(act, new.id, values)
    if subject.household.kind == HouseholdKind.VACANT:
        act.write(HOUSEHOLD_KIND, None)
    added = EditAct(
        view=view,
        subject=EditSubject(household=subject.household, person=person),
        reason=act.reason,
        now=now,
        id=act.id,
    )
    added.keep(ADDED, Purpose.REGISTRATION, before=None, after=values, change_id=new.id)
    settle_vacancy(view.session, subject.household, now=now, tz=view.tz)
    added.close("persons:add", [ADDED])
    return _answer(act, new.id, new.id)


def _check(act: EditAct, new: NewPerson) -> Mapping[str, str | int | None]:
    today = day_of(act.now, act.view.tz)
    states = states_of(act.view.session, act.subject.household)
    faults = [*reason_faults(act.view, act.reason), *id_faults(new.id)]
    values: dict[str, str | int | None] = {}
    for name in _VALUES:
        field, value = FIELDS[f"person.{name}"], getattr(new, name)
        try:
            if value is not None or name == "birth_date":
                check_open(field, states)
            values[name] = _plain(check_value(field, value, today=today))
        except InvalidInput as error:
            faults += error.faults
    try:
        values["lived_from"] = past_day(new.lived_from or today.isoformat(), today).isoformat()
    except ValueError as error:
        faults.append(Fault(message=error.args[0], field="lived_from"))
    if not faults and str(values["lived_from"]) < str(values["birth_date"]):
        faults.append(Fault(message="nobody lives anywhere before being born", field="lived_from"))
    if faults:
        raise InvalidInput(faults)
    return values


def _plain(value: Value) -> str | int | None:
    return None if isinstance(value, Mapping) else value


def _made(act: EditAct, person_id: str, values: Mapping[str, str | int | None]) -> Resident:
    session, household = act.view.session, act.subject.household
    phone, sex, name = (str(values[name]) if values[name] else None for name in ("phone", "sex", "name"))
    person = Resident(
        id=person_id,
        household_id=household.id,
        name=name,
        sex=sex,
        phone=phone,
        phone_digest=phone_digest(phone_digests(session), phone),
        birth_date=date.fromisoformat(str(values["birth_date"])),
        residence_status=str(values["residence_status"]),
        consent=household.consent,
        lived_from=date.fromisoformat(str(values["lived_from"])),
    )
    session.add(person)
    session.flush()
    return person


def leave(
    view: View, person_id: str, day: str, why: str, *, reason: str | None = None, now: datetime
) -> PersonAnswer:
    """Note that a person has moved out or died: ``day`` is the first one on which nobody of them lives here.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    InvalidInput
        The day, why, or the reason can't be so: all faults at once.
    Conflict
        The person lives here no more already, otherwise than this says, was erased or has refused.
    """
    act = begin_edit(view, editable_person(view, person_id), reason, now)
    value = _left(act, {"day": day, "why": why})
    current = act.read(LEFT)
    if current is not None and current != value:
        raise Conflict("this person has left already: edit the day, or note the coming back first")
    change = None if current == value else act.write(LEFT, value)
    act.close("persons:leave", [LEFT.code])
    return _answer(act, person_id, change)


def _left(act: EditAct, value: Value) -> Value:
    faults = reason_faults(act.view, act.reason)
    try:
        check_open(LEFT, states_of(act.view.session, act.subject.household, act.subject.person))
        value = check_value(LEFT, value, today=day_of(act.now, act.view.tz))
        check_stay(act.subject, value)
    except InvalidInput as error:
        faults += error.faults
    if faults:
        raise InvalidInput(faults)
    return value


def come_back(view: View, person_id: str, *, reason: str | None = None, now: datetime) -> PersonAnswer:
    """Note that a person who had moved out lives here again; the days between count as lived here.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    InvalidInput
        The reason can't be so.
    Conflict
        The person has died, was erased or has refused.
    """
    act = begin_edit(view, editable_person(view, person_id), reason, now)
    if faults := reason_faults(view, reason):
        raise InvalidInput(faults)
    current = act.read(LEFT)
    if isinstance(current, Mapping) and current["why"] == Leaving.DIED:
        raise Conflict("this person was noted as dead: undo that, or edit it")
    change = None if current is None else act.write(LEFT, None)
    act.close("persons:return", [LEFT.code])
    return _answer(act, person_id, change)


def _answer(act: EditAct, person_id: str, change: str | None) -> PersonAnswer:
    return PersonAnswer(
        person=person_id,
        change=change,
        count=head_count(act.view, act.subject.household),
        duplicates=duplicates_of(act.view, person_id),
    )
