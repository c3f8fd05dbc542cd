"""Takes back an import that noted its rows: made ones go, changed ones are as they were before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Delete, Row, Update, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from gisgrid.access.imports import FORGOTTEN, ImportNotes, from_text, key_of
from gisgrid.access.models import Duty, ImportChange, Worker
from gisgrid.areas.models import Area, PinChange, Placement
from gisgrid.cases.core.models import Case, CaseLog, CaseNotice, Category
from gisgrid.heartbeat import Pulse
from gisgrid.imports.dependents import (
    Since,
    count_using,
    noted_by,
    say_drawn,
    say_stepped,
    stepped_known,
    stepped_made,
)
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.rules import ConsentStatus
from gisgrid.people.erasure.blanks import BLANKED
from gisgrid.places.import_rows import AT_ONCE, stored_rows
from gisgrid.places.models import Building, Compound, Facility, Household, Street
from gisgrid.storage.base import Base

IMPORTED: Final[dict[str, type[Base]]] = {
    table.__tablename__: table
    for table in (
        Household,
        Resident,
        Consent,
        Facility,
        Worker,
        Duty,
        Building,
        Compound,
        Street,
        Category,
        Case,
        CaseLog,
    )
}
_GROWS: Final = frozenset({Consent.__tablename__, CaseLog.__tablename__})
"""Rows that nobody changes once they are written."""
_BESIDE: Final = Area.__tablename__
"""A community that an import made is looked at when all else is gone."""
_PLACING: Final = frozenset(
    column.key
    for column in (
        *(Building.footprint, Facility.position),
        *(Household.position, Household.building_id),
        *(Case.position, Case.building_id),
    )
)

Noted = Row[*tuple[Any, ...]]


@dataclass(slots=True, kw_only=True)
class Undone:
    """What taking an import back did. ``emptied``: rows that answers hang on, which are never deleted."""

    removed: int = 0
    restored: int = 0
    emptied: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)


def take_back_rows(
    session: Session, notes: ImportNotes, *, now: datetime, pulse: Pulse
) -> tuple[Undone, bool]:
    """Undo all rows of an import, the newest first; and whether something stands elsewhere now.

    Raises
    ------
    Conflict
        A row is not as the import left it, or something not of the import refers to it.
    """
    _refuse_changed(session, notes)
    done, moved, count = Undone(), False, 0
    for batch in batches_of(session, notes.run.id, newest_first=True):
        moved |= take_back(session, batch, done, now=now)
        count += len(batch)
        pulse(count)
    return done, moved


def batches_of(session: Session, import_id: str, *, newest_first: bool = False) -> Iterator[Sequence[Noted]]:
    """The notes of an import in order, in batches, without a cursor that writes would disturb."""
    last: int | None = None
    key = ImportChange.id
    while True:
        statement = select(
            key, ImportChange.object_kind, ImportChange.object_id, ImportChange.before, ImportChange.after
        )
        statement = statement.where(ImportChange.import_id == import_id)
        if last is not None:
            statement = statement.where(key < last if newest_first else key > last)
        rows = session.execute(statement.order_by(key.desc() if newest_first else key).limit(AT_ONCE)).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def by_table(batch: Sequence[Noted]) -> dict[str, list[Noted]]:
    """The notes of each table, in their order; several notes of one row stay together."""
    notes: dict[str, list[Noted]] = {}
    for note in batch:
        if note.object_kind != _BESIDE:
            notes.setdefault(note.object_kind, []).append(note)
    return notes


def _refuse_changed(session: Session, notes: ImportNotes) -> None:
    """Refuse where a row is not as the import left it, or where something not of the import refers to it."""
    since, kinds = Since(), set[str]()
    changed: dict[str, set[str]] = {}
    stepped: set[str] = set()
    for batch in batches_of(session, notes.run.id):
        for kind, noted in by_table(batch).items():
            kinds.add(kind)
            new_ids = [note.object_id for note in noted if note.before is None]
            if kind == Case.__tablename__:
                stepped |= stepped_made(session, new_ids)
            elif kind == CaseLog.__tablename__:
                stepped |= stepped_known(session, new_ids)
            since.using += count_using(session, IMPORTED[kind], new_ids, own=noted_by(notes.run.id))
            if kind not in _GROWS:
                changed.setdefault(kind, set()).update(_changed(session, notes, kind, noted))
    changed.get(Case.__tablename__, set()).difference_update(stepped)
    since.changed.update({kind: len(ids) for kind, ids in changed.items()})
    say_stepped(since, stepped)
    if Building.__tablename__ in kinds:
        say_drawn(session, notes.run, since)
    since.refuse()


def _changed(session: Session, notes: ImportNotes, kind: str, noted: Sequence[Noted]) -> Iterator[str]:
    table = IMPORTED[kind]
    stored = _stored(session, table, [note.object_id for note in noted])
    for note in noted:
        values = stored.get(note.object_id)
        if values is None or note.before == FORGOTTEN or not _is_as_left(notes, table, values, note.after):
            yield note.object_id


def _is_as_left(notes: ImportNotes, table: type[Base], values: dict[str, Any], after: str) -> bool:
    """Whether a row is as an import left it; that the clock supervises a case since is nobody's change."""
    if notes.is_as_left(table, values, after):
        return True
    return table is Case and notes.is_as_left(table, {**values, Case.is_supervised.key: False}, after)


