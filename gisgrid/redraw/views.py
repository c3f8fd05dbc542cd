"""A plan as pages show it: itself with its edits, its cells, its grids as shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from gisgrid.access.models import Account
from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.geometry.editing import Ground
from gisgrid.overview.counts import counts_by_cell
from gisgrid.places.queries import Feature
from gisgrid.redraw.deciding import allowed
from gisgrid.redraw.impact import COUNTS, grid_names, touched_grids
from gisgrid.redraw.models import PlanEdit, PlanNote
from gisgrid.redraw.plans import OpenPlan
from gisgrid.storage.dialect import Bounds


def plan_view(look: Look, opened: OpenPlan) -> dict[str, Any]:
    """The plan with its edits, notes, locks, and what the actor may do with it."""
    plan = opened.plan
    return {
        "id": plan.id,
        "name": plan.name,
        "state": plan.state,
        "revision": plan.base_revision,
        "published_revision": plan.published_revision,
        "drafter": _names(look, {plan.drafter_id}).get(plan.drafter_id),
        "created_at": plan.created_at.astimezone(look.tz).isoformat(),
        "is_current": plan.base_revision == look.version.revision,
        "edits": _edits(look, opened.edits),
        "can_undo": bool(opened.edits),
        "can_redo": bool(opened.undone),
        "locks": sorted(opened.drawing.locked),
        "notes": _notes(look, plan.id),
        "may": allowed(look, plan),
    }


def _edits(look: Look, edits: Iterable[PlanEdit]) -> list[dict[str, Any]]:
    names = _names(look, {edit.account_id for edit in edits})
    return [
        {
            "position": edit.position,
            "op": edit.op["op"],
            "at": edit.at.astimezone(look.tz).isoformat(),
            "by": names.get(edit.account_id),
            "summary": _summary(edit.op),
        }
        for edit in edits
    ]


def _summary(op: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit was about, without its geometry."""
    brief = {
        key: value for key, value in op.items() if key in {"to", "grid", "grids", "keep", "area", "name"}
    }
    return brief | ({"cells": len(op["cells"])} if isinstance(op.get("cells"), list) else {})


def _names(look: Look, ids: set[str | None]) -> dict[str | None, str]:
    rows = look.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids - {None})))
    return {row.id: row.name for row in rows}


def _notes(look: Look, plan_id: str) -> list[dict[str, Any]]:
    rows = look.session.execute(
        select(PlanNote, Account.name)
        .outerjoin(Account, Account.id == PlanNote.account_id)
        .where(PlanNote.plan_id == plan_id)
        .order_by(PlanNote.at)
    )
    return [
        {"kind": note.kind, "at": note.at.astimezone(look.tz).isoformat(), "by": name, "text": note.text}
        for note, name in rows
    ]


def plan_cells(look: Look, opened: OpenPlan, bounds: Bounds | None = None) -> list[Feature]:
    """Unit cells with the grid and micro grid they have in the plan, and their households."""
    ground, ids = opened.drawing.ground, opened.base.ids
    homes = counts_by_cell(look)["households"].to_dict()
    box = None if bounds is None else shapely.box(*bounds)
    found: list[Feature] = []
    for number in ground.land.numbers:
        shape = ground.land.cells[number]
        if box is not None and not shape.intersects(box):
            continue
        properties = {
            "id": ids[number],
            "grid": ground.grid_at(number),
            "micro_grid": ground.owner[number],
            "households": int(homes.get(ids[number], 0)),
        }
        found.append((shape, properties))
    return found


def changed_cells(opened: OpenPlan, before: Ground) -> list[dict[str, str]]:
    """Cells whose owner an edit has changed, with the new one."""
    ground = opened.drawing.ground
    return [
        {"id": opened.base.ids[cell], "grid": ground.grid_at(cell), "micro_grid": ground.owner[cell]}
        for cell in ground.land.numbers
        if before.owner.get(cell) != ground.owner[cell] or before.grid_at(cell) != ground.grid_at(cell)
    ]


def plan_grids(
    look: Look, opened: OpenPlan, *, codes: Iterable[str] | None = None, bounds: Bounds | None = None
) -> list[Feature]:
    """Grids as the plan has them, with their figures; one that is gone has no geometry."""
    ground, names = opened.drawing.ground, grid_names(look, opened.drawing)
    box = None if bounds is None else shapely.box(*bounds)
    wanted = sorted(ground.grids) if codes is None else list(codes)
    features = [
        (_outline(look, opened, code), _properties(look, opened, code, names.get(code, code)))
        for code in wanted
    ]
    if box is None:
        return features
    return [(shape, row) for shape, row in features if shape is not None and shape.intersects(box)]


def _outline(look: Look, opened: OpenPlan, code: str) -> BaseGeometry | None:
    members = opened.drawing.ground.grids.get(code)
    if members is None:
        return None
    if members == opened.base.ground.grids.get(code):
        area = next(area for area in look.division.tree.at_level(Level.GRID) if area.code == code)
        return look.division.outlines[area.id]
    union: BaseGeometry = shapely.coverage_union_all(opened.drawing.ground.land.shapes_of(members))
    return union


def _properties(look: Look, opened: OpenPlan, code: str, name: str) -> dict[str, Any]:
    members = opened.drawing.ground.grids.get(code, ())
    cells = counts_by_cell(look).reindex([opened.base.ids[cell] for cell in members], fill_value=0)
    parents = {area.code: area.parent_id for area in look.division.tree.at_level(Level.GRID)}
    parent = look.division.tree.areas.get(parents.get(code) or "")
    return {
        "code": code,
        "name": name,
        "level": Level.GRID.value,
        "parent": parent.code if parent else None,
        **{column: int(cells[column].sum()) for column in COUNTS},
        "suppressed": [],
    }


def touched_features(look: Look, opened: OpenPlan) -> list[Feature]:
    """The grids that the plan changes, as shapes."""
    return plan_grids(look, opened, codes=touched_grids(opened.base, opened.drawing))
