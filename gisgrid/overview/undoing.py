"""Takes a whole import back: what it made goes, what it changed is as it was before, or nothing happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Delete, Row, Select, Update, delete, func, select, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.imports import UNDO_DAYS, ImportNotes, from_text
from gisgrid.access.models import Account, Duty, ImportChange, ImportRun, Role, Worker
from gisgrid.areas.communities import touch, visible_communities, wait_for_others
from gisgrid.areas.models import Placement
from gisgrid.errors import Conflict, NotFound, say
from gisgrid.overview.placing import place_objects
from gisgrid.people.models import Consent, Resident
from gisgrid.people.rules import ConsentStatus
from gisgrid.places.keeping import AT_ONCE, stored_rows
from gisgrid.places.models import Facility, Household
from gisgrid.pulses import Pulse, no_pulse
from gisgrid.storage.base import Base

_TABLES: Final[dict[str, type[Base]]] = {
    table.__tablename__: table for table in (Household, Resident, Consent, Facility, Worker, Duty)
}
IMPORT_RIGHTS: Final[dict[str, Action]] = {
    "areas": Action.AREAS_IMPORT,
    "buildings": Action.PLACES_IMPORT,
    "streets": Action.PLACES_IMPORT,
    "cases": Action.CASES_IMPORT,
    "households": Action.HOUSEHOLDS_IMPORT,
    "residents": Action.RESIDENTS_IMPORT,
    "facilities": Action.FACILITIES_IMPORT,
    "members": Action.MEMBERS_IMPORT,
}
"""Which right each kind of file needs."""

UNDOABLE: Final = frozenset({"households", "residents", "facilities", "members"})
"""Kinds whose imports note what they change."""

_PLACING: Final = frozenset({"position", "footprint", "building_id"})
_LISTED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTold:
    """One import as it is listed. ``can_undo`` goes by its record: what happened since isn't asked."""

    id: str
    at: datetime
    who: str
    kind: str
    community: str | None
    file_name: str
    sha256: str
    counts: Mapping[str, Any]
    undone_at: datetime | None
    can_undo: bool


@dataclass(slots=True, kw_only=True)
class Undone:
    """What taking an import back did. ``emptied``: rows that answers hang on, which are never deleted."""

    removed: int = 0
    restored: int = 0
    emptied: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)


def list_imports(session: Session, actor: Actor, *, now: datetime) -> list[ImportTold]:
    """The imports an actor may know of, the newest first: a staff's own, a head's community's, else all."""
    require(actor, Action.IMPORTS_VIEW)
    visible = {one.id: one.code for one in visible_communities(session, actor, now=now)}
    statement = _seen(actor, visible).order_by(ImportRun.at.desc(), ImportRun.id.desc()).limit(_LISTED)
    runs = session.scalars(statement).all()
    names = _names(session, runs)
    noted = _noted(session, runs)
    return [
        ImportTold(
            id=run.id,
            at=run.at,
            who=run.operator or names.get(run.account_id or "", ""),
            kind=run.kind,
            community=visible.get(run.community_id or ""),
            file_name=run.file_name,
            sha256=run.sha256,
            counts=run.counts,
            undone_at=run.undone_at,
            can_undo=run.id in noted and run.undone_at is None and not _is_old(run, now),
        )
        for run in runs
    ]


def _seen(actor: Actor, communities: Mapping[str, str]) -> Select[ImportRun]:
    statement = select(ImportRun)
    if actor.role == Role.LOCAL:
        return statement
    statement = statement.where(ImportRun.community_id.in_(communities))
    if actor.role != Role.HEAD:
        statement = statement.where(ImportRun.account_id == actor.account_id)
    return statement


def _names(session: Session, runs: Sequence[ImportRun]) -> dict[str, str]:
    ids = {run.account_id for run in runs if run.account_id}
    return {
        row.id: row.name
        for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    }


def _noted(session: Session, runs: Sequence[ImportRun]) -> set[str]:
    ids = [run.id for run in runs]
    return set(
        session.scalars(select(ImportChange.import_id).where(ImportChange.import_id.in_(ids)).distinct())
    )


def _is_old(run: ImportRun, now: datetime) -> bool:
    return run.at < now - timedelta(days=UNDO_DAYS)


def undo_import(
    session: Session, actor: Actor, import_id: str, *, now: datetime, pulse: Pulse = no_pulse
) -> Undone:
    """Take an import back as a whole.

    What answers to consent hang on can't be deleted: such a resident is emptied like an erased one, such a
    household stays as a bare address.

    Raises
    ------
    NotFound
        No such import within what the actor may see.
    Conflict
        It has been taken back already, is too old, changed nothing that could be, or something it made or
        changed was changed or is used since. Nothing is changed then.
    """
    require(actor, Action.IMPORTS_UNDO)
    visible = {one.id: one.code for one in visible_communities(session, actor, now=now)}
    run = session.scalar(_seen(actor, visible).where(ImportRun.id == import_id).with_for_update())
    if run is None:
        raise NotFound("no such import")
    require(actor, IMPORT_RIGHTS[run.kind])
    _refuse(session, run, now=now)
    if run.community_id:
        wait_for_others(session, run.community_id)
    notes = ImportNotes(session, run)
    _refuse_changed(session, notes)
    done, moved, count = Undone(), False, 0
    for batch in _batches(session, run.id, newest_first=True):
        moved |= _take_back(session, batch, done, now=now)
        count += len(batch)
        pulse(count)
    _run(session, delete(ImportChange).where(ImportChange.import_id == run.id))
    run.undone_at, run.undone_by = now, actor.account_id
    session.flush()
    if run.community_id:
        if moved:
            place_objects(session, run.community_id, at=now)
        touch(session, [run.community_id])
    record(
        session,
        actor,
        "imports:undo",
        "import_run",
        now=now,
        object_id=run.id,
        count=done.removed + done.restored + done.emptied,
    )
    return done


