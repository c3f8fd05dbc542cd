"""Puts every object of a community into its cell after cells were made or objects came in.

One tie rule (see `gisgrid.areas.locate`): what belongs to a building lies in the building's cell where
that covers it. Only rows that change are written, and a former cell is never forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from gisgrid.areas.division import Division, load_division
from gisgrid.areas.locate import Spots, locate_many
from gisgrid.areas.models import CellMembership, Level, PlacedKind, Placement, UnitCell
from gisgrid.cases.core.models import Case
from gisgrid.crs import FloatArray, IntArray
from gisgrid.geometry.cells.buildings import deciding_points
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.heartbeat import Step, no_step
from gisgrid.places.models import Building, Facility, Household
from gisgrid.storage.base import new_id

_SAME_DISTANCE_M: Final = 0.005
_AT_ONCE: Final = 2000
_Table = type[Building] | type[Household] | type[Facility] | type[Case]


@dataclass(slots=True, kw_only=True)
class PlacementCounts:
    """What placing changed.

    ``placed``: objects that had no cell and got one; ``moved``: those that left a cell, of which
    ``changed_area`` left their grid too; ``outside``: all that lie in no cell now.
    """

    placed: int = 0
    moved: int = 0
    changed_area: int = 0
    outside: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedObjects:
    """Objects of one kind as they stand and the cells they should be in.

    ``cell`` is the position in the division's cells, -1 outside; ``known`` the cell ids that are stored.
    """

    fids: tuple[int, ...]
    ids: tuple[str, ...]
    known: tuple[str | None, ...]
    cell: IntArray
    spots: Spots

    def wanted(self, division: Division) -> list[str | None]:
        """The cell id each object should have."""
        return [division.cell_ids[at] if at >= 0 else None for at in self.cell.tolist()]


def place_objects(
    session: Session, community_id: str, *, at: datetime, step: Step = no_step
) -> PlacementCounts:
    """Put buildings, households, facilities and cases of a community into its cells as they stand at ``at``.

    Buildings go first, by their point on surface; households and cases of a building follow it where its
    cell covers them. Where an object leaves a cell, the cell goes to its placements until ``at``; one that
    never had a cell gets none. Cases also get their distance to the border anew. ``step`` is called
    `PLACING_STEPS` times.
    """
    division = load_division(session, community_id, at=at, revision=0)
    located_objects = locate_all(session, division, step=step)
    placed, former = PlacementCounts(), _former_grids(session, division, at=at)
    for kind, located in located_objects.items():
        moves = _moves(located, division)
        _store(session, kind, located, moves=moves, at=at)
        placed.outside += int((located.cell < 0).sum())
        placed.by_kind[kind.value] = len(moves)
        _count(placed, located, moves=moves, division=division, former=former)
        step()
    _store_borders(session, located_objects[PlacedKind.CASE], community_id=community_id)
    session.flush()
    return placed


def locate_all(
    session: Session, division: Division, *, step: Step = no_step
) -> dict[PlacedKind, LocatedObjects]:
    """Where every object of a community should lie, by kind, buildings first."""
    buildings, home = _locate_buildings(session, division)
    located = {PlacedKind.BUILDING: buildings}
    step()
    for kind, table in _POINTS.items():
        located[kind] = _locate_points(session, division, table, home=home)
        step()
    return located


def _locate_buildings(session: Session, division: Division) -> tuple[LocatedObjects, dict[str, int]]:
    """The buildings located, and for each id the position of its cell."""
    statement = (
        select(Building.fid, Building.id, Building.cell_id, Building.footprint)
        .where(Building.community_id == division.community_id)
        .order_by(Building.fid)
    )
    stored = _stored(session, statement, lambda rows: deciding_points(as_array([row[3] for row in rows])))
    located = _located(division, stored)
    return located, dict(zip(located.ids, located.cell.tolist(), strict=True))


def _locate_points(
    session: Session,
    division: Division,
    table: type[Household | Facility | Case],
    *,
    home: dict[str, int],
) -> LocatedObjects:
    columns: list[Any] = [table.fid, table.id, table.cell_id, table.position]
    if issubclass(table, (Household, Case)):
        columns.append(table.building_id)
    statement = select(*columns).where(table.community_id == division.community_id).order_by(table.fid)
    stored = _stored(session, statement, lambda rows: as_array([row[3] for row in rows]), home=home)
    return _located(division, stored, has_hints=True)


@dataclass(slots=True)
class _Stored:
    """Objects as they are stored, with where their points lie and the cells of their buildings."""

    fids: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    known: list[str | None] = field(default_factory=list)
    hints: list[int] = field(default_factory=list)
    xs: list[FloatArray] = field(default_factory=lambda: [np.empty(0)])
    ys: list[FloatArray] = field(default_factory=lambda: [np.empty(0)])


def _stored(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    points: Callable[[Sequence[Any]], GeometryArray],
    *,
    home: Mapping[str, int] = MappingProxyType({}),
) -> _Stored:
    """Rows of (fid, id, cell_id, shape, building_id?), read piece by piece: only their points stay."""
    stored = _Stored()
    pieces = session.execute(statement.execution_options(yield_per=_AT_ONCE)).partitions()
    for rows in pieces:
        xs, ys = _coordinates(points(rows))
        stored.xs.append(xs)
        stored.ys.append(ys)
        stored.fids += [row[0] for row in rows]
        stored.ids += [row[1] for row in rows]
        stored.known += [row[2] for row in rows]
        stored.hints += [home.get(row[4] or "", -1) if len(row) > 4 else -1 for row in rows]
    return stored


def _located(division: Division, stored: _Stored, *, has_hints: bool = False) -> LocatedObjects:
    """The objects in their cells; without a point the building's cell, if any."""
    xs, ys = np.concatenate(stored.xs), np.concatenate(stored.ys)
    hints = np.array(stored.hints, dtype=np.int64) if has_hints else None
    spots = locate_points(division, xs, ys, building_cell=hints)
    cell = spots.cell if hints is None else np.where(np.isnan(xs), hints, spots.cell)
    return LocatedObjects(
        fids=tuple(stored.fids),
        ids=tuple(stored.ids),
        known=tuple(stored.known),
        cell=cell,
        spots=spots,
    )


