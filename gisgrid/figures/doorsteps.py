"""Buildings as anybody may know them who reports something: address, grid, a point inside, no residents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import shapely
from sqlalchemy import func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import NOBODY, require
from gisgrid.areas.answers import GridPlace, grid_place
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.locate import GPS_ACCURACY_M
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.crs import Datum, box_around, position_fault, reproject, shift_datum, stored_crs
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.figures.whereabouts import PlaceRequest, public_view
from gisgrid.geometry.cells.buildings import deciding_points
from gisgrid.geometry.lattice import as_array
from gisgrid.places.models import Building
from gisgrid.places.search import find_buildings
from gisgrid.storage.dialect import in_bounds

MOST: Final = 6
"""How many buildings a person chooses from."""
FARTHEST_M: Final = 100.0
_NEAREST_M: Final = 40.0


class Doorstep(GridPlace):
    """A building with a point in it and in its cell (EPSG:4326), and the grid it belongs to."""

    id: str
    code: str | None
    address: str
    lon: float
    lat: float
    distance_m: float | None


def is_doubtful(near_border_m: float | None, accuracy_m: float | None) -> bool:
    """Whether a place lies nearer to a grid's border than one can be sure of."""
    if near_border_m is None:
        return False
    return near_border_m < min(max(accuracy_m or 0.0, GPS_ACCURACY_M), FARTHEST_M)


def buildings_near(
    asking: PlaceRequest,
    lon: float,
    lat: float,
    *,
    accuracy_m: float | None = None,
    datum: Datum = Datum.WGS84,
) -> list[Doorstep]:
    """The nearest buildings around a place (degrees of ``datum``), by the distance to their walls.

    Raises
    ------
    InvalidInput
        It can't be a place on Earth.
    """
    require(asking.actor, Action.OWN_GRID_VIEW)
    wrong = position_fault(lon, lat)
    if wrong:
        raise InvalidInput(wrong, field="lon")
    xs, ys = shift_datum(lon, lat, datum, Datum.WGS84)
    x, y = float(xs), float(ys)
    reach = min(max(accuracy_m or 0.0, _NEAREST_M), FARTHEST_M)
    doorsteps: list[Doorstep] = []
    for community in visible_communities(asking.session, NOBODY, now=asking.now):
        view = public_view(asking, community.code)
        doorsteps += [door for door in _around(view, x, y, reach) if (door["distance_m"] or 0) <= reach]
    return sorted(doorsteps, key=lambda door: (door["distance_m"] or 0, door["address"]))[:MOST]


def doorstep_of(asking: PlaceRequest, code: str) -> Doorstep:
    """The building that a code or an id on a door means.

    Raises
    ------
    NotFound
        No building has it, or several communities have one each.
    """
    require(asking.actor, Action.OWN_GRID_VIEW)
    doorsteps: list[Doorstep] = []
    for community in visible_communities(asking.session, NOBODY, now=asking.now):
        view = public_view(asking, community.code)
        statement = select(Building).where(
            is_of(view, PlacedKind.BUILDING, Building), (Building.code == code) | (Building.id == code)
        )
        doorsteps += _doorsteps(view, view.session.scalars(statement).all())
    if len(doorsteps) != 1:
        raise NotFound("there is no such building")
    return doorsteps[0]


def doorsteps_by_text(asking: PlaceRequest, text: str) -> list[Doorstep]:
    """Buildings by what people type: address, code, pinyin or initials of the address."""
    require(asking.actor, Action.OWN_GRID_VIEW)
    doorsteps: list[Doorstep] = []
    for community in visible_communities(asking.session, NOBODY, now=asking.now):
        view = public_view(asking, community.code)
        ids = find_buildings(view, text, limit=MOST)
        rows = {row.id: row for row in view.session.scalars(select(Building).where(Building.id.in_(ids)))}
        doorsteps += _doorsteps(view, [rows[key] for key in ids if key in rows])
    return doorsteps[:MOST]


def doors_of(view: View, grid_code: str) -> list[Doorstep]:
    """The buildings of a grid in the order of their addresses, for whoever puts signs on their doors.

    Raises
    ------
    NotAllowed
        The role handles no cases.
    NotFound
        There is no such grid.
    """
    require(view.actor, Action.CASES_HANDLE)
    grid = view.division.tree.by_code(grid_code)
    statement = (
        select(Building)
        .where(
            is_of(view, PlacedKind.BUILDING, Building),
            Building.cell_id.in_(view.division.cells_of([grid.id])),
        )
        .order_by(func.length(Building.search_text), Building.search_text, Building.id)
    )
    return _doorsteps(view, view.session.scalars(statement).all())


def _around(view: View, lon: float, lat: float, reach: float) -> Iterable[Doorstep]:
    box = box_around(lon, lat, reach)
    statement = (
        select(Building)
        .where(
            is_of(view, PlacedKind.BUILDING, Building),
            in_bounds(view.session, Building.footprint, box),
        )
        .order_by(Building.fid)
    )
    rows = view.session.scalars(statement).all()
    if not rows:
        return []
    walls = as_array([row.footprint for row in rows])
    crs = view.division.grid_borders.crs
    metric = shapely.transform(
        walls, lambda pairs: np.column_stack(reproject(pairs[:, 0], pairs[:, 1], stored_crs(), crs))
    )
    x, y = reproject(np.array([lon]), np.array([lat]), stored_crs(), crs)
    away = shapely.distance(metric, shapely.Point(float(x[0]), float(y[0])))
    return _doorsteps(view, rows, away.tolist())


def _doorsteps(view: View, rows: Sequence[Building], away: Sequence[float] | None = None) -> list[Doorstep]:
    if not rows:
        return []
    points = deciding_points(as_array([row.footprint for row in rows]))
    doorsteps: list[Doorstep] = []
    for place, (row, point) in enumerate(zip(rows, points, strict=True)):
        grid = view.division.grid_of(row.cell_id)
        if not point.is_empty:
            doorsteps.append(
                {
                    "id": row.id,
                    "code": row.code,
                    "address": row.address,
                    "lon": point.x,
                    "lat": point.y,
                    **grid_place(grid),
                    "distance_m": None if away is None else round(away[place], 1),
                }
            )
    return doorsteps
