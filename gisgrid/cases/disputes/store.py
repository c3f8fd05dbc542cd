"""A dispute and its log are written together: what a step makes of the standing goes into both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.cases.disputes.models import Dispute, DisputeEntry
from gisgrid.cases.disputes.pipeline import (
    DisputeEvent,
    DisputeSnapshot,
    DisputeStage,
    DisputeStep,
    Grade,
    MediationOutcome,
    applied,
)
from gisgrid.storage.base import new_id

_COLUMNS = (
    "mediator_id",
    "settled_on",
    "follow_up_on",
    "sessions",
    "follow_ups",
    "holds",
    "merged_into_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTexts:
    """The texts of a line of the log, which are kept encrypted."""

    text: str | None = None
    place: str | None = None
    people: str | None = None


def dispute_snapshot(dispute: Dispute | None) -> DisputeSnapshot:
    """How a dispute stands by its row; without one it is a clue that nobody has taken up."""
    if dispute is None:
        return DisputeSnapshot()
    planned = tuple(datetime.fromisoformat(day).date() for day in dispute.planned)
    return DisputeSnapshot(
        stage=DisputeStage(dispute.stage),
        grade=Grade(dispute.grade) if dispute.grade else None,
        mediator_id=dispute.mediator_id,
        outcome=MediationOutcome(dispute.outcome) if dispute.outcome else None,
        settled_on=dispute.settled_on,
        planned=planned,
        sessions=dispute.sessions,
        follow_ups=dispute.follow_ups,
        holds=dispute.holds,
        merged_into_id=dispute.merged_into_id,
    )


def entries_of(session: Session, case_id: str) -> list[DisputeEntry]:
    """The lines of a dispute's log in the order in which they were written."""
    statement = select(DisputeEntry).where(DisputeEntry.case_id == case_id)
    return list(session.scalars(statement.order_by(DisputeEntry.at, DisputeEntry.id)))


def write_dispute(
    session: Session, actor: Actor, case_id: str, event: DisputeEvent, sealed: SealedTexts
) -> Dispute:
    """Write an event into the log and the standing that follows into the dispute; a clue gets its row."""
    row = session.get(Dispute, case_id)
    after = applied(dispute_snapshot(row), event)
    if row is None:
        row = Dispute(case_id=case_id, stage=DisputeStage.CLUE)
        session.add(row)
    if after.merged_into_id and session.get(Dispute, after.merged_into_id) is None:
        session.add(Dispute(case_id=after.merged_into_id, stage=DisputeStage.CLUE))
        session.flush()
    for name in _COLUMNS:
        setattr(row, name, getattr(after, name))
    row.stage = after.stage
    row.grade, row.outcome = after.grade, after.outcome
    row.planned = [day.isoformat() for day in after.planned]
    if sealed.people and event.step in (DisputeStep.NOTE, DisputeStep.SORT):
        row.parties = sealed.people
    if event.step is DisputeStep.AGREE:
        row.agreement = sealed.text
    elif after.outcome is None:
        row.agreement = None
    session.flush()
    session.add(
        DisputeEntry(
            id=new_id(),
            case_id=case_id,
            at=event.at,
            account_id=actor.account_id,
            step=event.step,
            from_stage=event.from_stage,
            to_stage=event.to_stage,
            details=dict(event.details),
            text=sealed.text,
            place=sealed.place,
            people=sealed.people,
        )
    )
    session.flush()
    return row


def entry_moment(session: Session, case_id: str, now: datetime) -> datetime:
    """The moment of the next line: a log never goes back."""
    last = session.scalar(select(func.max(DisputeEntry.at)).where(DisputeEntry.case_id == case_id))
    return max(now, last or now)


def event(
    snapshot: DisputeSnapshot, step: DisputeStep, to: DisputeStage, at: datetime, details: dict[str, Any]
) -> DisputeEvent:
    """An event that begins where a dispute stands."""
    return DisputeEvent(step=step, at=at, from_stage=snapshot.stage, to_stage=to, details=details)
