"""Puts messages about a case into the outbox, in the transaction that changes the case: both or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.areas.models import AreaName
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.outbox_models import HookEvent, HookMessage, Webhook
from gisgrid.storage.base import new_id

OF_STEPS: Final = {
    "report": HookEvent.REPORTED,
    "escalate": HookEvent.ESCALATED,
    "supervise": HookEvent.SUPERVISED,
    "close": HookEvent.CLOSED,
}
"""Steps of a case that are told, and as what."""


class CaseFacts(TypedDict):
    """What a message tells of a case."""

    id: str
    number: str
    category: str | None
    grid: str | None
    due: str | None


def announce(session: Session, case: Case, step: str, *, at: datetime) -> int:
    """Put a step of a case into the outbox for every address that wants it; gives how many."""
    event = OF_STEPS.get(step)
    if event is None:
        return 0
    hooks = session.scalars(
        select(Webhook).where(Webhook.community_id == case.community_id, Webhook.stopped_at.is_(None))
    )
    wanted = [hook.id for hook in hooks if event in hook.events]
    if not wanted:
        return 0
    facts = facts_of(session, case)
    session.add_all(message(hook, event, facts, at=at) for hook in wanted)
    session.flush()
    return len(wanted)


def message(webhook_id: str, event: HookEvent, facts: Mapping[str, object], *, at: datetime) -> HookMessage:
    """A message that waits to be sent at once."""
    return HookMessage(
        id=new_id(), webhook_id=webhook_id, event=event.value, facts=dict(facts), at=at, next_at=at
    )


def facts_of(session: Session, case: Case) -> CaseFacts:
    """What a message tells: number, category, grid, deadline and the id its link needs; nobody's data.

    The name of a confidential category is left out.
    """
    category = session.get_one(Category, case.category_code)
    names = select(AreaName.name).where(AreaName.area_id == case.reported_grid_id)
    grid = session.scalars(names.order_by(AreaName.valid_from.desc()).limit(1)).first()
    return {
        "id": case.id,
        "number": case.number,
        "category": None if category.is_confidential else category.name,
        "grid": grid,
        "due": case.due_at.isoformat() if case.due_at else None,
    }
