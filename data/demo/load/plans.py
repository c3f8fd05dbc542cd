"""The draft plan that is left open, so that every rule of a redraw has something to find."""

from __future__ import annotations

from typing import Any

from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from data.demo.records import DemoPlanEdit as EditRecord
from gisgrid.access.models import DutyKind
from gisgrid.redraw.plans.models import Plan, PlanEdit, PlanState
from gisgrid.storage.base import new_id


def load_plans(loading: Loading, demo: DemoCommunity) -> None:
    """The draft as an open plan of its drafter, on the newest revision."""
    drafter = loading.id_of("account", demo.plan.drafter)
    plan_id = new_id()
    plan = {
        "id": plan_id,
        "community_id": loading.community_id,
        "base_revision": demo.revisions[-1].number,
        "name": demo.plan.name,
        "state": PlanState.OPEN,
        "drafter_id": drafter,
        "created_at": loading.now,
    }
    loading.add(Plan, [plan])
    edits = [
        {
            "id": new_id(),
            "plan_id": plan_id,
            "position": position,
            "op": _operation(loading, edit),
            "account_id": drafter,
            "at": loading.now,
            "is_undone": False,
        }
        for position, edit in enumerate(demo.plan.edits, start=1)
    ]
    loading.add(PlanEdit, edits)


def _operation(loading: Loading, edit: EditRecord) -> dict[str, Any]:
    """An edit as the page would send it."""
    if edit.op == "duty":
        return {
            "op": "duty",
            "area": edit.to,
            "worker": loading.id_of("worker", edit.worker),
            "kind": DutyKind.GRID_MEMBER.value,
            "primary": True,
            "end": True,
        }
    return {"op": edit.op, "cells": [loading.ids["cell"][key] for key in edit.cells], "to": edit.to}
