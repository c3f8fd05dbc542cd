"""Land divided among the buildings of a block: each point goes to the nearest footprint.

A Voronoi diagram of densified footprints gives the borders; they are simplified and noded with the
block borders and with every footprint they would cut, so no building loses land.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gisgrid.crs import FloatArray, IntArray, stored_crs
from gisgrid.geometry.cells.buildings import CellBuildings
from gisgrid.geometry.cells.faces import FaceMap, make_faces, mend
from gisgrid.geometry.cells.streets import containing
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import local_metric, transformed

_SHRINK_M: Final = 0.4
"""Walls that touch are drawn apart by this, so that a border runs between them."""
_POINT_EVERY_M: Final = 1.0
_SIMPLIFY_M: Final = 0.6
_FAR: Final = 10.0


def tessellate(blocks: GeometryArray, bodies: CellBuildings) -> tuple[FaceMap, IntArray, IntArray]:
    """Faces of all blocks divided among their bodies.

    Parameters
    ----------
    blocks
        Polygons in EPSG:4326 on the lattice that tile the outline.
    bodies
        Buildings; each belongs to the block that covers its deciding point.

    Returns
    -------
    Faces; per face its block; per face its label: the body's index where a body owns it, else
    ``len(bodies) + block``. Each label is one connected piece inside one block.
    """
    home = containing(blocks, bodies.points)
    target = local_metric(blocks)
    plots = transformed(blocks, stored_crs(), target)
    shapes = transformed(bodies.shapes, stored_crs(), target)
    inside = as_array(shapely.intersection(shapes, plots[home]))
    inside[home < 0] = shapely.Polygon()
    borders = [
        block_borders(plots[block], inside[members]) for block, members in _members(home) if len(members) > 1
    ]
    inner = np.concatenate(borders) if borders else np.empty(0, dtype=np.object_)
    cut = _cut(inside, inner)
    lines = transformed(np.concatenate([inner, shapely.boundary(inside[cut])]), target, stored_crs())
    face_map = make_faces(np.concatenate([shapely.boundary(blocks), lines]))
    block = containing(blocks, face_map.inner_points)
    inner_points = transformed(face_map.inner_points, stored_crs(), target)
    label = _nearest_body(block, inner_points, inside, home)
    label[block < 0] = -1
    anchors = _anchors(face_map, bodies.points, home)
    for body, face in anchors.items():
        label[face] = body
    return face_map, block, mend(label, face_map, group=block, anchors=anchors)


def _members(home: IntArray) -> list[tuple[int, IntArray]]:
    """The blocks that have bodies, and which."""
    order = np.argsort(home, kind="stable")
    names, first = np.unique(home[order], return_index=True)
    runs = np.split(order, first[1:])
    return [(int(name), run) for name, run in zip(names, runs, strict=True) if name >= 0]


def block_borders(block: shapely.Polygon, footprints: GeometryArray) -> GeometryArray:
    """The simplified lines that divide one block among its footprints (metric CRS in and out)."""
    points, owner = _samples(footprints)
    if len(np.unique(owner)) < 2:
        return np.empty(0, dtype=np.object_)
    ridges = _ridges(points, owner)
    arcs = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(ridges)))
    arcs = shapely.simplify(arcs, _SIMPLIFY_M)
    parts = shapely.get_parts(shapely.intersection(arcs, block))
    return np.asarray(parts[shapely.get_dimensions(parts) == 1], dtype=np.object_)


def _samples(footprints: GeometryArray) -> tuple[FloatArray, IntArray]:
    """Points along the shrunk footprints, and whose they are; equal points are given once."""
    shrunk = shapely.buffer(footprints, -_SHRINK_M, join_style="mitre")
    gone = shapely.is_empty(shrunk)
    shrunk[gone] = shapely.point_on_surface(footprints[gone])
    xy, owner = shapely.get_coordinates(shapely.segmentize(shrunk, _POINT_EVERY_M), return_index=True)
    _unique, first = np.unique(np.round(xy, 3), axis=0, return_index=True)
    return xy[first], owner[first].astype(np.int64)


def _ridges(points: FloatArray, owner: IntArray) -> FloatArray:
    """Edges of the Voronoi diagram between points of different owners, shape (n, 2, 2).

    Four far points close the diagram, so that no edge is endless.
    """
    from scipy.spatial import Voronoi  # noqa: PLC0415 - slow to load, and few who load this file ask

    centre = points.mean(axis=0)
    reach = _FAR * max(float(np.ptp(points, axis=0).max()), 1000.0)
    far = reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    diagram = Voronoi(np.concatenate([points - centre, far]))
    whose = np.concatenate([owner, np.full(4, -1)])[diagram.ridge_points]
    ends = np.asarray(diagram.ridge_vertices)
    divides = (whose[:, 0] != whose[:, 1]) & (whose >= 0).all(axis=1) & (ends >= 0).all(axis=1)
    edges: FloatArray = diagram.vertices[ends[divides]] + centre
    return edges


def _cut(footprints: GeometryArray, lines: GeometryArray) -> IntArray:
    """Indexes of the footprints that a border runs through, however little."""
    if not len(lines):
        return np.empty(0, dtype=np.int64)
    line, body = shapely.STRtree(footprints).query(lines, predicate="intersects")
    through = ~shapely.touches(lines[line], footprints[body])
    return np.unique(body[through])


def _nearest_body(
    block: IntArray, inner_points: GeometryArray, inside: GeometryArray, home: IntArray
) -> IntArray:
    """Per face the nearest body of its block; blocks without bodies keep a label of their own."""
    label = len(inside) + block
    members = dict(_members(home))
    for name, faces in _members(block):
        if name in members:
            own = members[name]
            nearest = shapely.STRtree(inside[own]).nearest(inner_points[faces])
            label[faces] = own[nearest]
    return label


def _anchors(face_map: FaceMap, points: GeometryArray, home: IntArray) -> dict[int, int]:
    """For each body the face its deciding point lies in; a face that holds several keeps the first."""
    face = containing(face_map.faces, points)
    anchors: dict[int, int] = {}
    taken: set[int] = set()
    for body in np.flatnonzero((home >= 0) & (face >= 0)).tolist():
        if int(face[body]) not in taken:
            taken.add(int(face[body]))
            anchors[body] = int(face[body])
    return anchors
