"""What new borders do on the ground: whether they follow streets and water, and which buildings they cut."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.crs import stored_crs
from gisgrid.geometry.edits import CellLand, Ground
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import areas_m2, transformed
from gisgrid.places.models import LandKind, Landscape, Street
from gisgrid.redraw.edits.drawn_plan import Drawing, passed_on
from gisgrid.redraw.ground.plan_ground import PlanGround

NEAR_M: Final = 5.0
"""So near a border follows a street; it is looked at as often."""
_LEAST_M: Final = 20.0
"""Shorter new borders are not judged."""
_CRUMB_M2: Final = 1.0

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBorder:
    """The new border of a grid: the share that follows streets or water, and a place away from both."""

    along: float
    place: tuple[float, float]


def new_borders(view: View, base: PlanGround, drawing: Drawing) -> dict[str, NewBorder]:
    """How the new borders of each grid follow streets and water, by code; a border counts once.

    Nothing where no streets are stored or nothing changes.
    """
    pairs = list(_changed_pairs(base.ground, drawing))
    if not pairs:
        return {}
    land = drawing.ground.land
    tree = view.remembered("streets", base.version, make=lambda: _lines(view, land))
    if tree is None:
        return {}
    borders: dict[str, list[BaseGeometry]] = {}
    for own, other in pairs:
        shared = shapely.intersection(land.cells[own].exterior, _boundary(land.cells[other]))
        borders.setdefault(min(drawing.ground.grid_at(own), drawing.ground.grid_at(other)), []).append(shared)
    judged = {code: _judged(shapes, land, tree) for code, shapes in borders.items()}
    return {code: border for code, border in judged.items() if border is not None}


def _boundary(cell: shapely.Polygon) -> BaseGeometry:
    boundary: BaseGeometry = shapely.boundary(cell)
    return boundary


def _changed_pairs(before: Ground, drawing: Drawing) -> Iterator[Pair]:
    """Neighbouring cells in two grids that were in one before, or between which the border is new."""
    after, added = drawing.ground, drawing.delta.added
    looked = {cell for cell in passed_on(before, after) if cell in after.owner} | set(added)
    for cell in sorted(looked):
        for other in after.land.borders[cell]:
            if other in looked and other < cell:
                continue
            was_border = (
                cell in before.owner
                and other in before.owner
                and cell not in added
                and other not in added
                and before.grid_at(cell) != before.grid_at(other)
            )
            if after.grid_at(cell) != after.grid_at(other) and not was_border:
                yield cell, other


def _lines(view: View, land: CellLand) -> shapely.STRtree | None:
    """Streets and banks in the land's metric CRS as an index; nothing where none are stored."""
    session, here = view.session, view.community.id
    streets = session.scalars(
        select(Street.geom).where(Street.community_id == here, Street.tunnel.is_(False))
    )
    shapes = list(streets)
    water = Landscape.kind == LandKind.WATER
    banks = session.scalars(select(Landscape.geom).where(Landscape.community_id == here, water))
    if not shapes:
        return None
    shapes += [shapely.boundary(bank) if shapely.get_dimensions(bank) == 2 else bank for bank in banks]
    return shapely.STRtree(transformed(as_array(shapes), stored_crs(), land.metric))


def _judged(shapes: list[BaseGeometry], land: CellLand, tree: shapely.STRtree) -> NewBorder | None:
    stored = as_array(shapes)
    metric = transformed(stored, stored_crs(), land.metric)
    if float(shapely.length(metric).sum()) < _LEAST_M:
        return None
    corners = shapely.get_coordinates(shapely.segmentize(metric, NEAR_M))
    points = np.asarray(shapely.points(corners), dtype=np.object_)
    near = np.zeros(len(points), dtype=np.bool_)
    near[tree.query(points, predicate="dwithin", distance=NEAR_M)[0]] = True
    longest = stored[int(np.argmax(shapely.length(metric)))]
    inside = shapely.point_on_surface(longest)
    return NewBorder(along=float(near.mean()), place=(float(inside.x), float(inside.y)))


def cut_buildings(base: PlanGround, drawing: Drawing) -> dict[str, list[tuple[float, float]]]:
    """Places of buildings that a real cut divides between grids, by the grid of their deciding point.

    A building that lay across a border before is not this plan's doing.
    """
    xy = base.objects.xy
    return {
        code: [(float(xy[at][0]), float(xy[at][1])) for at in places]
        for code, places in cut_objects(base, drawing).items()
    }


def cut_objects(base: PlanGround, drawing: Drawing) -> dict[str, list[int]]:
    """The same as places among the base's objects, ascending."""
    added = drawing.delta.added
    if not added:
        return {}
    ground, count = drawing.ground, len(base.objects.footprints)
    places_of: dict[str, list[int]] = {}
    for at in ground.points.inside(added).tolist():
        if at < count and _is_cut(base.objects.footprints[at], base, ground, added):
            places_of.setdefault(ground.grid_at(int(ground.points.cell[at])), []).append(at)
    return places_of


def _is_cut(footprint: BaseGeometry, base: PlanGround, ground: Ground, added: Collection[int]) -> bool:
    near = [cell for cell in ground.land.near(footprint) if cell in added or cell in base.ground.owner]
    after = _grids_under(footprint, ground, near)
    if len(after) < 2:
        return False
    return len(after) > len(_grids_under(footprint, base.ground, base.ground.land.near(footprint)))


def _grids_under(footprint: BaseGeometry, ground: Ground, cells: list[int]) -> set[str]:
    """The grids that hold more than a crumb of a footprint."""
    grids = sorted({ground.grid_at(cell) for cell in cells})
    if len(grids) < 2:
        return set(grids)
    parts = {code: [cell for cell in cells if ground.grid_at(cell) == code] for code in grids}
    shared = [
        shapely.union_all(shapely.intersection(ground.land.shapes_of(parts[code]), footprint))
        for code in grids
    ]
    metres = areas_m2(as_array(shared))
    return {code for code, area in zip(grids, metres.tolist(), strict=True) if area > _CRUMB_M2}


def homeless(base: PlanGround, drawing: Drawing) -> dict[str, int]:
    """How many objects of each grid would lie in no cell, where a plan cuts or gives land away.

    What goes to another community with its grid has one there.
    """
    if drawing.ground.points is base.ground.points:
        return {}
    was, will = base.ground.points.cell, drawing.ground.points.cell
    given_cells = () if drawing.transfer is None else base.ground.grids[drawing.transfer.grid]
    cells, counts = np.unique(
        was[(was != OUTSIDE) & (will == OUTSIDE) & ~np.isin(was, given_cells)], return_counts=True
    )
    by_grid: dict[str, int] = {}
    for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
        code = base.ground.grid_at(cell)
        by_grid[code] = by_grid.get(code, 0) + count
    return by_grid
