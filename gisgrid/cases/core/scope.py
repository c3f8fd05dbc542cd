"""Which cases an actor may see, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.models import Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import HELPING, escalated
from gisgrid.cases.core.models import Case, CaseCoHandler, Category
from gisgrid.cases.core.parties import branch_cells
from gisgrid.cases.core.workflow import OPEN_STATES, UNCLAIMED_STATES
from gisgrid.days import AsOf
from gisgrid.errors import NotFound


def visible_cases(view: View) -> ColumnElement[bool]:
    """Cases of the community within the actor's scope; those reported by the actor are always in it."""
    actor = view.actor
    here = is_of(view, PlacedKind.CASE, Case)
    own: ColumnElement[bool] = Case.reporter_id == actor.account_id if actor.account_id else false()
    scopes: dict[Any, ColumnElement[bool]] = {
        Role.LOCAL: true(),
        Role.HEAD: true(),
        Role.STAFF: true(),
        Role.MEMBER: or_(own, _in_own_grids(view), _claimed(view), _helping(view)),
        Role.GRID_LEADER: or_(own, and_(_nearby(view), _is_open_to_all())),
        Role.STEWARD: or_(own, and_(_nearby(view), _is_open_to_all())),
        Role.LEADER: or_(own, _is_open_to_all(), _is_party(view)),
    }
    return here & scopes.get(actor.role, own)


def opened_cases(view: View) -> ColumnElement[bool]:
    """Cases the actor may open: as of an earlier day those that are of the community still.

    What a card tells is how the case stands today, which is no business of a community it has left.
    """
    return visible_cases(view) & (Case.community_id == view.community.id)


def case_within(view: View, case_id: str, *, lock: bool) -> Case:
    """A case within what the actor may see, locked until the end of the transaction where it will change.

    Raises
    ------
    NotFound
        No such case there; whether it is somewhere else is not told.
    """
    statement = select(Case).where(Case.id == case_id, opened_cases(view))
    if lock:
        wait_for_others(view.session, view.community.id)
        statement = statement.with_for_update()
    case = view.session.scalar(statement)
    if case is None:
        raise NotFound("no such case")
    return case


def claimable_cases(view: View) -> ColumnElement[bool]:
    """The claim pool: cases of the actor's branch that nobody has yet, none of a confidential category."""
    actor = view.actor
    if actor.role is not Role.MEMBER or actor.worker_id is None:
        return false()
    return and_(
        is_of(view, PlacedKind.CASE, Case),
        Case.state.in_(UNCLAIMED_STATES),
        Case.handler_id.is_(None),
        Case.claim_until.is_not(None),
        Case.cell_id.in_(branch_cells(view)),
        _is_open_to_all(),
    )


def is_open(when: AsOf | None = None) -> ColumnElement[bool]:
    """Open cases: all before they end, overdue and suspended ones too; by now, or as of an earlier moment.

    Of a case that was closed and opened again nobody asks when it was closed before: it is open all along.
    """
    is_now: ColumnElement[bool] = Case.state.in_(OPEN_STATES)
    if when is None or not when.is_past:
        return is_now
    return and_(Case.reported_at <= when.at, or_(is_now, Case.closed_at > when.at))


def handled_by(view: View) -> ColumnElement[bool]:
    """The actor's own work: cases of the own grids or claimed, or, without a duty, the own reports."""
    if view.actor.role in HELPING and view.actor.worker_id:
        return or_(_nearby(view), Case.reporter_id == view.actor.account_id)
    if view.actor.worker_id and view.actor.areas:
        return or_(_in_own_grids(view), _claimed(view), _helping(view))
    return Case.reporter_id == view.actor.account_id


def _in_own_grids(view: View) -> ColumnElement[bool]:
    return Case.cell_id.in_(view.own_cells)


def _nearby(view: View) -> ColumnElement[bool]:
    """In a grid leader's micro grid or a steward's buildings, or given to the actor when it was."""
    if view.actor.role is Role.STEWARD:  # an area opens the map of a community to them, and no case
        return or_(Case.building_id.in_(view.actor.buildings), _claimed(view))
    return or_(_in_own_grids(view), _claimed(view))


def _claimed(view: View) -> ColumnElement[bool]:
    return Case.handler_id == view.actor.worker_id if view.actor.worker_id else false()


def _is_party(view: View) -> ColumnElement[bool]:
    """Whether a case is with the subdistrict, where the actor has the right to instruct."""
    return escalated() if may(view.actor, Action.CASES_INSTRUCT) else false()


def _helping(view: View) -> ColumnElement[bool]:
    if view.actor.worker_id is None:
        return false()
    own = CaseCoHandler.worker_id == view.actor.worker_id
    return Case.id.in_(select(CaseCoHandler.case_id).where(own))


def _is_open_to_all() -> ColumnElement[bool]:
    return Case.category_code.in_(select(Category.code).where(Category.is_confidential.is_(False)))
