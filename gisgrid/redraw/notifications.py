"""Notices: who is told what when somebody does something with a plan. Nobody is told of one act twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.models import Area, AreaName, Level
from gisgrid.areas.view import View
from gisgrid.redraw.impact.impact import grid_names, touched_grids
from gisgrid.redraw.plans.audience import (
    RECEIVING,
    approvers,
    drafters,
    holders,
    holds_or_ends,
    readers_among,
)
from gisgrid.redraw.plans.models import NoteKind, Notice, NoticeKind, Plan, PlanNote
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.transfer.handovers import Pass
from gisgrid.redraw.transfer.recipient import Reception
from gisgrid.storage.base import new_id

_OF_DRAFTERS: Final = {
    NoteKind.RETURN: NoticeKind.RETURNED,
    NoteKind.APPROVE: NoticeKind.APPROVED,
    NoteKind.COMMENT: NoticeKind.COMMENTED,
}
_OF_PUBLISHING: Final = (NoticeKind.PUBLISHED, NoticeKind.ARRIVED, NoticeKind.OWN_PUBLISHED)
_OF_SUBMITTING: Final = (NoticeKind.SUBMITTED, NoticeKind.TO_APPROVE, NoticeKind.ARRIVING)
_STAFF: Final = frozenset({Role.STAFF})
_SERVING: Final = frozenset({Role.STAFF, Role.MEMBER})


@dataclass(frozen=True, kw_only=True)
class _Notification:
    """What one account is told: in which capacity, of which grids by code, with their names."""

    kind: NoticeKind
    grids: Collection[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    has_sheet: bool = False


@dataclass(frozen=True, kw_only=True)
class _Touched:
    """Grids a plan changes: their codes in order, names by code, and the ids of those there are."""

    codes: list[str]
    names: dict[str, str]
    ids: dict[str, str]


def tell_submitted(view: View, opened: OpenPlan, *, now: datetime) -> int:
    """Tell those a plan waits for, whose grids it touches, and the community it gives a grid to.

    Gives how many.
    """
    session, plan = view.session, opened.plan
    touched = _touched(view, opened, at=now)
    transfer = opened.drawing.transfer
    taker = _community(session, transfer.to) if transfer else None
    asked = approvers(session, plan, taker, now=now)
    heads = accounts_of(session, plan.community_id, {Role.HEAD}, now=now)
    tellings = dict.fromkeys(asked, _all(NoticeKind.TO_APPROVE, touched))
    for account, held in holders(session, touched.ids, _STAFF, at=now).items():
        tellings.setdefault(account, _some(NoticeKind.SUBMITTED, held.grids, touched))
    for account in heads:
        tellings.setdefault(account, _all(NoticeKind.SUBMITTED, touched))
    if transfer and taker:
        arriving = _some(NoticeKind.ARRIVING, {transfer.grid}, touched)
        for account in accounts_of(session, taker, RECEIVING, now=now):
            tellings.setdefault(account, arriving)
    without = drafters(session, plan)
    others = {account: telling for account, telling in tellings.items() if account not in without}
    return _write(view, plan, NoteKind.SUBMIT, others, now=now)


def tell_published(
    view: View,
    opened: OpenPlan,
    passed: Iterable[Pass],
    reception: Reception | None,
    *,
    now: datetime,
    at: datetime,
) -> int:
    """Tell drafters, who held or holds a changed grid, and the community that has taken one; gives how many.

    To be done when all is written: ``at`` is the instant the plan takes effect.
    """
    session, plan = view.session, opened.plan
    touched = _touched(view, opened, at=at)
    on_sheets = {worker for part in passed if part.giver != part.taker for worker in (part.giver, part.taker)}
    own = _all(NoticeKind.OWN_PUBLISHED, touched)
    tellings = dict.fromkeys(readers_among(session, drafters(session, plan)), own)
    for account, held in holders(session, touched.ids, _SERVING, at=at).items():
        has_sheet = held.worker is not None and held.worker in on_sheets
        telling = _some(NoticeKind.PUBLISHED, held.grids, touched, has_sheet=has_sheet)
        tellings.setdefault(account, telling)
    transfer = opened.drawing.transfer
    if transfer and reception:
        code = reception.codes[transfer.grid]
        names = {code: touched.names.get(transfer.grid, code)}
        arrived = _Notification(kind=NoticeKind.ARRIVED, grids=[code], names=names)
        for account in accounts_of(session, reception.view.community.id, RECEIVING, now=now):
            tellings.setdefault(account, arrived)
    return _write(view, plan, NoteKind.PUBLISH, tellings, now=now)


def tell_drafters(view: View, plan: Plan, said: NoteKind, *, now: datetime) -> int:
    """Tell who drew a plan that it was returned, approved or commented on; gives how many."""
    session = view.session
    telling = _Notification(kind=_OF_DRAFTERS[said])
    accounts = readers_among(session, drafters(session, plan))
    return _write(view, plan, said, dict.fromkeys(accounts, telling), now=now)


def tell_withdrawn(view: View, plan: Plan, *, now: datetime) -> int:
    """Tell the drafters and all who were told of a publishing that it has been withdrawn; gives how many."""
    return _tell_again(view, plan, _OF_PUBLISHING, NoticeKind.WITHDRAWN, NoteKind.WITHDRAW, now=now)


def tell_recalled(view: View, plan: Plan, *, now: datetime) -> int:
    """Tell the drafters and all who were told of a submission that it was taken back; gives how many."""
    return _tell_again(view, plan, _OF_SUBMITTING, NoticeKind.RECALLED, NoteKind.RECALL, now=now)


def _tell_again(
    view: View,
    plan: Plan,
    earlier: Collection[NoticeKind],
    kind: NoticeKind,
    said: NoteKind,
    *,
    now: datetime,
) -> int:
    """Tell the drafters, and whoever was told ``earlier``, with the grids named then."""
    session = view.session
    notices = session.scalars(
        select(Notice)
        .where(Notice.plan_id == plan.id, Notice.kind.in_(earlier))
        .order_by(Notice.at.desc(), Notice.id)
    ).all()
    tellings: dict[str, _Notification] = {}
    for row in notices:
        tellings.setdefault(row.account_id, _Notification(kind=kind, grids=row.grids, names=row.names or {}))
    for account in drafters(session, plan):
        tellings.setdefault(account, _Notification(kind=kind))
    wanted = readers_among(session, tellings)
    return _write(view, plan, said, {account: tellings[account] for account in wanted}, now=now)


def _all(kind: NoticeKind, touched: _Touched) -> _Notification:
    return _some(kind, touched.codes, touched)


def _some(
    kind: NoticeKind, codes: Collection[str], touched: _Touched, *, has_sheet: bool = False
) -> _Notification:
    grids = [code for code in touched.codes if code in codes]
    names = {code: touched.names.get(code, code) for code in grids}
    return _Notification(kind=kind, grids=grids, names=names, has_sheet=has_sheet)


def _write(
    view: View, plan: Plan, said: NoteKind, tellings: Mapping[str, _Notification], *, now: datetime
) -> int:
    """Keep what each account is told, except the one who acts."""
    session = view.session
    note = _note(view, plan, said, now=now)
    rows = [
        Notice(
            id=new_id(),
            account_id=account,
            plan_id=plan.id,
            note_id=note,
            kind=telling.kind,
            grids=list(telling.grids),
            names=dict(telling.names),
            has_sheet=telling.has_sheet,
            at=now,
        )
        for account, telling in sorted(tellings.items())
        if account != view.actor.account_id
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def _note(view: View, plan: Plan, said: NoteKind, *, now: datetime) -> str | None:
    """The id of what has just been said on the plan."""
    view.session.flush()
    return view.session.scalar(
        select(PlanNote.id)
        .where(PlanNote.plan_id == plan.id, PlanNote.kind == said, PlanNote.at == now)
        .order_by(PlanNote.id.desc())
        .limit(1)
    )


def _touched(view: View, opened: OpenPlan, *, at: datetime) -> _Touched:
    """Grids whose cells, names, codes or duties the plan changes, as they are at an instant."""
    drawing = opened.drawing
    codes = {*touched_grids(opened.base, drawing), *(change.area for change in drawing.duties)}
    codes |= drawing.codes.keys() | drawing.names.keys()
    names = grid_names(view, drawing)
    ids: dict[str, str] = {}
    rows = view.session.execute(
        select(AreaName.area_id, AreaName.code, AreaName.name)
        .join(Area, Area.id == AreaName.area_id)
        .where(
            Area.community_id == view.community.id,
            AreaName.code.in_(codes),
            holds_or_ends(AreaName, at),
        )
        .order_by(AreaName.valid_from)
    )
    for row in rows:
        ids[row.area_id], names[row.code] = row.code, row.name
    return _Touched(codes=sorted(codes, key=lambda code: (len(code), code)), names=names, ids=ids)


def _community(session: Session, code: str) -> str | None:
    """The id of the community of a code."""
    return session.scalar(
        select(Area.id)
        .join(AreaName, AreaName.area_id == Area.id)
        .where(Area.level == Level.COMMUNITY, AreaName.code == code, AreaName.valid_to.is_(None))
    )
