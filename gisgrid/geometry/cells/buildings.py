"""Footprints made fit for tessellation: parts left out, overlapping ones melted together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gisgrid.crs import FloatArray, IntArray, to_lattice
from gisgrid.geometry.cells.plan import BoolArray, Buildings, LeftOut
from gisgrid.geometry.components import components
from gisgrid.geometry.lattice import GeometryArray
from gisgrid.geometry.measure import areas_m2

_OVERLAP_SHARE: Final = 0.05
"""Footprints that share more than this of the smaller one are drawn twice or grown together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellBuildings:
    """What gets a cell of its own: disjoint shapes in EPSG:4326, each of one or several footprints.

    ``points``: the point on surface of the largest footprint, which decides where the body belongs.
    """

    shapes: GeometryArray
    points: GeometryArray
    left_out: tuple[LeftOut, ...]


def deciding_points(footprints: GeometryArray) -> GeometryArray:
    """The point on surface of each footprint, on the lattice: it decides the building's cell.

    An empty or missing footprint gives an empty point.
    """
    points = shapely.point_on_surface(footprints)
    points[points == None] = shapely.Point()  # noqa: E711 - elementwise
    return np.asarray(shapely.transform(points, to_lattice), dtype=np.object_)


def make_bodies(buildings: Buildings) -> CellBuildings:
    """Buildings as disjoint bodies.

    Parts of buildings are left out, faulty footprints repaired, those that overlap by more than 5 % of
    the smaller one melted; where others overlap the common land goes to the larger.
    """
    shapes = _repaired(buildings.footprints)
    part = np.asarray(buildings.is_part, dtype=np.bool_) if len(buildings.is_part) else _none(shapes)
    empty = np.asarray(shapely.is_empty(shapes), dtype=np.bool_)
    chosen = shapes[~part & ~empty]
    areas = areas_m2(chosen)
    group, pairs = _overlapping(chosen)
    bodies, largest = _melted(chosen, areas, group)
    left_out = [
        LeftOut(what="building", why="only describes a part of another building", count=int(part.sum())),
        LeftOut(what="building", why="has no footprint", count=int((empty & ~part).sum())),
        LeftOut(
            what="building",
            why="footprint overlaps another by more than 5 %: both share a cell",
            count=len(chosen) - len(bodies),
        ),
        LeftOut(
            what="building",
            why="footprint overlaps another by up to 5 %: the common land goes to the larger",
            count=pairs,
        ),
    ]
    return CellBuildings(
        shapes=_disjoint(bodies),
        points=deciding_points(chosen)[largest],
        left_out=tuple(entry for entry in left_out if entry.count),
    )


def _none(shapes: GeometryArray) -> BoolArray:
    return np.zeros(len(shapes), dtype=np.bool_)


def _repaired(footprints: GeometryArray) -> GeometryArray:
    shapes = np.asarray(footprints, dtype=np.object_).copy()
    shapes[~np.isin(shapely.get_type_id(shapes), (3, 6))] = shapely.Polygon()
    wrong = ~shapely.is_valid(shapes)
    shapes[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    return shapes


def _overlapping(shapes: GeometryArray) -> tuple[IntArray, int]:
    """A group number per shape, and how many pairs overlap too little to share one."""
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    common = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    sizes = shapely.area(shapes)
    share = common / np.minimum(sizes[a], sizes[b])
    melt = share > _OVERLAP_SHARE
    group = components(len(shapes), np.column_stack([a[melt], b[melt]]))
    return group, int(((share > 0) & ~melt & (group[a] != group[b])).sum())


def _melted(shapes: GeometryArray, areas: FloatArray, group: IntArray) -> tuple[GeometryArray, IntArray]:
    """One shape per group and the index of its largest member."""
    order = np.lexsort((-areas, group))
    first = np.flatnonzero(np.r_[True, group[order][1:] != group[order][:-1]]) if len(order) else order
    members = np.split(order, first[1:])
    bodies = np.empty(len(first), dtype=np.object_)
    for at, member in enumerate(members[: len(first)]):
        bodies[at] = shapes[member[0]] if len(member) == 1 else shapely.union_all(shapes[member])
    return bodies, order[first]


def _disjoint(bodies: GeometryArray) -> GeometryArray:
    """Bodies without common land: where two overlap the larger keeps it."""
    bodies = bodies.copy()
    a, b = shapely.STRtree(bodies).query(bodies, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = ~shapely.touches(bodies[a], bodies[b])
    for first, second in zip(a[shared], b[shared], strict=True):
        small, large = (first, second) if bodies[first].area < bodies[second].area else (second, first)
        rest = shapely.difference(bodies[small], bodies[large])
        if not rest.is_empty:
            bodies[small] = rest
    return bodies
