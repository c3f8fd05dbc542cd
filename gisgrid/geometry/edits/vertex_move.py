"""A vertex of a border is moved, in all cells that meet there."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from gisgrid.crs import FloatArray, to_lattice
from gisgrid.errors import InvalidInput
from gisgrid.geometry.chain import boundary_chain, vertex_keys
from gisgrid.geometry.edits.cuts import with_owners
from gisgrid.geometry.edits.delta import Delta, Link
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.lattice import LatticeFrame, as_array, refuse_out_of_range

_NEAR_DEG: Final = 1e-7
Position = tuple[float, float]
"""Lon, lat in EPSG:4326."""


def move_vertex(ground: Ground, from_: Position, to: Position) -> Delta:
    """Move the vertex of a border within 1e-7 degree of a position; the cells there get new numbers.

    Raises
    ------
    InvalidInput
        There is no vertex, it lies on the community's outline, there is another at the new place, or a
        border would cross another.
    """
    target = shapely.Point(to)
    if not np.isfinite(shapely.get_coordinates(target)).all():
        raise InvalidInput("the position holds something that is no number")
    refuse_out_of_range(as_array(target))
    vertex = _vertex_at(ground, from_)
    place = to_lattice([to])[0]
    if (vertex == place).all():
        return Delta()
    _refuse_outline(ground, vertex)
    meeting = ground.land.near(shapely.Point(vertex))
    removed = {cell: ground.land.cells[cell] for cell in meeting}
    if (shapely.get_coordinates(list(removed.values())) == place).all(axis=1).any():
        raise InvalidInput("there is another corner at that place: move it elsewhere")
    shapes = [_with_vertex(shape, vertex, place) for shape in removed.values()]
    numbers = range(ground.next_number, ground.next_number + len(meeting))
    added = dict(zip(numbers, shapes, strict=True))
    if not all(shape.is_valid for shape in shapes):
        raise InvalidInput("borders would cross or fold over there: move the corner less far")
    delta = Delta(removed=removed, added=added, links=_links(removed, added))
    return with_owners(ground, delta, parent=dict(zip(added, removed, strict=True)))


def _vertex_at(ground: Ground, place: Position) -> FloatArray:
    """The nearest vertex of a cell to a position."""
    spot = shapely.Point(place)
    cells = ground.land.near(shapely.box(*shapely.buffer(spot, _NEAR_DEG).bounds))
    xy = shapely.get_coordinates(ground.land.shapes_of(cells))
    if len(xy):
        away = np.hypot(*(xy - np.array(place)).T)
        if away.min() <= _NEAR_DEG:
            vertex: FloatArray = xy[int(np.argmin(away))]
            return vertex
    raise InvalidInput("there is no corner of a border at that place")


def _refuse_outline(ground: Ground, vertex: FloatArray) -> None:
    chain = boundary_chain(as_array(ground.outline))
    if np.isin(vertex_keys(vertex[None, :]), np.concatenate([chain.low, chain.high])).any():
        raise InvalidInput("that corner lies on the community's outline, which stays as it is")


def _with_vertex(shape: shapely.Polygon, vertex: FloatArray, place: FloatArray) -> shapely.Polygon:
    def move(xy: FloatArray) -> FloatArray:
        return np.where((xy == vertex).all(axis=1)[:, None], place, xy)

    return shapely.transform(shape, move)


def _links(removed: dict[int, shapely.Polygon], added: dict[int, shapely.Polygon]) -> tuple[Link, ...]:
    """How much of each old cell went to each new one, measured in lattice steps."""
    frame = LatticeFrame.around(as_array(list(removed.values())))
    old = frame.to_units(as_array(list(removed.values())))
    new = frame.to_units(as_array(list(added.values())))
    shares = shapely.area(shapely.intersection(old[:, None], new[None, :])) / shapely.area(old)[:, None]
    np.fill_diagonal(shares, np.maximum(shares.diagonal(), 1e-9))  # its own heir, however little is left
    return tuple(
        Link(old=removed_cell, new=added_cell, share=float(shares[i, j]))
        for i, removed_cell in enumerate(removed)
        for j, added_cell in enumerate(added)
        if shares[i, j] > 0
    )
