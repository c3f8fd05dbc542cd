"""A case and its log are written together: what a step makes of the standing goes into both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.cases.core.case_state import (
    CaseSnapshot,
    Channel,
    CoHandler,
    Event,
    Resolution,
    Route,
    applied,
)
from gisgrid.cases.core.models import Case, CaseCoHandler, CaseLog
from gisgrid.cases.core.outbox import announce
from gisgrid.cases.core.workflow import CaseState
from gisgrid.storage.base import new_id

_WORDS: Final[Mapping[str, type[StrEnum]]] = {
    "state": CaseState,
    "route": Route,
    "resolution": Resolution,
    "feedback_channel": Channel,
    "suspended_from": CaseState,
}
_COLUMNS: Final = tuple(field.name for field in fields(CaseSnapshot) if field.name != "co_handlers")


def case_snapshot(session: Session, case: Case) -> CaseSnapshot:
    """How a case stands by its row and its co-handlers."""
    values = {name: getattr(case, name) for name in _COLUMNS}
    for name, kind in _WORDS.items():
        values[name] = kind(values[name]) if values[name] is not None else None
    rows = session.scalars(_co_handlers(), {"case": case.id})
    helping = (
        CoHandler(
            worker_id=row.worker_id,
            asked_at=row.asked_at,
            receipted_at=row.receipted_at,
            signed_at=row.signed_at,
        )
        for row in rows
    )
    return CaseSnapshot(**values, co_handlers=tuple(helping))


@cache
def _co_handlers() -> Select[CaseCoHandler]:
    """The co-handlers of ``case`` in the order in which they were asked."""
    return (
        select(CaseCoHandler)
        .where(CaseCoHandler.case_id == bindparam("case"))
        .order_by(CaseCoHandler.asked_at, CaseCoHandler.worker_id)
    )


def log_of(session: Session, case_id: str) -> list[CaseLog]:
    """The lines of a case's log in the order in which they were written."""
    statement = select(CaseLog).where(CaseLog.case_id == case_id)
    return list(session.scalars(statement.order_by(CaseLog.at, CaseLog.id)))


def event_of(row: CaseLog) -> Event:
    """A line of a log as what happened."""
    return Event(
        action=row.action,
        at=row.at,
        from_state=row.from_state,
        to_state=row.to_state,
        text=row.text,
        details=row.details or {},
    )


def moment_for(session: Session, case: Case, now: datetime) -> datetime:
    """The moment of the next line: a log never goes back, also where another system told the future."""
    return moments_for(session, [case], now)[case.id]


def moments_for(session: Session, cases: Sequence[Case], now: datetime) -> dict[str, datetime]:
    """The moments of the next lines of cases, by their ids."""
    last = select(CaseLog.case_id, func.max(CaseLog.at)).where(CaseLog.case_id.in_([row.id for row in cases]))
    latest: dict[str, datetime] = dict(session.execute(last.group_by(CaseLog.case_id)).all())
    return {case.id: max(now, case.reported_at, latest.get(case.id, now)) for case in cases}


def write(session: Session, actor: Actor, case: Case, event: Event, before: CaseSnapshot) -> CaseSnapshot:
    """Write an event into the log and the standing that follows into the case."""
    after = applied(before, event)
    for name in _COLUMNS:
        setattr(case, name, getattr(after, name))
    if after.co_handlers != before.co_handlers:
        session.execute(delete(CaseCoHandler).where(CaseCoHandler.case_id == case.id))
        session.add_all(
            CaseCoHandler(
                case_id=case.id,
                worker_id=helper.worker_id,
                asked_at=helper.asked_at,
                receipted_at=helper.receipted_at,
                signed_at=helper.signed_at,
            )
            for helper in after.co_handlers
        )
    session.add(log_line(actor, case.id, event))
    session.flush()
    announce(session, case, event.action, at=event.at)
    return after


def write_note(
    session: Session, actor: Actor, case: Case, action: str, *, text: str | None = None, now: datetime
) -> None:
    """Write a line that tells of something done to a case and changes nothing of how it stands."""
    at = moment_for(session, case, now)
    event = Event(action=action, at=at, from_state=case.state, to_state=case.state, text=text)
    session.add(log_line(actor, case.id, event))


def log_line(actor: Actor, case_id: str, event: Event) -> CaseLog:
    """The line of an event, not yet added."""
    return CaseLog(**line_values(actor, case_id, event))


def line_values(actor: Actor, case_id: str, event: Event) -> dict[str, Any]:
    """The columns of the line of an event, for those who write many at once."""
    return {
        "id": new_id(),
        "case_id": case_id,
        "at": event.at,
        "account_id": actor.account_id,
        "action": event.action,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "text": event.text,
        "details": dict(event.details),
    }


def log_details(**details: Any) -> dict[str, Any]:
    """Details as a log keeps them: moments in ISO 8601, words as text, nothing that is not known.

    Each step has its own.
    """
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in details.items()
        if value is not None
    }
