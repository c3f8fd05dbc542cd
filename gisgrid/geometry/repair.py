"""Repairs areas that should tile: each piece of land gets one owner, each shared border the same vertices.

Coordinates stay as they stand; new vertices appear only where borders cross or lack one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import Crs, FloatArray
from gisgrid.geometry.antimeridian import rows_across
from gisgrid.geometry.cells.areas import Settlement, settle
from gisgrid.geometry.cells.faces import FaceMap, join_faces
from gisgrid.geometry.clean import keep_polygons
from gisgrid.geometry.faults import metres_per_unit, missing_vertices, overlaps, sheet_of, usable_shapes
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import areas_m2
from gisgrid.geometry.unrolled import Unrolling

_ROUNDS: Final = 4
"""Inserting a vertex moves an edge by up to 1 mm, which may bring another vertex near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedAreas:
    """Areas after the repair, in their CRS and order.

    ``gained_m2`` and ``lost_m2`` per area: true square metres it received or gave up; ``repaired_m2``: by
    how much making it valid changed it. ``moved_m2``: all land that had two owners or none and now has
    one. ``holes``: gaps of 20 m and more, which stay.
    """

    areas: GeometryArray
    gained_m2: FloatArray
    lost_m2: FloatArray
    repaired_m2: FloatArray
    moved_m2: float
    holes: tuple[BaseGeometry, ...]


def fix_areas(areas: GeometryArray, crs: Crs, *, parent: BaseGeometry | None = None) -> FixedAreas:
    """Areas without overlaps, narrow gaps and missing vertices.

    An invalid area is repaired; land claimed twice goes to the claimant with the longest border to it, a
    gap narrower than 20 m to the area with the longest border. What no fault touches stays as it is,
    and so does what is no polygon at all.

    Parameters
    ----------
    areas
        Polygons or multipolygons in ``crs``.
    parent
        In the same CRS: what the areas should fill; land outside it is never filled.
    """
    sheet = sheet_of(areas, crs, parent)
    laid = sheet.lay_out(areas)
    usable = usable_shapes(areas, crs, sheet)
    sound = _with_vertices(usable, crs)
    whole = keep_polygons(sheet.lay_out(as_array([parent]))[0]) if parent is not None else None
    settlement, tiled = _settled(sound, whole, crs)
    for _round in range(_ROUNDS):
        if not overlaps(tiled, crs):
            break
        _, tiled = _settled(tiled, whole, crs)  # a vertex put in has moved an edge over another area
    kept = _kept(laid, tiled)
    kept[shapely.is_empty(usable)] = areas[shapely.is_empty(usable)]
    return FixedAreas(
        areas=_brought_back(sheet, kept, laid, areas),
        gained_m2=_difference_m2(tiled, sound, crs),
        lost_m2=_difference_m2(sound, tiled, crs),
        repaired_m2=_repaired_m2(laid, usable, crs),
        moved_m2=float(settlement.moved_m2.sum()),
        holes=tuple(sheet.lay_back(hole) for hole in settlement.holes()),
    )


def _settled(areas: GeometryArray, whole: BaseGeometry | None, crs: Crs) -> tuple[Settlement, GeometryArray]:
    """Who gets which face between the areas, and the areas made of them with their neighbours' vertices."""
    face_map = _exact_faces(areas if whole is None else as_array([*areas, whole]), crs)
    settlement = settle(areas, face_map, parent=whole)
    fixed = np.full(len(areas), shapely.Polygon(), dtype=np.object_)
    shapes, owners = join_faces(face_map, settlement.owner)
    fixed[owners] = shapes
    return settlement, _with_vertices(fixed, crs)


def _brought_back(
    sheet: Unrolling, kept: GeometryArray, laid: GeometryArray, before: GeometryArray
) -> GeometryArray:
    """Repaired areas from -180 to 180 degrees; what nothing has changed is as it was in the file."""
    result = kept.copy()
    across = rows_across(before) if sheet.west is not None else set()
    for row in range(len(kept)):
        is_same = kept[row] is laid[row] and row not in across
        result[row] = before[row] if is_same else sheet.lay_back(kept[row])
    return result


