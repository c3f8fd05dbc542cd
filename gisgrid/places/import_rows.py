"""Keeps rows of one table that came from a file: new ones, changed ones, each noted so it can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.imports import ImportNotes
from gisgrid.access.masks import tells_less
from gisgrid.access.models import Role
from gisgrid.areas.division import Division
from gisgrid.areas.locate import locate_cells
from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.crs import IntArray, to_lattice
from gisgrid.days import day_of
from gisgrid.geometry.lattice import as_array
from gisgrid.heartbeat import Pulse, no_pulse
from gisgrid.storage.base import Base, new_id

AT_ONCE: Final = 500
"""Rows compared and written together: the memory needed does not grow with the file."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """An import that is running: who, into which division, since when, and where it is noted."""

    notes: ImportNotes
    actor: Actor
    division: Division
    at: datetime
    tz: tzinfo
    pulse: Pulse = no_pulse

    @property
    def session(self) -> Session:
        """The transaction it happens in."""
        return self.notes.session

    @property
    def today(self) -> date:
        """The day it happens on."""
        return day_of(self.at, self.tz)


@dataclass(slots=True, kw_only=True)
class KeptRows:
    """What became of the rows of a file.

    ``updated``: row, key and names of the fields that changed; ``refused``: row, field and reason;
    ``remarks``: row, key, field and sentence about rows that were taken.
    """

    new: int = 0
    unchanged: int = 0
    updated: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    remarks: list[tuple[int, str, str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        """Count something up by name."""
        self.counts[name] = self.counts.get(name, 0) + by


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A known row: its key in the database, its id, its values as they are, and the columns to be written.

    ``forgets``: columns whose former values must be known no more, not even to take the import back.
    """

    key: Any
    id: str
    stored: Mapping[str, Any]
    fresh: Mapping[str, Any]
    forgets: frozenset[str] = frozenset()


def batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows in batches of :data:`AT_ONCE`."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def whole_rows(table: type[Base]) -> Select[*tuple[Any, ...]]:
    """All columns of a table, locked against other writers where the database can."""
    return select(*table.__table__.columns).with_for_update()


def stored_rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The rows of :func:`whole_rows`, each by the names of its columns: of any table."""
    return [
        {str(name): value for name, value in row.items()} for row in session.execute(statement).mappings()
    ]


def differences(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, object]:
    """The columns whose value differs from what is stored; a masked or cut form of it says nothing new."""
    return {name: value for name, value in wanted.items() if not _is_same(stored[name], value)}


def _is_same(stored: Any, wanted: Any) -> bool:
    if isinstance(wanted, BaseGeometry):
        return stored is not None and bool(shapely.equals_exact(stored, wanted, tolerance=0.0))
    return bool(stored == wanted) or tells_less(stored, wanted)


def write(
    session: Session,
    table: type[Base],
    *,
    key: str,
    fresh: Sequence[Mapping[str, Any]] = (),
    changes: Sequence[Change] = (),
    notes: ImportNotes | None,
) -> None:
    """Update and insert in bulk, and note every row; what ends goes before what takes its place.

    ``fresh`` have all columns and their ids.
    """
    # Rows that change the same columns are written together; few sets of columns ever differ.
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in changes:
        by_columns.setdefault(tuple(change.fresh), []).append({key: change.key, **change.fresh})
    for group in by_columns.values():
        session.execute(update(table), group)
    if notes:
        forgets = {row.id: row.forgets for row in changes if row.forgets}
        notes.changed(table, ((row.id, row.stored, row.fresh) for row in changes), forgets=forgets)
    if fresh:
        # Without nulls in the statement, rows with other gaps would each be a statement of their own.
        session.execute(insert(table).execution_options(render_nulls=True), list(fresh))
        if notes:
            notes.made(table, fresh)


def points_of(lon: npt.ArrayLike, lat: npt.ArrayLike) -> list[Point | None]:
    """Points on the lattice for degrees of EPSG:4326; nothing where there are none (nan)."""
    xs, ys = to_lattice(lon), to_lattice(lat)
    points = as_array(shapely.points(xs, ys))
    points[np.isnan(xs)] = None
    return list(points)


def cells_of(
    division: Division, points: Sequence[Point | None], *, hints: IntArray | None = None
) -> list[str | None]:
    """The cell id each point lies in, by the one tie rule; a row without point has its building's cell.

    ``hints``: position of each building's cell in the division, -1 without one.
    """
    if not len(division.cell_ids) or not len(points):
        return [None] * len(points)
    shapes = as_array(list(points))
    xs, ys = shapely.get_x(shapes), shapely.get_y(shapes)
    cells = locate_cells(division, xs, ys, building_cell=hints)
    if hints is not None:
        cells = np.where(np.isnan(xs), hints, cells)
    return [division.cell_ids[at] if at >= 0 else None for at in cells.tolist()]


def own_cells(division: Division, actor: Actor) -> frozenset[str] | None:
    """The cells whose persons an actor may write; None means all of the community.

    A head and the command line have the community, everybody else the areas they serve.
    """
    if actor.role in {Role.HEAD, Role.LOCAL}:
        return None
    return frozenset(division.cells_of(actor.areas))


def leave_cells(session: Session, kind: PlacedKind, changes: Sequence[Change], *, at: datetime) -> None:
    """Keep the cell that changed objects lay in until now; what never had one leaves none."""
    left = [
        {"id": new_id(), "kind": kind, "object_id": row.id, "cell_id": row.stored["cell_id"], "until": at}
        for row in changes
        if "cell_id" in row.fresh and row.stored["cell_id"] is not None
    ]
    if left:
        session.execute(insert(Placement), left)
