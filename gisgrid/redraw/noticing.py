"""Notices to staff whose grids a plan of somebody else touches, and what an account has been told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.models import Account, AccountScope, Duty, DutyKind, Role
from gisgrid.areas.look import Look
from gisgrid.errors import NotFound, Sentence, say
from gisgrid.redraw.deciding import is_own
from gisgrid.redraw.impact import touched_grids
from gisgrid.redraw.models import Notice, NoticeKind, Plan
from gisgrid.redraw.plans import OpenPlan
from gisgrid.storage.base import new_id, valid_at

_HOLDING: Final = (DutyKind.GRID_MEMBER, DutyKind.GRID_LEADER, DutyKind.GRID_SUPERVISOR)
_MOST: Final = 50


def notify(look: Look, opened: OpenPlan, kind: NoticeKind, *, now: datetime) -> int:
    """Tell every staff account that holds a grid the plan touches and didn't draw it; gives how many."""
    drawing, tree = opened.drawing, look.division.tree
    codes = {*touched_grids(opened.base, drawing), *(change.area for change in drawing.duties)}
    codes |= drawing.codes.keys() | drawing.names.keys()
    ids = {area.id: area.code for area in tree.areas.values() if area.code in codes}
    count = 0
    for account, grids in sorted(_holders(look.session, ids, now=now).items()):
        if account == look.actor.account_id or is_own(look.session, opened.plan, account):
            continue
        row = Notice(
            id=new_id(), account_id=account, plan_id=opened.plan.id, kind=kind, grids=sorted(grids), at=now
        )
        look.session.add(row)
        count += 1
    look.session.flush()
    return count


def _holders(session: Session, areas: Mapping[str, str], *, now: datetime) -> dict[str, set[str]]:
    """Staff accounts that hold some of these areas by duty or scope, with the codes of those."""
    by_duty = (
        select(Account.id, Duty.area_id)
        .join(Duty, Duty.worker_id == Account.worker_id)
        .where(Duty.kind.in_(_HOLDING), valid_at(Duty, now), Duty.area_id.in_(areas), _is_staff())
    )
    by_scope = (
        select(Account.id, AccountScope.area_id)
        .join(AccountScope, AccountScope.account_id == Account.id)
        .where(AccountScope.area_id.in_(areas), _is_staff())
    )
    found: dict[str, set[str]] = {}
    for statement in (by_duty, by_scope):
        for account, area in session.execute(statement):
            found.setdefault(account, set()).add(areas[str(area)])
    return found


def _is_staff() -> ColumnElement[bool]:
    return (Account.role == Role.STAFF) & Account.disabled_at.is_(None)


def list_notices(session: Session, actor: Actor, *, unread: bool = False) -> list[dict[str, Any]]:
    """What the account has been told, the newest first: at most 50."""
    require(actor, Action.NOTICES_VIEW)
    statement = (
        select(Notice, Plan.name, Account.name.label("by"))
        .join(Plan, Plan.id == Notice.plan_id)
        .outerjoin(Account, Account.id == Plan.drafter_id)
        .where(Notice.account_id == actor.account_id, Notice.read_at.is_(None) if unread else true())
        .order_by(Notice.at.desc(), Notice.id)
        .limit(_MOST)
    )
    return [
        {
            "id": notice.id,
            "kind": notice.kind,
            "plan": notice.plan_id,
            "name": name,
            "by": by,
            "grids": notice.grids,
            "at": notice.at,
            "read_at": notice.read_at,
            "message": _message(notice, name, by),
        }
        for notice, name, by in session.execute(statement)
    ]


def _message(notice: Notice, name: str, by: str | None) -> Sentence:
    grids = ", ".join(notice.grids)
    if notice.kind == NoticeKind.SUBMITTED:
        return say(
            "{by} has submitted the plan {name}, which changes your grids {grids}",
            by=by or "–",
            name=name,
            grids=grids,
        )
    return say("the plan {name} has been published: it changes your grids {grids}", name=name, grids=grids)


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices the account hasn't read."""
    statement = select(func.count()).where(Notice.account_id == actor.account_id, Notice.read_at.is_(None))
    return session.scalar(statement) or 0


def mark_read(session: Session, actor: Actor, notice_id: str, *, now: datetime) -> None:
    """Note that the account has read a notice; the first time counts.

    Raises
    ------
    NotFound
        No such notice to this account.
    """
    require(actor, Action.NOTICES_VIEW)
    own = (Notice.id == notice_id, Notice.account_id == actor.account_id)
    if session.scalar(select(Notice.id).where(*own)) is None:
        raise NotFound("no such notice")
    session.execute(update(Notice).where(*own, Notice.read_at.is_(None)).values(read_at=now))
