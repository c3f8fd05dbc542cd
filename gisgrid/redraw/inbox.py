"""What an account has been told about plans and cases, in sentences; what it has read of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select, true, union_all, update
from sqlalchemy.orm import Session, aliased

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.models import Account, Role
from gisgrid.areas.communities import Community, visible_communities
from gisgrid.areas.models import Revision
from gisgrid.cases.core.models import CaseNotice
from gisgrid.cases.inbox import NoticeFacts, case_notices
from gisgrid.errors import NotFound, Sentence, say
from gisgrid.redraw.plans.decisions import taker_of
from gisgrid.redraw.plans.models import Notice, NoticeKind, Plan, PlanNote, PlanState
from gisgrid.storage.base import Id

MOST: Final = 50
"""How many notices a page of the list holds."""
_TABLES: Final = (Notice, CaseNotice)
Told = type[Notice] | type[CaseNotice]
"""A table of notices: of plans, or of cases."""
_NAMED: Final = 5
"""How many grids a sentence names; the others are counted."""
_OF_PUBLISHING: Final = frozenset({NoticeKind.PUBLISHED, NoticeKind.ARRIVED, NoticeKind.OWN_PUBLISHED})


def list_notices(
    session: Session, actor: Actor, *, now: datetime, tz: tzinfo, unread: bool = False, page: int = 1
) -> list[NoticeFacts[datetime]]:
    """What the account has been told, the newest first: at most 50 on a page."""
    require(actor, Action.NOTICES_VIEW)

    def wanted(table: Told) -> ColumnElement[bool]:
        return table.read_at.is_(None) if unread else true()

    return _rows(session, actor, wanted, now=now, tz=tz, skip=MOST * (page - 1))


def find_notice(
    session: Session, actor: Actor, notice_id: str, *, now: datetime, tz: tzinfo
) -> NoticeFacts[datetime]:
    """One notice to the account, as in the list.

    Raises
    ------
    NotFound
        No such notice to this account.
    """
    require(actor, Action.NOTICES_VIEW)
    found = _rows(session, actor, lambda table: table.id == notice_id, now=now, tz=tz)
    if not found:
        raise NotFound("no such notice")
    return found[0]


def count_notices(session: Session, actor: Actor) -> int:
    """How many notices the account has been given."""
    return sum(_count(session, table.account_id == actor.account_id) for table in _TABLES)


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices the account hasn't read."""
    return sum(
        _count(session, table.account_id == actor.account_id, table.read_at.is_(None)) for table in _TABLES
    )


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def mark_read(session: Session, actor: Actor, notice_id: str, *, now: datetime) -> None:
    """Note that the account has read a notice; the first time counts.

    Raises
    ------
    NotFound
        No such notice to this account.
    """
    require(actor, Action.NOTICES_VIEW)
    for table in _TABLES:
        own = (table.id == notice_id, table.account_id == actor.account_id)
        if session.scalar(select(table.id).where(*own)) is not None:
            session.execute(update(table).where(*own, table.read_at.is_(None)).values(read_at=now))
            return
    raise NotFound("no such notice")


def mark_all_read(session: Session, actor: Actor, *, until: datetime | None = None, now: datetime) -> None:
    """Note that the account has read all notices; with ``until``, those that had come by then."""
    require(actor, Action.NOTICES_VIEW)
    for table in _TABLES:
        by_then = true() if until is None else table.at <= until
        mine = (table.account_id == actor.account_id, table.read_at.is_(None), by_then)
        session.execute(update(table).where(*mine).values(read_at=now))


def _rows(
    session: Session,
    actor: Actor,
    wanted: Callable[[Told], ColumnElement[bool]],
    *,
    now: datetime,
    tz: tzinfo,
    skip: int = 0,
) -> list[NoticeFacts[datetime]]:
    """Notices of both kinds, the newest first: first which ones, then what they tell."""
    both = union_all(
        *(
            select(table.id.label("id"), table.at.label("at")).where(
                table.account_id == actor.account_id, wanted(table)
            )
            for table in _TABLES
        )
    ).subquery()
    newest = select(both.c.id).order_by(both.c.at.desc(), both.c.id.desc()).limit(MOST).offset(skip)
    ids = session.scalars(newest).all()
    if not ids:
        return []
    seen = visible_communities(session, actor, now=now)
    found = case_notices(session, actor, ids, seen, now=now) | _of_plans(session, actor, ids, seen, tz)
    return [found[one] for one in ids]


def _of_plans(
    session: Session, actor: Actor, ids: Collection[str], seen: Collection[Community], tz: tzinfo
) -> dict[str, NoticeFacts[datetime]]:
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
    return {row.Notice.id: _told(session, actor, row, seen, tz) for row in rows}


def _told(
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
    session: Session, actor: Actor, notice: Notice, plan: Plan, seen: Collection[Community]
) -> tuple[str | None, str | None]:
    """What the account may open to see more, and in which community."""
    codes: dict[Id, str] = {one.id: one.code for one in seen}
    here, views = codes.get(plan.community_id), may(actor, Action.REDRAW_VIEW)
    if views and here and plan.state != PlanState.DISCARDED:
        return "plan", here
    is_member = actor.role == Role.MEMBER and notice.kind == NoticeKind.PUBLISHED
    has_sheet = is_member and notice.has_sheet and plan.state == PlanState.PUBLISHED
    if has_sheet and here:
        return "handover", here
    is_there = has_sheet or (views and notice.kind == NoticeKind.ARRIVED)
    to = taker_of(session, plan.id) if is_there else None
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
    told: list[Sentence | str] = [names.get(code, code) for code in notice.grids[:_NAMED]]
    if not told:
        return "–"
    line = told[0]
    for one in told[1:]:
        line = say("{before}, {next}", before=line, next=one)
    more = len(notice.grids) - _NAMED
    return say("{before} and {count} more", before=line, count=more) if more > 0 else line
