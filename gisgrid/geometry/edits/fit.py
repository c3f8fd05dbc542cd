"""Cells that come to a ground from beside it are fitted: both sides get the vertices of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import FloatArray, IntArray, stored_crs
from gisgrid.errors import InvalidInput
from gisgrid.geometry.chain import directed_edges, key_positions
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.land import CellLand
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array, without_repeats
from gisgrid.geometry.measure import transformed
from gisgrid.geometry.partition import union_outline

_LEAST_BORDER_M: Final = 5.0
"""Land that comes to a community has at least so much of its border in common with it."""
_BESIDE_M: Final = 0.3
"""Borders that run nearer than this beside each other are meant to be one."""
_ASIDE_M: Final = 2.0
"""So far two borders may run beside each other where they part at a sharp angle."""
_SAME_STEPS: Final = 3.0
"""Borders this near, in lattice steps, are the same: each side has rounded its own vertices on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Cells as they fit to a ground.

    ``cells``: those that come, by the number they had; ``changed``: cells of the ground that got vertices, by
    their number; ``outline``: the union of all; ``metres``: common border with each cell of the ground.
    """

    cells: Mapping[int, shapely.Polygon]
    changed: Mapping[int, shapely.Polygon]
    outline: BaseGeometry
    metres: Mapping[int, float]


def fitted(ground: Ground, cells: Mapping[int, shapely.Polygon]) -> Fitted:
    """Fit cells (EPSG:4326 on the lattice) to the ground they come to; both sides get each other's vertices.

    Where both have rounded vertices of their own on the common border it is drawn through all of them, which
    moves it by less than 2 cm. It lies inside afterwards: the outline stays as it is elsewhere.

    Raises
    ------
    InvalidInput
        They have no border of some metres in common with it, overlap it, or run beside it with a gap.
    """
    near = ground.land.near(as_array(list(cells.values())))
    own = ground.land.shapes_of(near)
    numbers, shapes = list(cells), as_array(list(cells.values()))
    if not near:
        raise InvalidInput("the two communities have no border in common there")
    frame = LatticeFrame.around(np.concatenate([own, shapes]))
    ours = frame.to_units(own)
    theirs = _met(frame.to_units(shapes), ours)
    new_own = frame.to_degrees(_with_vertices(ours, theirs))
    new_shapes = frame.to_degrees(_with_vertices(theirs, ours))
    changed = {
        number: after
        for number, before, after in zip(near, own, new_own, strict=True)
        if shapely.get_num_coordinates(before) != shapely.get_num_coordinates(after)
    }
    come = dict(zip(numbers, new_shapes, strict=True))
    if not shapely.is_valid(np.concatenate([new_own, new_shapes])).all():
        raise _unfit()
    metres = _common_metres({**dict(zip(near, own, strict=True)), **changed}, come)
    _refuse_gaps(ground, new_own, new_shapes)
    outline = _joined(ground, changed, come)
    if sum(metres.values()) < _LEAST_BORDER_M:
        raise InvalidInput("the two communities have no border in common there")
    return Fitted(cells=come, changed=changed, outline=outline, metres=metres)


def _met(shapes: GeometryArray, others: GeometryArray) -> GeometryArray:
    """Polygons in lattice steps whose vertices meet those of others that they come as near to as rounding."""
    corners = np.unique(shapely.get_coordinates(others), axis=0)
    tree = shapely.STRtree(as_array(shapely.points(corners)))

    def moved(xy: FloatArray) -> FloatArray:
        at, corner = tree.query_nearest(as_array(shapely.points(xy)), max_distance=_SAME_STEPS)
        result = xy.copy()
        result[at] = corners[corner]
        return result

    return as_array([without_repeats(shapely.transform(shape, moved)) for shape in shapes])


def _with_vertices(shapes: GeometryArray, others: GeometryArray) -> GeometryArray:
    """Polygons in whole lattice steps with the vertices of others that lie on their edges."""
    corners = np.unique(shapely.get_coordinates(others), axis=0)
    tree = shapely.STRtree(as_array(shapely.points(corners)))
    return as_array([_polygon_with(shape, corners, tree) for shape in shapes])


def _polygon_with(shape: shapely.Polygon, corners: FloatArray, tree: shapely.STRtree) -> shapely.Polygon:
    rings = [_ring_with(shapely.get_coordinates(ring), corners, tree) for ring in shapely.get_rings(shape)]
    return shapely.Polygon(rings[0], rings[1:])


def _ring_with(ring: FloatArray, corners: FloatArray, tree: shapely.STRtree) -> FloatArray:
    """A ring's coordinates with the corners that lie on its edges, each edge's in their order."""
    edges = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
    edge, corner = tree.query(edges, predicate="dwithin", distance=_SAME_STEPS)
    start, end = _whole(ring[:-1][edge]), _whole(ring[1:][edge])
    point = _whole(corners[corner])
    along, aside = end - start, point - start
    cross = along[:, 0] * aside[:, 1] - along[:, 1] * aside[:, 0]
    reach = (along * aside).sum(axis=1)
    length = (along * along).sum(axis=1)
    inside = (np.abs(cross) <= _SAME_STEPS * np.sqrt(length)) & (reach > 0) & (reach < length)
    order = np.lexsort((reach[inside], edge[inside]))
    places = edge[inside][order] + 1
    return np.insert(ring, places, corners[corner[inside][order]], axis=0)


def _whole(xy: FloatArray) -> IntArray:
    return np.asarray(np.rint(xy), dtype=np.int64)


def _common_metres(
    own: Mapping[int, shapely.Polygon], come: Mapping[int, shapely.Polygon]
) -> dict[int, float]:
    """Metres of border each cell of the ground has in common with cells that come."""
    first = max(own) + 1
    every = {**own, **{first + place: shape for place, shape in enumerate(come.values())}}
    around = CellLand.of(every, as_array(list(every.values())))
    return {
        number: metres
        for number in own
        if (metres := sum(length for other, length in around.borders[number].items() if other >= first)) > 0
    }


def _refuse_gaps(ground: Ground, own: GeometryArray, come: GeometryArray) -> None:
    """Refuse where the border of what comes runs close beside the ground's without being the same."""
    known, fresh = directed_edges(own), directed_edges(as_array(union_outline(come)))
    shared = set(zip(known.end.tolist(), known.start.tolist(), strict=True))
    pairs = zip(fresh.start.tolist(), fresh.end.tolist(), strict=True)
    alone = np.array([pair not in shared for pair in pairs], dtype=np.bool_)
    ends = np.stack([key_positions(fresh.start[alone]), key_positions(fresh.end[alone])], axis=1)
    metric = ground.land.metric
    lines = transformed(as_array(shapely.linestrings(ends)), stored_crs(), metric)
    border = transformed(as_array(shapely.boundary(ground.outline)), stored_crs(), metric)
    beside = shapely.intersection(shapely.union_all(lines), shapely.buffer(border[0], _BESIDE_M))
    pieces = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(_lines_of(beside))))
    if len(pieces) and float(shapely.length(pieces).max()) > _ASIDE_M:
        raise _unfit()


def _lines_of(shape: BaseGeometry) -> GeometryArray:
    parts = as_array(shapely.get_parts(shape))
    return as_array([part for part in parts if part.geom_type == "LineString" and not part.is_empty])


def _joined(
    ground: Ground, changed: Mapping[int, shapely.Polygon], come: Mapping[int, shapely.Polygon]
) -> BaseGeometry:
    """The outline of the ground with what comes, which adds no hole to it."""
    own = [changed.get(number, shape) for number, shape in ground.land.cells.items()]
    try:
        outline = union_outline(as_array([*own, *come.values()]))
    except InvalidInput:
        raise _unfit() from None
    if _holes(outline) > _holes(ground.outline):
        raise _unfit()
    return outline


def _holes(shape: BaseGeometry) -> int:
    return int(shapely.get_num_interior_rings(shapely.get_parts(shape)).sum())


def _unfit() -> InvalidInput:
    return InvalidInput(
        "the two communities' borders do not coincide there: redraw one outline along the other first"
    )
