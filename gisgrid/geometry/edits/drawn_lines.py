"""Drawn lines and rings made to fit the borders: stretched to them, snapped to them, ended in the outline."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import Crs, FloatArray, stored_crs, to_lattice
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.lattice import GeometryArray, as_array, without_repeats
from gisgrid.geometry.measure import transformed

SNAP_M: Final = 2.0
PULL_M: Final = 0.5
"""Border vertices this near to a line are taken into it."""
_STRETCH_M: Final = 15.0
_SIDEWAYS_M: Final = 4.0
_BEYOND_M: Final = 0.5
_OUTLINE_M: Final = 0.5
"""Where a line comes this near to the outline it ends, in a vertex of the outline."""
_OUTLINE_VERTEX_M: Final = 30.0


def in_metres(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """A shape of EPSG:4326 in a metric CRS."""
    projected: BaseGeometry = transformed(as_array(shape), stored_crs(), crs)[0]
    return projected


def in_degrees(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    """A shape of a metric CRS in EPSG:4326 on the lattice; vertices of cells come back exactly."""
    plain = transformed(as_array(shape), crs, stored_crs())[0]
    return without_repeats(shapely.transform(plain, to_lattice))


def stretched(line: BaseGeometry, land: BaseGeometry, *, grid: str) -> BaseGeometry:
    """A line whose ends inside a grid are drawn out over its border (all metric CRS).

    Along its direction by up to 15 m, else straight to a border nearer than 4 m.

    Raises
    ------
    InvalidInput
        An end lies too far inside, with the metres that are missing.
    """
    if line.is_ring:
        return line
    xy = shapely.get_coordinates(line)
    start = _end_beyond(xy[0], xy[1], land, grid)
    end = _end_beyond(xy[-1], xy[-2], land, grid)
    return shapely.LineString(np.concatenate([start, xy, end]))


def _end_beyond(end: FloatArray, before: FloatArray, land: BaseGeometry, grid: str) -> FloatArray:
    """What to add after an end, shape (0 or 1, 2)."""
    here = shapely.Point(end)
    if not shapely.covers(land, here):
        return np.empty((0, 2))
    border = shapely.boundary(land)
    ahead = (end - before) / np.hypot(*(end - before))
    hits = shapely.intersection(border, shapely.LineString([end, end + ahead * _STRETCH_M]))
    if not hits.is_empty:
        ahead_of: FloatArray = end + ahead * (shapely.distance(hits, here) + _BEYOND_M)
        return ahead_of[None, :]
    nearest = shapely.get_coordinates(shapely.shortest_line(here, border))[1]
    metres = float(np.hypot(*(nearest - end)))
    if metres > _SIDEWAYS_M:
        message = say(
            "the line ends {metres:.0f} m inside grid {grid}: draw it as far as the border",
            metres=metres,
            grid=grid,
        )
        raise InvalidInput(message)
    beyond: FloatArray = nearest + (nearest - end) / max(metres, 1e-9) * _BEYOND_M
    return beyond[None, :]


def snapped(shape: BaseGeometry, borders: GeometryArray, *, pull_m: float = PULL_M) -> BaseGeometry:
    """A line or polygon whose vertices lie on borders nearer than 2 m (all metric CRS).

    A vertex goes to the nearest border vertex, else to the nearest place on a border; then border vertices
    nearer than ``pull_m`` are taken in.
    """
    lines = shapely.multilinestrings(list(shapely.get_parts(borders)))
    corners = _corners(lines)

    def move(xy: FloatArray) -> FloatArray:
        points = as_array(shapely.points(xy))
        places = _pulled(points, corners, otherwise=_pulled(points, lines, otherwise=points))
        return shapely.get_coordinates(places)

    moved = as_array(shapely.transform(shape, move))
    return without_repeats(shapely.snap(moved, corners, pull_m)[0])


def _pulled(points: GeometryArray, target: BaseGeometry, *, otherwise: GeometryArray) -> GeometryArray:
    """Where each point is on a target nearer than 2 m; ``otherwise`` where there is none."""
    ways = as_array(shapely.shortest_line(points, as_array(target)))
    places = otherwise.copy()
    near = shapely.length(ways) <= SNAP_M
    places[near] = shapely.get_point(ways[near], 1)
    return places


def ended_in_outline(line: BaseGeometry, outline: BaseGeometry) -> GeometryArray:
    """The pieces of a line inside an outline, each end at the outline put into one of its vertices.

    All metric CRS. No new vertex comes into the outline, which so stays what it is to the bit.

    Raises
    ------
    InvalidInput
        The outline has no vertex within 30 m of such an end.
    """
    border = shapely.boundary(outline)
    west, south, east, north = line.bounds
    wide = _OUTLINE_VERTEX_M + 2 * _OUTLINE_M
    near = shapely.intersection(border, shapely.box(west - wide, south - wide, east + wide, north + wide))
    if shapely.distance(near, line) > _OUTLINE_M or near.is_empty:
        return shapely.get_parts(line)
    belt = shapely.buffer(near, _OUTLINE_M)
    pieces = shapely.get_parts(shapely.line_merge(shapely.difference(line, belt)))
    inside = pieces[shapely.covers(outline, pieces) & ~shapely.is_empty(pieces)]
    corners = _corners(border)
    return as_array([_ended(piece, near, corners) for piece in inside])


def _ended(piece: BaseGeometry, border: BaseGeometry, corners: BaseGeometry) -> BaseGeometry:
    xy = shapely.get_coordinates(piece)
    add = [_corner_near(end, border, corners) for end in (xy[0], xy[-1])]
    return shapely.LineString(np.concatenate([add[0], xy, add[1]]))


def _corner_near(end: FloatArray, border: BaseGeometry, corners: BaseGeometry) -> FloatArray:
    here = shapely.Point(end)
    if shapely.distance(here, border) > _OUTLINE_M * 1.05:
        return np.empty((0, 2))
    way = shapely.shortest_line(here, corners)
    if way.length > _OUTLINE_VERTEX_M:
        raise InvalidInput(
            "the line meets the community's outline far from its corners: end it nearer to one"
        )
    return shapely.get_coordinates(way)[1:]


def _corners(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPoint(shapely.get_coordinates(shape))
