"""A whole grid goes from one community to the one beside it: what it leaves, and what takes it in."""

from __future__ import annotations

from collections.abc import Mapping

import shapely

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.edits.delta import Delta
from gisgrid.geometry.edits.fit import Fitted
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.placement import replaced_points
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.geometry.partition import union_outline


def release(ground: Ground, grid: str) -> Delta:
    """A grid leaves a community with its cells and all that lies in them; the outline shrinks.

    Raises
    ------
    InvalidInput
        There is no such grid, it is the only one, or the community would fall apart without it.
    """
    cells = ground.grids.get(grid)
    if cells is None:
        raise InvalidInput(say("no grid with the code {code}", code=grid), field="grid")
    left = [cell for cell in ground.land.numbers if cell not in set(cells)]
    if not left:
        raise InvalidInput("the community would be left without a grid", field="grid")
    if len(ground.land.parts(left)) > len(ground.land.parts(ground.land.numbers)):
        message = say("without grid {grid} the community would fall apart", grid=grid)
        raise InvalidInput(message, field="grid")
    points = ground.points
    return Delta(
        owners={cell: (ground.owner[cell], None) for cell in cells},
        removed={cell: ground.land.cells[cell] for cell in cells},
        micros=dict.fromkeys(ground.subdivision[grid], (grid, None)),
        points={at: (int(points.cell[at]), OUTSIDE) for at in points.inside(cells).tolist()},
        outline=(ground.outline, union_outline(ground.land.shapes_of(left))),
    )


def take_in(
    ground: Ground, come: Fitted, *, grid: str, micros: Mapping[int, str]
) -> tuple[Delta, dict[int, int]]:
    """A community takes fitted cells in as a new grid; gives the delta and their new numbers by the former.

    Parameters
    ----------
    grid
        Code of the new grid.
    micros
        Code of the new micro grid of each cell that comes, by its former number.
    """
    numbers = {cell: number for number, cell in enumerate(sorted(come.cells), start=ground.next_number)}
    fresh: dict[int, shapely.Polygon] = {numbers[cell]: shape for cell, shape in come.cells.items()}
    removed = {cell: ground.land.cells[cell] for cell in come.changed}
    added = {**come.changed, **fresh}
    delta = Delta(
        owners={numbers[cell]: (None, micro) for cell, micro in micros.items()},
        removed=removed,
        added=added,
        micros=dict.fromkeys(sorted(set(micros.values())), (None, grid)),
        points=replaced_points(ground, removed=removed, added=added),
        outline=(ground.outline, come.outline),
    )
    return delta, numbers
