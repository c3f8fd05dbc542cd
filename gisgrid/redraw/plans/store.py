"""Plans as they are kept: making one, and opening it as it looks on the revision of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.models import Revision
from gisgrid.areas.view import Caches, View
from gisgrid.days import AsOf
from gisgrid.errors import Conflict, InvalidInput, NotFound, say, some_of
from gisgrid.geometry.edits import Ground
from gisgrid.redraw.edits.drawn_plan import Drawing, passed_on
from gisgrid.redraw.edits.replay import drawn
from gisgrid.redraw.ground.plan_ground import PlanGround, base_of
from gisgrid.redraw.plans.models import Plan, PlanEdit, PlanState
from gisgrid.storage.base import new_id

_NAME_LIMIT: Final = 120


@dataclass(frozen=True, kw_only=True)
class OpenPlan:
    """A plan with its edits in force and how it is drawn on today's revision."""

    plan: Plan
    edits: tuple[PlanEdit, ...]
    undone: tuple[PlanEdit, ...]
    base: PlanGround
    drawing: Drawing


def new_plan(view: View, name: str, *, now: datetime) -> Plan:
    """Open a plan on the revision in force.

    Raises
    ------
    InvalidInput
        It has no name, or a very long one.
    """
    require(view.actor, Action.REDRAW_EDIT)
    if not 0 < len(name.strip()) <= _NAME_LIMIT:
        raise InvalidInput("a plan has a name of 1 to 120 characters", field="name")
    plan = Plan(
        id=new_id(),
        community_id=view.community.id,
        base_revision=view.version.revision,
        name=name.strip(),
        state=PlanState.OPEN,
        drafter_id=view.actor.account_id,
        created_at=now,
    )
    view.session.add(plan)
    view.session.flush()
    record(view.session, view.actor, "plan:create", "plan", now=now, object_id=plan.id)
    return plan


def find_plan(view: View, plan_id: str, *, lock: bool = False) -> Plan:
    """A plan of the community that the actor may see.

    Raises
    ------
    NotFound
        No such plan.
    """
    require(view.actor, Action.REDRAW_VIEW)
    statement = select(Plan).where(Plan.id == plan_id, Plan.community_id == view.community.id)
    if lock:
        # What the session has read before it waited for the lock may have changed meanwhile.
        statement = statement.with_for_update().execution_options(populate_existing=True)
    plan = view.session.scalar(statement)
    if plan is None or plan.state == PlanState.DISCARDED:
        raise NotFound("no such plan")
    return plan


def open_plan(view: View, plan_id: str, *, caches: Caches, lock: bool = False) -> OpenPlan:
    """A plan as it looks on today's revision.

    Raises
    ------
    Conflict
        The division has changed since where the plan draws; both lists of grids are named.
    """
    plan = find_plan(view, plan_id, lock=lock)
    rows = view.session.scalars(
        select(PlanEdit).where(PlanEdit.plan_id == plan.id).order_by(PlanEdit.position),
        execution_options={"populate_existing": lock},
    ).all()
    kept = tuple(row for row in rows if not row.is_undone)
    steps = [(row.id, row.op) for row in kept]
    if plan.base_revision != view.version.revision and plan.state != PlanState.PUBLISHED:
        _refuse_overtaken(view, plan, steps, caches)
    shown = _view_of_base(view, plan, caches) if plan.state == PlanState.PUBLISHED else view
    return OpenPlan(
        plan=plan,
        edits=kept,
        undone=tuple(row for row in rows if row.is_undone),
        base=base_of(shown),
        drawing=drawn(shown, steps),
    )


def _view_of_base(view: View, plan: Plan, caches: Caches) -> View:
    """The look through which a plan was drawn at first: the division of its own revision."""
    effective = view.session.scalar(
        select(Revision.effective_at).where(
            Revision.community_id == plan.community_id, Revision.number == plan.base_revision
        )
    )
    if effective is None:
        return view
    return replace(
        view,
        division=caches.divisions.get(view.session, plan.community_id, at=effective),
        version=replace(view.version, revision=plan.base_revision),
        when=AsOf(at=view.when.at, day=view.when.day, is_past=False),
    )


def _refuse_overtaken(
    view: View, plan: Plan, steps: Sequence[tuple[str, Mapping[str, Any]]], caches: Caches
) -> None:
    """Plans that share no cell and no grid with what was published since go on; others are refused."""
    then = _view_of_base(view, plan, caches)
    before, today = base_of(then).ground, base_of(view).ground
    own, theirs = _grids_of(before, drawn(then, steps).ground), _grids_of(before, today)
    if not own & theirs:
        # An edit that changed nothing at first, or was undone by a later one, may do something today.
        own |= theirs if (here := _grids_of_today(view, steps)) is None else here
    if own & theirs:
        message = say(
            "the division has changed since: this plan draws {own}, published was {theirs}",
            own=some_of(own),
            theirs=some_of(theirs),
        )
        raise Conflict(message)


def _grids_of_today(view: View, steps: Sequence[tuple[str, Mapping[str, Any]]]) -> set[str] | None:
    """The grids a plan changes when it is drawn on today's division; nothing where it can't be drawn."""
    try:
        return _grids_of(base_of(view).ground, drawn(view, steps).ground)
    except (Conflict, InvalidInput):
        return None


def _grids_of(before: Ground, after: Ground) -> set[str]:
    """Codes of the grids between which cells passed, before and after."""
    return {
        ground.grid_at(cell)
        for cell in passed_on(before, after)
        for ground in (before, after)
        if cell in ground.owner
    }
