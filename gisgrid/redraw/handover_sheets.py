"""Hand-over sheets: what each grid member gives and takes when a plan is published.

Before a plan is published they show what would pass; afterwards what did, as it was kept then, with the
addresses, elders and open cases of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.models import AreaName
from gisgrid.areas.view import Caches, View
from gisgrid.errors import NotFound
from gisgrid.redraw.impact.duties import worker_names
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanNote, PlanState
from gisgrid.redraw.plans.store import open_plan
from gisgrid.redraw.publication.due import WAITS
from gisgrid.redraw.transfer.answers import (
    HandoverView,
)
from gisgrid.redraw.transfer.handovers import Pass, passes, workers_of
from gisgrid.redraw.transfer.sheet_homes import passed_cases, passed_homes
from gisgrid.redraw.transfer.sheet_parts import SheetContent, member_sheet
from gisgrid.redraw.transfer.sides import TransferredGrid, arrived, goes_away, transferred_grid

_FIELDS: Final = ("std_address", "name", "birth_date")


def handover(view: View, plan_id: str, *, caches: Caches, now: datetime) -> HandoverView:
    """The sheets of a plan: one per member who gives or takes; members see their own, once it is published.

    Leaves one audit entry.

    Raises
    ------
    NotFound
        No such plan, or nothing in it that is this member's.
    """
    require(view.actor, Action.HANDOVER_VIEW)
    plan, crossing = _plan(view, plan_id)
    parts, is_to_come = _passes(view, plan, caches)
    if crossing is not None and plan.community_id != view.community.id:
        passed = arrived(parts, crossing)
        hands = {part.taker for part in passed}
    else:
        passed = [part for part in parts if part.giver != part.taker or goes_away(part, crossing)]
        hands = {part.giver for part in passed} | {part.taker for part in passed}
    workers = _own_first(view, hands)
    if view.actor.role == Role.MEMBER:
        workers = [worker for worker in workers if worker == view.actor.worker_id]
        passed = [part for part in passed if view.actor.worker_id in {part.giver, part.taker}]
        if not passed:
            raise NotFound("no such plan")
    homes = SheetContent(
        rows=passed_homes(view, passed, is_to_come=is_to_come),
        cases=passed_cases(view, passed),
        crossing=crossing,
    )
    people = worker_names(view, [worker for worker in workers if worker] + workers_of(passed))
    names = _grid_names(view, passed)
    sheets = [member_sheet(worker, passed, homes, people=people, names=names) for worker in workers]
    count = len(homes.rows)
    record(
        view.session,
        view.actor,
        "handover:view",
        "plan",
        now=now,
        object_id=plan.id,
        count=count,
        fields=_FIELDS,
    )
    return {
        "plan": plan.id,
        "name": plan.name,
        "state": plan.state,
        "revision": plan.published_revision,
        "sheets": sheets,
    }


def _plan(view: View, plan_id: str) -> tuple[Plan, TransferredGrid | None]:
    """A plan of the community, or a published one that gave it a grid; and the grid that went by it."""
    plan = view.session.get(Plan, plan_id)
    if plan is None or plan.state == PlanState.DISCARDED:
        raise NotFound("no such plan")
    is_published = plan.state == PlanState.PUBLISHED
    crossing = transferred_grid(_publishing(view, plan)) if is_published else None
    is_taker = crossing is not None and crossing.taker == view.community.code
    if plan.community_id != view.community.id and not is_taker:
        raise NotFound("no such plan")
    if not is_published and not may(view.actor, Action.REDRAW_VIEW):
        raise NotFound("no such plan")
    return plan, crossing


def _publishing(view: View, plan: Plan) -> Mapping[str, Any]:
    """What was kept when a plan was published."""
    note = view.session.scalar(
        select(PlanNote)
        .where(PlanNote.plan_id == plan.id, PlanNote.kind == NoteKind.PUBLISH)
        .order_by(PlanNote.at.desc(), PlanNote.id.desc())
        .limit(1)
    )
    return (note.details if note else None) or {}


def _passes(view: View, plan: Plan, caches: Caches) -> tuple[list[Pass], bool]:
    """What passes by a plan, and whether that is still to come."""
    if plan.state != PlanState.PUBLISHED:
        opened = open_plan(view, plan.id, caches=caches)
        return passes(view, opened.base, opened.drawing), True
    details = _publishing(view, plan)
    return [Pass.from_json(stored) for stored in details.get("passes", ())], bool(details.get(WAITS))


def _own_first(view: View, workers: Iterable[str | None]) -> list[str | None]:
    names = worker_names(view, {worker for worker in workers if worker})
    return sorted(workers, key=lambda worker: (worker is None, names.get(worker or "", ""), worker or ""))


def _grid_names(view: View, passed: Sequence[Pass]) -> dict[str, str]:
    """Names of the grids by code, also of those that are closed or only planned."""
    codes = {code for part in passed for code in (part.source, part.target) if code}
    rows = view.session.execute(
        select(AreaName.code, AreaName.name).where(AreaName.code.in_(codes)).order_by(AreaName.valid_from)
    )
    return {code: code for code in codes} | {row.code: row.name for row in rows}
