"""What a plan would change: per touched grid before and after, and what passes from whom to whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import func, select

from gisgrid.analysis.workload import load
from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.crs import stored_crs
from gisgrid.geometry.editing import Ground
from gisgrid.geometry.measure import local_equal_area, transformed
from gisgrid.overview.counts import counts_by_cell
from gisgrid.places.models import Building
from gisgrid.redraw.drawing import Drawing, passed_on
from gisgrid.redraw.ground import Base

COUNTS: Final = ("households", "residents", "elders", "open_cases")


def touched_grids(base: Base, drawing: Drawing) -> list[str]:
    """Codes of the grids whose cells change, old and new ones, in order."""
    before, after = base.ground.grids, drawing.ground.grids
    changed = {code for code in (*before, *after) if before.get(code) != after.get(code)}
    return sorted(changed, key=lambda code: (len(code), code))


def impact(look: Look, base: Base, drawing: Drawing) -> dict[str, Any]:
    """What changes: counts of grids before and after, and what changes hands.

    ``grids``: counts, load and compactness of each touched grid, nothing where it is new or gone. ``moves``:
    buildings, households, elders and open cases by pair of grids. The same
    counts as on every map, so that the preview equals what is published.
    """
    cells = _counts(look, base)
    names = grid_names(look, drawing)
    grids = [
        {
            "code": code,
            "name": names.get(code, code),
            **_side("before", base.ground, code, cells),
            **_side("after", drawing.ground, code, cells),
        }
        for code in touched_grids(base, drawing)
    ]
    return {"grids": grids, "moves": _moves(look, base, drawing, cells)}


def grid_names(look: Look, drawing: Drawing) -> dict[str, str]:
    """Names of all grids by code, as the plan has them."""
    known = {area.code: area.name for area in look.division.tree.at_level(Level.GRID)}
    opened = {code: code for code in drawing.ground.grids if code not in known}
    return {**known, **opened, **drawing.names}


def _counts(look: Look, base: Base) -> pd.DataFrame:
    """Counts by cell number."""
    cells = counts_by_cell(look)
    known = cells.loc[cells.index.isin(base.numbers)]
    return known.set_axis([base.numbers[cell] for cell in known.index], axis=0)[list(COUNTS)]


def _sum(cells: pd.DataFrame, numbers: Iterable[int]) -> dict[str, int]:
    found = cells.reindex(list(numbers), fill_value=0).sum()
    return {name: int(found[name]) for name in COUNTS}


def _side(when: str, ground: Ground, code: str, cells: pd.DataFrame) -> dict[str, Any]:
    members = ground.grids.get(code)
    if members is None:
        return {when: None, f"load_{when}": None, f"compactness_{when}": None}
    counts = _sum(cells, members)
    return {
        when: counts,
        f"load_{when}": round(float(load(np.array([counts["households"]]))[0]), 2),
        f"compactness_{when}": round(compactness(ground, members), 3),
    }


def compactness(ground: Ground, members: Iterable[int]) -> float:
    """Polsby-Popper of some cells together: 1 is a circle (4 pi area over perimeter squared)."""
    shapes = ground.land.shapes_of(tuple(members))
    crs = local_equal_area(ground.land.shapes)
    whole = shapely.coverage_union_all(transformed(shapes, stored_crs(), crs))
    length = float(shapely.length(whole))
    return float(4 * np.pi * shapely.area(whole) / length**2) if length else 0.0


def _moves(look: Look, base: Base, drawing: Drawing, cells: pd.DataFrame) -> list[dict[str, Any]]:
    before, after = base.ground, drawing.ground
    pairs: dict[tuple[str, str], list[int]] = {}
    for cell in passed_on(before, after):
        pairs.setdefault((before.grid_at(cell), after.grid_at(cell)), []).append(cell)
    buildings = _buildings(look, base)
    return [
        {
            "from": source,
            "to": target,
            "buildings": sum(buildings.get(cell, 0) for cell in members),
            **{name: count for name, count in _sum(cells, members).items() if name != "residents"},
        }
        for (source, target), members in sorted(pairs.items())
    ]


def _buildings(look: Look, base: Base) -> dict[int, int]:
    rows = look.session.execute(
        select(Building.cell_id, func.count())
        .where(Building.community_id == look.community.id, Building.cell_id.is_not(None))
        .group_by(Building.cell_id)
    )
    return {base.numbers[cell]: count for cell, count in rows if cell and cell in base.numbers}
