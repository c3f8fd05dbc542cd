"""Point to cell to grid: one place, one tie rule, for single reports and for bulk.

A point that belongs to a building falls to the building's cell if that cell covers it; else, of the
cells that cover it, to the one with the lowest number. A point outside all is kept without a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from gisgrid.areas.division import Division, DivisionCache
from gisgrid.areas.models import Area, AreaOutline, Level
from gisgrid.areas.tree import TreeArea
from gisgrid.crs import FloatArray, IntArray, reproject, stored_crs, to_lattice
from gisgrid.storage.base import valid_at
from gisgrid.storage.dialect import in_bounds
from gisgrid.storage.types import Shape

_AT_ONCE: Final = 20_000
GPS_ACCURACY_M: Final = 15.0
"""Nearer to a grid's border than this is said to whoever reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where one point lies. ``path`` is top down; outside all areas it is empty and ``cell_id`` nothing."""

    cell_id: str | None
    path: tuple[TreeArea, ...]
    is_on_border: bool
    near_border_m: float | None

    @property
    def grid(self) -> TreeArea | None:
        """The grid, where the point lies in one."""
        return next((area for area in self.path if area.level == Level.GRID), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots:
    """Where many points lie, arrays of shape (n,).

    ``cell`` is the position in ``Division.cell_ids`` (-1 outside); ``near_border_m`` the distance to the
    border of the point's grid in metres (nan outside); ``is_on_border`` exactly on that border.
    """

    cell: IntArray
    is_on_border: npt.NDArray[np.bool_]
    near_border_m: FloatArray


def communities_at(session: Session, lon: float, lat: float, *, at: datetime) -> list[str]:
    """Ids of the communities whose outline covers a point, by the spatial index."""
    point = literal(shapely.Point(lon, lat), Shape("POINT"))
    statement = (
        select(AreaOutline.area_id)
        .join(Area, Area.id == AreaOutline.area_id)
        .where(
            Area.level == Level.COMMUNITY,
            valid_at(AreaOutline, at),
            in_bounds(session, AreaOutline.geom, (lon, lat, lon, lat)),
            func.ST_Covers(AreaOutline.geom, point),
        )
        .order_by(AreaOutline.area_id)
    )
    return list(session.scalars(statement))


def locate(division: Division, lon: float, lat: float, *, building_cell: str | None = None) -> Spot:
    """Where one point lies in a division. ``lon, lat`` in EPSG:4326; they are put on the lattice here."""
    hints = np.array([division.positions.get(building_cell or "", -1)], dtype=np.int64)
    spots = locate_many(division, np.array([lon]), np.array([lat]), building_cell=hints)
    position = int(spots.cell[0])
    if position < 0:
        return Spot(cell_id=None, path=(), is_on_border=False, near_border_m=None)
    cell_id = division.cell_ids[position]
    micro = division.owners.get(cell_id)
    return Spot(
        cell_id=cell_id,
        path=tuple(division.tree.path(micro)) if micro else (),
        is_on_border=bool(spots.is_on_border[0]),
        near_border_m=round(float(spots.near_border_m[0]), 2),
    )


def locate_many(
    division: Division, lon: FloatArray, lat: FloatArray, *, building_cell: IntArray | None = None
) -> Spots:
    """Where many points lie. ``building_cell`` is the position of each point's building's cell, or -1."""
    cell = locate_cells(division, lon, lat, building_cell=building_cell)
    return _with_borders(division, cell, to_lattice(lon), to_lattice(lat))


def locate_cells(
    division: Division, lon: FloatArray, lat: FloatArray, *, building_cell: IntArray | None = None
) -> IntArray:
    """Only the cells of `locate_many`, for whom borders do not matter."""
    xs, ys = to_lattice(lon), to_lattice(lat)
    cell = division.index.locate(xs, ys).area.astype(np.int64)
    if building_cell is not None:
        _prefer_building(division, cell, building_cell, xs=xs, ys=ys)
    return cell


def _prefer_building(
    division: Division, cell: IntArray, building_cell: IntArray, *, xs: FloatArray, ys: FloatArray
) -> None:
    asked = np.flatnonzero((building_cell >= 0) & (building_cell != cell))
    if len(asked):
        covers = shapely.intersects_xy(division.cells[building_cell[asked]], xs[asked], ys[asked])
        cell[asked[covers]] = building_cell[asked[covers]]


def _with_borders(division: Division, cell: IntArray, xs: FloatArray, ys: FloatArray) -> Spots:
    """The spots with the distance to their own grid's border, and whether they lie exactly on it."""
    near, on_border = np.full(len(xs), np.nan), np.zeros(len(xs), dtype=np.bool_)
    borders = division.grid_borders
    owner = borders.grid_of_cell[cell]
    for inside in _pieces(np.flatnonzero((cell >= 0) & (owner >= 0))):
        x_m, y_m = reproject(xs[inside], ys[inside], stored_crs(), borders.crs)
        near[inside] = shapely.distance(borders.metric[owner[inside]], shapely.points(x_m, y_m))
        close = inside[near[inside] < 1.0]
        on_border[close] = shapely.intersects_xy(borders.lines[owner[close]], xs[close], ys[close])
        near[close[on_border[close]]] = 0.0
    return Spots(cell=cell, is_on_border=on_border, near_border_m=near)


def _pieces(places: IntArray) -> Iterator[IntArray]:
    """Few enough at once that their points do not fill the memory."""
    for start in range(0, len(places), _AT_ONCE):
        yield places[start : start + _AT_ONCE]


def find_spot(
    session: Session,
    cache: DivisionCache,
    position: tuple[float, float],
    *,
    at: datetime,
    building_cell: str | None,
) -> tuple[str | None, Spot]:
    """The community and the spot of a point (lon, lat) anywhere in the database."""
    lon, lat = position
    x, y = float(to_lattice(lon)), float(to_lattice(lat))
    for community_id in communities_at(session, x, y, at=at):
        spot = locate(cache.get(session, community_id, at=at), x, y, building_cell=building_cell)
        if spot.cell_id is not None:
            return community_id, spot
    return None, Spot(cell_id=None, path=(), is_on_border=False, near_border_m=None)
