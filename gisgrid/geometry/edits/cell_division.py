"""A cell that holds several buildings is divided among them."""

from __future__ import annotations

import shapely

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.cells.buildings import make_bodies
from gisgrid.geometry.cells.faces import join_faces
from gisgrid.geometry.cells.plan import Buildings
from gisgrid.geometry.cells.streets import containing
from gisgrid.geometry.cells.tessellation import tessellate
from gisgrid.geometry.edits.cuts import cut_cells
from gisgrid.geometry.edits.delta import Delta
from gisgrid.geometry.edits.drawn_lines import ended_in_outline, in_degrees, in_metres
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.lattice import GeometryArray, as_array


def divide(ground: Ground, cell: int, footprints: GeometryArray) -> Delta:
    """Divide the land of a cell among buildings: each point goes to the nearest; owners stay.

    Parameters
    ----------
    footprints
        Polygons in EPSG:4326; those whose point on surface lies outside the cell are not used.

    Raises
    ------
    InvalidInput
        No such cell, fewer than two buildings in it, or the pieces would not be sound.
    """
    if cell not in ground.land.cells:
        raise InvalidInput(say("no cell with the number {cell}", cell=cell))
    block = ground.land.shapes_of([cell])
    bodies = make_bodies(Buildings(footprints=as_array(footprints)))
    count = int((containing(block, bodies.points) >= 0).sum())
    if count < 2:
        raise InvalidInput("the cell holds fewer than two buildings that stand apart: nothing to divide")
    faces, _block, label = tessellate(block, bodies)
    pieces, _names = join_faces(faces, label)
    borders = _borders_between(pieces)
    metric = ground.land.metric
    lines = ended_in_outline(in_metres(borders, metric), in_metres(ground.outline, metric))
    delta = cut_cells(ground, as_array([in_degrees(line, metric) for line in lines]), among=[cell])
    if len(delta.links) < 2:
        raise InvalidInput("the buildings of the cell stand too near to each other to be divided")
    return delta


def _borders_between(pieces: GeometryArray) -> shapely.MultiLineString:
    """The lines between pieces that fit exactly, merged."""
    low, high = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    pairs = low < high
    common = shapely.intersection(shapely.boundary(pieces[low[pairs]]), shapely.boundary(pieces[high[pairs]]))
    parts = shapely.get_parts(shapely.get_parts(common))
    lines = parts[shapely.get_dimensions(parts) == 1]
    return shapely.MultiLineString(list(shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))))
