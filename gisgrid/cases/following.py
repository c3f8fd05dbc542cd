"""Following reports: by a receipt code without logging in, or one's own."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.look import Look
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placing import is_of
from gisgrid.cases.models import Case, Category
from gisgrid.cases.rules import parse_receipt
from gisgrid.cases.scope import visible_cases
from gisgrid.errors import NotFound


def follow(session: Session, actor: Actor, receipt: str, *, tz: tzinfo) -> dict[str, Any] | None:
    """Number, category, state and deadline of the case with a receipt code; nothing if there is none.

    Raises
    ------
    InvalidInput
        The text can't be a receipt code.
    """
    require(actor, Action.OWN_GRID_VIEW)
    statement = _rows().where(Case.receipt == parse_receipt(receipt))
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    return _told(row, tz)


def reported_by(look: Look, limit: int = 50) -> list[dict[str, Any]]:
    """What the actor has reported in this community, the newest first; nothing for a visitor."""
    require(look.actor, Action.OWN_GRID_VIEW)
    if look.actor.account_id is None:
        return []
    statement = _rows().where(is_of(look, PlacedKind.CASE, Case), Case.reporter_id == look.actor.account_id)
    rows = look.session.execute(statement.order_by(Case.reported_at.desc()).limit(limit))
    return [_told(row, look.tz) for row in rows]


def community_of(session: Session, actor: Actor, case_id: str, *, now: datetime) -> str:
    """The code of the community a case lies in, where the actor may see that community.

    Raises
    ------
    NotFound
        No such case there; whether it is somewhere else is not told.
    """
    require(actor, Action.CASES_VIEW)
    community_id = session.scalar(select(Case.community_id).where(Case.id == case_id))
    for community in visible_communities(session, actor, now=now):
        if community.id == community_id:
            return community.code
    raise NotFound("no such case")


def is_visible(look: Look, case_id: str) -> bool:
    """Whether the actor may open a case, without opening it."""
    require(look.actor, Action.CASES_VIEW)
    statement = select(Case.id).where(Case.id == case_id, visible_cases(look))
    return look.session.scalar(statement) is not None


def _rows() -> Select[Case, str]:
    return select(Case, Category.name.label("category_name")).join(
        Category, Category.code == Case.category_code
    )


def _told(row: Any, tz: tzinfo) -> dict[str, Any]:
    case: Case = row.Case
    return {
        "number": case.number,
        "category": case.category_code,
        "category_name": row.category_name,
        "state": case.state,
        "reported_at": case.reported_at.astimezone(tz).isoformat(),
        "deadline": case.due_at.astimezone(tz).isoformat() if case.due_at else None,
        "result": case.result,
    }
