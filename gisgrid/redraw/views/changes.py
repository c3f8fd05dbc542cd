"""What a plan changes on the map: borders as they were, and every plot that gets another grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.areas.publication import as_multipolygon
from gisgrid.geometry.edits import Ground
from gisgrid.places.queries import Feature
from gisgrid.redraw.edits.drawn_plan import Drawing, passed_on
from gisgrid.redraw.impact.impact import touched_grids
from gisgrid.redraw.plans.store import OpenPlan


def grids_before(opened: OpenPlan) -> list[Feature]:
    """The grids a plan touches as they are without it, multipolygons with their ``code``; no new ones."""
    before = opened.base.ground
    codes = [code for code in touched_grids(opened.base, opened.drawing) if code in before.grids]
    return outlines_of(before, codes)


def outlines_of(ground: Ground, codes: Iterable[str]) -> list[Feature]:
    """Grids of a ground as multipolygons with their ``code``."""
    shapes = [(ground.land.shapes_of(ground.grids[code]), code) for code in codes]
    return [(as_multipolygon(shapely.coverage_union_all(cells)), {"code": code}) for cells, code in shapes]


def moved_plots(opened: OpenPlan) -> list[Feature]:
    """Plots that get another grid: ``id``, and the codes they go ``from`` and ``to``.

    ``from`` is nothing for land that is new, ``to`` for land that goes to the outside. Of a plot that the
    plan cuts only the pieces are there that change hands.
    """
    before, after = opened.base.ground, opened.drawing.ground
    parents = _parents(opened.drawing)
    plots: list[Feature] = []
    for number in passed_on(before, after):
        if number in after.owner:
            old, new = parents.get(number, number), after.grid_at(number)
            source = before.grid_at(old) if old in before.owner else None
            shape: BaseGeometry = after.land.cells[number]
        else:
            if number in parents.values():
                continue  # cut: its pieces are told
            source, new, shape = before.grid_at(number), None, before.land.cells[number]
        if source != new:
            plots.append((shape, _facts(opened, number, source, new)))
    return plots


def _facts(opened: OpenPlan, number: int, source: str | None, new: str | None) -> dict[str, Any]:
    return {"id": opened.base.id_of(number), "from": source, "to": new}


def _parents(drawing: Drawing) -> dict[int, int]:
    """For each cell that the plan makes the one that most of it was cut from."""
    share: dict[int, tuple[float, int]] = {}
    for link in drawing.delta.links:
        share[link.new] = max(share.get(link.new, (0.0, -1)), (link.share, link.old))
    return {new: old for new, (_share, old) in share.items()}
