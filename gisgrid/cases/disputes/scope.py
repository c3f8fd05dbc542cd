"""Which disputes an actor may see, as SQL: cases in sight of those who may open confidential ones."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, select

from gisgrid.access.actions import CONFIDENTIAL_CASES
from gisgrid.access.models import Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import handled_by, opened_cases
from gisgrid.cases.disputes.case_guard import is_dispute
from gisgrid.errors import NotFound


def visible_disputes(view: View) -> ColumnElement[bool]:
    """Disputes of the community within the actor's scope; for all other roles none, also not own reports.

    A member sees those of the own grids and those the member handles or helps with.
    """
    actor = view.actor
    if actor.role not in CONFIDENTIAL_CASES:
        return false()
    if actor.role is not Role.MEMBER:
        return and_(opened_cases(view), is_dispute())
    if not actor.areas:
        return false()
    own = handled_by(view) if actor.worker_id else Case.cell_id.in_(view.own_cells)
    return and_(opened_cases(view), is_dispute(), own)


def dispute_within(view: View, case_id: str, *, lock: bool) -> Case:
    """The case of a dispute within what the actor may see, locked where it will change.

    Raises
    ------
    NotFound
        No such dispute there; whether it is somewhere else, or another kind of case, is not told.
    """
    statement = select(Case).where(Case.id == case_id, visible_disputes(view))
    if lock:
        wait_for_others(view.session, view.community.id)
        statement = statement.with_for_update()
    case = view.session.scalar(statement)
    if case is None:
        raise NotFound("no such dispute")
    return case


def is_dispute_in_sight(view: View, case_id: str) -> bool:
    """Whether a case is a dispute that the actor may open."""
    return view.session.scalar(select(Case.id).where(Case.id == case_id, visible_disputes(view))) is not None
