"""What an account serves, as the phone is given it: its grids or buildings, its homes and buildings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

import numpy as np
import shapely
from sqlalchemy import ColumnElement, and_, select

from gisgrid.access.models import Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.people.doors.homes import own_buildings, own_homes
from gisgrid.places.models import Building, Household
from gisgrid.places.search import is_here

_DECIMALS: Final = 6
"""A tenth of a metre: enough to find a door by."""


def own_grids(view: View) -> list[TreeArea]:
    """The grids in which the account serves cells or buildings, by code."""
    grids = {cell: view.present.grid_of(cell) for cell in _own_cells(view)}
    return sorted({grid.id: grid for grid in grids.values() if grid}.values(), key=lambda grid: grid.code)


def _own_cells(view: View) -> Iterable[str | None]:
    """A steward serves buildings, whatever area the account is limited to."""
    if view.actor.role == Role.STEWARD:
        return view.session.scalars(select(Building.cell_id).where(buildings_here(view)))
    return view.own_cells


def homes_here(view: View) -> ColumnElement[bool]:
    """Households that stand today where the account serves, as SQL."""
    return and_(is_of(view, PlacedKind.HOUSEHOLD, Household), is_here(view), own_homes(view))


def buildings_here(view: View) -> ColumnElement[bool]:
    """Buildings that stand today where the account serves, as SQL."""
    return and_(is_of(view, PlacedKind.BUILDING, Building), own_buildings(view))


def learns_persons(view: View) -> bool:
    """Whether the account's phone holds persons: a steward's holds doors alone."""
    return view.actor.role == Role.MEMBER


def pairs_of(shape: shapely.Geometry) -> Any:
    """The coordinates of a shape as GeoJSON has them, ``[lon, lat]`` with six decimals (EPSG:4326)."""
    rounded = shapely.transform(shape, lambda pairs: np.round(pairs, _DECIMALS))
    return cast("Any", rounded).__geo_interface__["coordinates"]


def filled(**members: Any) -> dict[str, Any]:
    """A row of a part without its empty members."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {}, ())}


def outer_rings(shape: shapely.Geometry) -> Iterator[Any]:
    """The outer rings of a polygon or of several."""
    for polygon in shapely.get_parts(shape):
        if isinstance(polygon, shapely.Polygon) and not polygon.is_empty:
            yield pairs_of(polygon.exterior)
