"""What an account has been told about plans, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may
from gisgrid.access.models import Account, Role
from gisgrid.areas.communities import Community
from gisgrid.areas.models import Revision
from gisgrid.cases.inbox import NoticeFacts
from gisgrid.errors import Sentence, say
from gisgrid.redraw.plans.decisions import recipient_of
from gisgrid.redraw.plans.models import Notice, NoticeKind, Plan, PlanNote, PlanState
from gisgrid.storage.base import Id

_NAMED: Final = 5
"""How many grids a sentence names; the others are counted."""
_OF_PUBLISHING: Final = frozenset({NoticeKind.PUBLISHED, NoticeKind.ARRIVED, NoticeKind.OWN_PUBLISHED})


def plan_notices(
    session: Session, actor: Actor, ids: Collection[str], seen: Collection[Community], tz: tzinfo
) -> dict[str, NoticeFacts[datetime]]:
    """Notices about plans by their ids, as the list of all notices tells them."""
    drafter = aliased(Account)
    is_its_revision = (Revision.community_id == Plan.community_id) & (
        Revision.number == Plan.published_revision
    )
    statement = (
        select(
            Notice,
            Plan,
            PlanNote.text,
            func.coalesce(Account.name, drafter.name).label("by"),
            Revision.effective_at,
        )
        .join(Plan, Plan.id == Notice.plan_id)
        .outerjoin(PlanNote, PlanNote.id == Notice.note_id)
        .outerjoin(Account, Account.id == PlanNote.account_id)
        .outerjoin(drafter, drafter.id == Plan.drafter_id)
        .outerjoin(Revision, is_its_revision)
        .where(Notice.id.in_(ids))
    )
    rows = session.execute(statement).all()
    return {row.Notice.id: _describe(session, actor, row, seen, tz) for row in rows}


def _describe(
    session: Session,
    actor: Actor,
    row: Row[Notice, Plan, str | None, str | None, datetime | None],
    seen: Collection[Community],
    tz: tzinfo,
) -> NoticeFacts[datetime]:
    notice, plan, text, by, effective = row
    leads_to, community = _leads_to(session, actor, notice, plan, seen)
    reason = text if leads_to == "plan" else None
    message = _message(notice, plan.name, by or "–", reason)
    if notice.kind in _OF_PUBLISHING and effective is not None and effective > notice.at:
        day = effective.astimezone(tz).date().isoformat()
        message = say("{told}; in force from {day}", told=message, day=day)
    return {
        "id": notice.id,
        "kind": notice.kind,
        "plan": notice.plan_id,
        "case": None,
        "name": plan.name,
        "by": by,
        "grids": notice.grids,
        "at": notice.at,
        "read_at": notice.read_at,
        "message": message,
        "leads_to": leads_to,
        "community": community,
    }


def _leads_to(
    session: Session, actor: Actor, notice: Notice, plan: Plan, communities: Collection[Community]
) -> tuple[str | None, str | None]:
    """What the account may open to see more, and in which community."""
    codes: dict[Id, str] = {community.id: community.code for community in communities}
    here, views = codes.get(plan.community_id), may(actor, Action.REDRAW_VIEW)
    if views and here and plan.state != PlanState.DISCARDED:
        return "plan", here
    is_member = actor.role == Role.MEMBER and notice.kind == NoticeKind.PUBLISHED
    has_sheet = is_member and notice.has_sheet and plan.state == PlanState.PUBLISHED
    if has_sheet and here:
        return "handover", here
    is_there = has_sheet or (views and notice.kind == NoticeKind.ARRIVED)
    to = recipient_of(session, plan.id) if is_there else None
    if to not in codes.values():
        return None, None
    return ("handover" if has_sheet else "history"), to


def _message(notice: Notice, name: str, by: str, reason: str | None) -> Sentence:
    if notice.kind == NoticeKind.RETURNED and reason:
        return say("{by} has returned your plan {name}: {reason}", by=by, name=name, reason=reason)
    make = _OF_NO_GRIDS.get(NoticeKind(notice.kind))
    return make(by, name) if make else _about_grids(notice, name, by)


_OF_NO_GRIDS: Final[Mapping[NoticeKind, Callable[[str, str], Sentence]]] = {
    NoticeKind.WITHDRAWN: lambda by, name: say(
        "{by} has withdrawn the plan {name} before its day came", by=by, name=name
    ),
    NoticeKind.RECALLED: lambda by, name: say(
        "{by} has taken the plan {name} back to change it", by=by, name=name
    ),
    NoticeKind.APPROVED: lambda by, name: say("{by} has approved your plan {name}", by=by, name=name),
    NoticeKind.COMMENTED: lambda by, name: say("{by} has commented on your plan {name}", by=by, name=name),
    NoticeKind.RETURNED: lambda by, name: say("{by} has returned your plan {name}", by=by, name=name),
}
"""Sentences that name no grid."""


def _about_grids(notice: Notice, name: str, by: str) -> Sentence:
    known: dict[str, Any] = {"by": by, "name": name, "grids": _named(notice)}
    match notice.kind:
        case NoticeKind.SUBMITTED:
            return say("{by} has submitted the plan {name}, which changes your grids {grids}", **known)
        case NoticeKind.TO_APPROVE:
            return say("{by} asks you to approve the plan {name}, which changes {grids}", **known)
        case NoticeKind.ARRIVING:
            return say("{by} has submitted the plan {name}, which gives {grids} to your community", **known)
        case NoticeKind.ARRIVED:
            return say("the plan {name} has been published: it gives {grids} to your community", **known)
        case NoticeKind.OWN_PUBLISHED:
            return say("{by} has published your plan {name}, which changes {grids}", **known)
    return say("the plan {name} has been published: it changes your grids {grids}", **known)


def _named(notice: Notice) -> Sentence | str:
    """The grids by name, else by code; of many the first ones and how many more."""
    names = notice.names or {}
    named: list[Sentence | str] = [names.get(code, code) for code in notice.grids[:_NAMED]]
    if not named:
        return "–"
    line = named[0]
    for name in named[1:]:
        line = say("{before}, {next}", before=line, next=name)
    more = len(notice.grids) - _NAMED
    return say("{before} and {count} more", before=line, count=more) if more > 0 else line
