"""The plans of a community in a list."""

from __future__ import annotations

from sqlalchemy import and_, func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Account
from gisgrid.areas.models import Revision
from gisgrid.areas.view import View
from gisgrid.redraw.plans.decisions import allowed
from gisgrid.redraw.plans.models import Plan, PlanEdit, PlanState


class PlanRow(TypedDict):
    """A plan in the list."""

    id: str
    name: str
    state: str
    revision: int
    drafter: str | None
    created_at: str
    edits: int
    effective_at: str | None
    may: list[str]


class MadePlan(TypedDict):
    """A plan that has just been opened, on which revision."""

    id: str
    revision: int
    name: str
    state: str


def made_plan(plan: Plan) -> MadePlan:
    """A plan as who opens it is told of it."""
    return {"id": plan.id, "revision": plan.base_revision, "name": plan.name, "state": plan.state}


def list_plans(view: View) -> list[PlanRow]:
    """Plans of the community that aren't put away, the newest first."""
    require(view.actor, Action.REDRAW_VIEW)
    rows = view.session.execute(
        select(
            Plan,
            Account.name,
            Revision.effective_at,
            func.count(PlanEdit.id).filter(PlanEdit.is_undone.is_(False)),
        )
        .outerjoin(Account, Account.id == Plan.drafter_id)
        .outerjoin(PlanEdit, PlanEdit.plan_id == Plan.id)
        .outerjoin(
            Revision,
            and_(Revision.community_id == Plan.community_id, Revision.number == Plan.published_revision),
        )
        .where(Plan.community_id == view.community.id, Plan.state != PlanState.DISCARDED)
        .group_by(Plan.id, Account.name, Revision.effective_at)
        .order_by(Plan.created_at.desc(), Plan.id.desc())
    )
    return [
        {
            "id": plan.id,
            "name": plan.name,
            "state": plan.state,
            "revision": plan.base_revision,
            "drafter": drafter,
            "created_at": plan.created_at.astimezone(view.tz).isoformat(),
            "edits": edits,
            "effective_at": None if at is None else at.astimezone(view.tz).isoformat(timespec="seconds"),
            "may": allowed(view, plan),
        }
        for plan, drafter, at, edits in rows
    ]
