"""Tables with rows of persons or households: a second person lets them be filled for an area and 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound, say
from gisgrid.records.core.outward_models import OutwardApproval, OutwardForm
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.scope import OutwardRequest, OutwardScope, open_scope
from gisgrid.records.outward.sheet_faults import unready_faults
from gisgrid.records.outward.templates import KeptTemplate, template_of
from gisgrid.storage.base import new_id

APPROVED_FOR: Final = timedelta(days=30)
_OF_PERSONS: Final = frozenset({OutwardRows.PERSON, OutwardRows.HOUSEHOLD})
HEADS: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that answer whatever others ask for."""


def needs_approval(form: OutwardForm) -> bool:
    """Whether a second person has to let a template be filled: its rows are persons or households."""
    return form.rows in _OF_PERSONS


def open_fill(view: View, code: str, wanted: OutwardRequest) -> tuple[KeptTemplate, OutwardScope]:
    """The template that is to be filled and what for, within what the actor may fill.

    Raises
    ------
    NotAllowed
        The role fills no tables.
    NotFound
        No such template, or no such grid within what the actor serves.
    InvalidInput
        What :func:`open_scope` refuses, or nobody has said yet what any place of it is.
    Conflict
        The template is closed.
    """
    require(view.actor, Action.OUTWARD_FILL)
    kept = template_of(view, code)
    if kept.form.closed_at is not None:
        raise Conflict("this template is closed")
    if faults := unready_faults(kept.sheets):
        raise InvalidInput(faults)
    return kept, open_scope(view, wanted, asks_reason=needs_approval(kept.form))


def areas_of(view: View, scope: OutwardScope) -> tuple[TreeArea, ...]:
    """For which areas a scope needs approval: its grids, or the community where these aren't all of it."""
    if scope.cells is None or not scope.grids:
        return (view.present.tree.areas[view.community.id],)
    if scope.area.level != Level.GRID and not scope.cells <= view.present.cells_of(
        [grid.id for grid in scope.grids]
    ):
        return (view.present.tree.areas[view.community.id],)
    return scope.grids


def approved_until(view: View, form: OutwardForm, areas: Sequence[str], *, today: date) -> dict[str, date]:
    """The last day on which a version may be filled, by area; one of the community holds everywhere."""
    wanted = {*areas, view.community.id}
    statement = (
        select(OutwardApproval.area_id, func.max(OutwardApproval.until))
        .where(
            OutwardApproval.outward_form_id == form.id,
            OutwardApproval.area_id.in_(wanted),
            OutwardApproval.is_approved.is_(True),
            OutwardApproval.until >= today,
        )
        .group_by(OutwardApproval.area_id)
    )
    known = {area: until for area, until in view.session.execute(statement) if until is not None}
    days = {area: [known[key] for key in (area, view.community.id) if key in known] for area in areas}
    return {area: max(ends) for area, ends in days.items() if ends}


def check_approved(view: View, form: OutwardForm, areas: Sequence[TreeArea], *, now: datetime) -> None:
    """Refuse to fill what nobody has approved.

    Raises
    ------
    Conflict
        Rows of persons, and no approval for one of the areas; all such areas are named.
    """
    if not needs_approval(form):
        return
    ids = [area.id for area in areas]
    approved = approved_until(view, form, ids, today=day_of(now, view.tz))
    missing = [area.name for area in areas if area.id not in approved]
    if missing:
        message = "this table lists persons: somebody else has to approve it first, for {areas}"
        raise Conflict(say(message, areas=", ".join(missing)))


def ask_approval(view: View, code: str, wanted: OutwardRequest, *, now: datetime) -> list[OutwardApproval]:
    """Ask for approval in those areas that have none; what waits already isn't asked twice.

    Raises
    ------
    NotAllowed, NotFound, InvalidInput
        As :func:`open_fill`.
    Conflict
        The template is closed, lists no persons, or is approved for all areas already.
    """
    wait_for_others(view.session, view.community.id)
    kept, scope = open_fill(view, code, wanted)
    if not needs_approval(kept.form):
        raise Conflict("this table lists no persons: nobody has to approve it")
    areas = areas_of(view, scope)
    ids = [area.id for area in areas]
    approved = approved_until(view, kept.form, ids, today=day_of(now, view.tz))
    if all(area in approved for area in ids):
        raise Conflict(say("approved already until {day}", day=min(approved.values())))
    missing = [area for area in ids if area not in approved]
    return [_waiting(view, kept.form, area, scope.reason, now=now) for area in missing]


def _waiting(
    view: View, form: OutwardForm, area: str, reason: str | None, *, now: datetime
) -> OutwardApproval:
    same = and_(OutwardApproval.outward_form_id == form.id, OutwardApproval.area_id == area)
    known = view.session.scalar(select(OutwardApproval).where(same, OutwardApproval.decided_at.is_(None)))
    if known is not None:
        return known
    asked = OutwardApproval(
        id=new_id(),
        outward_form_id=form.id,
        area_id=area,
        asked_at=now,
        asked_by=view.actor.account_id,
        reason=reason,
    )
    view.session.add(asked)
    record(view.session, view.actor, "outward:ask", "outward_form", now=now, object_id=form.id, reason=reason)
    view.session.flush()
    return asked


def decide_approval(
    view: View, code: str, approval_id: str, *, is_approved: bool, now: datetime
) -> OutwardApproval:
    """Let a template be filled for an area, or not; never by who asked.

    A head decides; what a head asked for another head or the staff, since many communities have one head.

    Raises
    ------
    NotAllowed
        The role decides nothing, it is the actor's own request, or that of somebody whom heads alone answer.
    NotFound
        No such request about this template in the community.
    Conflict
        It is decided already, or the template has changed or was closed since.
    """
    require(view.actor, Action.OUTWARD_APPROVE)
    wait_for_others(view.session, view.community.id)
    newest = template_of(view, code).form
    waiting = _request(view, code, approval_id)
    if not may_decide(view, waiting.asked_by):
        raise NotAllowed("somebody else has to approve this")
    if waiting.decided_at is not None:
        raise Conflict("this is decided already")
    if is_approved and (newest.id != waiting.outward_form_id or newest.closed_at is not None):
        raise Conflict("the template has changed since: it has to be asked for anew")
    waiting.decided_at, waiting.decided_by = now, view.actor.account_id
    waiting.is_approved = is_approved
    waiting.until = day_of(now, view.tz) + APPROVED_FOR if is_approved else None
    action = "outward:approve" if is_approved else "outward:decline"
    record(view.session, view.actor, action, "outward_form", now=now, object_id=waiting.outward_form_id)
    view.session.flush()
    return waiting


def _request(view: View, code: str, approval_id: str) -> OutwardApproval:
    of_code = and_(OutwardForm.owner_area_id == view.community.id, OutwardForm.code == code)
    statement = select(OutwardApproval).join(OutwardForm).where(OutwardApproval.id == approval_id, of_code)
    waiting = view.session.scalar(statement.with_for_update(of=OutwardApproval))
    if waiting is None:
        raise NotFound("no such request")
    return waiting


def may_decide(view: View, asked_by: str | None) -> bool:
    """Whether an actor may decide what an account asked for: not one's own, nor as the same person."""
    actor = view.actor
    asker = view.session.get(Account, asked_by) if asked_by else None
    if asked_by == actor.account_id or (asker and asker.worker_id and asker.worker_id == actor.worker_id):
        return False
    is_of_head = asker is not None and asker.role in HEADS
    return actor.role in HEADS or (is_of_head and actor.role == Role.STAFF)
