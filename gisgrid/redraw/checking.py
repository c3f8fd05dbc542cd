"""The rules asked of every grid of a plan, with the place where each finding lies."""

from __future__ import annotations

from typing import Any

import shapely

from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.overview.figures import primary_members
from gisgrid.redraw.counting import counts_by_number
from gisgrid.redraw.drawing import Drawing
from gisgrid.redraw.ground import Base
from gisgrid.redraw.impact import compactness, grid_names
from gisgrid.redraw.rules import Finding, GridFacts, findings


def plan_findings(look: Look, base: Base, drawing: Drawing) -> list[dict[str, Any]]:
    """What is amber or red with the grids as the plan has them, blocking ones first."""
    rows = [row for facts in _facts(look, base, drawing) for row in findings(facts)]
    order = ("block", "warn", "hint")
    return [_placed(drawing, row) for row in sorted(rows, key=lambda row: order.index(row.level))]


def _placed(drawing: Drawing, row: Finding) -> dict[str, Any]:
    cells = drawing.ground.grids[row.grid]
    inside = shapely.point_on_surface(drawing.ground.land.cells[cells[len(cells) // 2]])
    return {
        "rule": row.rule,
        "level": row.level.value,
        "grid": row.grid,
        "name": row.name,
        "message": row.message,
        "lon": float(inside.x),
        "lat": float(inside.y),
    }


def _facts(look: Look, base: Base, drawing: Drawing) -> list[GridFacts]:
    ground, before = drawing.ground, base.ground
    cells = counts_by_number(look, base, drawing)
    homes, people = (cells[name].to_dict() for name in ("households", "residents"))
    staffed = _staffed(look, drawing)
    names = grid_names(look, drawing)
    return [
        GridFacts(
            code=code,
            name=names.get(code, code),
            households=sum(homes.get(cell, 0) for cell in members),
            residents=sum(people.get(cell, 0) for cell in members),
            has_member=code in staffed,
            parts=len(ground.land.parts(members)),
            parts_before=len(before.land.parts(before.grids[code])) if code in before.grids else 1,
            micro_grids=len(ground.subdivision[code]),
            compactness=_compactness(base, drawing, code),
        )
        for code, members in sorted(ground.grids.items(), key=lambda one: (len(one[0]), one[0]))
    ]


def _compactness(base: Base, drawing: Drawing, code: str) -> float:
    """Measured only where the plan changes the grid: what stands already is not this plan's doing."""
    members = drawing.ground.grids[code]
    if base.ground.grids.get(code) == members:
        return 1.0
    return compactness(drawing.ground, members)


def _staffed(look: Look, drawing: Drawing) -> set[str]:
    """Grids with a primary member; a piece of a split inherits that of the grid it came out of."""
    members = primary_members(look)
    codes = {area.code for area in look.division.tree.at_level(Level.GRID) if area.id in members}
    inherited = {code for code in drawing.ground.grids if _origin(drawing, code) in codes}
    return codes | inherited


def _origin(drawing: Drawing, code: str) -> str | None:
    seen: set[str] = set()
    while code in drawing.delta.origin and code not in seen:
        seen.add(code)
        code = drawing.delta.origin[code]
    return code
