"""Which points must be placed anew when cells are, and where they come to lie by the one tie rule."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gisgrid.crs import FloatArray, IntArray
from gisgrid.geometry.edits.delta import Change
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.land import CellLand
from gisgrid.geometry.edits.points import OUTSIDE, Points
from gisgrid.geometry.lattice import GeometryArray, as_array


def replaced_points(
    ground: Ground, *, removed: Mapping[int, shapely.Polygon], added: Mapping[int, shapely.Polygon]
) -> dict[int, Change[int]]:
    """The cell before and after of each point that another cell gets.

    Looked at are the points of removed cells, those of neighbours exactly on the borders of these, those
    outside that an added cell covers, and all that belong to a building among them.
    """
    points = ground.points
    if not len(points.cell) or not (removed or added):
        return {}
    around = ground.land.near(as_array([*removed.values(), *added.values()]))
    near = points.inside([cell for cell in around if cell not in removed])
    on_border = _covered(points, near, removed)
    lost = points.inside([OUTSIDE])
    chosen = np.concatenate([points.inside(removed), on_border, _covered(points, lost, added)])
    chosen = np.unique(chosen)
    hanging = np.flatnonzero(np.isin(points.building, chosen))
    around = sorted({*around, *ground.land.near(_shapes(points, hanging))} - removed.keys())
    candidates = {cell: ground.land.cells[cell] for cell in around} | dict(added)
    land = CellLand(cells=candidates, borders={}, metric=ground.land.metric)
    cell = _placed(points, np.union1d(chosen, hanging), land)
    moved = np.flatnonzero(cell != points.cell).tolist()
    return {index: (int(points.cell[index]), int(cell[index])) for index in moved}


def _covered(points: Points, which: IntArray, cells: Mapping[int, shapely.Polygon]) -> IntArray:
    """Those of some points that cells cover."""
    tree = shapely.STRtree(list(cells.values()))
    covered: IntArray = which[np.unique(tree.query(_shapes(points, which), predicate="intersects")[0])]
    return covered


def _placed(points: Points, chosen: IntArray, land: CellLand) -> IntArray:
    """The cells of all points, where some are placed among the cells of a land, buildings first."""
    cell = points.cell.copy()
    free = points.building[chosen] == OUTSIDE
    for part in (chosen[free], chosen[~free]):
        building = points.building[part]
        preferred = np.where(building == OUTSIDE, OUTSIDE, cell[building])
        cell[part] = _by_rule(points.xy[part], preferred, land)
    return cell


def assigned(points: Points, land: CellLand) -> IntArray:
    """The cell of every point, shape (n,), found anew among all cells; -1 outside.

    Of the cells that cover a point it is that of its building if that is one of them, else the one with
    the lowest number.
    """
    cell = np.full(len(points.cell), OUTSIDE, dtype=np.int64)
    free = points.building == OUTSIDE
    cell[free] = _by_rule(points.xy[free], cell[free], land)
    cell[~free] = _by_rule(points.xy[~free], cell[points.building[~free]], land)
    return cell


def _by_rule(xy: FloatArray, preferred: IntArray, land: CellLand) -> IntArray:
    """The preferred cell of each point where it covers the point, else the lowest that does, else -1."""
    none = np.iinfo(np.int64).max
    lowest = np.full(len(xy), none, dtype=np.int64)
    point, at = land.tree.query(shapely.points(xy), predicate="intersects")
    number = np.array(land.numbers, dtype=np.int64)[at]
    np.minimum.at(lowest, point, number)
    own = number == preferred[point]
    lowest[point[own]] = number[own]
    lowest[lowest == none] = OUTSIDE
    return lowest


def _shapes(points: Points, which: IntArray) -> GeometryArray:
    return as_array(shapely.points(points.xy[which]))
