"""The rules asked of every grid of a plan, with the place where each finding lies and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from gisgrid.access.models import DutyKind
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.crs import reproject, stored_crs
from gisgrid.geometry.edits import Ground
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.edits.numbers import first_out_of_order, in_reading_order
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.impact.counts import counts_by_number
from gisgrid.redraw.impact.duties import Serving, origin_of, primaries, serving_after, serving_before
from gisgrid.redraw.impact.impact import compactness, grid_names, touched_grids
from gisgrid.redraw.plans.models import PlanState
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.rules.belongings import belonging_findings
from gisgrid.redraw.rules.borders import NewBorder, cut_buildings, homeless, new_borders
from gisgrid.redraw.rules.rules import Finding, FindingRow, GridFacts, StaffFacts, Weight, findings
from gisgrid.workforce.norms import norms_of

_BESIDE: Final = (DutyKind.COMMUNITY_POLICE, DutyKind.PARTY_CADRE)
_ORDER: Final = (Weight.BLOCK, Weight.WARN, Weight.HINT)
Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A drawing with all that is measured once for all its grids."""

    base: PlanGround
    drawing: Drawing
    touched: frozenset[str]
    before: Serving
    after: Serving
    borders: Mapping[str, NewBorder]
    cuts: Mapping[str, list[Place]]
    above: Mapping[str, frozenset[str]]
    """For each grid of the revision the capacities in which somebody serves an area above it."""


def plan_findings(view: View, base: PlanGround, drawing: Drawing) -> list[FindingRow]:
    """What is amber or red with the grids as the plan has them: blocking ones first, the plan's own first."""
    checked = _checked(view, base, drawing)
    norms = norms_of(view)
    rows = [row for facts in _facts(view, checked) for row in findings(facts, norms)]
    placed = [*belonging_findings(view, base, drawing), *(_placed(checked, row) for row in rows)]
    return sorted(placed, key=lambda row: (_ORDER.index(row["level"]), not row["touched"]))


def findings_of(view: View, opened: OpenPlan) -> tuple[FindingRow, ...]:
    """The findings of a plan, remembered while nothing changes; those of a published one are made anew."""

    def make() -> tuple[FindingRow, ...]:
        return tuple(plan_findings(view, opened.base, opened.drawing))

    if opened.plan.state == PlanState.PUBLISHED:
        return make()
    return view.remembered("findings", tuple(edit.id for edit in opened.edits), make=make)


def _checked(view: View, base: PlanGround, drawing: Drawing) -> _Checked:
    before = serving_before(view)
    staffed = {change.area for change in drawing.duties}
    return _Checked(
        base=base,
        drawing=drawing,
        touched=frozenset({*touched_grids(base, drawing), *staffed}),
        before=before,
        after=serving_after(before, base, drawing),
        borders=new_borders(view, base, drawing),
        cuts=cut_buildings(base, drawing),
        above=_served_above(view, before),
    )


def _served_above(view: View, serving: Serving) -> dict[str, frozenset[str]]:
    tree = view.division.tree
    return {
        grid.code: frozenset(
            duty.kind for area in tree.path(grid.id)[:-1] for duty in serving.get(area.code, frozenset())
        )
        for grid in tree.at_level(Level.GRID)
    }


def _placed(checked: _Checked, row: Finding) -> FindingRow:
    lon, lat = _place(checked, row)
    fix = _exclave_fix(checked, row.grid) if row.rule == "G06" else row.fix
    return {
        "rule": row.rule,
        "level": row.level,
        "at_approval": row.at_approval,
        "grid": row.grid,
        "name": row.name,
        "message": row.message,
        "touched": row.touched,
        "lon": lon,
        "lat": lat,
        "fix": None if fix is None else dict(fix),
    }


def _place(checked: _Checked, row: Finding) -> Place:
    ground = checked.drawing.ground
    if row.rule == "G07":
        return checked.cuts[row.grid][0]
    if row.rule == "G12":
        return checked.borders[row.grid].place
    if row.grid not in ground.grids:
        return _inside(checked.base.ground, checked.base.ground.grids[row.grid])
    cells = ground.grids[row.grid]
    return _inside(ground, ground.land.parts(cells)[-1] if row.rule == "G06" else cells)


