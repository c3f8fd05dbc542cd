"""A plan as drawn: the ground it stands on, replayed edit by edit.

The ground of a revision is read once and remembered; an edit is a step from one remembered state to the
next, so that undo and redo are exact: they only change how many steps are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from gisgrid.areas.look import Look
from gisgrid.areas.models import Area, AreaName, Level, UnitCell
from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.geometry.editing import Delta, Ground, Land, Points, apply, compose, merge, paint, reshape, split
from gisgrid.places.models import Building, Household

OPS: Final = ("paint", "merge", "split", "reshape", "rename", "lock")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A plan after some edits: ground, all changes since the revision as one delta, names and locks."""

    ground: Ground
    delta: Delta = field(default_factory=Delta)
    names: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()


def passed_on(before: Ground, after: Ground) -> list[int]:
    """Numbers of the cells whose grid differs, also where their micro grid moved as a whole."""
    return [
        cell
        for cell in after.land.numbers
        if cell not in before.owner or before.grid_at(cell) != after.grid_at(cell)
    ]


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a plan is drawn on: the ground of a revision, and how cells are called outside."""

    drawing: Drawing
    ids: Mapping[int, str]
    numbers: Mapping[str, int]


def base_of(look: Look) -> Base:
    """The ground of the revision in force, remembered as long as nothing changes."""
    return look.remembered("ground", make=lambda: _read_base(look))


def _read_base(look: Look) -> Base:
    division = look.division
    codes = {area.id: area.code for area in division.tree.areas.values()}
    owner = {
        int(number): codes[division.owners[cell]]
        for number, cell in zip(division.numbers, division.cell_ids, strict=True)
    }
    grid_of = {
        micro.code: grid.code
        for micro in division.tree.at_level(Level.MICRO_GRID)
        if (grid := division.tree.ancestor(micro.id, Level.GRID)) and micro.code in set(owner.values())
    }
    numbers = {cell: int(number) for number, cell in zip(division.numbers, division.cell_ids, strict=True)}
    ground = Ground(
        land=Land.of(division.numbers.tolist(), division.cells),
        owner=owner,
        grid_of=grid_of,
        outline=division.outlines[look.community.id],
        points=_points(look, numbers),
        used=frozenset(_used_codes(look)),
        floor=_highest(look),
    )
    ids = {number: cell for cell, number in numbers.items()}
    return Base(drawing=Drawing(ground=ground), ids=ids, numbers=numbers)


def _points(look: Look, numbers: Mapping[str, int]) -> Points:
    """Buildings (a point on their surface) and households, each with its cell."""
    session, community = look.session, look.community.id
    buildings = session.execute(
        select(Building.id, Building.footprint, Building.cell_id).where(Building.community_id == community)
    ).all()
    homes = session.execute(
        select(Household.building_id, Household.position, Household.cell_id).where(
            Household.community_id == community, Household.position.is_not(None)
        )
    ).all()
    inside = [shapely.point_on_surface(row.footprint) for row in buildings]
    place = {row.id: index for index, row in enumerate(buildings)}
    shapes = np.array([*inside, *(row.position for row in homes)], dtype=np.object_)
    building = [-1] * len(buildings) + [place.get(row.building_id, -1) for row in homes]
    cells = [numbers.get(row.cell_id, -1) for row in (*buildings, *homes)]
    return Points(
        xy=shapely.get_coordinates(shapes),
        building=np.array(building, dtype=np.int64),
        is_household=np.arange(len(shapes)) >= len(buildings),
        cell=np.array(cells, dtype=np.int64),
    )


def _used_codes(look: Look) -> list[str]:
    statement = (
        select(AreaName.code)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == look.community.id)
    )
    return list(look.session.scalars(statement))


def _highest(look: Look) -> int:
    statement = select(UnitCell.number).where(UnitCell.community_id == look.community.id)
    return max(look.session.scalars(statement), default=0)


def drawn(look: Look, edits: Sequence[tuple[str, Mapping[str, Any]]]) -> Drawing:
    """A plan after its edits, given as id and operation in their order; each step is remembered."""
    if not edits:
        return base_of(look).drawing
    ids = tuple(edit_id for edit_id, _op in edits)

    def step() -> Drawing:
        return edited(base_of(look), drawn(look, edits[:-1]), edits[-1][1])

    return look.remembered("drawing", ids, make=step)


def edited(base: Base, drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
    """A drawing after one more operation.

    Raises
    ------
    InvalidInput
        The operation is not of a known form.
    Conflict
        It would break a grid, touch a locked one, or leave somebody without a grid.
    """
    name = op.get("op")
    if name == "rename":
        return _renamed(drawing, op)
    if name == "lock":
        return _locked(drawing, op)
    make = _TOOLS.get(str(name))
    if make is None:
        known = ", ".join(OPS)
        raise InvalidInput(say("an edit is one of: {known}", known=known), field="op")
    delta = make(base, drawing.ground, op)
    _refuse_locked(drawing, delta)
    return replace(drawing, ground=apply(drawing.ground, delta), delta=compose(drawing.delta, delta))


def _paint(base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    return paint(ground, _numbers(base, op), _text(op, "to"))


def _merge(_base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    grids = op.get("grids")
    if not isinstance(grids, list) or not all(isinstance(code, str) for code in grids):
        raise InvalidInput("name the grids to merge by their codes", field="grids")
    return merge(ground, grids, _text(op, "keep"))


def _split(_base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    _refuse_cut(op)
    return split(ground, _text(op, "grid"), _geometry(op, "line", "LineString"))


def _reshape(_base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    _refuse_cut(op)
    return reshape(ground, _text(op, "grid"), _geometry(op, "polygon", "Polygon"))


_TOOLS: Final[dict[str, Callable[[Base, Ground, Mapping[str, Any]], Delta]]] = {
    "paint": _paint,
    "merge": _merge,
    "split": _split,
    "reshape": _reshape,
}


def _refuse_cut(op: Mapping[str, Any]) -> None:
    if op.get("cut"):
        raise InvalidInput("cells are kept whole: draw without a cut", field="cut")


def _numbers(base: Base, op: Mapping[str, Any]) -> list[int]:
    cells = op.get("cells")
    if not isinstance(cells, list) or not cells:
        raise InvalidInput("name the cells by their ids", field="cells")
    unknown = [cell for cell in cells if cell not in base.numbers]
    if unknown:
        raise InvalidInput("a cell is not of this division", field="cells")
    return [base.numbers[cell] for cell in cells]


def _text(op: Mapping[str, Any], name: str) -> str:
    value = op.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput("is needed", field=name)
    return value


def _geometry(op: Mapping[str, Any], name: str, kind: str) -> BaseGeometry:
    value: Any = op.get(name)
    try:
        found: BaseGeometry = from_geojson(value)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.GEOSException):
        found = shapely.Point()
    if found.geom_type != kind or found.is_empty:
        raise InvalidInput(say("a GeoJSON {kind} is needed", kind=kind), field=name)
    return found


def _renamed(drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
    code, name = _text(op, "area"), _text(op, "name").strip()
    drawing.ground.cells_of(code)
    return replace(drawing, names={**drawing.names, code: name})


def _locked(drawing: Drawing, op: Mapping[str, Any]) -> Drawing:
    code = _text(op, "grid")
    drawing.ground.cells_of(code)
    change = {code}
    locked = drawing.locked | change if op.get("locked", True) else drawing.locked - change
    return replace(drawing, locked=frozenset(locked))


def _refuse_locked(drawing: Drawing, delta: Delta) -> None:
    before, after = drawing.ground, apply(drawing.ground, delta)
    hit = {
        grid
        for cell in {*delta.owners, *passed_on(before, after)}
        for ground in (before, after)
        if cell in ground.owner and (grid := ground.grid_at(cell)) in drawing.locked
    }
    if hit:
        raise Conflict(say("locked: {grids}", grids=", ".join(sorted(hit))))
