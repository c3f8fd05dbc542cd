"""The draft plan that is left open, so that every rule of a redraw has something to find."""

from __future__ import annotations

from typing import Any

from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from data.demo.records import DemoPlanEdit as EditRecord
from gisgrid.access.models import DutyKind
from gisgrid.redraw.plans.store import new_plan
from gisgrid.redraw.service import add_edit


def load_plans(loading: Loading, demo: DemoCommunity) -> None:
    """The draft as an open plan of its drafter, on the newest revision."""
    view = loading.view_as(loading.ids["account"][demo.plan.drafter], loading.now)
    plan = new_plan(view, demo.plan.name, now=loading.now)
    for edit in demo.plan.edits:
        add_edit(view, plan.id, _operation(loading, edit), caches=loading.caches, now=loading.now)


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
