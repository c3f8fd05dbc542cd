"""The plans of a community in a list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Account
from gisgrid.areas.look import Look
from gisgrid.redraw.deciding import allowed
from gisgrid.redraw.models import Plan, PlanEdit, PlanState


def list_plans(look: Look) -> list[dict[str, Any]]:
    """Plans of the community that aren't put away, the newest first."""
    require(look.actor, Action.REDRAW_VIEW)
    rows = look.session.execute(
        select(Plan, Account.name, func.count(PlanEdit.id).filter(PlanEdit.is_undone.is_(False)))
        .outerjoin(Account, Account.id == Plan.drafter_id)
        .outerjoin(PlanEdit, PlanEdit.plan_id == Plan.id)
        .where(Plan.community_id == look.community.id, Plan.state != PlanState.DISCARDED)
        .group_by(Plan.id, Account.name)
        .order_by(Plan.created_at.desc())
    )
    return [
        {
            "id": plan.id,
            "name": plan.name,
            "state": plan.state,
            "revision": plan.base_revision,
            "drafter": drafter,
            "created_at": plan.created_at.astimezone(look.tz).isoformat(),
            "edits": edits,
            "may": allowed(look, plan),
        }
        for plan, drafter, edits in rows
    ]
