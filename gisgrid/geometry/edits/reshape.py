"""A grid is redrawn as a ring: what is inside becomes its, what is outside goes to neighbours."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import stored_crs
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.clean import clean_polygon
from gisgrid.geometry.edits.bridges import cells_between
from gisgrid.geometry.edits.cuts import cut_cells
from gisgrid.geometry.edits.delta import Delta, apply, compose
from gisgrid.geometry.edits.drawn_lines import ended_in_outline, in_degrees, in_metres, snapped
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.micro_grids import regroup
from gisgrid.geometry.edits.paint import refuse_unknown
from gisgrid.geometry.edits.sides import sides_of
from gisgrid.geometry.edits.soundness import refuse_broken_grids
from gisgrid.geometry.edits.tear import mended_by, torn_by
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import transformed


def reshape(
    ground: Ground, grid: str, ring: BaseGeometry, *, cut: bool = False, also: Collection[int] = ()
) -> Delta:
    """Make a grid, or a micro grid, as near to a drawn ring as whole cells allow, or exactly by cutting.

    Cells inside (where most of their points lie, by area if they have none) become the grid's. What it
    gives up goes, piece by piece, to the neighbour with the longest common border; ties: lowest code. What
    would not hang together stays as it is, by whole cells also what nobody can take; and so do parts of an
    exclave that the ring doesn't touch.

    Parameters
    ----------
    ring
        Polygon in EPSG:4326; what reaches beyond the outline doesn't count. For a cut it follows borders
        nearer than 2 m.
    also
        Cells that become the grid's as well, by the numbers they have once the ring has cut.

    Raises
    ------
    FallsApart
        A grid would be in pieces; the fault finds the cells between.
    InvalidInput
        The ring crosses itself, holds no cell, or leaves land nobody can take; another grid would vanish;
        or a cut can't be made.
    """
    ground.cells_of(grid)
    metric = ground.land.metric
    drawn = in_metres(clean_polygon(ring).shape, metric)
    if drawn.geom_type != "Polygon":
        raise InvalidInput("the ring must be one polygon")
    if not cut:
        return _redrawn(ground, grid, drawn, by_area=False, also=also)
    shape = _fitted(ground, drawn)
    lines = ended_in_outline(shapely.boundary(shape), in_metres(ground.outline, metric))
    degrees = as_array([in_degrees(line, metric) for line in lines])
    cells = cut_cells(ground, degrees, among=ground.land.numbers)
    hands = _redrawn(apply(ground, cells), grid, shape, by_area=True, also=also)
    return Delta() if hands.is_empty else compose(cells, hands)


def _fitted(ground: Ground, drawn: BaseGeometry) -> BaseGeometry:
    """The ring with its vertices on borders nearer than 2 m (metric CRS)."""
    metric = ground.land.metric
    near = ground.land.near(in_degrees(shapely.buffer(shapely.boundary(drawn), 3.0), metric))
    if not near:
        raise InvalidInput("the ring lies outside the community")
    borders = transformed(shapely.boundary(ground.land.shapes_of(near)), stored_crs(), metric)
    shape = snapped(drawn, borders)
    if not shape.is_valid or shape.is_empty:
        raise InvalidInput("the ring crosses itself where it follows borders nearby: draw it further apart")
    return shape


def _redrawn(ground: Ground, grid: str, ring: BaseGeometry, *, by_area: bool, also: Collection[int]) -> Delta:
    refuse_unknown(ground, also)
    touched = set(ground.land.near(in_degrees(ring, ground.land.metric)))
    parts = [part for part in ground.land.parts(ground.cells_of(grid)) if touched.intersection(part)]
    own = {cell for part in parts for cell in part}
    inside = _inside(ground, ring, sorted(own | touched), by_area=by_area)
    wanted = _hanging_together(ground, inside, own, len(parts))
    if not wanted & own:
        message = say("the ring leaves grid {grid} none of its cells: it must keep some", grid=grid)
        raise InvalidInput(message)
    goes = dict.fromkeys(wanted - own, grid)
    goes |= _given_up(ground, grid, own - wanted, kept=wanted, strict=by_area)
    goes |= dict.fromkeys(also, grid)
    already = set(ground.cells_of(grid))
    goes = {cell: to for cell, to in goes.items() if to != grid or cell not in already}
    homes = {cell: ground.grid_of.get(to, to) for cell, to in sorted(goes.items())}
    homes = {cell: to for cell, to in homes.items() if ground.grid_at(cell) != to}
    with mended_by(lambda locked: cells_between(torn_by(ground, goes, grid), locked)):
        refuse_broken_grids(ground, homes)
        return regroup(ground, dict(sorted(goes.items())))


def _inside(ground: Ground, ring: BaseGeometry, cells: list[int], *, by_area: bool) -> set[int]:
    """Those of some cells that lie inside a ring."""
    shapes = transformed(ground.land.shapes_of(cells), stored_crs(), ground.land.metric)
    frame = shapely.box(*shapely.total_bounds(np.append(shapes, as_array(ring)))).buffer(10.0)
    faces = as_array([ring, shapely.difference(frame, ring)])
    side = sides_of(ground, cells, faces, by_area=by_area)
    return {cells[at] for at in np.flatnonzero(side == 0).tolist()}


def _hanging_together(ground: Ground, inside: set[int], own: set[int], count: int) -> set[int]:
    """The cells of the heaviest pieces, those with cells of the grid first."""

    def rank(part: tuple[int, ...]) -> tuple[bool, tuple[int, int, int]]:
        return not own.isdisjoint(part), ground.weight(part)

    parts = sorted(ground.land.parts(inside), key=rank, reverse=True)
    return {cell for part in parts[:count] for cell in part}


def _given_up(ground: Ground, grid: str, ceded: set[int], *, kept: set[int], strict: bool) -> dict[int, str]:
    """Who takes each piece a grid gives up; ``strict``: refuse what nobody can take, else it stays."""
    goes: dict[int, str] = {}
    for piece in ground.land.parts(ceded):
        taker = _taker(ground, grid, piece, kept)
        if taker is not None:
            goes |= dict.fromkeys(piece, taker)
        elif strict:
            raise InvalidInput(
                say("part of grid {grid} would lie between the ring and no neighbour: include it", grid=grid)
            )
    return goes


def _taker(ground: Ground, grid: str, piece: tuple[int, ...], kept: set[int]) -> str | None:
    """The other grid, or micro grid, with the longest border to a piece, compared by centimetres."""
    name = ground.grid_at if grid in ground.grids else ground.owner.__getitem__
    metres: dict[str, float] = {}
    for cell in piece:
        for other, length in ground.land.borders[cell].items():
            if other not in kept and name(other) != grid:
                metres[name(other)] = metres.get(name(other), 0.0) + length
    return min(metres, key=lambda taker: (-round(metres[taker], 2), taker), default=None)