def _coordinates(points: GeometryArray) -> tuple[FloatArray, FloatArray]:
    """Lon and lat of each point, nan where it is missing or empty."""
    whole = points.copy()
    whole[shapely.is_empty(points)] = None
    return np.asarray(shapely.get_x(whole), np.float64), np.asarray(shapely.get_y(whole), np.float64)


def locate_points(
    division: Division, xs: FloatArray, ys: FloatArray, *, building_cell: IntArray | None = None
) -> Spots:
    """`locate_many`, which also answers for a community without cells: everything lies outside."""
    if len(division.cell_ids):
        return locate_many(division, xs, ys, building_cell=building_cell)
    count = len(xs)
    return Spots(
        cell=np.full(count, -1, dtype=np.int64),
        is_on_border=np.zeros(count, dtype=np.bool_),
        near_border_m=np.full(count, np.nan),
    )


_POINTS: Final[dict[PlacedKind, type[Household | Facility | Case]]] = {
    PlacedKind.HOUSEHOLD: Household,
    PlacedKind.FACILITY: Facility,
    PlacedKind.CASE: Case,
}
_TABLES: Final[dict[PlacedKind, _Table]] = {PlacedKind.BUILDING: Building, **_POINTS}
PLACING_STEPS: Final = 2 * len(_TABLES)
"""How often `place_objects` calls its step."""


def _moves(located: LocatedObjects, division: Division) -> dict[int, str | None]:
    """Which objects are not in the cell they should be in, and that cell."""
    wanted = located.wanted(division)
    return {index: cell for index, cell in enumerate(wanted) if cell != located.known[index]}


def _store(
    session: Session, kind: PlacedKind, located: LocatedObjects, *, moves: dict[int, str | None], at: datetime
) -> None:
    left = [
        {
            "id": new_id(),
            "kind": kind,
            "object_id": located.ids[index],
            "cell_id": located.known[index],
            "until": at,
        }
        for index in moves
        if located.known[index] is not None
    ]
    if left:
        session.execute(insert(Placement), left)
    entries = iter(moves.items())
    while few := list(islice(entries, _AT_ONCE)):
        changes = [{"fid": located.fids[index], "cell_id": cell} for index, cell in few]
        session.execute(update(_TABLES[kind]), changes)


def _former_grids(session: Session, division: Division, *, at: datetime) -> dict[str, str | None]:
    """The grid's id of each cell that is open now or was closed at this very instant."""
    closed = session.execute(
        select(CellMembership.cell_id, CellMembership.area_id)
        .join(UnitCell, UnitCell.id == CellMembership.cell_id)
        .where(UnitCell.community_id == division.community_id, CellMembership.valid_to == at)
    )
    owners = {row.cell_id: row.area_id for row in closed} | division.owners
    grids = {owner: division.tree.ancestor(owner, Level.GRID) for owner in set(owners.values())}
    return {cell: grid.id if (grid := grids[owner]) else None for cell, owner in owners.items()}


def _count(
    placed: PlacementCounts,
    located: LocatedObjects,
    *,
    moves: dict[int, str | None],
    division: Division,
    former: dict[str, str | None],
) -> None:
    for index, cell in moves.items():
        known = located.known[index]
        if known is None:
            placed.placed += 1
            continue
        grid = division.grid_of(cell)
        placed.moved += 1
        placed.changed_area += former.get(known) != (grid.id if grid else None)


def _store_borders(session: Session, located: LocatedObjects, *, community_id: str) -> None:
    """Write how far cases lie from their grid's border, where that is not what is stored."""
    if not located.fids:
        return
    stored = session.execute(
        select(Case.fid, Case.is_on_border, Case.near_border_m).where(Case.community_id == community_id)
    ).all()
    known = {row.fid: (row.is_on_border, row.near_border_m) for row in stored}
    changes = []
    for index, fid in enumerate(located.fids):
        near = float(located.spots.near_border_m[index])
        fresh = (bool(located.spots.is_on_border[index]), None if np.isnan(near) else round(near, 2))
        if _differs(known[fid], fresh):
            changes.append({"fid": fid, "is_on_border": fresh[0], "near_border_m": fresh[1]})
    if changes:
        session.execute(update(Case), changes)


def _differs(known: tuple[bool, float | None], fresh: tuple[bool, float | None]) -> bool:
    if known[0] != fresh[0] or (known[1] is None) != (fresh[1] is None):
        return True
    return known[1] is not None and fresh[1] is not None and abs(known[1] - fresh[1]) > _SAME_DISTANCE_M
