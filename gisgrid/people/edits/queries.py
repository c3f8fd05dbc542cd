"""What an editor reads: doors of a building, fields of a household and a person, changes to undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NotRequired

from sqlalchemy import func, select
from typing_extensions import TypedDict

from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.days import local_text_or_none
from gisgrid.people.core.edit_models import ClashState, FieldClash
from gisgrid.people.core.models import Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT, ConsentStatus, is_listed
from gisgrid.people.core.scope import answerable
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import FieldSubject, FieldType, RegisterField, fields_for
from gisgrid.people.edits.head_counts import HeadCount, head_count
from gisgrid.people.edits.history import ChangeRow, recent_changes
from gisgrid.people.edits.households import editable_building
from gisgrid.people.edits.openings import is_shown_to, note_opening, open_person
from gisgrid.people.edits.register import read_field
from gisgrid.people.edits.scope import EditSubject, editable_household
from gisgrid.people.edits.values import Value, base_of
from gisgrid.people.queries import masked
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on


class DoorRow(TypedDict):
    """A door of a building: its household, how it stands, and how many of it are registered."""

    id: str
    address: str
    unit: str | None
    room: str | None
    kind: str | None
    consent: ConsentStatus | None
    persons: int
    vacated_at: str | None
    verified_at: str | None
    clashes: int


class FieldRow(TypedDict):
    """A field: whether it exists, what it takes, its value where it exists, and the digest to send back."""

    field: str
    type: FieldType
    purpose: Purpose
    state: FieldState
    value: Value
    base: str | None
    choices: list[str]
    clearable: bool
    grades: list[int] | None


class KnownPerson(TypedDict):
    """A person of a household whose fields may be asked for.

    Without a reason heads are told masked names alone, of those who live there today.
    """

    id: str
    name: str | None
    left_on: NotRequired[str | None]


class HouseholdFields(TypedDict):
    """A household with its fields, its people, its counts and what can be undone.

    ``is_shown`` is false to heads who gave no reason: then no values are told.
    """

    household: str
    address: str
    is_shown: bool
    fields: list[FieldRow]
    persons: list[KnownPerson]
    count: HeadCount
    changes: list[ChangeRow]


class PersonFields(TypedDict):
    """A person with the fields there are, and what can be undone; ``is_shown`` as of a household."""

    person: str
    household: str
    is_shown: bool
    fields: list[FieldRow]
    changes: list[ChangeRow]


def doors_of(view: View, building_id: str, *, now: datetime) -> list[DoorRow]:
    """The doors of a building with how each stands, by address. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such building within what the actor may edit.
    """
    building = editable_building(view, building_id)
    statement = select(Household).where(Household.building_id == building.id, answerable(view))
    order = (func.length(Household.std_address), Household.std_address)
    households = view.session.scalars(statement.order_by(*order)).all()
    people, clashes = _people_by_home(view, building_id), _clashes_by_home(view, building_id)
    record(view.session, view.actor, "doors:list", "building", now=now, object_id=building.id)
    return [_door(view, household, people, clashes) for household in households]


def _door(view: View, household: Household, people: Counter[str], clashes: Counter[str]) -> DoorRow:
    is_refused = household.consent in NO_CONSENT
    return DoorRow(
        id=household.id,
        address=household.std_address,
        unit=household.unit,
        room=household.room,
        kind=None if is_refused else household.kind,
        consent=ConsentStatus(household.consent) if household.consent else None,
        persons=0 if is_refused else people[household.id],
        vacated_at=local_text_or_none(household.vacated_at, view.tz),
        verified_at=local_text_or_none(household.last_verified_at, view.tz),
        clashes=clashes[household.id],
    )


def _people_by_home(view: View, building_id: str) -> Counter[str]:
    statement = (
        select(Resident.household_id, func.count())
        .join(Household, Household.id == Resident.household_id)
        .where(
            Household.building_id == building_id,
            Resident.erased_at.is_(None),
            Resident.consent.not_in(NO_CONSENT),
            lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
        )
        .group_by(Resident.household_id)
    )
    return Counter({row[0]: row[1] for row in view.session.execute(statement)})


def _clashes_by_home(view: View, building_id: str) -> Counter[str]:
    statement = (
        select(FieldClash.household_id, func.count())
        .join(Household, Household.id == FieldClash.household_id)
        .where(Household.building_id == building_id, FieldClash.state == ClashState.WAITING)
        .group_by(FieldClash.household_id)
    )
    return Counter({row[0]: row[1] for row in view.session.execute(statement)})


def household_fields(
    view: View, household_id: str, *, reason: str | None = None, now: datetime
) -> HouseholdFields:
    """The fields of a household and whose may be asked for. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    """
    subject = editable_household(view, household_id, lock=False)
    is_shown = is_shown_to(view, reason)
    household = subject.household
    note_opening(view, "households:fields", subject, reason, now)
    return HouseholdFields(
        household=household.id,
        address=household.std_address,
        is_shown=is_shown,
        fields=fields_of(view, subject, is_shown=is_shown),
        persons=_persons(view, household, is_shown=is_shown),
        count=head_count(view, household),
        changes=recent_changes(view, subject, now, is_shown=is_shown),
    )


def person_fields(view: View, person_id: str, *, reason: str | None = None, now: datetime) -> PersonFields:
    """The fields of a person. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    Conflict
        The person was erased or has refused to be registered.
    """
    subject, is_shown = open_person(view, person_id, "persons:fields", reason, now)
    return PersonFields(
        person=person_id,
        household=subject.household.id,
        is_shown=is_shown,
        fields=fields_of(view, subject, is_shown=is_shown),
        changes=recent_changes(view, subject, now, is_shown=is_shown),
    )


def fields_of(view: View, subject: EditSubject, *, is_shown: bool = True) -> list[FieldRow]:
    """Every field of a household or a person: a refused one with its state, without a value."""
    states = states_of(view.session, subject.household, subject.person)
    kind = FieldSubject.HOUSEHOLD if subject.person is None else FieldSubject.PERSON
    return [_field(view, subject, field, states, is_shown=is_shown) for field in fields_for(kind)]


def _field(
    view: View,
    subject: EditSubject,
    field: RegisterField,
    states: Mapping[Purpose, FieldState],
    *,
    is_shown: bool,
) -> FieldRow:
    state = states[field.purpose]
    is_told = is_shown and state == FieldState.OPEN
    value = read_field(view.session, subject, field, view.tz) if is_told else None
    return FieldRow(
        field=field.code,
        type=field.type,
        purpose=field.purpose,
        state=state,
        value=value,
        base=base_of(view.session, subject.id, field, value) if is_told else None,
        choices=[str(choice) for choice in field.choices],
        clearable=field.clearable,
        grades=list(field.grades) if field.grades else None,
    )


def _persons(view: View, household: Household, *, is_shown: bool) -> list[KnownPerson]:
    if household.consent in NO_CONSENT:
        return []
    statement = (
        select(Resident)
        .where(
            Resident.household_id == household.id,
            Resident.erased_at.is_(None),
            Resident.consent.not_in(NO_CONSENT),
        )
        .order_by(Resident.birth_date, Resident.id)
    )
    today = view.when.day
    people = [row for row in view.session.scalars(statement) if is_listed(row.birth_date, today)]
    if is_shown:
        return [_known(person) for person in people]
    here = [person for person in people if person.lived_to is None or person.lived_to > today]
    return [KnownPerson(id=person.id, name=masked(person.name)) for person in here]


def _known(person: Resident) -> KnownPerson:
    left_on = person.lived_to.isoformat() if person.lived_to else None
    return KnownPerson(id=person.id, name=person.name, left_on=left_on)
