"""Seeded street blocks: a Voronoi tiling of a square with log-normal households, and groups of blocks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi

from gisgrid.geometry.balance import SharedLand
from gisgrid.geometry.neighbours import Neighbours

SIDE_M = 3000.0


def blocks(
    count: int, *, households: int, seed: int = 7
) -> tuple[npt.NDArray[np.object_], SharedLand, npt.NDArray[np.int64]]:
    """Polygons in metres, their land, and the compound of each (six, by the place of the middle).

    A square of 3 x 3 km; ``households`` are shared out log-normally.
    """
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, SIDE_M, (count, 2))
    diagram = Voronoi(_mirrored(points))
    rings = [diagram.vertices[diagram.regions[region]] for region in diagram.point_region[:count]]
    polygons = np.array([shapely.convex_hull(shapely.MultiPoint(ring)) for ring in rings], dtype=object)
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    share = rng.lognormal(0.0, 1.0, count)
    land = SharedLand(
        graph=_graph(diagram, count),
        households=np.round(share * households / share.sum()).astype(np.int64),
        area_m2=shapely.area(polygons),
        perimeter_m=shapely.length(polygons),
        middle_m=middle,
    )
    compound = (middle[:, 0] // (SIDE_M / 3)) * 2 + middle[:, 1] // (SIDE_M / 2)
    return polygons, land, compound.astype(np.int64)


def _mirrored(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The points and their images in the four sides, so that the diagram ends at the square."""
    images = [points]
    for axis in (0, 1):
        for side in (0.0, SIDE_M):
            image = points.copy()
            image[:, axis] = 2 * side - image[:, axis]
            images.append(image)
    return np.concatenate(images)


def _graph(diagram: Voronoi, count: int) -> Neighbours:
    pairs, ends = np.sort(diagram.ridge_points, axis=1), np.array(diagram.ridge_vertices)
    length = np.hypot(*(diagram.vertices[ends[:, 0]] - diagram.vertices[ends[:, 1]]).T)
    kept = np.flatnonzero((diagram.ridge_points < count).all(axis=1) & (length > 0))
    kept = kept[np.lexsort((pairs[kept, 1], pairs[kept, 0]))]
    return Neighbours(size=count, pairs=pairs[kept].astype(np.int64), length_m=length[kept])
