"""Cells that tile an outline: the exact check, the slow whole oracle, and their union.

Everything is EPSG:4326 on the lattice of 2**-24 degree. The exact check is the boundary chain
(see `gisgrid.geometry.chain`); it is as good for a patch as for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import IntArray, to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.chain import Chain, boundary_chain, cancel, directed_edges
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array, on_lattice
from gisgrid.geometry.measure import areas_m2
from gisgrid.geometry.neighbours import Neighbours, neighbour_graph, pieces

__all__ = [
    "Chain",
    "Neighbours",
    "TilingFault",
    "TilingRule",
    "boundary_chain",
    "check_tiling",
    "neighbour_graph",
    "on_lattice",
    "oracle_check",
    "pieces",
    "union_outline",
]

_POLYGON: Final = 3


class TilingRule(StrEnum):
    """What a sound tiling keeps."""

    NOT_POLYGON = "not_polygon"
    INVALID = "invalid"
    ORIENTATION = "orientation"
    OFF_LATTICE = "off_lattice"
    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE = "outside"
    VERTEX = "vertex"
    COVERAGE = "coverage"
    AREA = "area"
    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class TilingFault:
    """One fault of a tiling and its place.

    ``cells`` are indexes of the cells concerned, ``place`` is EPSG:4326 (a face, an edge or a vertex),
    ``area_m2`` is the area of the face, 0 where the fault has none.
    """

    rule: TilingRule
    message: str
    cells: tuple[int, ...]
    place: BaseGeometry
    area_m2: float = 0.0


def check_tiling(cells: GeometryArray, outline: BaseGeometry) -> list[TilingFault]:
    """Every fault of cells that should tile an outline exactly; an empty list is a proof that they do.

    Parameters
    ----------
    cells
        Polygons in EPSG:4326 on the lattice, counter-clockwise.
    outline
        Polygon or multipolygon in EPSG:4326 on the lattice, valid.
    """
    cells = as_array(cells)
    findings = list(_cell_findings(cells)) + list(_outline_findings(outline))
    fit = shapely.get_type_id(cells) == _POLYGON
    chain = cancel(directed_edges(cells[fit]), minus=directed_edges(as_array(outline)))
    if len(chain):
        findings += _chain_findings(chain, cells, outline)
    return findings


def _outline_findings(outline: BaseGeometry) -> Iterator[TilingFault]:
    if not outline.is_valid or outline.is_empty:
        reason = shapely.is_valid_reason(outline) if not outline.is_empty else "empty"
        yield TilingFault(rule=TilingRule.INVALID, message=f"outline: {reason}", cells=(), place=outline)


def _cell_findings(cells: GeometryArray) -> Iterator[TilingFault]:
    polygon = (shapely.get_type_id(cells) == _POLYGON) & ~shapely.is_empty(cells)
    faults: list[tuple[TilingRule, npt.NDArray[np.bool_], str]] = [
        (TilingRule.NOT_POLYGON, ~polygon, "the cell is not one polygon"),
        (TilingRule.INVALID, polygon & ~shapely.is_valid(cells), "the cell is not a valid polygon"),
        (TilingRule.ORIENTATION, polygon & ~_is_ccw(cells), "the cell's shell is not counter-clockwise"),
        (TilingRule.OFF_LATTICE, ~_is_on_lattice(cells), "a coordinate of the cell is off the lattice"),
    ]
    for rule, wrong, message in faults:
        for index in np.flatnonzero(wrong):
            cell = cells[index]
            place = shapely.Point() if cell is None else cell
            yield TilingFault(rule=rule, message=message, cells=(int(index),), place=place)


def _is_ccw(cells: GeometryArray) -> npt.NDArray[np.bool_]:
    return np.asarray(shapely.is_ccw(shapely.get_exterior_ring(cells)), dtype=np.bool_)


def _is_on_lattice(cells: GeometryArray) -> npt.NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(cells, return_index=True)
    off = (xy != to_lattice(xy)).any(axis=1)
    return np.asarray(np.bincount(owner[off], minlength=len(cells)) == 0, dtype=np.bool_)


def _chain_findings(chain: Chain, cells: GeometryArray, outline: BaseGeometry) -> list[TilingFault]:
    """Name what a chain that should be empty encloses: gaps, overlaps, land outside, lone vertices."""
    frame = LatticeFrame.around(as_array([*cells, outline]))
    lines = frame.to_units(chain.lines())
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    findings = _face_findings(faces, frame, cells, outline)
    covered = shapely.union_all(shapely.buffer(faces, 0.0)) if len(faces) else shapely.Polygon()
    shapely.prepare(covered)
    bare = lines[~shapely.covers(covered, lines)]
    if len(bare) or not findings:
        findings += _vertex_findings(bare if len(bare) else lines, frame, cells)
    return findings


def _face_findings(
    faces: GeometryArray, frame: LatticeFrame, cells: GeometryArray, outline: BaseGeometry
) -> list[TilingFault]:
    """Each face of the chain by how many cells cover its inside and whether the outline does."""
    if not len(faces):
        return []
    in_steps = frame.to_units(cells)
    usable = in_steps.copy()
    usable[~shapely.is_valid(in_steps)] = None
    inner = shapely.point_on_surface(faces)
    face, cell = shapely.STRtree(usable).query(inner, predicate="intersects")
    inside = shapely.intersects(frame.to_units(as_array(outline))[0], inner)
    places = as_array(shapely.transform(faces, frame.unrounded))
    sizes = areas_m2(places)
    findings = []
    for index, place in enumerate(places):
        owners = tuple(int(owner) for owner in np.sort(cell[face == index]))
        rule, message = _name_face(len(owners), is_inside=bool(inside[index]))
        if rule is not None:
            size = float(sizes[index])
            findings.append(TilingFault(rule=rule, message=message, cells=owners, place=place, area_m2=size))
    return findings


def _name_face(covered: int, *, is_inside: bool) -> tuple[TilingRule | None, str]:
    if covered > 1:
        return TilingRule.OVERLAP, f"{covered} cells cover the same land"
    if covered == 1 and not is_inside:
        return TilingRule.OUTSIDE, "a cell reaches beyond the outline"
    if covered == 0 and is_inside:
        return TilingRule.GAP, "no cell covers this land"
    return None, ""


def _vertex_findings(lines: GeometryArray, frame: LatticeFrame, cells: GeometryArray) -> list[TilingFault]:
    """The vertices in which edges meet that enclose no land: they lie on a neighbour's edge."""
    ends = np.unique(shapely.get_coordinates(lines), axis=0)
    points = np.asarray(shapely.points(ends), dtype=np.object_)
    point, line = shapely.STRtree(lines).query(points, predicate="intersects")
    corners = shapely.get_point(lines[line], 0), shapely.get_point(lines[line], 1)
    lone = ~(shapely.equals(corners[0], points[point]) | shapely.equals(corners[1], points[point]))
    chosen = np.unique(point[lone]) if lone.any() else np.arange(len(points))
    places = frame.to_degrees(points[chosen])
    spot, cell = shapely.STRtree(cells).query(places, predicate="intersects")
    message = "a vertex lies on the edge of a neighbour that lacks it"
    touched = [tuple(int(index) for index in np.sort(cell[spot == i])) for i in range(len(places))]
    return [
        TilingFault(rule=TilingRule.VERTEX, message=message, cells=touched[i], place=place)
        for i, place in enumerate(places)
    ]


