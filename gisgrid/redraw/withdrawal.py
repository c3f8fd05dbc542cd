"""Taking a scheduled revision back: all it wrote of the division goes; that it was withdrawn is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select, update

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Duty
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.models import (
    Area,
    AreaLineage,
    AreaName,
    AreaOutline,
    AreaParent,
    CellMembership,
    Revision,
    UnitCell,
)
from gisgrid.areas.publication import withdrawn_of
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, say
from gisgrid.redraw.notifications import tell_withdrawn
from gisgrid.redraw.plans.decisions import add_note
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanState
from gisgrid.redraw.plans.schedule import waiting_revisions
from gisgrid.redraw.plans.store import find_plan

_OF_AREAS: Final[tuple[Any, ...]] = (AreaName, AreaParent, AreaOutline, Duty)


def withdraw(view: View, plan_id: str, reason: str, *, now: datetime) -> Plan:
    """Take a published plan back that waits for its day; it is an approved plan again.

    Raises
    ------
    NotAllowed
        The actor neither drew it nor may approve plans.
    Conflict
        It doesn't wait for its day, or another one waits behind it.
    InvalidInput
        A reason is missing.
    """
    require(view.actor, Action.REDRAW_VIEW)
    if not reason.strip():
        raise InvalidInput("a scheduled revision is withdrawn with a reason", field="reason")
    wait_for_others(view.session, view.community.id)
    plan = find_plan(view, plan_id, lock=True)
    if plan.drafter_id != view.actor.account_id and not may(view.actor, Action.REDRAW_APPROVE):
        raise NotAllowed("this account may not withdraw the plan")
    revision = _scheduled(view, plan, now=now)
    view.session.add(withdrawn_of(revision, view.actor, reason.strip(), now=now))
    _take_back(view, revision)
    plan.state, plan.published_revision = PlanState.APPROVED, None
    add_note(view, plan, NoteKind.WITHDRAW, text=reason, now=now)
    tell_withdrawn(view, plan, now=now)
    touch(view.session, [view.community.id])
    record(view.session, view.actor, "plan:withdraw", "plan", now=now, object_id=plan.id)
    view.session.flush()
    return plan


def _scheduled(view: View, plan: Plan, *, now: datetime) -> Revision:
    waiting = waiting_revisions(view.session, view.community.id, now=now)
    mine = next((revision for revision in waiting if revision.number == plan.published_revision), None)
    if mine is None:
        raise Conflict("only a plan that waits for its day can be withdrawn")
    if mine is not waiting[-1]:
        last = waiting[-1].number
        raise Conflict(say("revision {number} waits behind it: withdraw that one first", number=last))
    return mine


def _take_back(view: View, revision: Revision) -> None:
    """Rows that begin at the revision's instant go, rows that end there are open again."""
    session, at = view.session, revision.effective_at
    own = select(Area.id).where(Area.community_id == view.community.id)
    names = AreaName.area_id.in_(own)
    begun = set(session.scalars(select(AreaName.area_id).where(names, AreaName.valid_from == at)))
    session.execute(delete(AreaLineage).where(AreaLineage.revision_id == revision.id))
    for table in _OF_AREAS:
        _undo(view, table, table.area_id.in_(own), at=at)
    cells = select(UnitCell.id).where(UnitCell.community_id == view.community.id)
    _undo(view, CellMembership, CellMembership.cell_id.in_(cells), at=at)
    known = set(session.scalars(select(AreaName.area_id).where(AreaName.area_id.in_(begun))))
    session.execute(delete(Area).where(Area.id.in_(begun - known)))
    session.delete(revision)
    session.flush()
    session.expire_all()


def _undo(view: View, table: Any, own: ColumnElement[bool], *, at: datetime) -> None:
    options = {"synchronize_session": False}
    view.session.execute(delete(table).where(own, table.valid_from == at).execution_options(**options))
    reopened = update(table).where(own, table.valid_to == at).values(valid_to=None)
    view.session.execute(reopened.execution_options(**options))
