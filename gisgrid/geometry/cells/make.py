"""The one entry to the making of unit cells: from areas, streets and buildings, whatever is known."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import LATTICE_STEPS, IntArray
from gisgrid.errors import InvalidInput
from gisgrid.geometry.cells.areas import Settlement, cells_from_areas
from gisgrid.geometry.cells.buildings import CellBuildings, deciding_points, make_bodies
from gisgrid.geometry.cells.faces import join_faces, make_faces, steps_of
from gisgrid.geometry.cells.plan import BoolArray, Buildings, CellOrigin, CellPlan, LeftOut, Streets
from gisgrid.geometry.cells.streets import containing, dividing_lines, street_blocks
from gisgrid.geometry.cells.tessellation import tessellate
from gisgrid.geometry.cells.tidy import without_short_edges
from gisgrid.geometry.lattice import GeometryArray, as_array, on_lattice, refuse_out_of_range
from gisgrid.geometry.partition import union_outline

_OUTLINE_STEP_M: Final = 5.0
"""A border drawn later ends in a vertex of the outline, so these stand close."""
_OUTLINE_VERTICES: Final = 20_000


def make_cells(
    outline: BaseGeometry | None = None,
    *,
    areas: GeometryArray | None = None,
    streets: Streets | None = None,
    buildings: Buildings | None = None,
) -> CellPlan:
    """Unit cells that tile an outline exactly, as fine as what is given allows.

    With areas only, one cell per area (per part of an area); with streets, blocks inside each area; with
    buildings, one cell per building inside each block. Blocks without buildings stay cells.

    Parameters
    ----------
    outline
        Polygon or multipolygon in EPSG:4326; not looked at where areas are given, since the outline is
        theirs. Without both it is the convex hull of the buildings.
    areas
        Polygons or multipolygons in EPSG:4326; no cell crosses their borders.
    streets, buildings
        In EPSG:4326; what lies outside is left out and counted.

    Returns
    -------
    The plan; its outline is the union of its cells. That is the given outline, noded where cells meet it
    and rounded to the lattice, so it may lie up to a lattice step (0.7 cm) away.

    Raises
    ------
    InvalidInput
        Nothing to make cells of, a shape that is not valid, or coordinates out of range.
    """
    _refuse_elsewhere(areas, streets, buildings)
    land, area, settlement = _land(outline, areas, buildings)
    bodies = make_bodies(buildings) if buildings is not None else None
    left_out = list(bodies.left_out) if bodies is not None else []
    if streets is not None:
        land, area, why = _blocks(land, area, streets, bodies)
        left_out += why
    cells, is_built, block = _divided(land, bodies)
    cells = without_short_edges(cells, area[block])
    footprints = buildings.footprints if buildings is not None else as_array([])
    building_cell = _building_cells(cells, footprints)
    left_out += _outside(building_cell, footprints) + _unsettled(settlement, areas, area)
    # A member of a melted group may lie across an area's border from the others: that cell has a building.
    is_built[building_cell[building_cell >= 0]] = True
    bare = CellOrigin.AREA if streets is None else CellOrigin.BLOCK
    return CellPlan(
        cells=cells,
        outline=union_outline(cells),
        kind=tuple(CellOrigin.BUILDING if built else bare for built in is_built),
        area=area[block],
        building_cell=building_cell,
        left_out=tuple(left_out),
        moved_m2=float(settlement.moved_m2.sum()) if settlement is not None else 0.0,
        holes=settlement.holes() if settlement is not None else (),
    )


def _refuse_elsewhere(
    areas: GeometryArray | None, streets: Streets | None, buildings: Buildings | None
) -> None:
    given = [areas] if areas is not None else []
    given += [streets.lines] if streets is not None else []
    given += [buildings.footprints] if buildings is not None else []
    for shapes in given:
        if shapely.get_num_coordinates(shapes).sum():
            refuse_out_of_range(shapes)


def _land(
    outline: BaseGeometry | None, areas: GeometryArray | None, buildings: Buildings | None
) -> tuple[GeometryArray, IntArray, Settlement | None]:
    """Polygons that tile the land, the area of each, and what was settled between areas."""
    if areas is not None:
        cells, area, settlement = cells_from_areas(areas)
        land, piece = _dense(cells)
        return land, area[piece], settlement
    whole = outline if outline is not None else _hull(buildings)
    if shapely.get_dimensions(whole) != 2:
        raise InvalidInput("the outline is not a polygon")
    land, _piece = _dense(shapely.get_parts(on_lattice(whole)))
    return land, np.full(len(land), -1, dtype=np.int64), None


def _hull(buildings: Buildings | None) -> BaseGeometry:
    if buildings is None or not len(buildings.footprints):
        raise InvalidInput("cells need an outline, areas or buildings to be made of")
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(buildings.footprints)))
    return cast("BaseGeometry", hull)


def _dense(land: GeometryArray) -> tuple[GeometryArray, IntArray]:
    """The same land with vertices every 5 m along the outline, and which piece each polygon was."""
    border = shapely.boundary(union_outline(land))
    step = max(steps_of(_OUTLINE_STEP_M) / LATTICE_STEPS, border.length / _OUTLINE_VERTICES)
    lines = np.append(shapely.boundary(land), as_array(shapely.segmentize(border, step)))
    face_map = make_faces(lines)
    return join_faces(face_map, containing(land, face_map.inner_points))


def _blocks(
    land: GeometryArray, area: IntArray, streets: Streets, bodies: CellBuildings | None
) -> tuple[GeometryArray, IntArray, list[LeftOut]]:
    lines, left_out = dividing_lines(streets)
    footprints = bodies.shapes if bodies is not None else as_array([])
    points = bodies.points if bodies is not None else as_array([])
    blocks, piece, why = street_blocks(land, lines, footprints=footprints, points=points)
    return blocks, area[piece], left_out + why


def _divided(land: GeometryArray, bodies: CellBuildings | None) -> tuple[GeometryArray, BoolArray, IntArray]:
    """Cells, whether each was made for a building, and the block it lies in; block by block."""
    if bodies is None or not len(bodies.shapes):
        return land, np.zeros(len(land), dtype=np.bool_), np.arange(len(land), dtype=np.int64)
    face_map, block, label = tessellate(land, bodies)
    cells, names = join_faces(face_map, label)
    used, first = np.unique(label, return_index=True)
    home = block[first[used >= 0]]
    order = np.lexsort((names, home))
    return cells[order], names[order] < len(bodies.shapes), home[order]


def _building_cells(cells: GeometryArray, footprints: GeometryArray) -> IntArray:
    if not len(footprints):
        return np.empty(0, dtype=np.int64)
    return containing(cells, deciding_points(footprints))


def _outside(building_cell: IntArray, footprints: GeometryArray) -> list[LeftOut]:
    count = int(((building_cell < 0) & ~shapely.is_empty(footprints)).sum()) if len(footprints) else 0
    return [LeftOut(what="building", why="lies outside the outline", count=count)] if count else []


def _unsettled(settlement: Settlement | None, areas: GeometryArray | None, area: IntArray) -> list[LeftOut]:
    if settlement is None or areas is None:
        return []
    lost = len(areas) - len(np.unique(area))
    left_out = [
        LeftOut(what="area", why="others cover it wholly: it has no cell", count=lost),
        LeftOut(
            what="hole", why="wider than 20 m: stays a hole of the outline", count=len(settlement.holes())
        ),
    ]
    return [entry for entry in left_out if entry.count]
