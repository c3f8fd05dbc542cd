"""Who waits for a second person, and what is approved until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, select, true
from sqlalchemy.orm import Session, aliased
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.models import Account, Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import day_of, local_text
from gisgrid.records.core.outward_models import OutwardApproval, OutwardForm
from gisgrid.records.outward.approvals import HEADS, approved_until
from gisgrid.records.outward.scope import ANYWHERE, serves

_MOST_WAITING: Final = 200


class WaitingApproval(TypedDict):
    """Somebody asks to fill a template for an area; `may_decide` says whether the asker may answer."""

    id: str
    code: str
    title: str
    area: str
    area_name: str
    asked_by: str | None
    asked_at: str
    reason: str | None
    may_decide: bool


class AreaApproval(TypedDict):
    """Until when a template may be filled for an area that the actor serves; null: nobody has approved it.

    `declined` is the day on which the last request was declined, where none waits and none was approved.
    """

    area: str
    area_name: str
    until: str | None
    is_waiting: bool
    declined: str | None


def own_areas(view: View) -> list[tuple[str, str, str]]:
    """Code, name and id of what an actor fills tables for: the community for heads, and grids."""
    tree = view.present.tree
    grids = [grid for grid in tree.at_level(Level.GRID) if serves(view, grid)]
    grids.sort(key=lambda grid: (len(grid.code), grid.code))
    whole = [tree.areas[view.community.id]] if view.actor.role in ANYWHERE else []
    return [(area.code, area.name, area.id) for area in (*whole, *grids)]


def area_approvals(view: View, form: OutwardForm, *, now: datetime) -> list[AreaApproval]:
    """Until when a version may be filled, for each area that the actor serves."""
    areas = own_areas(view)
    ids = [key for _code, _name, key in areas]
    until = approved_until(view, form, ids, today=day_of(now, view.tz))
    waiting, declined = _answers(view, form, ids)
    return [
        {
            "area": code,
            "area_name": name,
            "until": until[key].isoformat() if key in until else None,
            "is_waiting": key in waiting,
            "declined": declined[key] if key in declined and key not in {*until, *waiting} else None,
        }
        for code, name, key in areas
    ]


def _answers(view: View, form: OutwardForm, areas: Collection[str]) -> tuple[set[str], dict[str, str]]:
    """Areas for which a request about a version waits, and the day of the last no by area."""
    asked = select(OutwardApproval).where(
        OutwardApproval.outward_form_id == form.id, OutwardApproval.area_id.in_(areas)
    )
    rows = view.session.scalars(asked.order_by(OutwardApproval.decided_at, OutwardApproval.id)).all()
    waiting = {row.area_id for row in rows if row.decided_at is None}
    declined = {
        row.area_id: day_of(row.decided_at, view.tz).isoformat()
        for row in rows
        if row.decided_at is not None and row.is_approved is False
    }
    return waiting, declined


def waiting_approvals(view: View) -> list[WaitingApproval]:
    """What waits for a second person in a community, the oldest first; who approves nothing sees the own.

    Raises
    ------
    NotAllowed
        The role fills no tables.
    """
    require(view.actor, Action.OUTWARD_FILL)
    is_shown = (
        OutwardApproval.id.is_not(None)
        if may(view.actor, Action.OUTWARD_APPROVE)
        else OutwardApproval.asked_by == view.actor.account_id
    )
    statement = (
        _waiting(
            OutwardApproval,
            OutwardForm.code,
            OutwardForm.title,
            Account.name,
            _is_decidable(view.actor).label("may_decide"),
        )
        .where(OutwardForm.owner_area_id == view.community.id, is_shown)
        .order_by(OutwardApproval.asked_at, OutwardApproval.id)
        .limit(_MOST_WAITING)
    )
    return [_waits(view, row) for row in view.session.execute(statement).all()]


def count_decidable(session: Session, actor: Actor, communities: Collection[str]) -> dict[str, int]:
    """How many requests wait for an actor's answer, by the id of the community; none are left out."""
    if not communities or not may(actor, Action.OUTWARD_APPROVE):
        return {}
    statement = (
        _waiting(OutwardForm.owner_area_id, func.count())
        .where(OutwardForm.owner_area_id.in_(communities), _is_decidable(actor))
        .group_by(OutwardForm.owner_area_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _waiting(*columns: Any) -> Select[Any]:
    """Requests that nobody has decided, about the newest version of a template that is filled."""
    newer = aliased(OutwardForm)
    is_newest = ~exists().where(
        newer.owner_area_id == OutwardForm.owner_area_id,
        newer.code == OutwardForm.code,
        newer.number > OutwardForm.number,
    )
    return (
        select(*columns)
        .select_from(OutwardApproval)
        .join(OutwardForm, OutwardForm.id == OutwardApproval.outward_form_id)
        .outerjoin(Account, Account.id == OutwardApproval.asked_by)
        .where(OutwardForm.closed_at.is_(None), OutwardApproval.decided_at.is_(None), is_newest)
    )


def _is_decidable(actor: Actor) -> ColumnElement[bool]:
    """As :func:`may_decide` says of one request, in SQL over all of them."""
    if not may(actor, Action.OUTWARD_APPROVE):
        return false()
    is_own = OutwardApproval.asked_by == actor.account_id
    if actor.worker_id:
        is_own = is_own | (Account.worker_id == actor.worker_id)
    of_others = ~func.coalesce(is_own, false())
    return of_others if actor.role in HEADS else and_(of_others, Account.role.in_(HEADS), _is_staff(actor))


def _is_staff(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.role == Role.STAFF else false()


def _waits(view: View, row: Row[Any]) -> WaitingApproval:
    asked: OutwardApproval = row.OutwardApproval
    area = view.present.tree.areas.get(asked.area_id)
    return {
        "id": asked.id,
        "code": row.code,
        "title": row.title,
        "area": area.code if area else "",
        "area_name": area.name if area else "",
        "asked_by": row.name,
        "asked_at": local_text(asked.asked_at, view.tz),
        "reason": asked.reason,
        "may_decide": bool(row.may_decide),
    }
