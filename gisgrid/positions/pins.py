"""What a pin means: a point, its building, where that lies, and whether the actor may put it there.

A pin is a point on the map, a building, or both. The building is the one named, else the one whose footprint
covers the point, else the present one where the point lies in its cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from shapely import Point
from sqlalchemy import func, literal, select

from gisgrid.access.models import Role
from gisgrid.areas.locate import Spot, locate
from gisgrid.areas.models import PlacedKind, UnitCell
from gisgrid.areas.view import View
from gisgrid.crs import position_fault, to_lattice
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.cells.buildings import deciding_points
from gisgrid.geometry.lattice import as_array
from gisgrid.places.models import Building
from gisgrid.storage.dialect import in_bounds
from gisgrid.storage.types import Shape

WHOLE_COMMUNITY: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Who places things in every grid of the community."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Where something is: ``lon, lat`` in degrees of EPSG:4326, a building's id, or both."""

    lon: float | None = None
    lat: float | None = None
    building: str | None = None


class Subject(Protocol):
    """What a household and a case have in common here."""

    id: str
    community_id: str
    building_id: str | None
    position: Point | None
    cell_id: str | None


def chosen_place(view: View, subject: Subject, pin: Pin) -> tuple[Point, Building | None]:
    """The point on the lattice and the building that a pin means.

    Raises
    ------
    InvalidInput
        Neither a point nor a building, no such building, one without outline, or degrees out of range.
    """
    building = building_of(view, pin.building)
    if pin.building and building is None:
        raise InvalidInput("there is no such building", field="building")
    if pin.lon is None or pin.lat is None:
        if building is None:
            raise InvalidInput("say where it is: a point on the map or a building")
        return _middle(building), building
    wrong = position_fault(pin.lon, pin.lat)
    if wrong:
        raise InvalidInput(wrong, field="lon")
    point = Point(float(to_lattice(pin.lon)), float(to_lattice(pin.lat)))
    return point, building or _building_at(view, point) or _kept(view, subject, point)


def _middle(building: Building) -> Point:
    middle: Point = deciding_points(as_array([building.footprint]))[0]
    if middle.is_empty:
        raise InvalidInput("this building has no outline: choose a point on the map", field="building")
    return middle


def _building_at(view: View, point: Point) -> Building | None:
    """The building whose footprint covers a point; of several the one kept first."""
    statement = (
        select(Building)
        .where(
            Building.community_id == view.community.id,
            in_bounds(view.session, Building.footprint, point.bounds),
            func.ST_Covers(Building.footprint, literal(point, Shape("POINT"))),
        )
        .order_by(Building.fid)
        .limit(1)
    )
    return view.session.scalar(statement)


def _kept(view: View, subject: Subject, point: Point) -> Building | None:
    """The present building, where the point lies in its cell: the entrance of a house is not inside it."""
    building = building_of(view, subject.building_id)
    if building is None or building.cell_id is None:
        return None
    return building if spot_of(view, point, building).cell_id == building.cell_id else None


def building_of(view: View, building_id: str | None) -> Building | None:
    """A building of the community by its id; nothing where there is none."""
    if building_id is None:
        return None
    own = Building.community_id == view.community.id
    return view.session.scalar(select(Building).where(Building.id == building_id, own))


def spot_of(view: View, point: Point | None, building: Building | None) -> Spot:
    """Where it lies by the one tie rule; without a point in the building's cell."""
    cell = building.cell_id if building else None
    if point is not None:
        return locate(view.present, point.x, point.y, building_cell=cell)
    micro = view.present.owners.get(cell) if cell else None
    path = tuple(view.present.tree.path(micro)) if micro else ()
    return Spot(cell_id=cell, path=path, is_on_border=False, near_border_m=None)


def refuse_place(view: View, kind: PlacedKind, subject: Subject, spot: Spot) -> None:
    """Refuse a place that the actor may not put the subject at.

    Raises
    ------
    InvalidInput
        It lies in no grid of the community, or outside the grids the actor serves.
    Conflict
        The division has changed in between.
    """
    if spot.cell_id is None:
        raise InvalidInput("this place lies in no grid of this community")
    closed = view.session.scalar(select(UnitCell.valid_to).where(UnitCell.id == spot.cell_id))
    if closed is not None and closed <= view.when.at:
        raise Conflict("the grids have just been changed: look at the map again")
    role = view.actor.role
    if role in WHOLE_COMMUNITY or (role is Role.STAFF and (kind is PlacedKind.CASE or not subject.cell_id)):
        return
    if spot.cell_id not in view.own_cells:
        raise InvalidInput("this place lies outside the grids this account serves")
