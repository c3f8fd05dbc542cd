"""What an edit must keep: the land it covers, cells that are sound, grids that hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from gisgrid.crs import FloatArray, to_lattice
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.chain import boundary_chain
from gisgrid.geometry.edits.delta import Delta
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.points import BoolArray
from gisgrid.geometry.edits.tear import FallsApart
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array
from gisgrid.geometry.measure import areas_m2

SMALLEST_M2: Final = 0.2
NARROWEST_STEPS: Final = 2.0
_POLYGON: Final = 3


def refuse_unsound_cells(delta: Delta) -> None:
    """Refuse new cells that don't cover exactly the land of the old ones, or are no sound polygons.

    Raises
    ------
    InvalidInput
        A border would fold over, the land would not be the same, or a cell would be too small or narrow.
    """
    if not delta.added:
        return
    old, new = as_array(list(delta.removed.values())), as_array(list(delta.added.values()))
    refuse_faulty_cells(delta)
    if boundary_chain(old) != boundary_chain(new):
        raise InvalidInput("the land would not be covered exactly any more: draw it a little elsewhere")


def refuse_faulty_cells(delta: Delta) -> None:
    """Refuse new cells that are no sound polygons, whatever land they cover.

    Raises
    ------
    InvalidInput
        A border would fold over, or a cell would be too small or narrow.
    """
    new = as_array(list(delta.added.values()))
    fit = (shapely.get_type_id(new) == _POLYGON) & shapely.is_valid(new)
    if not fit.all() or not is_oriented(new) or not is_precise(new):
        raise InvalidInput("borders would cross or fold over there: draw it a little elsewhere")
    if len(new) and _is_poor(delta, new).any():
        raise InvalidInput("a piece would be too small or too narrow: draw it a little elsewhere")


def is_oriented(cells: GeometryArray) -> bool:
    """Whether the shells of polygons are counter-clockwise."""
    return bool(shapely.is_ccw(shapely.get_exterior_ring(cells)).all())


def is_precise(cells: GeometryArray) -> bool:
    """Whether all coordinates lie on the lattice."""
    xy = shapely.get_coordinates(cells)
    return bool((xy == to_lattice(xy)).all())


def _is_poor(delta: Delta, new: GeometryArray) -> BoolArray:
    """Per new cell whether it is small or narrow, and none of the cells it came from was."""
    least_area, least_width = _least(delta)
    small = areas_m2(new) < np.minimum(SMALLEST_M2, least_area)
    return np.asarray(small | (_narrowest(new) < np.minimum(NARROWEST_STEPS, least_width)), dtype=np.bool_)


def _least(delta: Delta) -> tuple[FloatArray, FloatArray]:
    """For each new cell the least area and narrowest place of the cells it came from."""
    numbers = list(delta.removed)
    shapes = as_array(list(delta.removed.values()))
    area = dict(zip(numbers, areas_m2(shapes).tolist(), strict=True))
    width = dict(zip(numbers, _narrowest(shapes).tolist(), strict=True))
    parents = {cell: [cell] if cell in delta.removed else [] for cell in delta.added}
    for link in delta.links:
        parents[link.new].append(link.old)
    areas = [min((area[old] for old in parents[cell]), default=np.inf) for cell in delta.added]
    widths = [min((width[old] for old in parents[cell]), default=np.inf) for cell in delta.added]
    return np.array(areas), np.array(widths)


def _narrowest(cells: GeometryArray) -> FloatArray:
    """The narrowest place of each cell in lattice steps."""
    steps = LatticeFrame.around(cells).to_units(cells)
    return np.asarray(shapely.minimum_clearance(steps), dtype=np.float64)


def refuse_broken_grids(
    ground: Ground, goes: Mapping[int, str], *, allowed: Mapping[str, int] | None = None
) -> None:
    """Refuse moves of cells that would leave a grid empty, or in more parts than it has now.

    Parameters
    ----------
    goes
        The grid after the edit of each cell that changes it.
    allowed
        Grids that may have another number of parts than they have now; 0: the grid may vanish.

    Raises
    ------
    FallsApart, InvalidInput
        With the grid's code and what to do instead.
    """
    touched = {ground.grid_at(cell) for cell in goes} | set(goes.values())
    limits = dict(allowed or {})
    for grid in sorted(touched):
        before = ground.grids.get(grid, ())
        after = _members(ground, grid, goes)
        if not after and limits.get(grid) != 0:
            _refuse_vanishing(grid, goes, before)
        limit = limits.get(grid, len(ground.land.parts(before)) if before else 1)
        parts = len(ground.land.parts(after))
        if parts > max(limit, 1):
            refuse_falling(grid, parts)


def _members(ground: Ground, grid: str, goes: Mapping[int, str]) -> list[int]:
    stays = [cell for cell in ground.grids.get(grid, ()) if goes.get(cell, grid) == grid]
    return stays + [cell for cell, to in goes.items() if to == grid and ground.grid_at(cell) != grid]


def _refuse_vanishing(grid: str, goes: Mapping[int, str], cells: tuple[int, ...]) -> None:
    takers = ", ".join(sorted({goes[cell] for cell in cells}))
    message = say(
        "grid {grid} would vanish, since {takers} would take all of it: merge them instead",
        grid=grid,
        takers=takers,
    )
    raise InvalidInput(message)


def refuse_falling(grid: str, parts: int) -> None:
    """Refuse an edit after which a grid would be in a number of parts."""
    message = say(
        "grid {grid} would fall apart into {parts} parts: take or give the plots between them too",
        grid=grid,
        parts=parts,
    )
    raise FallsApart(message)
