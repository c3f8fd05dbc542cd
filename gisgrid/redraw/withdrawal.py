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
from gisgrid.areas.view import Look
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, say
from gisgrid.redraw.notifications import tell_withdrawn
from gisgrid.redraw.plans.decisions import add_note
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanState
from gisgrid.redraw.plans.schedule import waiting_revisions
from gisgrid.redraw.plans.store import find_plan

_OF_AREAS: Final[tuple[Any, ...]] = (AreaName, AreaParent, AreaOutline, Duty)


def withdraw(look: Look, plan_id: str, reason: str, *, now: datetime) -> Plan:
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
    require(look.actor, Action.REDRAW_VIEW)
    if not reason.strip():
        raise InvalidInput("a scheduled revision is withdrawn with a reason", field="reason")
    wait_for_others(look.session, look.community.id)
    plan = find_plan(look, plan_id, lock=True)
    if plan.drafter_id != look.actor.account_id and not may(look.actor, Action.REDRAW_APPROVE):
        raise NotAllowed("this account may not withdraw the plan")
    revision = _scheduled(look, plan, now=now)
    look.session.add(withdrawn_of(revision, look.actor, reason.strip(), now=now))
    _take_back(look, revision)
    plan.state, plan.published_revision = PlanState.APPROVED, None
    add_note(look, plan, NoteKind.WITHDRAW, text=reason, now=now)
    tell_withdrawn(look, plan, now=now)
    touch(look.session, [look.community.id])
    record(look.session, look.actor, "plan:withdraw", "plan", now=now, object_id=plan.id)
    look.session.flush()
    return plan


def _scheduled(look: Look, plan: Plan, *, now: datetime) -> Revision:
    waiting = waiting_revisions(look.session, look.community.id, now=now)
    mine = next((one for one in waiting if one.number == plan.published_revision), None)
    if mine is None:
        raise Conflict("only a plan that waits for its day can be withdrawn")
    if mine is not waiting[-1]:
        last = waiting[-1].number
        raise Conflict(say("revision {number} waits behind it: withdraw that one first", number=last))
    return mine


def _take_back(look: Look, revision: Revision) -> None:
    """Rows that begin at the revision's instant go, rows that end there are open again."""
    session, at = look.session, revision.effective_at
    own = select(Area.id).where(Area.community_id == look.community.id)
    names = AreaName.area_id.in_(own)
    begun = set(session.scalars(select(AreaName.area_id).where(names, AreaName.valid_from == at)))
    session.execute(delete(AreaLineage).where(AreaLineage.revision_id == revision.id))
    for table in _OF_AREAS:
        _undo(look, table, table.area_id.in_(own), at=at)
    cells = select(UnitCell.id).where(UnitCell.community_id == look.community.id)
    _undo(look, CellMembership, CellMembership.cell_id.in_(cells), at=at)
    known = set(session.scalars(select(AreaName.area_id).where(AreaName.area_id.in_(begun))))
    session.execute(delete(Area).where(Area.id.in_(begun - known)))
    session.delete(revision)
    session.flush()
    session.expire_all()


def _undo(look: Look, table: Any, own: ColumnElement[bool], *, at: datetime) -> None:
    options = {"synchronize_session": False}
    look.session.execute(delete(table).where(own, table.valid_from == at).execution_options(**options))
    reopened = update(table).where(own, table.valid_to == at).values(valid_to=None)
    look.session.execute(reopened.execution_options(**options))