def _refuse(session: Session, run: ImportRun, *, now: datetime) -> None:
    if run.undone_at is not None:
        raise Conflict("this import has been taken back already")
    if run.kind == "areas":
        raise Conflict("a division is taken back by restoring the revision before it")
    if run.kind not in UNDOABLE:
        raise Conflict(say("an import of {kind} can't be taken back as a whole", kind=run.kind))
    if _is_old(run, now):
        raise Conflict(say("imports can be taken back for {days} days; this one is older", days=UNDO_DAYS))
    if not _noted(session, [run]):
        raise Conflict("this import changed nothing that could be taken back")


Noted = Row[*tuple[Any, ...]]


def _batches(session: Session, import_id: str, *, newest_first: bool = False) -> Iterator[Sequence[Noted]]:
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


def _by_table(batch: Sequence[Noted]) -> dict[str, list[Noted]]:
    """The notes of each table, in their order; several notes of one row stay together."""
    found: dict[str, list[Noted]] = {}
    for note in batch:
        found.setdefault(note.object_kind, []).append(note)
    return found


def _refuse_changed(session: Session, notes: ImportNotes) -> None:
    """Refuse where a row is not as the import left it, or where something not of the import refers to it."""
    changed: Counter[str] = Counter()
    total = 0
    for batch in _batches(session, notes.run.id):
        total += len(batch)
        for kind, found in _by_table(batch).items():
            if kind == Consent.__tablename__:
                continue
            table = _TABLES[kind]
            stored = _stored(session, table, [note.object_id for note in found])
            for note in found:
                values = stored.get(note.object_id)
                if values is None or not notes.is_as_left(table, values, note.after):
                    changed[kind] += 1
            made = [note.object_id for note in found if note.before is None]
            changed[kind] += _used(session, table, made, import_id=notes.run.id)
    if changed.total():
        message = say(
            "{count} of the {total} records of this import were changed or are used since: nothing is undone",
            count=changed.total(),
            total=total,
        )
        raise Conflict(message)


def _stored(session: Session, table: type[Base], ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    columns = table.__table__.columns
    statement = select(*columns).where(columns["id"].in_(ids)).with_for_update()
    return {row["id"]: row for row in stored_rows(session, statement)}


def _used(session: Session, table: type[Base], ids: Sequence[str], *, import_id: str) -> int:
    """How many rows that the import didn't make refer to some that it made."""
    if not ids:
        return 0
    own = select(ImportChange.object_id).where(
        ImportChange.import_id == import_id, ImportChange.before.is_(None)
    )
    count = 0
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is not table.__table__ or key.column.name != "id":
                continue
            statement = select(func.count()).select_from(other).where(key.parent.in_(ids))
            if "id" in other.columns:
                statement = statement.where(other.columns["id"].not_in(own))
            count += session.scalar(statement) or 0
    return count


def _take_back(session: Session, batch: Sequence[Noted], done: Undone, *, now: datetime) -> bool:
    """Undo some notes, the newest first; whether something stands elsewhere now."""
    moved = False
    for kind, found in _by_table(batch).items():
        table = _TABLES[kind]
        if table is Consent:
            continue
        made = [note.object_id for note in found if note.before is None]
        _remove(session, table, made, done, now=now)
        for note in found:
            if note.before is None:
                continue
            values = from_text(table, note.before)
            moved |= bool(_PLACING & values.keys())
            columns = table.__table__.columns
            _run(session, update(table).where(columns["id"] == note.object_id).values(values))
            done.restored += 1
        done.by_kind[kind] += len(found)
    return moved


def _remove(session: Session, table: type[Base], ids: Sequence[str], done: Undone, *, now: datetime) -> None:
    if not ids:
        return
    answered = _answered(session, table, ids)
    gone = [one for one in ids if one not in answered]
    columns = table.__table__.columns
    _run(session, delete(Placement).where(Placement.object_id.in_(gone)))
    _run(session, delete(table).where(columns["id"].in_(gone)))
    if answered:
        values = _EMPTIED[table.__tablename__]
        extra = {"erased_at": now} if "erased_at" in columns else {}
        statement = update(table).where(columns["id"].in_(answered)).values({**values, **extra})
        _run(session, statement)
    done.removed += len(gone)
    done.emptied += len(answered)


_EMPTIED: Final[dict[str, dict[str, Any]]] = {
    # Nobody who withdrew is shown or counted anywhere.
    Resident.__tablename__: {
        "name": None,
        "phone": None,
        "birth_date": None,
        "sex": None,
        "external_key": None,
        "consent": ConsentStatus.WITHDRAWN.value,
    },
    Household.__tablename__: {"consent": None, "contact": None, "kind": None},
}


_SUBJECTS: Final = {
    Resident.__tablename__: Consent.resident_id,
    Household.__tablename__: Consent.household_id,
}


def _run(session: Session, statement: Update | Delete) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def _answered(session: Session, table: type[Base], ids: Sequence[str]) -> set[str]:
    """Which of some households or residents answers hang on: those only grow."""
    subject = _SUBJECTS.get(table.__tablename__)
    if subject is None:
        return set()
    return set(session.scalars(select(subject).where(subject.in_(ids)).distinct()))
