"""What is wrong with areas that should tile: invalid shapes, overlaps, gaps, vertices, parts, codes.

Works on the coordinates as they stand, in any CRS; sizes are true square metres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import Crs, FloatArray, IntArray, reproject, stored_crs
from gisgrid.geometry.antimeridian import beyond_antimeridian, rows_across
from gisgrid.geometry.clean import invalid_reason, keep_polygons
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import areas_m2, local_equal_area, transformed
from gisgrid.geometry.unrolled import Unrolling, cut_at_antimeridian, sheet_for

SMALLEST_M2: Final = 1e-4
"""One square centimetre: less is the rounding of doubles, not a fault of drawing."""
NEAR_M: Final = 0.001
"""A vertex this near to an edge lies on it."""

_POLYGONS: Final = (3, 6)
_ROUND_DEG: Final = 360.0
_POLE_DEG: Final = 90.0


class AreaRule(StrEnum):
    """The rules areas are checked by, in the order they are told."""

    INVALID = "invalid"
    OVERLAP = "overlap"
    GAP = "gap"
    VERTEX = "vertex"
    MULTIPART = "multipart"
    DUPLICATE_CODE = "duplicate_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFault:
    """One fault: ``areas`` are indexes of the areas concerned, ``place`` is in their CRS.

    ``area_m2`` is the size of an overlap or a gap, else 0.
    """

    rule: AreaRule
    message: str
    areas: tuple[int, ...]
    place: BaseGeometry
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingVertices:
    """Positions, shape (n, 2), that lie on an edge of area ``area`` which has no vertex there."""

    positions: FloatArray
    area: IntArray


def find_faults(
    areas: GeometryArray,
    crs: Crs,
    *,
    codes: Sequence[str | None] | None = None,
    parent: BaseGeometry | None = None,
) -> list[AreaFault]:
    """Every fault of areas that should tile, by rule.

    An invalid area is repaired in memory before the other rules look at it.

    Parameters
    ----------
    areas
        Polygons or multipolygons in ``crs``; anything else, or nothing, is an invalid area.
    crs
        Their CRS, geographic or projected.
    codes
        The code of each; without them duplicate codes are not looked for.
    parent
        In the same CRS: what the areas should fill. Without it, every hole between or in them is a gap.
    """
    sheet = sheet_of(areas, crs, parent)
    whole = None if parent is None else sheet.lay_out(as_array([parent]))[0]
    sound = usable_shapes(areas, crs, sheet)
    faults = overlaps(sound, crs)
    faults += _gaps(sound, crs, whole)
    faults += _vertices(sound, crs)
    faults += _multiparts(sheet.lay_out(areas))
    faults += _duplicates(sound, codes or [])
    return [*_invalid(areas, crs), *(replace(fault, place=sheet.lay_back(fault.place)) for fault in faults)]


def sheet_of(areas: GeometryArray, crs: Crs, parent: BaseGeometry | None) -> Unrolling:
    """Where areas across the antimeridian are laid out; others stay as they stand."""
    land = [shape for shape in (*areas, parent) if shape is not None and _is_land(shape)]
    return sheet_for(as_array(land), crs)


def usable_shapes(areas: GeometryArray, crs: Crs, sheet: Unrolling) -> GeometryArray:
    """The areas in 2D, invalid ones repaired, and emptied what is no polygon or lies nowhere on earth.

    They are laid out on the sheet. What goes across the antimeridian in one piece, where areas go round the
    whole world, can't be, and is emptied as well.
    """
    shapes = as_array(shapely.force_2d(areas)).copy()
    for index in range(len(areas)):
        if not _is_land(areas[index]):
            shapes[index] = shapely.Polygon()
    shapes[~_is_on_earth(shapes, crs)] = shapely.Polygon()
    shapes = sheet.lay_out(shapes).copy()
    if crs.is_geographic:
        shapes[sorted(rows_across(shapes))] = shapely.Polygon()
    for index in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
        shapes[index] = keep_polygons(shapes[index])
    return shapes


def _is_land(shape: BaseGeometry | None) -> bool:
    if shape is None or shape.is_empty or shapely.get_type_id(shape) not in _POLYGONS:
        return False
    return bool(np.isfinite(shapely.get_coordinates(shape)).all())


def _is_on_earth(shapes: GeometryArray, crs: Crs) -> npt.NDArray[np.bool_]:
    """Whether all coordinates of each shape stand for a longitude and a latitude."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    lon, lat = reproject(xy[:, 0], xy[:, 1], crs, stored_crs())
    off = ~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0))
    return np.asarray(np.bincount(owner[off], minlength=len(shapes)) == 0, dtype=np.bool_)


