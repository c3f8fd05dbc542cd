"""Street blocks: the land between the streets that divide a neighbourhood."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import numpy as np
import shapely

from gisgrid.crs import IntArray, stored_crs
from gisgrid.geometry.cells.faces import FaceMap, absorb, join_faces, make_faces, mend
from gisgrid.geometry.cells.plan import BoolArray, LeftOut, Streets
from gisgrid.geometry.lattice import GeometryArray
from gisgrid.geometry.measure import local_equal_area, transformed

_NO_DIVIDER: Final = {
    frozenset(
        {"footway", "path", "steps", "cycleway", "bridleway", "corridor", "elevator", "platform"}
    ): "a footpath or cycle path divides no block",
    frozenset(
        {"rail", "subway", "tram", "light_rail", "monorail", "funicular", "ferry", "pier"}
    ): "not a street (rail, ferry or pier)",
    frozenset({"service", "track", "driveway", "parking_aisle"}): "a service road lies inside a block",
}
_OFF_GROUND: Final = re.compile("隧道|地道|大桥|高架|立交|匝道")

_THIN_M: Final = 12.0
_SMALL_M2: Final = 300.0
_CROSSED_M: Final = 0.5
"""A street that runs less than this inside a footprint only brushes it."""


def dividing_lines(streets: Streets) -> tuple[GeometryArray, list[LeftOut]]:
    """The streets that divide blocks, and how many do not and why."""
    reasons = [_why_not(streets, index) for index in range(len(streets.lines))]
    kept = streets.lines[[reason is None for reason in reasons]]
    counts = Counter(reason for reason in reasons if reason is not None)
    return kept, [LeftOut(what="street", why=why, count=count) for why, count in sorted(counts.items())]


def _why_not(streets: Streets, index: int) -> str | None:
    kind = (streets.kinds[index] or "").lower() if len(streets.kinds) else ""
    name = (streets.names[index] or "") if len(streets.names) else ""
    if streets.lines[index] is None or streets.lines[index].is_empty:
        return "has no line"
    if _is_off_ground(streets, index) or _OFF_GROUND.search(name):
        return "in a tunnel, on a bridge or elevated"
    if kind.endswith("_link"):
        return "a link road only joins two streets"
    return next((reason for kinds, reason in _NO_DIVIDER.items() if kind in kinds), None)


def _is_off_ground(streets: Streets, index: int) -> bool:
    return any(
        bool(values[index])
        for values in (streets.is_tunnel, streets.is_bridge, streets.layers)
        if len(values)
    )


def street_blocks(
    land: GeometryArray, lines: GeometryArray, footprints: GeometryArray, points: GeometryArray
) -> tuple[GeometryArray, IntArray, list[LeftOut]]:
    """Blocks inside pieces of land, bounded by dividing street lines.

    Buildings a street runs through bend the block round themselves; medians and islands without a
    building melt into the neighbour with the longest border. No block leaves its piece of land.

    Parameters
    ----------
    land
        Polygons that tile the outline (EPSG:4326, on the lattice).
    lines
        Street lines in EPSG:4326.
    footprints, points
        Buildings and the point that decides where each belongs.

    Returns
    -------
    Polygons in EPSG:4326 on the lattice, for each the index of its piece of land, and what was melted.
    """
    borders = np.asarray(shapely.boundary(land), dtype=np.object_)
    clipped = _clip(lines, land)
    crossed = _crossed(footprints, clipped)
    plain = make_faces(np.concatenate([borders, clipped]))
    if len(crossed):
        outlines = shapely.boundary(footprints[crossed])
        noded = make_faces(np.concatenate([borders, clipped, _clip(outlines, land)]))
        block = _bend(noded, plain, footprints[crossed], points[crossed])
    else:
        noded, block = plain, np.arange(len(plain.faces), dtype=np.int64)
    owner = containing(land, noded.inner_points)
    block[owner < 0] = -1
    block = mend(_apart(block, owner), noded, group=owner)
    block, melted = _melt_islands(block, noded, owner=owner, points=points)
    blocks, names = join_faces(noded, block)
    first = np.array([int(np.flatnonzero(block == name)[0]) for name in names], dtype=np.int64)
    return blocks, owner[first], _describe(len(crossed), melted)


def _describe(bent: int, melted: int) -> list[LeftOut]:
    left_out = [
        LeftOut(what="building", why="a street runs through it: the block bends round it", count=bent),
        LeftOut(what="block", why="a median or island without a building joins its neighbour", count=melted),
    ]
    return [entry for entry in left_out if entry.count]


def _clip(lines: GeometryArray, land: GeometryArray) -> GeometryArray:
    """Lines cut to the land: what lies outside would make faces outside."""
    if not len(lines):
        return np.empty(0, dtype=np.object_)
    whole = shapely.coverage_union_all(land)
    shapely.prepare(whole)
    near = lines[shapely.intersects(whole, lines)]
    parts = shapely.get_parts(shapely.intersection(near, whole))
    return np.asarray(parts[shapely.get_dimensions(parts) == 1], dtype=np.object_)


def _crossed(footprints: GeometryArray, lines: GeometryArray) -> IntArray:
    """Indexes of the footprints a line runs through."""
    if not len(footprints) or not len(lines):
        return np.empty(0, dtype=np.int64)
    building, line = shapely.STRtree(lines).query(footprints, predicate="intersects")
    inside = shapely.intersection(footprints[building], lines[line])
    metric = transformed(np.asarray(inside, dtype=np.object_), stored_crs(), local_equal_area(footprints))
    return np.unique(building[shapely.length(metric) > _CROSSED_M])


def containing(shapes: GeometryArray, points: GeometryArray) -> IntArray:
    """For each point the lowest index of a shape that covers it, -1 where none does."""
    lowest = np.full(len(points), len(shapes), dtype=np.int64)
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    np.minimum.at(lowest, point, shape)
    lowest[lowest == len(shapes)] = -1
    return lowest


def _bend(noded: FaceMap, plain: FaceMap, footprints: GeometryArray, points: GeometryArray) -> IntArray:
    """The block of each face; the faces of a crossed building go where most of the building lies."""
    block = containing(plain.faces, noded.inner_points)
    building, face = shapely.STRtree(plain.faces).query(footprints, predicate="intersects")
    share = shapely.area(shapely.intersection(footprints[building], plain.faces[face]))
    home = containing(plain.faces, points)
    best = np.zeros(len(footprints))
    for at, part, size in zip(building, face, share, strict=True):
        if size > best[at]:
            best[at], home[at] = size, part
    inside = containing(footprints, noded.inner_points)
    return np.where(inside >= 0, home[inside], block)


def _apart(block: IntArray, owner: IntArray) -> IntArray:
    """Block numbers that differ wherever the piece of land differs; below 0 stays below 0."""
    _pairs, number = np.unique(np.stack([block, owner], axis=1), axis=0, return_inverse=True)
    return np.where((block < 0) | (owner < 0), -1, number.reshape(-1)).astype(np.int64)


def _melt_islands(
    block: IntArray, noded: FaceMap, *, owner: IntArray, points: GeometryArray
) -> tuple[IntArray, int]:
    shapes, names = join_faces(noded, block)
    metric = transformed(shapes, stored_crs(), local_equal_area(shapes))
    area, length = shapely.area(metric), shapely.length(metric)
    little = (area < _SMALL_M2) | (4 * area / length < _THIN_M)
    built = np.unique(containing(shapes, points)) if len(points) else np.empty(0, dtype=np.int64)
    little[built[built >= 0]] = False
    loose: BoolArray = np.isin(block, names[little])
    melted = absorb(block, noded.graph, loose=loose, group=owner)
    return melted, len(names) - len(np.unique(melted[melted >= 0]))
