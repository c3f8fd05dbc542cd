"""People on duty: who they are and how they are reached in the office. Their names are public duty data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Duty, Worker
from gisgrid.errors import Fault, InvalidInput, NotFound, say
from gisgrid.storage.base import new_id, valid_at

PAGE: Final = 50
_OLDEST, _YOUNGEST = 1930, 2015


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFields:
    """What is kept of a person on duty."""

    name: str
    code: str | None = None
    office_phone: str | None = None
    birth_year: int | None = None
    education: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerListRow:
    """One person on duty in the list, with the account that is theirs and how many duties they hold now."""

    id: str
    name: str
    code: str | None
    office_phone: str | None
    account: str | None
    duties: int


def list_workers(
    session: Session, actor: Actor, *, now: datetime, text: str = "", page: int = 1
) -> tuple[list[WorkerListRow], int]:
    """A page of people by name, and how many there are. ``text`` is part of a name, number or phone.

    Raises
    ------
    NotAllowed
        The actor may not manage people on duty.
    """
    require(actor, Action.WORKERS_MANAGE)
    wanted = [column.contains(text, autoescape=True) for column in (Worker.name, Worker.code)] if text else []
    narrowed: Select[Any] = select(Worker)
    if wanted:
        narrowed = narrowed.where(wanted[0] | wanted[1])
    total = session.scalar(select(func.count()).select_from(narrowed.subquery())) or 0
    rows = session.scalars(
        narrowed.order_by(Worker.name, Worker.id).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    ids = [row.id for row in rows]
    accounts = dict(
        session.execute(
            select(Account.worker_id, func.min(Account.name))
            .where(Account.worker_id.in_(ids), Account.disabled_at.is_(None))
            .group_by(Account.worker_id)
        ).all()
    )
    duties = dict(
        session.execute(
            select(Duty.worker_id, func.count())
            .where(Duty.worker_id.in_(ids), valid_at(Duty, now))
            .group_by(Duty.worker_id)
        ).all()
    )
    return [
        WorkerListRow(
            id=row.id,
            name=row.name,
            code=row.code,
            office_phone=row.office_phone,
            account=accounts.get(row.id),
            duties=duties.get(row.id, 0),
        )
        for row in rows
    ], total


def free_workers(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Id and name of everybody on duty who has no account, by name.

    Raises
    ------
    NotAllowed
        The actor may not manage people on duty.
    """
    require(actor, Action.WORKERS_MANAGE)
    taken = select(Account.worker_id).where(Account.worker_id.is_not(None), Account.disabled_at.is_(None))
    rows = session.execute(
        select(Worker.id, Worker.name).where(Worker.id.not_in(taken)).order_by(Worker.name, Worker.id)
    )
    return [(row.id, row.name) for row in rows]


def find_worker(session: Session, actor: Actor, worker_id: str) -> WorkerFields:
    """One person by id.

    Raises
    ------
    NotAllowed
        The actor may not manage people on duty.
    NotFound
        There is none.
    """
    row = _worker(session, actor, worker_id)
    return WorkerFields(
        name=row.name,
        code=row.code,
        office_phone=row.office_phone,
        birth_year=row.birth_year,
        education=row.education,
    )


def add_worker(session: Session, actor: Actor, given: WorkerFields, *, now: datetime) -> str:
    """A new person on duty, without account or duty; the id.

    Raises
    ------
    NotAllowed
        The actor may not manage people on duty.
    InvalidInput
        Every fault of the fields at once; the number is somebody else's.
    """
    require(actor, Action.WORKERS_MANAGE)
    _check(session, given, but=None)
    row = Worker(id=new_id(), **_values(given))
    session.add(row)
    record(session, actor, "worker:create", "worker", now=now, object_id=row.id)
    session.flush()
    return row.id


def change_worker(
    session: Session, actor: Actor, worker_id: str, given: WorkerFields, *, now: datetime
) -> None:
    """Other fields for a person. The trail keeps which fields changed, never what stood in them.

    Raises
    ------
    NotAllowed, NotFound, InvalidInput
        As for finding and adding.
    """
    row = _worker(session, actor, worker_id)
    _check(session, given, but=row.id)
    changed = [name for name, value in _values(given).items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, _values(given)[name])
    if changed:
        record(session, actor, "worker:change", "worker", now=now, object_id=row.id, fields=changed)


def _worker(session: Session, actor: Actor, worker_id: str) -> Worker:
    require(actor, Action.WORKERS_MANAGE)
    row = session.get(Worker, worker_id)
    if row is None:
        raise NotFound("there is no such worker")
    return row


def _values(given: WorkerFields) -> dict[str, Any]:
    texts = {name: (getattr(given, name) or "").strip() or None for name in _LONGEST}
    return {**texts, "birth_year": given.birth_year}


_LONGEST: Final = {"name": 100, "code": 60, "office_phone": 40, "education": 40}


def _check(session: Session, fields: WorkerFields, *, but: str | None) -> None:
    values = _values(fields)
    faults = [
        Fault(message=say("a text has 1 to {most} characters", most=most), field=name)
        for name, most in _LONGEST.items()
        if len(values[name] or "") > most or (name == "name" and not values["name"])
    ]
    if fields.birth_year is not None and not _OLDEST <= fields.birth_year <= _YOUNGEST:
        faults.append(Fault(message="this is no year of birth", field="birth_year"))
    holder = select(Worker.id).where(Worker.code == values["code"])
    if values["code"] and [worker_id for worker_id in session.scalars(holder) if worker_id != but]:
        faults.append(Fault(message="another worker has this number", field="code"))
    if faults:
        raise InvalidInput(faults)
