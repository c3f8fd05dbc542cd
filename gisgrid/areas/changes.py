"""What each revision changed: cells that passed from grid to grid, grids opened, closed, split and merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.answers import CodedName, GridPair
from gisgrid.areas.models import (
    Area,
    AreaLineage,
    AreaName,
    AreaParent,
    CellMembership,
    Level,
    Revision,
    UnitCell,
)


@dataclass(slots=True, kw_only=True)
class Changes:
    """What one revision changed. ``moved``: ids of the cells that stood before and went to another grid."""

    grids: int = 0
    moved: set[str] = field(default_factory=set)
    new_cells: int = 0
    closed_cells: int = 0
    opened: list[CodedName] = field(default_factory=list)
    closed: list[CodedName] = field(default_factory=list)
    renamed: list[CodedName] = field(default_factory=list)
    split: list[GridPair] = field(default_factory=list)
    merged: list[GridPair] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _State:
    """Owners while the history is walked through: micro grid by cell, grid by micro grid, name by grid."""

    owner: dict[str, str] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    names: dict[str, CodedName] = field(default_factory=dict)

    def grid_of(self, cell: str) -> str | None:
        """The grid that holds a cell."""
        return self.home.get(self.owner.get(cell, ""))


def changes_by_revision(session: Session, community_id: str) -> dict[str, Changes]:
    """The changes of every revision of a community, by its id; read once and walked through in order."""
    revisions = session.execute(
        select(Revision.id, Revision.effective_at)
        .where(Revision.community_id == community_id)
        .order_by(Revision.effective_at, Revision.number)
    ).all()
    events = _events(session, community_id)
    state, changes = _State(), {}
    for revision_id, at in revisions:
        changes[revision_id] = _step(state, events, at=at)
    _add_lineage(session, community_id, changes)
    return changes


@dataclass(slots=True)
class _Events:
    """Rows that are still to come, the next one last: time, what, key, value."""

    owner: list[tuple[datetime, bool, str, Any]]
    home: list[tuple[datetime, bool, str, Any]]
    names: list[tuple[datetime, bool, str, Any]]


def _events(session: Session, community_id: str) -> _Events:
    memberships = session.execute(
        select(
            CellMembership.cell_id,
            CellMembership.area_id,
            CellMembership.valid_from,
            CellMembership.valid_to,
        )
        .join(UnitCell, UnitCell.id == CellMembership.cell_id)
        .where(UnitCell.community_id == community_id)
    )
    parents = session.execute(
        select(AreaParent.area_id, AreaParent.parent_id, AreaParent.valid_from, AreaParent.valid_to)
        .join(Area, Area.id == AreaParent.area_id)
        .where(Area.community_id == community_id, Area.level == Level.MICRO_GRID)
    )
    names = session.execute(
        select(AreaName.area_id, AreaName.code, AreaName.name, AreaName.valid_from, AreaName.valid_to)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == community_id, Area.level == Level.GRID)
    )
    named = ((row[0], {"code": row[1], "name": row[2]}, row[3], row[4]) for row in names)
    return _Events(_in_time(memberships), _in_time(parents), _in_time(named))


def _in_time(rows: Iterable[Any]) -> list[tuple[datetime, bool, str, Any]]:
    """Ends before beginnings of the same instant, the earliest last."""
    events = []
    for key, value, begin, end in rows:
        events.append((begin, True, key, value))
        if end is not None:
            events.append((end, False, key, value))
    return sorted(events, key=lambda event: event[:3], reverse=True)


def _apply(values: dict[str, Any], events: list[tuple[datetime, bool, str, Any]], at: datetime) -> set[str]:
    """Let the events up to an instant happen; gives the keys that were touched."""
    touched = set()
    while events and events[-1][0] <= at:
        _time, begins, key, value = events.pop()
        touched.add(key)
        if begins:
            values[key] = value
        else:
            values.pop(key, None)
    return touched


def _step(state: _State, events: _Events, *, at: datetime) -> Changes:
    before = _State(dict(state.owner), dict(state.home), dict(state.names))
    cells = _apply(state.owner, events.owner, at)
    micros = _apply(state.home, events.home, at)
    _apply(state.names, events.names, at)
    cells |= {cell for known in (before, state) for cell, micro in known.owner.items() if micro in micros}
    changes = Changes(grids=len(state.names))
    for cell in cells:
        old, new = before.grid_of(cell), state.grid_of(cell)
        changes.new_cells += old is None
        changes.closed_cells += new is None
        if old and new and old != new:
            changes.moved.add(cell)
            changes.changed |= {before.names[old]["code"], state.names[new]["code"]}
    changes.opened = [state.names[key] for key in state.names.keys() - before.names.keys()]
    changes.closed = [before.names[key] for key in before.names.keys() - state.names.keys()]
    both = before.names.keys() & state.names.keys()
    changes.renamed = [state.names[key] for key in both if state.names[key] != before.names[key]]
    for areas in (changes.opened, changes.closed, changes.renamed):
        areas.sort(key=lambda area: (len(area["code"]), area["code"]))
    return changes


def _add_lineage(session: Session, community_id: str, changes: dict[str, Changes]) -> None:
    codes = {
        row.area_id: row.code
        for row in session.execute(
            select(AreaName.area_id, AreaName.code)
            .join(Area, Area.id == AreaName.area_id)
            .where(Area.community_id == community_id, Area.level == Level.GRID)
            .order_by(AreaName.valid_from)
        )
    }
    rows = session.scalars(select(AreaLineage).where(AreaLineage.area_id.in_(codes))).all()
    codes |= _codes_elsewhere(session, {row.other_id for row in rows} - codes.keys())
    for row in rows:
        if row.revision_id not in changes:
            continue
        pair: GridPair = {"grid": codes[row.area_id], "other": codes.get(row.other_id, "")}
        row_changes = changes[row.revision_id]
        (row_changes.split if row.kind == "split_from" else row_changes.merged).append(pair)


def _codes_elsewhere(session: Session, areas: set[str]) -> dict[str, str]:
    """Codes of grids of another community, to which or from which one went."""
    rows = session.execute(
        select(AreaName.area_id, AreaName.code)
        .where(AreaName.area_id.in_(areas))
        .order_by(AreaName.valid_from)
    )
    return {row.area_id: row.code for row in rows}
