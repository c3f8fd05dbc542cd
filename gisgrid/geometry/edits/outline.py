"""The outline of a community is redrawn: cells lose land to the outside or take new land in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import LONGEST_DEGREE_M, IntArray
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.cells.faces import FaceMap, absorb, join_faces, make_faces
from gisgrid.geometry.cells.streets import containing
from gisgrid.geometry.chain import Chain, boundary_chain, directed_edges, key_positions
from gisgrid.geometry.clean import clean_polygon
from gisgrid.geometry.edits.bridges import land_between
from gisgrid.geometry.edits.cuts import is_sliver
from gisgrid.geometry.edits.delta import Change, Delta, Link, apply, compose
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.micro_grids import with_new_micros
from gisgrid.geometry.edits.paint import refuse_unknown
from gisgrid.geometry.edits.placement import replaced_points
from gisgrid.geometry.edits.points import BoolArray
from gisgrid.geometry.edits.soundness import refuse_falling, refuse_faulty_cells
from gisgrid.geometry.edits.tear import mended_by
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.partition import union_outline

_STEP_DEG: Final = 5.0 / LONGEST_DEGREE_M
"""A new outline gets vertices every 5 m, in which later cuts end."""
_SAME_DEG: Final = 0.05 / LONGEST_DEGREE_M
"""Vertices nearer than 5 cm are one."""


def redraw_outline(ground: Ground, outline: BaseGeometry, *, also: Collection[int] = ()) -> Delta:
    """Give a community another outline. Cells inside stay as they are, others lose what lies outside.

    New land joins the cell with the longest border to it. Points that come to lie outside are kept, without
    a cell; points outside that come to lie inside get one. The new outline is the union of the cells, within
    a lattice step of what was drawn.

    Parameters
    ----------
    outline
        Polygon or multipolygon in EPSG:4326.
    also
        Cells that stay whole, though they lie outside.

    Raises
    ------
    FallsApart
        A grid would be in more parts; the fault finds the cells between.
    InvalidInput
        The shape is no sound polygon, holds land no cell borders on, would leave a grid without cells, or
        would make a cell too small or narrow.
    """
    refuse_unknown(ground, also)
    wanted = clean_polygon(outline).shape
    if also:
        wanted = clean_polygon(shapely.union_all([wanted, *ground.land.shapes_of(sorted(also))])).shape
    changed = shapely.symmetric_difference(wanted, ground.outline)
    if changed.is_empty:
        return Delta()
    land = ground.land
    touched = land.near(changed)
    if not touched:
        raise InvalidInput("the new outline holds land that lies apart from every cell")
    numbers = land.near(land.shapes_of(touched))
    shapes = land.shapes_of(numbers)
    wanted = _fitted(wanted, shapes)
    faces = make_faces(np.append(shapely.boundary(shapes), _fresh_edges(wanted, ground.outline)))
    inside = np.asarray(shapely.intersects(wanted, faces.inner_points), dtype=np.bool_)
    old = np.where(inside, containing(shapes, faces.inner_points), -1)
    is_new = inside & (containing(land.shapes, faces.inner_points) < 0)
    pieces, names = join_faces(faces, _labels(faces, old, is_new))
    parts, at = shapely.get_parts(pieces, return_index=True)
    cells = [(numbers[index], part) for index, part in zip(names[at].tolist(), parts, strict=True)]
    return _with_whole_micros(ground, _with_outline(ground, _renewed(ground, numbers, cells)))


def _fitted(wanted: BaseGeometry, cells: GeometryArray) -> BaseGeometry:
    """The shape through the vertices of cells that it comes nearer to than can be seen."""
    corners = shapely.MultiPoint(shapely.get_coordinates(cells))
    fitted: BaseGeometry = shapely.snap(wanted, corners, _SAME_DEG)
    if not fitted.is_valid:
        raise InvalidInput("the new outline would cross itself: draw it a little elsewhere")
    return fitted


def _fresh_edges(wanted: BaseGeometry, outline: BaseGeometry) -> GeometryArray:
    """The edges of a shape that an outline lacks, with vertices every 5 m; both on the lattice."""
    known = directed_edges(as_array(outline))
    there = set(zip(known.start.tolist(), known.end.tolist(), strict=True))
    edges = directed_edges(as_array(wanted))
    pairs = zip(edges.start.tolist(), edges.end.tolist(), strict=True)
    new = np.array([pair not in there for pair in pairs], dtype=np.bool_)
    ends = np.stack([key_positions(edges.start[new]), key_positions(edges.end[new])], axis=1)
    return as_array(shapely.segmentize(shapely.linestrings(ends), _STEP_DEG))


def _labels(faces: FaceMap, old: IntArray, is_new: BoolArray) -> IntArray:
    """Per face the index of the cell it becomes part of; below 0 outside."""
    count = np.bincount(old[old >= 0], minlength=max(int(old.max(initial=0)) + 1, 1))
    crumb = is_sliver(faces) & (old >= 0) & (count[old] > 1)
    label = absorb(old, faces.graph, loose=is_new | crumb, group=np.zeros(len(old), dtype=np.int64))
    if (label[is_new] < 0).any():
        raise InvalidInput("the new outline holds land that lies apart from every cell")
    return label


def _renewed(ground: Ground, numbers: list[int], cells: list[tuple[int, shapely.Polygon]]) -> Delta:
    """The delta of some cells having other shapes, or none; parts get numbers of their own."""
    known = ground.land.cells
    same = {cell for cell, shape in cells if _chain(shape) == _chain(known[cell])}
    changed = [(cell, shape) for cell, shape in cells if cell not in same]
    fresh = list(enumerate(changed, start=ground.next_number))
    links = tuple(
        Link(old=cell, new=new, share=float(shapely.intersection(known[cell], shape).area / known[cell].area))
        for new, (cell, shape) in fresh
    )
    removed = {cell: known[cell] for cell in numbers if cell not in same}
    delta = Delta(removed=removed, added={new: shape for new, (_cell, shape) in fresh}, links=links)
    refuse_faulty_cells(delta)
    return delta


def _chain(shape: shapely.Polygon) -> Chain:
    return boundary_chain(as_array(shape))


def _with_outline(ground: Ground, shapes: Delta) -> Delta:
    """The delta with the owners of the cells, the outline and the points that follow from it."""
    land = ground.land.replaced(shapes.removed, shapes.added)
    if not land.cells:
        raise InvalidInput("the new outline holds none of the community's cells")
    parent = {link.new: link.old for link in shapes.links}
    owners: dict[int, Change[str | None]] = {cell: (ground.owner[cell], None) for cell in shapes.removed}
    owners |= {cell: (None, ground.owner[old]) for cell, old in parent.items()}
    left = Counter(ground.owner[parent.get(cell, cell)] for cell in land.cells)
    closed = sorted(ground.grid_of.keys() - left.keys())
    empty = sorted(ground.grids.keys() - {ground.grid_of[micro] for micro in left})
    if empty:
        message = say("the new outline leaves nothing of grid {grid}: merge it first", grid=", ".join(empty))
        raise InvalidInput(message)
    return Delta(
        owners=owners,
        removed=shapes.removed,
        added=shapes.added,
        links=shapes.links,
        micros={micro: (ground.grid_of[micro], None) for micro in closed},
        points=replaced_points(ground, removed=shapes.removed, added=shapes.added),
        outline=(ground.outline, union_outline(land.shapes)),
    )


def _refuse_torn(before: Ground, after: Ground) -> None:
    for grid, cells in sorted(after.grids.items()):
        parts = after.land.parts(cells)
        if len(parts) > len(before.land.parts(before.grids[grid])):
            with mended_by(partial(land_between, before, after, grid)):
                refuse_falling(grid, len(parts))


def _with_whole_micros(ground: Ground, delta: Delta) -> Delta:
    """The delta with a micro grid for each piece of one that comes apart, unless its grid does."""
    after = apply(ground, delta)
    _refuse_torn(ground, after)
    for micro in sorted(after.micro_grids):
        room = len(ground.land.parts(ground.micro_grids[micro]))
        parts = sorted(after.land.parts(after.micro_grids[micro]), key=after.weight, reverse=True)
        if len(parts) > room:
            pieces = with_new_micros(after, parts[room:], of=micro)
            delta, after = compose(delta, pieces), apply(after, pieces)
    return delta
