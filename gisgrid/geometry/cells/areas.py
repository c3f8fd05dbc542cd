"""One cell per given area: overlaps and narrow gaps are settled, wide gaps stay holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import FloatArray, IntArray, stored_crs
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.cells.faces import FaceMap, absorb, connected, join_faces, make_faces
from gisgrid.geometry.cells.plan import BoolArray
from gisgrid.geometry.lattice import GeometryArray
from gisgrid.geometry.measure import areas_m2, local_metric, transformed

NARROW_GAP_M: Final = 20.0
"""A gap narrower than this is a drawing fault; a wider one may be a lake or another's land."""

_NO_ONE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Faces of given areas with one owner each.

    ``owner``: index of the area, -1 for land without one. ``is_gap``: land that should have had one.
    ``moved_m2``: per face the square metres that changed hands, 0 where nothing did.
    """

    face_map: FaceMap
    owner: IntArray
    is_gap: BoolArray
    moved_m2: FloatArray

    def holes(self) -> tuple[BaseGeometry, ...]:
        """The wide gaps, one polygon each."""
        open_faces = self.face_map.faces[self.is_gap & (self.owner < 0)]
        if not len(open_faces):
            return ()
        return tuple(shapely.get_parts(shapely.coverage_union_all(open_faces)))


def settle(areas: GeometryArray, face_map: FaceMap, *, parent: BaseGeometry | None = None) -> Settlement:
    """One owner for each face between given areas (in the CRS of the faces).

    Land claimed twice goes to the claimant with the longest border to it; a gap narrower than 20 m to the
    area with the longest border. An area that others cover wholly keeps its land. Ties: lowest index.
    With a parent only land inside it can be a gap.
    """
    face, area = shapely.STRtree(areas).query(face_map.inner_points, predicate="intersects")
    claims = np.bincount(face, minlength=len(face_map.faces))
    owner = np.full(len(claims), _NO_ONE, dtype=np.int64)
    single = claims[face] == 1
    owner[face[single]] = area[single]
    drawn = owner.copy()
    _keep_covered(owner, face, area, claims)
    _settle_overlaps(owner, face_map, face, area)
    gap = claims == 0
    if parent is not None:
        gap &= shapely.intersects(parent, face_map.inner_points)
    narrow = gap & _is_narrow(face_map, gap)
    owner = absorb(owner, face_map.graph, loose=narrow, group=np.zeros(len(owner), dtype=np.int64))
    owner = _without_strays(owner, face_map, shapely.get_num_geometries(areas).astype(np.int64))
    moved = np.where((owner >= 0) & (owner != drawn), areas_m2(face_map.faces, face_map.crs), 0.0)
    return Settlement(face_map=face_map, owner=owner, is_gap=gap, moved_m2=moved)


def _keep_covered(owner: IntArray, face: IntArray, area: IntArray, claims: IntArray) -> None:
    """An area without any land of its own takes the faces it shares, before borders are compared."""
    landless = ~np.isin(area, owner[owner >= 0])
    for name in np.unique(area[landless]):
        faces = face[area == name]
        free = faces[(owner[faces] < 0) & (claims[faces] > 1)]
        owner[free] = name


def _settle_overlaps(owner: IntArray, face_map: FaceMap, face: IntArray, area: IntArray) -> None:
    """Faces claimed twice, one by one: the claimant with the longest border, ties to the lowest."""
    borders = face_map.graph.matrix()
    for disputed in np.flatnonzero((owner < 0) & (np.bincount(face, minlength=len(owner)) > 1)):
        claimants = np.sort(area[face == disputed])
        row = borders[[int(disputed)], :].tocoo()
        near = owner[row.coords[1]]
        length = [float(row.data[near == name].sum()) for name in claimants]
        owner[disputed] = claimants[int(np.argmax(length))]


def _without_strays(owner: IntArray, face_map: FaceMap, parts: IntArray) -> IntArray:
    """Pieces that settling cut off go to the longest border: no area ends in more parts than it had."""
    piece = connected(owner, face_map.graph)
    size = np.bincount(piece, weights=shapely.area(face_map.faces))
    holder = np.full(len(size), _NO_ONE, dtype=np.int64)
    holder[piece] = owner
    order = np.lexsort((-size, holder))
    first = np.searchsorted(holder[order], holder[order])
    stray = np.zeros(len(size), dtype=np.bool_)
    stray[order] = (holder[order] >= 0) & (np.arange(len(order)) - first >= parts[holder[order]])
    return absorb(owner, face_map.graph, loose=stray[piece], group=np.zeros(len(owner), dtype=np.int64))


def _is_narrow(face_map: FaceMap, gap: BoolArray) -> BoolArray:
    """Per face whether it belongs to a gap that vanishes when 10 m are taken off all round."""
    narrow = np.zeros(len(gap), dtype=np.bool_)
    if not gap.any():
        return narrow
    whole = shapely.get_parts(shapely.coverage_union_all(face_map.faces[gap]))
    source = face_map.crs or stored_crs()
    metric = transformed(whole, source, local_metric(face_map.faces, face_map.crs))
    thin = shapely.is_empty(shapely.buffer(metric, -NARROW_GAP_M / 2))
    face, part = shapely.STRtree(whole).query(face_map.inner_points, predicate="intersects")
    narrow[face[thin[part]]] = True
    return narrow & gap


def cells_from_areas(areas: GeometryArray) -> tuple[GeometryArray, IntArray, Settlement]:
    """One cell per given area, one per part where an area lies in several parts.

    Parameters
    ----------
    areas
        Valid polygons or multipolygons in EPSG:4326; they need not be on the lattice.

    Returns
    -------
    Polygons in EPSG:4326 on the lattice that fit exactly; for each the index of its area; what was settled.

    Raises
    ------
    InvalidInput
        An area is empty or not valid.
    """
    wrong = np.flatnonzero(~shapely.is_valid(areas) | shapely.is_empty(areas))
    if len(wrong):
        reason = shapely.is_valid_reason(areas[wrong[0]]) if areas[wrong[0]] is not None else "missing"
        said = say("an area is not a valid shape: {reason}", reason=reason)
        raise InvalidInput(said, row=int(wrong[0]) + 1)
    face_map = make_faces(np.asarray(shapely.boundary(areas), dtype=np.object_))
    settlement = settle(areas, face_map)
    shapes, names = join_faces(face_map, settlement.owner)
    parts, shape = shapely.get_parts(shapes, return_index=True)
    return parts, names[shape], settlement
