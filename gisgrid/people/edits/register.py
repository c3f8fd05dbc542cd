"""Reads and writes one field of the register: columns of households and residents, needs, who lives where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.days import day_of, start_of
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.core.phone_digests import phone_digest, phone_digests
from gisgrid.people.edits.fields import FieldType, RegisterField
from gisgrid.people.edits.scope import EditSubject
from gisgrid.people.edits.values import Value
from gisgrid.people.imports import PURPOSE, digest_parts
from gisgrid.places.models import Household, HouseholdKind
from gisgrid.storage.base import lived_on, new_id


def read_field(session: Session, subject: EditSubject, field: RegisterField, tz: tzinfo) -> Value:
    """What the register holds now."""
    person = subject.person
    if person is None:
        value: Value = getattr(subject.household, field.column)
        return value
    if field.type == FieldType.NEED:
        return _need_value(_open_need(session, person.id, field.column), tz)
    if field.type == FieldType.LEAVING:
        return _leaving_value(person)
    stored = getattr(person, field.column)
    return stored.isoformat() if isinstance(stored, date) else stored


def write_field(
    session: Session, subject: EditSubject, field: RegisterField, value: Value, *, tz: tzinfo, now: datetime
) -> None:
    """Put a value that was checked into the register, with what is made of it."""
    person = subject.person
    if person is None:
        setattr(subject.household, field.column, value)
    elif isinstance(value, Mapping) and field.type == FieldType.NEED:
        _write_need(session, person.id, field.column, value, tz)
    elif field.type == FieldType.NEED:
        end_needs(session, person.id, field.column, from_instant=now, tz=tz)
        end_services(session, person.id, field.column, now=now, tz=tz)
    else:
        _write_person(session, person, field, value)
    session.flush()
    settle_vacancy(session, subject.household, now=now, tz=tz)


def _leaving_value(person: Resident) -> Value:
    if person.lived_to is None:
        return None
    return {"day": person.lived_to.isoformat(), "why": person.leaving or "moved"}


def _write_person(session: Session, person: Resident, field: RegisterField, value: Value) -> None:
    if field.type == FieldType.LEAVING:
        left = value if isinstance(value, Mapping) else {}
        person.lived_to = date.fromisoformat(str(left["day"])) if left else None
        person.leaving = str(left["why"]) if left else None
        return
    former = _key_parts(person)
    setattr(person, field.column, date.fromisoformat(str(value)) if field.type == FieldType.DAY else value)
    if field.column == "phone":
        person.phone_digest = phone_digest(phone_digests(session), person.phone)
    _renew_key(session, person, former)


def _key_parts(person: Resident) -> list[str] | None:
    if person.name is None or person.birth_date is None:
        return None
    return digest_parts(person.household_id, person.name, person.birth_date)


def _renew_key(session: Session, person: Resident, former: list[str] | None) -> None:
    """A digest by which imports know a person goes with name and birth date, unless another has it."""
    parts, key = _key_parts(person), person.external_key
    if former is None or parts is None or key is None or former == parts:
        return
    digests = Digests(key_ring(session), PURPOSE)
    if not digests.is_of(key, former):
        return
    every = digests.every(parts)
    if session.scalar(select(Resident.id).where(Resident.external_key.in_(every)).limit(1)) is None:
        person.external_key = every[0]


def _open_need(session: Session, person_id: str, kind: str) -> Need | None:
    statement = select(Need).where(Need.resident_id == person_id, Need.kind == kind, Need.valid_to.is_(None))
    return session.scalar(statement.order_by(Need.valid_from.desc(), Need.id.desc()).limit(1))


def _need_value(need: Need | None, tz: tzinfo) -> Value:
    if need is None:
        return None
    since = day_of(need.valid_from, tz).isoformat()
    return {"grade": need.grade, "since": since, "legal_basis": need.legal_basis}


def _write_need(
    session: Session, person_id: str, kind: str, value: Mapping[str, str | int | None], tz: tzinfo
) -> None:
    """A need from a day on: what held until then ends there, what would begin later goes."""
    start = start_of(date.fromisoformat(str(value["since"])), tz)
    end_needs(session, person_id, kind, from_instant=start, tz=tz)
    grade = value["grade"]
    session.add(
        Need(
            id=new_id(),
            resident_id=person_id,
            kind=kind,
            grade=int(grade) if grade is not None else None,
            legal_basis=str(value["legal_basis"]),
            valid_from=start,
        )
    )


def end_needs(session: Session, person_id: str, kind: str, *, from_instant: datetime, tz: tzinfo) -> None:
    """Let a need hold no longer from the day of an instant on; one that began that day or later goes."""
    start = start_of(day_of(from_instant, tz), tz)
    own = (Need.resident_id == person_id, Need.kind == kind)
    session.execute(delete(Need).where(*own, Need.valid_from >= start))
    longer = or_(Need.valid_to.is_(None), Need.valid_to > start)
    for need in session.scalars(select(Need).where(*own, longer)):
        need.valid_to = start
    session.flush()


def end_services(session: Session, person_id: str, kind: str, *, now: datetime, tz: tzinfo) -> None:
    """Nobody serves a need from today on."""
    own = (NeedService.resident_id == person_id, NeedService.kind == kind, NeedService.until.is_(None))
    for service in session.scalars(select(NeedService).where(*own)):
        service.until, service.ended_at = max(service.since, day_of(now, tz)), now
    session.flush()


def settle_vacancy(session: Session, household: Household, *, now: datetime, tz: tzinfo) -> None:
    """Note since when nobody of the register lives here, where somebody did or the dwelling is said empty."""
    own = (Resident.household_id == household.id, Resident.erased_at.is_(None))
    here = lived_on(Resident.lived_from, Resident.lived_to, day_of(now, tz))
    living = session.scalar(select(func.count()).where(*own, here)) or 0
    left = session.scalar(select(func.count()).where(*own, Resident.lived_to.is_not(None))) or 0
    is_empty = not living and (household.kind == HouseholdKind.VACANT or bool(left))
    household.vacated_at = (household.vacated_at or now) if is_empty else None
    session.flush()
