"""The cut engine: cells divided by lines, their neighbours given the new vertices, the land the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gisgrid.crs import IntArray, stored_crs
from gisgrid.errors import InvalidInput
from gisgrid.geometry.cells.faces import FaceMap, absorb, join_faces, make_faces
from gisgrid.geometry.cells.streets import containing
from gisgrid.geometry.chain import boundary_chain
from gisgrid.geometry.edits.delta import Delta, Link
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.placement import replaced_points
from gisgrid.geometry.edits.points import BoolArray
from gisgrid.geometry.edits.soundness import refuse_unsound_cells
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import areas_m2, local_metric, transformed

_THIN_M: Final = 0.5
"""A piece that vanishes when this is taken off all round goes back to what it was cut from."""
_LITTLE_M2: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    """Cells that are noded anew: those to be cut first, then their neighbours."""

    cut: tuple[int, ...]
    around: tuple[int, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        return self.cut + self.around


def cut_cells(ground: Ground, lines: GeometryArray, *, among: Iterable[int]) -> Delta:
    """The delta of cutting cells along lines; owners stay, no cell changes its micro grid.

    A cut cell gives pieces with new numbers; a neighbour that only gets vertices keeps its number. Pieces
    under 1 m² or thinner than 1 m stay with the piece of the same cell with the longest border. The delta
    is empty where no line runs through a cell.

    Parameters
    ----------
    lines
        EPSG:4326; where they reach the outline they end in its vertices.
    among
        Cells that may be cut.

    Raises
    ------
    InvalidInput
        The pieces would not cover the same land, or not be sound.
    """
    hit = _hit(ground, lines, among)
    if not hit:
        return Delta()
    shapes = ground.land.shapes_of(hit)
    clipped = shapely.get_parts(shapely.intersection(lines, shapely.union_all(shapes)))
    clipped = clipped[shapely.get_dimensions(clipped) == 1]
    near = tuple(cell for cell in ground.land.near(shapes) if cell not in hit)
    try:
        return _cut(ground, clipped, _Patch(cut=hit, around=near))
    except InvalidInput:
        # Rounding may bend an edge of a neighbour's neighbour: with these in, it fits or can't be done.
        wider = ground.land.near(ground.land.shapes_of(hit + near))
        patch = _Patch(cut=hit, around=tuple(cell for cell in wider if cell not in hit))
        return _cut(ground, clipped, patch)


def _hit(ground: Ground, lines: GeometryArray, among: Iterable[int]) -> tuple[int, ...]:
    """Cells whose inside a line runs through."""
    numbers = sorted(among)
    shapes = ground.land.shapes_of(numbers)
    line, cell = shapely.STRtree(shapes).query(lines, predicate="intersects")
    through = ~shapely.touches(shapes[cell], lines[line])
    return tuple(numbers[at] for at in np.unique(cell[through]).tolist())


def _cut(ground: Ground, lines: GeometryArray, patch: _Patch) -> Delta:
    shapes = ground.land.shapes_of(patch.numbers)
    faces = make_faces(np.concatenate([as_array(shapely.boundary(shapes)), lines]))
    old = containing(shapes, faces.inner_points)
    pieces, names = join_faces(faces, _labels(faces, old, cuttable=len(patch.cut)))
    parent = old[names]
    removed, added, links = {}, {}, []
    number = ground.next_number
    for at, cell in enumerate(patch.numbers):
        own = pieces[parent == at]
        if len(own) != 1:
            whole = ground.land.cells[cell]
            removed[cell] = whole
            for piece in own:
                added[number] = piece
                links.append(Link(old=cell, new=number, share=piece.area / whole.area))
                number += 1
        elif boundary_chain(own) != boundary_chain(shapes[at : at + 1]):
            removed[cell], added[cell] = shapes[at], own[0]
    delta = Delta(removed=removed, added=added, links=tuple(links))
    return with_owners(ground, delta, parent={link.new: link.old for link in links})


def _labels(faces: FaceMap, old: IntArray, *, cuttable: int) -> IntArray:
    """A label per face, the lowest face of its piece; faces outside the patch below 0."""
    label = np.arange(len(old), dtype=np.int64)
    whole = old >= cuttable
    _cells, first = np.unique(old, return_index=True)
    label[whole] = first[np.searchsorted(_cells, old[whole])]
    loose = is_sliver(faces) & ~whole & (old >= 0)
    for cell in np.unique(old[loose]):
        own = np.flatnonzero(old == cell)
        if loose[own].all():
            loose[own[np.argmax(shapely.area(faces.faces[own]))]] = False
    label = absorb(label, faces.graph, loose=loose, group=old)
    return np.where(old < 0, -1, label)


def is_sliver(faces: FaceMap) -> BoolArray:
    """Per face whether it is under 1 m² or thinner than 1 m."""
    metric = transformed(faces.faces, stored_crs(), local_metric(faces.faces))
    thin = shapely.is_empty(shapely.buffer(metric, -_THIN_M))
    return np.asarray(thin | (areas_m2(faces.faces) < _LITTLE_M2), dtype=np.bool_)


def with_owners(ground: Ground, shapes: Delta, *, parent: Mapping[int, int]) -> Delta:
    """A delta of cells, with the owners their parents have and the points that come to lie elsewhere.

    Parameters
    ----------
    parent
        For each new number the cell it takes its owner from.

    Raises
    ------
    InvalidInput
        The new cells are not sound or don't cover the land of the old ones.
    """
    refuse_unsound_cells(shapes)
    gone = {cell: (ground.owner[cell], None) for cell in shapes.removed if cell not in shapes.added}
    come = {cell: (None, ground.owner[old]) for cell, old in parent.items()}
    return Delta(
        owners={**gone, **come},
        removed=shapes.removed,
        added=shapes.added,
        links=shapes.links,
        points=replaced_points(ground, removed=shapes.removed, added=shapes.added),
    )
