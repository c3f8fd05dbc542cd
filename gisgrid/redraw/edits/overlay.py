"""The edit that lays the grids of an earlier revision over the cells of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, WithJsonSchema

from gisgrid.errors import Conflict, InvalidInput, say, some_of
from gisgrid.geometry.edits import Delta, Ground
from gisgrid.geometry.edits.delta import Change, most_frequent
from gisgrid.redraw.edits.fields import Needed, Untold
from gisgrid.redraw.ground.plan_ground import PlanGround


@dataclass(frozen=True, slots=True)
class _Target:
    """Micro grid by cell number, grid by micro grid, and the grids that new grids come out of."""

    owner: dict[int, str]
    home: dict[str, str]
    origin: dict[str, str]


class RestoredMicroGrid(BaseModel):
    """A micro grid with the ids of its cells; ``name`` where it is opened again."""

    code: str
    name: str | None = None
    cells: list[str]


class RestoredGrid(BaseModel):
    """A grid with its micro grids; ``name``, and the grid it comes out ``of``, where it is opened again."""

    code: str
    name: str | None = None
    of: str | None = None
    micro_grids: list[RestoredMicroGrid]


RestoredGrids = Annotated[
    list[RestoredGrid],
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    Needed(say("name grids, their micro grids and the cells of this division they get")),
    Untold(),
]


def relay(base: PlanGround, ground: Ground, grids: Sequence[RestoredGrid]) -> Delta:
    """The delta that gives every micro grid of every grid the cells it names.

    Grids and micro grids that lose all their cells close. No geometry changes and no point moves.

    Raises
    ------
    InvalidInput
        A cell or a grid is not of this division.
    Conflict
        A code of a grid that it opens is taken by now.
    """
    target = _target(base, ground, grids)
    _refuse_taken(ground, target)
    after = {**ground.owner, **target.owner}
    home = {micro: target.home.get(micro) or ground.grid_of[micro] for micro in set(after.values())}
    owners: dict[int, Change[str | None]] = {
        cell: (ground.owner[cell], micro) for cell, micro in after.items() if ground.owner[cell] != micro
    }
    micros: dict[str, Change[str | None]] = {
        micro: (ground.grid_of.get(micro), home.get(micro))
        for micro in sorted(ground.grid_of.keys() | home.keys())
        if ground.grid_of.get(micro) != home.get(micro)
    }
    return Delta(
        owners=owners, micros=micros, origin=_origins(ground, target), heir=_heirs(ground, after, home)
    )


def names_of(grids: Sequence[RestoredGrid]) -> dict[str, str]:
    """Names of the grids and micro grids that are opened again, by code."""
    micros = [micro for grid in grids for micro in grid.micro_grids]
    opened: list[RestoredGrid | RestoredMicroGrid] = [*grids, *micros]
    return {area.code: area.name for area in opened if area.name}


def _target(base: PlanGround, ground: Ground, grids: Sequence[RestoredGrid]) -> _Target:
    target = _Target({}, {}, {})
    for grid in grids:
        if grid.of:
            target.origin[grid.code] = grid.of
        for micro in grid.micro_grids:
            target.home[micro.code] = grid.code
            cells = [base.number_of(cell, ground) for cell in micro.cells]
            target.owner.update(dict.fromkeys(cells, micro.code))
    return target


def _refuse_taken(ground: Ground, target: _Target) -> None:
    taken = sorted(target.origin.keys() & ground.grids.keys())
    if taken:
        raise Conflict(say("codes that are taken by now: {codes}", codes=some_of(taken)))
    fresh = set(target.home.values()) - ground.grids.keys()
    unknown = sorted(grid for grid in fresh if target.origin.get(grid) not in ground.grids)
    if unknown:
        raise InvalidInput(say("no grid with the code {code}", code=unknown[0]), field="areas")


def _origins(ground: Ground, target: _Target) -> dict[str, str]:
    """Where what is opened comes out of: a micro grid out of the one that most of its cells are in."""
    cells: dict[str, list[str]] = {}
    for cell, micro in target.owner.items():
        if micro not in ground.grid_of:
            cells.setdefault(micro, []).append(ground.owner[cell])
    return {**target.origin, **{micro: most_frequent(owners) for micro, owners in cells.items()}}


def _heirs(ground: Ground, after: Mapping[int, str], home: Mapping[str, str]) -> dict[str, str]:
    """Who took most of a grid or micro grid that closes."""
    open_grids = set(home.values())
    grids = {
        grid: most_frequent(home[after[cell]] for cell in cells)
        for grid, cells in ground.grids.items()
        if grid not in open_grids
    }
    micros = {
        micro: most_frequent(after[cell] for cell in cells)
        for micro, cells in ground.micro_grids.items()
        if micro not in home
    }
    return grids | micros
