"""A grid is split by a line: by whole cells, or by cutting the cells it runs through."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import IntArray, stored_crs
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.cells.faces import FaceMap, mend
from gisgrid.geometry.clean import clean_line
from gisgrid.geometry.edits.codes import next_grid_code
from gisgrid.geometry.edits.cuts import cut_cells
from gisgrid.geometry.edits.delta import Delta, apply, compose
from gisgrid.geometry.edits.drawn_lines import ended_in_outline, in_degrees, in_metres, snapped, stretched
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.micro_grids import regroup, with_new_micros
from gisgrid.geometry.edits.sides import sides_of
from gisgrid.geometry.edits.soundness import refuse_broken_grids
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.measure import transformed

_PULLS_M: Final = (0.5, 1.0, 2.0, 0.25)
"""How far border vertices are taken into a cut, tried in turn where pieces come out too narrow."""


def split(ground: Ground, grid: str, line: BaseGeometry, *, cut: bool = False) -> Delta:
    """Divide a grid, or a micro grid, by a line into as many as there are parts.

    Each cell goes to the side that most of its points lie on, by area if it has none; strays join the side
    they border on. The part with most households keeps the code. With ``cut`` the cells under the line are
    cut first; the line then follows borders nearer than 2 m.

    Parameters
    ----------
    line
        Linestring in EPSG:4326. Ends inside the grid are drawn out to its border, up to 15 m.

    Raises
    ------
    InvalidInput
        The line crosses itself, ends too far inside or doesn't divide the grid; or a cut can't be made.
    """
    cells = ground.cells_of(grid)
    metric = ground.land.metric
    land = in_metres(shapely.coverage_union_all(ground.land.shapes_of(cells)), metric)
    drawn = stretched(in_metres(clean_line(line), metric), land, grid=grid)
    if not cut:
        return _parted(ground, grid, _faces(land, drawn), by_area=False)
    faults: list[InvalidInput] = []
    for pull_m in _PULLS_M:
        try:
            return _cut_and_parted(ground, grid, drawn, land, pull_m=pull_m)
        except InvalidInput as fault:
            faults.append(fault)
    raise faults[0]


def _cut_and_parted(
    ground: Ground, grid: str, drawn: BaseGeometry, land: BaseGeometry, *, pull_m: float
) -> Delta:
    metric = ground.land.metric
    near = ground.land.near(in_degrees(shapely.buffer(drawn, 3.0), metric))
    borders = transformed(shapely.boundary(ground.land.shapes_of(near)), stored_crs(), metric)
    fitted = snapped(drawn, borders, pull_m=pull_m)
    lines = ended_in_outline(fitted, in_metres(ground.outline, metric))
    cut = cut_cells(
        ground, as_array([in_degrees(part, metric) for part in lines]), among=ground.cells_of(grid)
    )
    return compose(cut, _parted(apply(ground, cut), grid, _faces(land, fitted), by_area=True))


def _faces(land: BaseGeometry, line: BaseGeometry) -> GeometryArray:
    """The parts of some land between its border and a line (metric CRS in and out)."""
    noded = shapely.union_all(as_array([shapely.boundary(land), line]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return faces[shapely.covers(land, shapely.point_on_surface(faces))]


def _parted(ground: Ground, grid: str, faces: GeometryArray, *, by_area: bool) -> Delta:
    """The delta of giving each side of a line that isn't the heaviest a code of its own."""
    cells = ground.cells_of(grid)
    side = sides_of(ground, cells, faces, by_area=by_area)
    part = np.zeros(len(cells), dtype=np.int64)
    place = {cell: at for at, cell in enumerate(cells)}
    for number, piece in enumerate(ground.land.parts(cells)):
        part[[place[cell] for cell in piece]] = number
    label = mend(side, FaceMap(ground.land.shapes_of(cells)), group=part)
    sides = _sides(cells, label, part)
    if len(sides) < 2:
        message = say(
            "the line leaves all of grid {grid} on one side: draw it across, from border to border", grid=grid
        )
        raise InvalidInput(message)
    sides.sort(key=ground.weight, reverse=True)
    if grid not in ground.grids:
        return with_new_micros(ground, sides[1:], of=grid)
    codes = _new_codes(ground, grid, len(sides) - 1)
    goes = {cell: code for code, members in zip(codes, sides[1:], strict=True) for cell in members}
    refuse_broken_grids(ground, goes)
    return regroup(ground, goes, origin=dict.fromkeys(codes, grid))


def _sides(cells: tuple[int, ...], label: IntArray, part: IntArray) -> list[tuple[int, ...]]:
    """The cells of each side; parts of an exclave the line leaves whole are no side of their own."""
    sides = []
    for piece in np.unique(part):
        names = np.unique(label[part == piece])
        if len(names) > 1:
            sides += [np.flatnonzero((label == name) & (part == piece)) for name in names]
    return [tuple(cells[at] for at in members.tolist()) for members in sides]


def _new_codes(ground: Ground, grid: str, count: int) -> list[str]:
    codes: list[str] = []
    taken = ground.used | ground.grids.keys() | ground.grid_of.keys()
    for _one in range(count):
        codes.append(next_grid_code(grid, grids=[*ground.grids, *codes], used=taken))
    return codes