def _invalid(areas: GeometryArray, crs: Crs) -> Iterator[AreaFault]:
    for index, shape in enumerate(areas):
        reason = _reason(shape, crs)
        if reason is not None:
            place = as_array([shape if _is_land(shape) else shapely.Point()])
            whole = cut_at_antimeridian(place) if crs.is_geographic else place
            yield AreaFault(rule=AreaRule.INVALID, message=reason, areas=(index,), place=whole[0])


def _reason(shape: BaseGeometry | None, crs: Crs) -> str | None:
    if shape is None or shape.is_empty:
        return "the area has no shape"
    if shapely.get_type_id(shape) not in _POLYGONS:
        return f"the area is a {shape.geom_type}, not a polygon"
    if not _is_land(shape):
        return "a coordinate is not a number"
    if crs.is_geographic and (reason := _beyond_the_map(shape)):
        return reason
    if not _is_on_earth(as_array(shape), crs)[0]:
        return "a coordinate is out of range: x and y are swapped, or the CRS is another"
    return invalid_reason(shape)


def _beyond_the_map(shape: BaseGeometry) -> str | None:
    """Why a shape with latitudes that are some lies at both ends of the map, or beyond one."""
    west, south, east, north = shape.bounds
    if west < -_ROUND_DEG or east > _ROUND_DEG or max(-south, north) > _POLE_DEG:
        return None
    beyond = beyond_antimeridian(as_array([shape]))
    return beyond[0][1] if beyond else None


def overlaps(areas: GeometryArray, crs: Crs) -> list[AreaFault]:
    """One fault per pair of areas that share more than a square centimetre."""
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common = as_array(shapely.intersection(areas[first], areas[second])) if len(first) else as_array([])
    sizes = areas_m2(common, crs)
    return [
        AreaFault(
            rule=AreaRule.OVERLAP,
            message="two areas cover the same land",
            areas=(int(first[at]), int(second[at])),
            place=keep_polygons(common[at]),
            area_m2=float(sizes[at]),
        )
        for at in np.flatnonzero(sizes > SMALLEST_M2)
    ]


def _gaps(areas: GeometryArray, crs: Crs, parent: BaseGeometry | None) -> list[AreaFault]:
    """One fault per hole of more than a square centimetre, with the areas round it."""
    union = shapely.union_all(areas)
    if parent is not None:
        gaps = shapely.get_parts(shapely.difference(keep_polygons(parent), union))
    else:
        gaps = _holes(union)
    sizes = areas_m2(gaps, crs)
    holes, sizes = gaps[sizes > SMALLEST_M2], sizes[sizes > SMALLEST_M2]
    hole, area = shapely.STRtree(areas).query(holes, predicate="intersects")
    return [
        AreaFault(
            rule=AreaRule.GAP,
            message="no area covers this land",
            areas=tuple(int(index) for index in np.sort(area[hole == at])),
            place=place,
            area_m2=float(sizes[at]),
        )
        for at, place in enumerate(holes)
    ]


def _holes(union: BaseGeometry) -> GeometryArray:
    """The land a union encloses without covering it, one polygon each.

    Also what lies between parts that only touch in points, which is a hole of none of them.
    """
    lines = shapely.union_all(as_array(shapely.boundary(union)))
    faces = as_array(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))))
    shapely.prepare(union)
    return faces[~shapely.intersects(union, shapely.point_on_surface(faces))]


