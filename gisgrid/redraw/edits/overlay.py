"""The edit that lays the grids of an earlier revision over the cells of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gisgrid.errors import Conflict, InvalidInput, say, some_of
from gisgrid.geometry.edits import Delta, Ground
from gisgrid.geometry.edits.delta import Change, most_frequent
from gisgrid.redraw.ground.plan_ground import PlanGround


@dataclass(frozen=True, slots=True)
class _Target:
    """Micro grid by cell number, grid by micro grid, and the grids that new grids come out of."""

    owner: dict[int, str]
    home: dict[str, str]
    origin: dict[str, str]


def relay(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    """The delta of an operation that names the cells of every micro grid of every grid.

    Grids and micro grids that lose all their cells close. No geometry changes and no point moves.

    Raises
    ------
    InvalidInput
        The operation is not of its form, or a cell is not of this division.
    Conflict
        A code of a grid that it opens is taken by now.
    """
    target = _target(base, ground, op)
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


def relaid_names(op: Mapping[str, Any]) -> dict[str, str]:
    """Names of the grids and micro grids that such an operation opens; of any other none."""
    areas = op.get("areas") if op.get("op") == "restore" else None
    found = [*(areas or []), *(micro for area in areas or [] for micro in area["micro_grids"])]
    return {str(one["code"]): str(one["name"]) for one in found if one.get("name")}


def _target(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> _Target:
    target = _Target({}, {}, {})
    try:
        for area in op["areas"]:
            if area.get("of"):
                target.origin[str(area["code"])] = str(area["of"])
            for micro in area["micro_grids"]:
                target.home[str(micro["code"])] = str(area["code"])
                cells = [base.number_of(str(cell), ground) for cell in micro["cells"]]
                target.owner.update(dict.fromkeys(cells, str(micro["code"])))
    except (KeyError, TypeError, AttributeError):
        message = "name grids, their micro grids and the cells of this division they get"
        raise InvalidInput(message, field="areas") from None
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
