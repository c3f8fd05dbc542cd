"""On which side of a drawn line each cell lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from gisgrid.crs import IntArray, stored_crs
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import transformed


def sides_of(ground: Ground, cells: Sequence[int], faces: GeometryArray, *, by_area: bool) -> IntArray:
    """The index of the face that each cell belongs to; -1 where it has nothing in common with any.

    Parameters
    ----------
    faces
        Disjoint polygons in the ground's metric CRS.
    by_area
        Whether only area counts, or first where most of the cell's points lie. Ties: the lowest face.
    """
    metric = ground.land.metric
    shapes = transformed(ground.land.shapes_of(cells), stored_crs(), metric)
    amount = _area_table(shapes, faces)
    if not by_area:
        counts = _point_table(ground, cells, faces)
        has_points = counts.sum(axis=1) > 0
        amount[has_points] = counts[has_points]
    side: IntArray = np.argmax(amount, axis=1).astype(np.int64)
    side[amount.max(axis=1) <= 0] = -1
    return side


def _area_table(
    shapes: GeometryArray, faces: GeometryArray
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Common area, m², of each cell with each face."""
    table = np.zeros((len(shapes), len(faces)))
    cell, face = shapely.STRtree(faces).query(shapes, predicate="intersects")
    whole = shapely.covers(faces[face], shapes[cell])
    table[cell[whole], face[whole]] = shapely.area(shapes[cell[whole]])
    cell, face = cell[~whole], face[~whole]
    table[cell, face] = shapely.area(shapely.intersection(shapes[cell], faces[face]))
    return table


def _point_table(
    ground: Ground, cells: Sequence[int], faces: GeometryArray
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How many points of each cell lie in each face."""
    table = np.zeros((len(cells), len(faces)))
    inside = ground.points.deciding(cells)
    if not len(inside):
        return table
    spots = as_array(shapely.points(ground.points.xy[inside]))
    point, face = shapely.STRtree(faces).query(
        transformed(spots, stored_crs(), ground.land.metric), predicate="intersects"
    )
    row = np.searchsorted(np.array(cells), ground.points.cell[inside])
    np.add.at(table, (row[point], face), 1.0)
    return table
