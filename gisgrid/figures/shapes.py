"""Areas and cells as shapes with their figures, exact or simplified for drawing."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.models import Area, Level
from gisgrid.areas.view import View
from gisgrid.crs import METRES_PER_DEGREE
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.counts import counts_by_cell
from gisgrid.figures.groups import groups_of
from gisgrid.figures.tables import to_rows
from gisgrid.geometry.lattice import GeometryArray
from gisgrid.places.queries import Feature
from gisgrid.storage.dialect import Bounds


def area_shapes(
    view: View, level: Level, *, bounds: Bounds | None = None, simplify_m: float | None = None
) -> list[Feature]:
    """Areas of a level with ``code, name, level, parent`` and their figures by right.

    Full precision unless ``simplify_m`` (metres) is given; then neighbours stay neighbours, for drawing only.
    Compounds that are no area level have the outline of the cells their buildings stand in.
    """
    require(view.actor, Action.AREAS_VIEW)
    groups = groups_of(view, level)
    shapes = view.remembered("shapes", level, simplify_m, make=lambda: _shapes(view, level, simplify_m))
    rows = to_rows(area_figures(view, level))
    features = [
        (shapes.get(group.key), {**row, "level": level.value})
        for group, row in zip(groups.rows, rows, strict=True)
    ]
    if bounds is None:
        return features
    box = shapely.box(*bounds)
    return [(shape, row) for shape, row in features if shape is not None and shape.intersects(box)]


def grid_types(view: View) -> dict[str, str]:
    """Whether each grid, by its code, is a general one or made for a market, a school, a park."""
    require(view.actor, Action.AREAS_VIEW)
    kinds = select(Area.id, Area.grid_type).where(Area.community_id == view.community.id)
    by_id = {row.id: row.grid_type for row in view.session.execute(kinds)}
    return {grid.code: by_id[grid.id] for grid in view.division.tree.at_level(Level.GRID) if grid.id in by_id}


def _shapes(view: View, level: Level, simplify_m: float | None) -> dict[str, Any]:
    groups = groups_of(view, level)
    outlines = view.division.outlines
    if not any(row.key in outlines for row in groups.rows):
        outlines = _from_cells(view, groups.of_cell)
    keys = [row.key for row in groups.rows if row.key in outlines]
    shapes = np.array([outlines[key] for key in keys], dtype=np.object_)
    return dict(zip(keys, simplified(shapes, simplify_m), strict=True))


def _from_cells(view: View, of_cell: dict[str, str]) -> dict[str, Any]:
    members: dict[str, list[int]] = {}
    for cell, key in of_cell.items():
        members.setdefault(key, []).append(view.division.positions[cell])
    cells = view.division.cells
    return {key: shapely.coverage_union_all(cells[np.array(places)]) for key, places in members.items()}


def simplified(shapes: GeometryArray, simplify_m: float | None) -> GeometryArray:
    """Shapes of one coverage simplified together, so that no gap opens; for drawing only."""
    if not simplify_m or not len(shapes):
        return shapes
    tolerance = simplify_m / METRES_PER_DEGREE
    result: GeometryArray = shapely.coverage_simplify(shapes, tolerance)
    return result


def cell_shapes(view: View, bounds: Bounds | None = None) -> list[Feature]:
    """Unit cells with ``id``, the codes of their grid and micro grid, and their households."""
    require(view.actor, Action.AREAS_VIEW)
    division = view.division
    homes = counts_by_cell(view)["households"].to_dict()
    micro, grid = division.owner_at(Level.MICRO_GRID), division.owner_at(Level.GRID)
    hits = range(len(division.cell_ids))
    if bounds is not None:
        hits = np.flatnonzero(shapely.intersects(division.cells, shapely.box(*bounds)))  # type: ignore[assignment]
    return [
        (
            division.cells[place],
            {
                "id": cell,
                "grid": grid[cell].code if cell in grid else None,
                "micro_grid": micro[cell].code if cell in micro else None,
                "households": int(homes.get(cell, 0)),
            },
        )
        for place in hits
        for cell in (division.cell_ids[place],)
    ]
