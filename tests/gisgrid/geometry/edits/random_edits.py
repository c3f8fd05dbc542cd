"""Edits as somebody with an unsteady hand would make them: every tool, at random places."""

from __future__ import annotations

import numpy as np
import shapely
from grounds import LAT_M, LON_M

from gisgrid.geometry.edits import assign, divide, merge, move_vertex, paint, redraw_outline, reshape, split
from gisgrid.geometry.lattice import as_array

TOOLS = (
    "paint",
    "paint micro",
    "merge",
    "split",
    "split cut",
    "reshape",
    "reshape cut",
    "move",
    "divide",
    "outline",
    "assign",
    "assign micro",
)


def edit(ground, tool, rng):
    """The delta of a random edit with a tool; most are sensible, some are refused."""
    name, _blank, how = tool.partition(" ")
    return _TOOLS[name](ground, rng, how)


def scale_of(ground):
    """How much larger the cells of a ground are than those of the small ones, in length."""
    return np.sqrt(np.median(shapely.area(ground.land.shapes)) / (LON_M * LAT_M)) / 18.0


def _some(rng, values):
    values = list(values)
    return values[int(rng.integers(len(values)))]


def _paint(ground, rng, how):
    cell = _some(rng, ground.land.numbers)
    near = [other for other in ground.land.borders[cell] if rng.random() < 0.4]
    beside = [cell, *ground.land.borders[cell]]
    name = ground.owner.__getitem__ if how else ground.grid_at
    return paint(ground, [cell, *near], _some(rng, [name(other) for other in beside]))


def _merge(ground, rng, _how):
    cell = _some(rng, ground.land.numbers)
    name = ground.grid_at if rng.random() < 0.7 else ground.owner.__getitem__
    near = sorted({name(cell), *[name(other) for other in ground.land.borders[cell]]})
    near += [_some(rng, sorted(ground.grids))] if rng.random() < 0.1 else []
    return merge(ground, near[:2], near[0])


def _split(ground, rng, how):
    code = _some(rng, sorted(ground.grids if rng.random() < 0.8 else ground.micro_grids))
    whole = shapely.union_all(ground.land.shapes_of(ground.cells_of(code)))
    middle = np.array(whole.centroid.coords[0])
    size = scale_of(ground)
    angle, reach = rng.uniform(0, np.pi), size * _some(rng, [300.0, 300.0, 300.0, 25.0])
    way = np.array([np.cos(angle) * LON_M, np.sin(angle) * LAT_M]) * reach
    bend = middle + size * rng.normal(0, 4, 2) * [LON_M, LAT_M]
    return split(ground, code, shapely.LineString([middle - way, bend, middle + way]), cut=bool(how))


def _reshape(ground, rng, how):
    code = _some(rng, sorted(ground.grids if rng.random() < 0.8 else ground.micro_grids))
    whole = shapely.union_all(ground.land.shapes_of(ground.cells_of(code)))
    size = scale_of(ground)
    largest = max(shapely.get_parts(whole), key=lambda part: part.area)
    ring = shapely.Polygon(largest.exterior).buffer(size * rng.uniform(-6, 9) * LON_M)
    return reshape(ground, code, ring.simplify(size * rng.uniform(1, 6) * LON_M), cut=bool(how))


def _move(ground, rng, _how):
    corner = _some(rng, shapely.get_coordinates(ground.land.cells[_some(rng, ground.land.numbers)]))
    way = scale_of(ground) * rng.normal(0, 3, 2) * [LON_M, LAT_M]
    return move_vertex(ground, tuple(corner), tuple(corner + way))


def _divide(ground, rng, _how):
    cell = _some(rng, ground.land.numbers)
    west, south, east, north = ground.land.cells[cell].bounds
    centres = shapely.points(rng.uniform([west, south], [east, north], (3, 2)))
    return divide(
        ground, cell, as_array(shapely.buffer(centres, scale_of(ground) * 1.5 * LON_M, cap_style="square"))
    )


def _outline(ground, rng, _how):
    rings = as_array(shapely.boundary(ground.outline))
    spot = shapely.line_interpolate_point(rings[0], rng.uniform(), normalized=True)
    patch = spot.buffer(scale_of(ground) * rng.uniform(3, 12) * LON_M, quad_segs=2)
    change = shapely.union if rng.random() < 0.5 else shapely.difference
    return redraw_outline(ground, change(ground.outline, patch))


def _assign(ground, rng, how):
    """A proposal taken over: what lies beyond a line goes to those beside it or to one opened for it."""
    name = ground.owner.__getitem__ if how else ground.grid_at
    home = name(_some(rng, ground.land.numbers))
    cells = [cell for cell in ground.land.numbers if name(cell) == home]
    middles = shapely.get_coordinates(shapely.centroid(ground.land.shapes_of(cells)))
    along = middles @ rng.normal(size=2)
    beyond = [
        cell for cell, far in zip(cells, along > np.quantile(along, rng.uniform(0, 0.95)), strict=True) if far
    ]
    beside = {name(other) for cell in beyond for other in ground.land.borders[cell]} - {home}
    if how:
        beside = {code for code in beside if ground.grid_of[code] == ground.grid_of[home]}
    opens = {"new": home} if rng.random() < 0.4 or not beside else {}
    choices = [*sorted(beside), *opens][: 1 if rng.random() < 0.7 else None]
    return assign(ground, {cell: _some(rng, choices) for cell in beyond}, opens)


_TOOLS = {
    "paint": _paint,
    "merge": _merge,
    "split": _split,
    "reshape": _reshape,
    "move": _move,
    "divide": _divide,
    "outline": _outline,
    "assign": _assign,
}
