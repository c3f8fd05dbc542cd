"""What an account has been told about plans and cases: the list, one of it, and what was read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import ColumnElement, func, select, true, union_all, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.areas.communities import visible_communities
from gisgrid.cases.core.models import CaseNotice
from gisgrid.cases.inbox import NoticeFacts, case_notices
from gisgrid.errors import NotFound
from gisgrid.redraw.inbox import plan_notices
from gisgrid.redraw.plans.models import Notice

MOST: Final = 50
"""How many notices a page of the list holds."""
_TABLES: Final = (Notice, CaseNotice)
NoticeTable = type[Notice] | type[CaseNotice]
"""A table of notices: of plans, or of cases."""


def list_notices(
    session: Session, actor: Actor, *, now: datetime, tz: tzinfo, unread: bool = False, page: int = 1
) -> list[NoticeFacts[datetime]]:
    """What the account has been told, the newest first: at most 50 on a page."""
    require(actor, Action.NOTICES_VIEW)

    def wanted(table: NoticeTable) -> ColumnElement[bool]:
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
    rows = _rows(session, actor, lambda table: table.id == notice_id, now=now, tz=tz)
    if not rows:
        raise NotFound("no such notice")
    return rows[0]


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
    wanted: Callable[[NoticeTable], ColumnElement[bool]],
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
    facts = case_notices(session, actor, ids, seen, now=now) | plan_notices(session, actor, ids, seen, tz)
    return [facts[notice_id] for notice_id in ids]