def _inside(ground: Ground, cells: tuple[int, ...]) -> Place:
    inside = shapely.point_on_surface(ground.land.cells[cells[len(cells) // 2]])
    return float(inside.x), float(inside.y)


def _exclave_fix(checked: _Checked, code: str) -> dict[str, Any] | None:
    """Give the smallest piece to the grid with which it has the longest border."""
    ground = checked.drawing.ground
    piece = ground.land.parts(ground.grids[code])[-1]
    metres: dict[str, float] = {}
    for cell in piece:
        for other, length in ground.land.borders[cell].items():
            grid = ground.grid_at(other)
            if grid != code:
                metres[grid] = metres.get(grid, 0.0) + length
    if not metres:
        return None
    taker = min(metres, key=lambda grid: (-round(metres[grid], 2), grid))
    return {"op": "paint", "cells": [checked.base.id_of(cell) for cell in piece], "to": taker}


def _facts(view: View, checked: _Checked) -> list[GridFacts]:
    base, drawing = checked.base, checked.drawing
    ground = drawing.ground
    homes = counts_by_number(view, base, drawing)["households"].to_dict()
    names, gone = grid_names(view, drawing), homeless(base, drawing)
    misplaced = _misnumbered(drawing)
    has_primaries = any(primaries(served) for served in checked.before.values())
    beside = {duty.kind for served in checked.after.values() for duty in served} & set(_BESIDE)
    codes = sorted(ground.grids, key=lambda code: (len(code), code))
    return [
        GridFacts(
            code=code,
            name=names.get(code, code),
            households=sum(homes.get(cell, 0) for cell in ground.grids[code]),
            is_touched=code in checked.touched,
            staff=_staff(checked, code, has_primaries=has_primaries, beside=beside),
            cut_buildings=len(checked.cuts.get(code, ())),
            homeless=gone.get(code, 0),
            has_new_outline=drawing.delta.outline is not None,
            is_misnumbered=code == misplaced,
            **_measured(checked, code),
        )
        for code in codes
    ]


def _measured(checked: _Checked, code: str) -> dict[str, Any]:
    """Shape and pieces; measured only where the plan changes it, since what stands is not its doing."""
    ground, before = checked.drawing.ground, checked.base.ground
    members = ground.grids[code]
    border = checked.borders.get(code)
    measures: dict[str, Any] = {
        "parts": len(ground.land.parts(members)),
        "parts_before": len(before.land.parts(before.grids[code])) if code in before.grids else 1,
        "micro_grids": len(ground.subdivision[code]),
        "along": None if border is None else border.along,
    }
    if code in checked.touched and before.grids.get(code) != members:
        measures["compactness"] = compactness(ground, members)
        measures["longest_walk_m"] = longest_walk_m(ground, members)
    return measures


def longest_walk_m(ground: Ground, members: Iterable[int]) -> float:
    """Metres in a straight line between the two buildings or households of some cells farthest apart."""
    inside = ground.points.deciding(tuple(members))
    xy = ground.points.xy[inside]
    xy = xy[np.isfinite(xy[:, 0])]
    if len(xy) < 2:
        return 0.0
    hull = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(xy)))
    x, y = reproject(hull[:, 0], hull[:, 1], stored_crs(), ground.land.metric)
    return float(np.hypot(np.subtract.outer(x, x), np.subtract.outer(y, y)).max())


def _staff(checked: _Checked, code: str, *, has_primaries: bool, beside: set[str]) -> StaffFacts:
    source = origin_of(checked.drawing, code, checked.base.ground.grids)
    before, after = checked.before.get(source, frozenset()), checked.after.get(code, frozenset())
    above = checked.above.get(source, frozenset())
    was, will = ({duty.kind for duty in served} | above for served in (before, after))
    lost = tuple(kind for kind in _BESIDE if kind in was and kind not in will)
    lacking = tuple(kind for kind in _BESIDE if kind in beside and kind not in will and kind not in lost)
    return StaffFacts(
        primaries=len(primaries(after)),
        primaries_before=len(primaries(before)),
        has_primaries=has_primaries,
        lost=lost,
        lacking=lacking,
    )


def _misnumbered(drawing: Drawing) -> str | None:
    """The grid at which the codes stop running from west to east and north to south, if any.

    Said only where the plan opens grids or gives codes: what stands already is not its doing.
    """
    if not drawing.codes and not any(code in drawing.delta.origin for code in drawing.ground.grids):
        return None
    ordered = in_reading_order(drawing.ground, drawing.ground.grids)
    place = first_out_of_order([drawing.codes.get(code, code) for code in ordered])
    return ordered[place] if place < len(ordered) else None


def stopping(rows: Iterable[FindingRow]) -> list[FindingRow]:
    """The findings that stop a plan when it is approved or published."""
    return [row for row in rows if row["at_approval"] == Weight.BLOCK]
