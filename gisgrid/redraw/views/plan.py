"""A plan as pages show it: itself with its edits, its cells, its grids as shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NotRequired

import shapely
from pydantic import Field
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.models import Account
from gisgrid.analysis.withheld import withhold
from gisgrid.areas.models import Area, AreaName, Level
from gisgrid.areas.publication import as_multipolygon
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.geometry.edits import Ground
from gisgrid.places.queries import Feature
from gisgrid.redraw.edits.area_edits import DutyEdit
from gisgrid.redraw.edits.cell_edits import PaintEdit, TransferEdit
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.kinds import kind_of
from gisgrid.redraw.ground.neighbours import community_names
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.counts import counts_by_number
from gisgrid.redraw.impact.duties import worker_names
from gisgrid.redraw.impact.impact import COUNTS, grid_names
from gisgrid.redraw.plans.decisions import allowed, is_editable
from gisgrid.redraw.plans.models import PlanNote
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.rules.acceptance import AcceptedWarning, warning_sentences
from gisgrid.storage.dialect import Bounds


class EditRow(TypedDict):
    """A step of a plan, without its geometry."""

    position: int
    op: str
    at: str
    by: str | None
    summary: dict[str, Any]


class NoteRow(TypedDict):
    """What was said or decided about a plan."""

    kind: str
    at: str
    by: str | None
    text: str
    accepted: list[AcceptedWarning]


class PlanView(TypedDict):
    """A plan with its steps, notes, locked grids, and what the reader may do with it."""

    id: str
    name: str
    state: str
    revision: int
    published_revision: int | None
    drafter: str | None
    created_at: str
    is_current: bool
    edits: list[EditRow]
    can_undo: bool
    can_redo: bool
    locks: list[str]
    names: Annotated[
        dict[str, str], Field(description="What grids and micro grids are called, by their code.")
    ]
    notes: list[NoteRow]
    may: list[str]


class CellChange(TypedDict):
    """A cell an edit has changed; `gone` where it is no more, `geometry` where it has another shape."""

    id: str
    grid: str | None
    micro_grid: str | None
    households: NotRequired[int]
    geometry: NotRequired[dict[str, Any]]
    gone: NotRequired[bool]


def plan_view(view: View, opened: OpenPlan) -> PlanView:
    """The plan with its edits, notes, locks, and what the actor may do with it."""
    plan = opened.plan
    return {
        "id": plan.id,
        "name": plan.name,
        "state": plan.state,
        "revision": plan.base_revision,
        "published_revision": plan.published_revision,
        "drafter": _names(view, {plan.drafter_id}).get(plan.drafter_id),
        "created_at": plan.created_at.astimezone(view.tz).isoformat(),
        "is_current": plan.base_revision == view.version.revision,
        "edits": _edits(view, opened),
        "can_undo": is_editable(plan) and bool(opened.edits),
        "can_redo": is_editable(plan) and bool(opened.undone),
        "locks": sorted(opened.drawing.locked),
        "names": _area_names(view, opened),
        "notes": _notes(view, plan.id),
        "may": allowed(view, plan),
    }


def _edits(view: View, opened: OpenPlan) -> list[EditRow]:
    names = _names(view, {edit.account_id for edit in opened.edits})
    workers = worker_names(view, [str(edit.op["worker"]) for edit in opened.edits if "worker" in edit.op])
    given = [edit.op["to"] for edit in opened.edits if kind_of(edit.op) is TransferEdit]
    communities = community_names(view, given)
    return [
        {
            "position": edit.position,
            "op": edit.op["op"],
            "at": edit.at.astimezone(view.tz).isoformat(),
            "by": names.get(edit.account_id),
            "summary": _summary(edit.op, came_from, communities, workers),
        }
        for edit, came_from in zip(opened.edits, opened.drawing.came_from, strict=True)
    ]


def _summary(
    op: Mapping[str, Any],
    came_from: tuple[str, ...],
    communities: Mapping[str, str],
    workers: Mapping[str, str],
) -> dict[str, Any]:
    """What an edit was about, without its geometry.

    A paint also says where its cells came ``from``, and which ``cell`` it was where it was one; a transfer
    what the community is called it goes to (``to_name``); a duty who has it (``worker_name``).
    """
    kind = kind_of(op)
    history_fields = kind.history_fields()
    brief = {name: value for name, value in op.items() if name in history_fields}
    if kind is PaintEdit:
        single = {"cell": op["cells"][0]} if len(op["cells"]) == 1 else {}
        return brief | {"cells": len(op["cells"]), "from": list(came_from), **single}
    if kind is DutyEdit:
        return brief | {"worker_name": workers.get(op["worker"], "")}
    if kind is TransferEdit:
        return brief | {"to_name": communities.get(op["to"], op["to"])}
    return brief


def _area_names(view: View, opened: OpenPlan) -> dict[str, str]:
    """What grids and micro grids are called, as they are and as the plan has them, by code."""
    micros = {area.code: area.name for area in view.division.tree.at_level(Level.MICRO_GRID)}
    known = {**micros, **grid_names(view, opened.drawing)}
    closed = (opened.base.ground.grids.keys() | opened.base.ground.grid_of.keys()) - known.keys()
    if not closed:
        return known
    own = Area.community_id == view.community.id
    rows = view.session.execute(
        select(AreaName.code, AreaName.name)
        .join(Area, Area.id == AreaName.area_id)
        .where(own, AreaName.code.in_(closed))
        .order_by(AreaName.valid_from)
    )
    return {row.code: row.name for row in rows} | known


def _names(view: View, ids: set[str | None]) -> dict[str | None, str]:
    rows = view.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids - {None})))
    return {row.id: row.name for row in rows}


def _notes(view: View, plan_id: str) -> list[NoteRow]:
    rows = view.session.execute(
        select(PlanNote, Account.name)
        .outerjoin(Account, Account.id == PlanNote.account_id)
        .where(PlanNote.plan_id == plan_id)
        .order_by(PlanNote.at, PlanNote.id)
    )
    return [
        {
            "kind": note.kind,
            "at": note.at.astimezone(view.tz).isoformat(),
            "by": name,
            "text": note.text,
            "accepted": warning_sentences((note.details or {}).get("accepted", ())),
        }
        for note, name in rows
    ]


def plan_cells(view: View, opened: OpenPlan, bounds: Bounds | None = None) -> list[Feature]:
    """Unit cells with the grid and micro grid they have in the plan, and their households.

    Cells that the plan makes have provisional ids, by which its later edits may name them.
    """
    ground = opened.drawing.ground
    homes = counts_by_number(view, opened.base, opened.drawing)["households"].to_dict()
    box = None if bounds is None else shapely.box(*bounds)
    features: list[Feature] = []
    for number in ground.land.numbers:
        shape = ground.land.cells[number]
        if box is not None and not shape.intersects(box):
            continue
        properties = {
            "id": opened.base.id_of(number),
            "grid": ground.grid_at(number),
            "micro_grid": ground.owner[number],
            "households": int(homes.get(number, 0)),
        }
        features.append((shape, properties))
    return features


def changed_cells(view: View, opened: OpenPlan, before: Drawing) -> list[CellChange]:
    """Cells that an edit has changed: with their owners, their shape where it is new, or as gone."""
    base, after = opened.base, opened.drawing
    homes = counts_by_number(view, base, after)["households"].to_dict()
    numbers = sorted(before.ground.owner.keys() | after.ground.owner.keys())
    changed = [number for number in numbers if _differs(before.ground, after.ground, number)]
    return [
        _changed(base, before.ground, after.ground, number=number, households=int(homes.get(number, 0)))
        for number in changed
    ]


def _differs(before: Ground, after: Ground, number: int) -> bool:
    if number not in before.owner or number not in after.owner:
        return True
    is_same_shape = before.land.cells[number] == after.land.cells[number]
    owners = [(ground.owner[number], ground.grid_at(number)) for ground in (before, after)]
    return owners[0] != owners[1] or not is_same_shape


def _changed(base: PlanGround, before: Ground, after: Ground, *, number: int, households: int) -> CellChange:
    if number not in after.owner:
        return {"id": base.id_of(number), "grid": None, "micro_grid": None, "gone": True}
    row: CellChange = {
        "id": base.id_of(number),
        "grid": after.grid_at(number),
        "micro_grid": after.owner[number],
        "households": households,
    }
    if before.land.cells.get(number) != after.land.cells[number]:
        row["geometry"] = shapely.geometry.mapping(after.land.cells[number])
    return row


def plan_grids(
    view: View, opened: OpenPlan, *, codes: Iterable[str] | None = None, bounds: Bounds | None = None
) -> list[Feature]:
    """Grids as the plan has them, multipolygons with their figures; one that is gone has no geometry."""
    ground, names = opened.drawing.ground, grid_names(view, opened.drawing)
    box = None if bounds is None else shapely.box(*bounds)
    wanted = sorted(ground.grids) if codes is None else list(codes)
    areas = {area.code: area for area in view.division.tree.at_level(Level.GRID)}
    figures = _figures_by_grid(view, opened)
    features: list[Feature] = []
    for code in wanted:
        shape = _outline(view, opened, code, areas.get(code))
        if box is not None and (shape is None or not shape.intersects(box)):
            continue
        parent = view.division.tree.areas.get(areas[code].parent_id or "") if code in areas else None
        properties = {
            "code": code,
            "name": names.get(code, code),
            "level": Level.GRID.value,
            "parent": parent.code if parent else None,
            **_shown(view, figures.get(code, {})),
        }
        features.append((shape, properties))
    return features


def _outline(view: View, opened: OpenPlan, code: str, known: TreeArea | None) -> BaseGeometry | None:
    members = opened.drawing.ground.grids.get(code)
    if members is None:
        return None
    is_as_it_was = members == opened.base.ground.grids.get(code)
    if known is not None and is_as_it_was and opened.drawing.delta.added.keys().isdisjoint(members):
        return view.division.outlines[known.id]
    return as_multipolygon(shapely.coverage_union_all(opened.drawing.ground.land.shapes_of(members)))


def _figures_by_grid(view: View, opened: OpenPlan) -> dict[str, dict[str, int]]:
    """What the grids of a plan hold that hold anything, by code."""
    ground = opened.drawing.ground
    cells = counts_by_number(view, opened.base, opened.drawing)
    grids = [ground.grid_at(number) for number in cells.index.tolist()]
    sums = cells.groupby(grids).sum()
    rows = zip(sums.index, sums.to_numpy().tolist(), strict=True)
    return {str(code): dict(zip(sums.columns, row, strict=True)) for code, row in rows}


def _shown(view: View, figures: Mapping[str, int]) -> dict[str, Any]:
    """The counts of a grid; to roles without exact counts no persons, whom the difference to today tells."""
    counts = {column: int(figures.get(column, 0)) for column in COUNTS}
    if view.actor.sees_exact_counts:
        return withhold(counts, [])
    shown = {**counts, "open_cases": int(figures.get("open_shown_cases", 0))}
    return withhold(shown, ["residents", "elders"])