def _exact_faces(areas: GeometryArray, crs: Crs) -> FaceMap:
    """The faces between areas, noded without any grid: no vertex moves."""
    noded = shapely.union_all(shapely.boundary(areas))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return FaceMap(as_array(shapely.orient_polygons(faces)), crs)


def _difference_m2(shapes: GeometryArray, other: GeometryArray, crs: Crs) -> FloatArray:
    """True square metres of each shape that the other of its row does not cover."""
    same = shapely.equals_exact(shapely.normalize(shapes), shapely.normalize(other), tolerance=0.0)
    rest = np.full(len(shapes), shapely.Polygon(), dtype=np.object_)
    rest[~same] = shapely.difference(shapes[~same], other[~same])
    return areas_m2(rest, crs)


def _kept(before: GeometryArray, after: GeometryArray) -> GeometryArray:
    """The shape from before wherever the repair changed nothing in it."""
    single = shapely.get_num_geometries(before) == 1
    plain = before.copy()
    plain[single] = shapely.get_geometry(before[single], 0)
    same = shapely.equals_exact(shapely.normalize(plain), shapely.normalize(after), tolerance=0.0)
    result = after.copy()
    result[same] = before[same]
    return result


def _repaired_m2(before: GeometryArray, sound: GeometryArray, crs: Crs) -> FloatArray:
    """By how much making each area valid changed the land its rings enclose."""
    drawn = np.array([shapely.Polygon() if index is None else index for index in before], dtype=np.object_)
    wrong = ~shapely.is_valid(drawn) & ~shapely.is_empty(sound)
    moved = np.zeros(len(before))
    moved[wrong] = np.abs(areas_m2(sound[wrong], crs) - np.abs(areas_m2(drawn[wrong], crs)))
    return moved


def _with_vertices(areas: GeometryArray, crs: Crs) -> GeometryArray:
    """The areas with every vertex of a neighbour that lies on their edges, within 1 mm, put in."""
    result = areas.copy()
    for _round in range(_ROUNDS):
        missing = missing_vertices(result, crs)
        if not len(missing.area):
            break
        scale = metres_per_unit(result, crs)
        for area in np.unique(missing.area):
            spots = missing.positions[missing.area == area]
            noded = _insert(result[area], spots, scale)
            result[area] = noded if noded.is_valid else result[area]
    return result


def _insert(shape: BaseGeometry, spots: FloatArray, scale: FloatArray) -> BaseGeometry:
    """The shape with each spot put into its nearest edge."""
    rings: list[FloatArray] = []
    owner: list[int] = []
    parts = shapely.get_parts(shape)
    for index, part in enumerate(parts):
        for ring in shapely.get_rings(part):
            rings.append(shapely.get_coordinates(ring))
            owner.append(index)
    nearest = shapely.STRtree([shapely.LinearRing(ring * scale) for ring in rings]).nearest(
        shapely.points(spots * scale)
    )
    for number in np.unique(nearest):
        rings[number] = _insert_into_ring(rings[number], spots[nearest == number], scale)
    polygons = []
    for index in range(len(parts)):
        own = [ring for ring, part in zip(rings, owner, strict=True) if part == index]
        polygons.append(shapely.Polygon(own[0], own[1:]))
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _insert_into_ring(ring: FloatArray, spots: FloatArray, scale: FloatArray) -> FloatArray:
    """The closed ring with spots put in, each in its nearest edge, in the order they lie along it."""
    start, along = ring[:-1] * scale, np.diff(ring, axis=0) * scale
    square = np.maximum((along**2).sum(axis=1), 1e-300)
    edges, shares = [], []
    for spot in spots * scale:
        share = np.clip(((spot - start) * along).sum(axis=1) / square, 0.0, 1.0)
        nearest = int(np.argmin(np.hypot(*(start + share[:, None] * along - spot).T)))
        edges.append(nearest)
        shares.append(float(share[nearest]))
    order = np.lexsort((shares, edges))
    return np.insert(ring, np.asarray(edges)[order] + 1, spots[order], axis=0)