def missing_vertices(areas: GeometryArray, crs: Crs) -> MissingVertices:
    """Where a vertex of one area lies within 1 mm on an edge of another that has no vertex there.

    Each position is given once per area that lacks it. Distances are measured along the straight edges
    of the given coordinates, scaled to metres at the middle of the areas.
    """
    scale = metres_per_unit(areas, crs)
    rings, ring_area = _rings(areas)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = (ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    start, end = xy[:-1][joined], xy[1:][joined]
    edge_area = ring_area[ring[:-1][joined]]
    edges = as_array(shapely.linestrings(np.stack([start * scale, end * scale], axis=1)))
    spots = np.unique(xy, axis=0)
    spot, edge = shapely.STRtree(edges).query(
        shapely.points(spots * scale), predicate="dwithin", distance=NEAR_M
    )
    near_end = np.minimum(
        np.hypot(*((spots[spot] - start[edge]) * scale).T), np.hypot(*((spots[spot] - end[edge]) * scale).T)
    )
    lacking = _lacking(spot, edge_area[edge], has=near_end <= NEAR_M)
    return MissingVertices(positions=spots[lacking[:, 0]], area=lacking[:, 1])


def _lacking(spot: IntArray, area: IntArray, *, has: npt.NDArray[np.bool_]) -> IntArray:
    """The pairs of a spot and an area near it in which no edge of the area ends at the spot."""
    pairs, inverse = np.unique(np.stack([spot, area], axis=1), axis=0, return_inverse=True)
    known = np.bincount(inverse.reshape(-1), weights=has, minlength=len(pairs)) > 0
    return pairs[~known].reshape(-1, 2)


def _rings(areas: GeometryArray) -> tuple[GeometryArray, IntArray]:
    parts, part_area = shapely.get_parts(areas, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    return as_array(rings), part_area[ring_part]


def metres_per_unit(areas: GeometryArray, crs: Crs) -> FloatArray:
    """How many metres one unit of x and one of y are, shape (2,), at the middle of the areas."""
    if shapely.is_empty(areas).all():
        return np.ones(2)
    west, south, east, north = shapely.total_bounds(areas)
    x, y = (west + east) / 2, (south + north) / 2
    step = 1e-3 if crs.is_geographic else 100.0
    target = local_equal_area(areas, crs)
    px, py = reproject([x, x + step, x], [y, y, y + step], crs, target)
    east_m = np.hypot(px[1] - px[0], py[1] - py[0])
    north_m = np.hypot(px[2] - px[0], py[2] - py[0])
    return np.array([east_m, north_m]) / step


def _vertices(areas: GeometryArray, crs: Crs) -> list[AreaFault]:
    """One fault per place, with the areas that lack the vertex."""
    missing = missing_vertices(areas, crs)
    if not len(missing.area):
        return []
    places, where = np.unique(missing.positions, axis=0, return_inverse=True)
    message = "a vertex of a neighbour lies on an edge that lacks it"
    owners = [missing.area[where.reshape(-1) == at] for at in range(len(places))]
    return [
        AreaFault(
            rule=AreaRule.VERTEX,
            message=message,
            areas=tuple(int(area) for area in owners[at]),
            place=shapely.Point(place),
        )
        for at, place in enumerate(places)
    ]


def _multiparts(areas: GeometryArray) -> list[AreaFault]:
    faults = []
    for index, shape in enumerate(areas):
        parts = int(shapely.get_num_geometries(shape)) if shape is not None else 0
        if parts > 1:
            message = f"the area lies in {parts} parts"
            faults.append(AreaFault(rule=AreaRule.MULTIPART, message=message, areas=(index,), place=shape))
    return faults


def _duplicates(areas: GeometryArray, codes: Sequence[str | None]) -> Iterator[AreaFault]:
    """One fault per code that several areas have; areas without a code are not compared."""
    places: dict[str, list[int]] = {}
    for index, code in enumerate(codes):
        if code:
            places.setdefault(code, []).append(index)
    for code, indexes in places.items():
        if len(indexes) > 1:
            place = shapely.MultiPoint(shapely.point_on_surface(areas[indexes]))
            message = f"{len(indexes)} areas have the code {code}"
            yield AreaFault(rule=AreaRule.DUPLICATE_CODE, message=message, areas=tuple(indexes), place=place)


def in_degrees(faults: Sequence[AreaFault], crs: Crs) -> GeometryArray:
    """The places of faults in EPSG:4326; empty where they lie nowhere on earth."""
    places = as_array([fault.place for fault in faults])
    places[~_is_on_earth(places, crs)] = shapely.Point()
    return cut_at_antimeridian(transformed(places, crs, stored_crs()))