def _stored(session: Session, table: type[Base], ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    key = key_of(table)
    statement = select(*table.__table__.columns).where(key.in_(ids)).with_for_update()
    return {row[key.name]: row for row in stored_rows(session, statement)}


def take_back(session: Session, batch: Sequence[Noted], done: Undone, *, now: datetime) -> bool:
    """Undo some notes, the newest first; whether something stands elsewhere now."""
    moved = False
    for kind, noted in by_table(batch).items():
        table = IMPORTED[kind]
        if table is Consent:
            continue
        new_ids = [note.object_id for note in noted if note.before is None]
        _remove(session, table, new_ids, done, now=now)
        for note in noted:
            if note.before is None:
                continue
            values = from_text(table, note.before)
            moved |= bool(_PLACING & values.keys())
            if values:
                write_past(session, update(table).where(key_of(table) == note.object_id).values(values))
            done.restored += 1
        done.by_kind[kind] += len(noted)
    return moved


def _remove(session: Session, table: type[Base], ids: Sequence[str], done: Undone, *, now: datetime) -> None:
    if not ids:
        return
    answered = _answered(session, table, ids)
    gone = [row_id for row_id in ids if row_id not in answered]
    write_past(session, delete(Placement).where(Placement.object_id.in_(gone)))
    write_past(session, delete(PinChange).where(PinChange.object_id.in_(gone)))
    if table is Case:
        write_past(session, delete(CaseLog).where(CaseLog.case_id.in_(gone)))
        write_past(session, delete(CaseNotice).where(CaseNotice.case_id.in_(gone)))
    write_past(session, delete(table).where(key_of(table).in_(gone)))
    if answered:
        values = _emptied(now)[table]
        write_past(session, update(table).where(key_of(table).in_(answered)).values(values))
    done.removed += len(gone) if table is not CaseLog else 0
    done.emptied += len(answered)


def _emptied(now: datetime) -> dict[type[Base], dict[Any, Any]]:
    """What stands in a row that answers hang on: nobody who withdrew is shown or counted anywhere."""
    withdrawn = {Resident.consent: ConsentStatus.WITHDRAWN.value, Resident.erased_at: now}
    return {
        Resident: dict.fromkeys(BLANKED) | withdrawn,
        Household: {Household.consent: None, Household.contact: None, Household.kind: None},
    }


_SUBJECTS: Final[Mapping[type[Base], InstrumentedAttribute[Any]]] = {
    Resident: Consent.resident_id,
    Household: Consent.household_id,
}


def write_past(session: Session, statement: Update | Delete) -> None:
    """Write many rows past the session's objects."""
    session.execute(statement.execution_options(synchronize_session=False))


def _answered(session: Session, table: type[Base], ids: Sequence[str]) -> set[str]:
    """Which of some households or residents answers hang on: those only grow."""
    subject = _SUBJECTS.get(table)
    if subject is None:
        return set()
    return set(session.scalars(select(subject).where(subject.in_(ids)).distinct()))
