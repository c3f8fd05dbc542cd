"""What the cells of a drawing hold, and what changes hands, also where cells were cut.

Each object carries its own counts and lies in a cell of the drawing: the same counts as on every map, so
that the preview equals what is published.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.view import View
from gisgrid.crs import IntArray
from gisgrid.figures.counts import COLUMNS, counts_by_object
from gisgrid.geometry.edits import Ground
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.redraw.edits.drawn_plan import Drawing
from gisgrid.redraw.ground.plan_ground import PlanGround

COUNTED: Final = (*COLUMNS, "buildings", "facilities")
"""What is counted per cell of a drawing."""

Hands = tuple[str | None, str | None]
"""The grid something belonged to and the one it belongs to; nothing for outside all cells."""


def counts_by_number(view: View, base: PlanGround, drawing: Drawing) -> pd.DataFrame:
    """What each cell of a drawing holds that holds anything: index its number, columns ``COUNTED``."""
    points = drawing.ground.points
    # Only a cut moves points: a plan that paints shares them from the first edit to the last.
    cell = points.cell
    return view.remembered("counted", base.version, points, make=lambda: _summed(_weights(view, base), cell))


def counts_by_hands(view: View, base: PlanGround, drawing: Drawing) -> dict[Hands, dict[str, int]]:
    """What passes from one grid to another by pair of grids, in their order."""
    codes: list[str | None] = [None, *sorted({*base.ground.grids, *drawing.ground.grids})]
    came, went = (_grids(ground, codes) for ground in (base.ground, drawing.ground))
    passing = np.flatnonzero(came != went)
    pair = came[passing] * len(codes) + went[passing]
    table = _summed(_weights(view, base)[passing], pair)
    return {
        (codes[key // len(codes)], codes[key % len(codes)]): dict(zip(COUNTED, counts, strict=True))
        for key, counts in zip(table.index.tolist(), table.to_numpy().tolist(), strict=True)
    }


def _grids(ground: Ground, codes: list[str | None]) -> IntArray:
    """For each point the position of its grid among some codes, 0 outside all cells."""
    place = {code: index for index, code in enumerate(codes)}
    cells, at = np.unique(ground.points.cell, return_inverse=True)
    grid = [0 if cell == OUTSIDE else place[ground.grid_at(cell)] for cell in cells.tolist()]
    return np.array(grid, dtype=np.int64)[at]


def _weights(view: View, base: PlanGround) -> IntArray:
    """What each object counts for, shape (objects, columns)."""
    return view.remembered("weights", base.version, make=lambda: _read_weights(view, base))


def _read_weights(view: View, base: PlanGround) -> IntArray:
    objects = base.objects
    counts = counts_by_object(view).reindex(list(objects.ids), fill_value=0).to_numpy(dtype=np.int64)
    extra = [objects.are(PlacedKind.BUILDING), objects.are(PlacedKind.FACILITY)]
    return np.column_stack([counts, *extra]).astype(np.int64)


def _summed(weights: IntArray, keys: IntArray) -> pd.DataFrame:
    """The sums of rows by key, keys below 0 left out."""
    inside = keys >= 0
    names, at = np.unique(keys[inside], return_inverse=True)
    sums = [np.bincount(at, weights=column, minlength=len(names)) for column in weights[inside].T]
    table = np.column_stack(sums).astype(np.int64)
    return pd.DataFrame(table, index=names, columns=list(COUNTED))
