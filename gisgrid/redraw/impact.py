"""What a plan would change: per touched grid before and after, and what passes from whom to whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from gisgrid.analysis.workload import load
from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.crs import stored_crs
from gisgrid.geometry.editing import Ground
from gisgrid.geometry.measure import local_equal_area, transformed
from gisgrid.redraw.counting import counts_by_hands, counts_by_number
from gisgrid.redraw.drawing import Drawing
from gisgrid.redraw.ground import Base

COUNTS: Final = ("households", "residents", "elders", "open_cases")
MOVED: Final = ("buildings", "households", "elders", "open_cases")


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
    held = counts_by_number(look, base, Drawing(ground=base.ground)), counts_by_number(look, base, drawing)
    names = grid_names(look, drawing)
    grids = [
        {
            "code": code,
            "name": names.get(code, code),
            **_side("before", base.ground, code, held[0]),
            **_side("after", drawing.ground, code, held[1]),
        }
        for code in touched_grids(base, drawing)
    ]
    return {"grids": grids, "moves": _moves(look, base, drawing)}


def grid_names(look: Look, drawing: Drawing) -> dict[str, str]:
    """Names of all grids by code, as the plan has them."""
    known = {area.code: area.name for area in look.division.tree.at_level(Level.GRID)}
    opened = {code: code for code in drawing.ground.grids if code not in known}
    return {**known, **opened, **drawing.names}


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


def _moves(look: Look, base: Base, drawing: Drawing) -> list[dict[str, Any]]:
    """What changes hands by pair of grids; nothing for a grid stands for land outside all."""
    return [
        {"from": source, "to": target, **{name: counts[name] for name in MOVED}}
        for (source, target), counts in counts_by_hands(look, base, drawing).items()
    ]
