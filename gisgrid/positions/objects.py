"""The objects of a community as points, each with its kind and the cell it lies in.

The same points are placed when a plan is drawn and when it is published, so that both come to the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import ColumnElement, Select, func, null, or_, select, true
from sqlalchemy.orm import Session

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at, was_in
from gisgrid.cases.core.models import Case
from gisgrid.crs import FloatArray, IntArray
from gisgrid.days import AsOf
from gisgrid.geometry.cells.buildings import deciding_points
from gisgrid.geometry.edits.points import OUTSIDE
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.places.models import Building, Facility, Household

Table = type[Building] | type[Household] | type[Facility] | type[Case]
TABLES: Final[dict[PlacedKind, Table]] = {
    PlacedKind.BUILDING: Building,
    PlacedKind.HOUSEHOLD: Household,
    PlacedKind.FACILITY: Facility,
    PlacedKind.CASE: Case,
}
"""Where objects of each kind are kept; buildings come first, since others follow them."""


@dataclass(frozen=True, kw_only=True)
class Objects:
    """Objects in a row, buildings first: ``kinds``, public ``ids``, row keys ``fids``, ``cells`` as stored.

    ``xy``: EPSG:4326 on the lattice, shape (n, 2): of a building its deciding point, of what has no point
    of its own that of its building, nan without either. ``building``: index of its building among these, -1
    for none. ``footprints``: of the buildings, in their order.
    """

    kinds: tuple[PlacedKind, ...]
    ids: tuple[str, ...]
    fids: tuple[int, ...]
    cells: tuple[str | None, ...]
    xy: FloatArray
    building: IntArray
    footprints: GeometryArray

    def are(self, *kinds: PlacedKind) -> npt.NDArray[np.bool_]:
        """Per object whether it is of one of some kinds."""
        return np.array([kind in kinds for kind in self.kinds], dtype=np.bool_)


def read_objects(
    session: Session, community_id: str, *, when: AsOf, among: Collection[str] | None = None
) -> Objects:
    """The objects of a community with the cells they lay in at a moment.

    With ``among`` only those that now lie in some cells or in none, what belongs to buildings there, and
    the buildings that any of these belong to.
    """

    def chosen(kind: PlacedKind, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        own = TABLES[kind].cell_id
        return true() if among is None else or_(own.in_(among), own.is_(None), *more)

    def here(kind: PlacedKind) -> ColumnElement[bool]:
        return was_in(session, community_id, kind=kind, table=TABLES[kind], when=when)

    def read(kind: PlacedKind, condition: ColumnElement[bool]) -> list[Any]:
        return list(session.execute(_statement(kind, when).where(here(kind), condition)))

    buildings = read(PlacedKind.BUILDING, chosen(PlacedKind.BUILDING))
    ids = [row.id for row in buildings]
    rows: dict[PlacedKind, list[Any]] = {
        kind: read(kind, chosen(kind, table.building_id.in_(ids)))
        if issubclass(table, (Household, Case))
        else read(kind, chosen(kind))
        for kind, table in TABLES.items()
        if kind != PlacedKind.BUILDING
    }
    missing = {row.building_id for rows_of_kind in rows.values() for row in rows_of_kind} - {None, *ids}
    if missing:
        buildings += read(PlacedKind.BUILDING, Building.id.in_(missing))
    return _in_a_row({PlacedKind.BUILDING: buildings, **rows})


def _statement(kind: PlacedKind, when: AsOf) -> Select[Any]:
    """Key, id, cell, footprint or coordinates, and building of the objects of a kind."""
    table: Any = TABLES[kind]
    building = table.building_id if kind in {PlacedKind.HOUSEHOLD, PlacedKind.CASE} else null()
    cell = cell_at(kind, table.id, table.cell_id, when).label("cell")
    columns = [table.fid, table.id, cell, building.label("building_id")]
    if kind == PlacedKind.BUILDING:
        columns.append(table.footprint)
    else:  # two numbers are read many times faster than a shape
        columns += [func.ST_X(table.position).label("lon"), func.ST_Y(table.position).label("lat")]
    return select(*columns).order_by(table.fid)


def _in_a_row(rows: dict[PlacedKind, list[Any]]) -> Objects:
    every = [row for rows_of_kind in rows.values() for row in rows_of_kind]
    buildings = rows[PlacedKind.BUILDING]
    place = {row.id: index for index, row in enumerate(buildings)}
    building = np.array([place.get(row.building_id, OUTSIDE) for row in every], dtype=np.int64)
    footprints = as_array([row.footprint for row in buildings])
    inside = deciding_points(footprints)
    inside[shapely.is_empty(inside)] = None  # their coordinates are nan; those of an empty point an error
    places = np.array([(row.lon, row.lat) for row in every[len(buildings) :]], dtype=np.float64)
    own = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)]).astype(np.float64)
    xy = np.concatenate([own, places.reshape(-1, 2)])
    follows = np.isnan(xy[:, 0]) & (building != OUTSIDE)
    xy[follows] = xy[building[follows]]
    return Objects(
        kinds=tuple(kind for kind, rows_of_kind in rows.items() for _row in rows_of_kind),
        ids=tuple(row.id for row in every),
        fids=tuple(row.fid for row in every),
        cells=tuple(row.cell for row in every),
        xy=xy,
        building=building,
        footprints=footprints,
    )