def union_outline(cells: GeometryArray) -> BaseGeometry:
    """The union of cells with every border vertex kept: its chain is the chain of the cells.

    A polygon, or a multipolygon where the cells lie apart or only touch in points; counter-clockwise.

    Raises
    ------
    InvalidInput
        There are no cells, or they overlap or are not noded against each other.
    """
    cells = as_array(cells)
    if not len(cells):
        raise InvalidInput("no cells were given: an outline needs at least one")
    try:
        union: BaseGeometry = shapely.orient_polygons(shapely.coverage_union_all(cells))
    except shapely.GEOSException:
        raise InvalidInput("the cells overlap: they have no common outline") from None
    if not union.is_valid or boundary_chain(as_array(union)) != boundary_chain(cells):
        raise InvalidInput("the cells do not fit together: their union has another border")
    return union


def oracle_check(
    cells: GeometryArray, outline: BaseGeometry, *, owners: IntArray | None = None
) -> list[TilingFault]:
    """The slow whole check, by other means than the chain: for publishing and for tests.

    GEOS' own coverage check, the symmetric difference of the cells' union to the outline, the exact sum of
    areas, and one polygon per owner. Gaps are found by the difference: GEOS' search for narrow ones takes a
    short edge of the outline beside the end of an inner border for one.

    Parameters
    ----------
    cells, outline
        As for `check_tiling`.
    owners
        Per cell the number of its grid or micro grid; left out, owners are not looked at.
    """
    findings = list(_cell_findings(cells)) + list(_outline_findings(outline))
    if findings:
        return findings
    frame = LatticeFrame.around(as_array([*cells, outline]))
    steps, whole = frame.to_units(cells), frame.to_units(as_array(outline))[0]
    if not shapely.coverage_is_valid(steps):
        broken = shapely.coverage_invalid_edges(steps)
        hit = np.flatnonzero(~shapely.is_empty(broken))
        place = shapely.union_all(cells[hit]) if len(hit) else outline
        findings.append(_oracle_finding(TilingRule.COVERAGE, "the cells are no coverage", place, hit))
    apart = shapely.symmetric_difference(shapely.union_all(steps), whole)
    if not apart.is_empty or shapely.area(steps).sum() != whole.area:
        place = frame.to_degrees(as_array(apart))[0]
        findings.append(_oracle_finding(TilingRule.AREA, "the cells are not the outline", place))
    if owners is not None:
        findings += _owner_findings(cells, np.asarray(owners))
    return findings


def _owner_findings(cells: GeometryArray, owners: IntArray) -> Iterator[TilingFault]:
    for owner in np.unique(owners):
        own = np.flatnonzero(owners == owner)
        union = shapely.union_all(cells[own])
        if union.geom_type != "Polygon":
            yield _oracle_finding(TilingRule.OWNER, f"owner {owner} is not one polygon", union, own)


def _oracle_finding(
    rule: TilingRule, message: str, place: BaseGeometry, cells: IntArray | None = None
) -> TilingFault:
    indexes = () if cells is None else tuple(int(index) for index in cells)
    return TilingFault(rule=rule, message=message, cells=indexes, place=place)
