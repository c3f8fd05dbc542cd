"""Faces between lines noded on the lattice, and who gets each face.

Everything that becomes a cell goes through here: lines are noded together on the lattice, the faces
between them get labels, and the faces of one label are joined. So cells share every vertex exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from gisgrid.crs import LATTICE_STEPS, LONGEST_DEGREE_M, Crs, FloatArray, IntArray
from gisgrid.geometry.cells.plan import BoolArray
from gisgrid.geometry.components import components
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array
from gisgrid.geometry.neighbours import Neighbours, neighbour_graph

LONGEST_EDGE_M: Final = 200.0
"""A straight edge in degrees bends less than a millimetre in metres up to here."""


@dataclass(frozen=True)
class FaceMap:
    """Faces noded against each other: EPSG:4326 on the lattice, or exact doubles of ``crs``."""

    faces: GeometryArray
    crs: Crs | None = None

    @cached_property
    def graph(self) -> Neighbours:
        """Which faces share a border, and how many metres of it."""
        return neighbour_graph(self.faces, crs=self.crs)

    @cached_property
    def inner_points(self) -> GeometryArray:
        """A point inside each face."""
        return np.asarray(shapely.point_on_surface(self.faces), dtype=np.object_)


def steps_of(metres: float) -> float:
    """A length in metres as lattice steps, rather too few than too many."""
    return metres / LONGEST_DEGREE_M * LATTICE_STEPS


def make_faces(lines: GeometryArray) -> FaceMap:
    """The faces between lines of EPSG:4326, noded together on the lattice.

    Edges over 200 m get vertices in between. Dangling lines vanish.
    """
    frame = LatticeFrame.around(lines)
    noded = shapely.union_all(frame.to_units(lines), grid_size=1.0)
    dense = shapely.segmentize(noded, steps_of(LONGEST_EDGE_M))
    if shapely.get_num_coordinates(dense) != shapely.get_num_coordinates(noded):
        noded = shapely.union_all(as_array(dense), grid_size=1.0)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return FaceMap(frame.to_degrees(shapely.orient_polygons(faces)))


def join_faces(face_map: FaceMap, label: IntArray) -> tuple[GeometryArray, IntArray]:
    """One shape per label from 0 up, and the labels in that order; faces labelled below 0 are dropped.

    A label whose faces only touch in points or lie apart gives a multipolygon.
    """
    if not len(label):
        return np.empty(0, dtype=np.object_), label
    used, inverse = np.unique(label, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    groups = np.split(face_map.faces[order], np.cumsum(np.bincount(inverse))[:-1])
    shapes = [
        group[0] if len(group) == 1 else shapely.orient_polygons(shapely.coverage_union_all(group))
        for name, group in zip(used, groups, strict=True)
        if name >= 0
    ]
    return as_array(shapes) if shapes else np.empty(0, dtype=np.object_), used[used >= 0]


def connected(label: IntArray, graph: Neighbours) -> IntArray:
    """A number per face, equal for faces that hang together by borders and have the same label."""
    same = graph.pairs[label[graph.pairs[:, 0]] == label[graph.pairs[:, 1]]]
    return components(len(label), same)


def absorb(label: IntArray, graph: Neighbours, *, loose: BoolArray, group: IntArray) -> IntArray:
    """Give each connected run of loose faces to the firm label of its group with the longest border.

    Ties go to the lowest label. What borders no firm face of its group keeps its label.
    """
    label, loose = label.copy(), loose.copy()
    run = connected(2 * label + loose, graph)
    while loose.any():
        takers = _longest(label, graph, loose=loose, group=group, run=run)
        if not takers:
            break
        for number, taker in takers.items():
            faces = (run == number) & loose
            label[faces], loose[faces] = taker, False
    return label


def _longest(
    label: IntArray, graph: Neighbours, *, loose: BoolArray, group: IntArray, run: IntArray
) -> dict[int, int]:
    """Per run of loose faces the firm label of the same group with the longest common border."""
    pairs = np.concatenate([graph.pairs, graph.pairs[:, ::-1]])
    length = np.concatenate([graph.length_m, graph.length_m])
    takes = ~loose & (label >= 0)
    fit = loose[pairs[:, 0]] & takes[pairs[:, 1]] & (group[pairs[:, 0]] == group[pairs[:, 1]])
    keys = np.stack([run[pairs[fit, 0]], label[pairs[fit, 1]]], axis=1)
    if not len(keys):
        return {}
    options, inverse = np.unique(keys, axis=0, return_inverse=True)
    borders = np.bincount(inverse.reshape(-1), weights=length[fit])
    order = np.lexsort((options[:, 1], -borders, options[:, 0]))
    options = options[order]
    first = np.flatnonzero(np.r_[True, options[1:, 0] != options[:-1, 0]])
    return dict(options[first].tolist())


def mend(
    label: IntArray, face_map: FaceMap, *, group: IntArray, anchors: dict[int, int] | None = None
) -> IntArray:
    """Labels so that each is one piece: stray pieces go to the neighbour with the longest border.

    ``anchors`` names for a label the face that must stay with it; else its largest piece stays.
    """
    area = np.asarray(shapely.area(face_map.faces))
    for _round in range(len(np.unique(label))):
        loose = _strays(label, face_map.graph, area=area, anchors=anchors or {})
        mended = absorb(label, face_map.graph, loose=loose, group=group)
        if (mended == label).all():
            break
        label = mended
    return label


def _strays(label: IntArray, graph: Neighbours, *, area: FloatArray, anchors: dict[int, int]) -> BoolArray:
    component = connected(label, graph)
    size = np.bincount(component, weights=area)
    for name, face in anchors.items():
        if label[face] == name:
            size[component[face]] = np.inf
    owner = np.zeros(len(size), dtype=np.int64)
    owner[component] = label
    order = np.lexsort((-size, owner))
    main = order[np.flatnonzero(np.r_[True, owner[order][1:] != owner[order][:-1]])]
    keeps = np.zeros(len(size), dtype=np.bool_)
    keeps[main] = True
    return np.asarray(~keeps[component], dtype=np.bool_)
