"""Buildings, facilities, streets and land for the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.geometry.extent import main_extent
from gisgrid.geometry.lattice import as_array
from gisgrid.places.models import Building, Compound, Facility, Household, Landscape, Street
from gisgrid.storage.base import lived_on
from gisgrid.storage.dialect import Bounds, in_bounds

_SAMPLED: Final = 2_000
T = TypeVar("T")
Feature = tuple[Any, dict[str, Any]]
"""A shapely geometry in EPSG:4326 and its properties."""


def buildings(view: View, bounds: Bounds | None = None) -> list[Feature]:
    """Footprints with address, compound, year, condition, floors, lift and number of households."""
    require(view.actor, Action.BUILDINGS_VIEW)
    homes = (
        select(Household.building_id, func.count().label("households"))
        .where(
            is_of(view, PlacedKind.HOUSEHOLD, Household),
            lived_on(Household.lived_from, Household.lived_to, view.when.day),
        )
        .group_by(Household.building_id)
        .subquery()
    )
    statement = (
        select(Building, Compound.name.label("compound"), homes.c.households)
        .outerjoin(Compound, Compound.id == Building.compound_id)
        .outerjoin(homes, homes.c.building_id == Building.id)
        .where(is_of(view, PlacedKind.BUILDING, Building))
        .order_by(Building.fid)
    )
    if bounds is not None:
        statement = statement.where(in_bounds(view.session, Building.footprint, bounds))
    return [
        (
            row.Building.footprint,
            _building(row.Building, compound=row.compound, households=row.households or 0),
        )
        for row in view.session.execute(statement)
    ]


def built_extent(view: View) -> Bounds | None:
    """The box in which most buildings of a community lie, for maps of one that has no areas yet."""
    require(view.actor, Action.OWN_GRID_VIEW)
    statement = select(Building.footprint).where(Building.community_id == view.community.id)
    return main_extent(as_array(list(view.session.scalars(statement.limit(_SAMPLED)))))


def _building(building: Building, compound: str | None, *, households: int) -> dict[str, Any]:
    return {
        "id": building.id,
        "code": building.code,
        "address": building.address,
        "name": building.name,
        "compound": compound,
        "built_year": building.built_year,
        "condition": building.condition,
        "floors": building.floors,
        "lift": building.has_lift,
        "dwellings": building.dwellings,
        "households": households,
    }


def compounds_of(view: View) -> ColumnElement[bool]:
    """Compounds that buildings of the community name, and its own that no building anywhere names.

    So a compound that has come with a grid from another community stands in no answer for an earlier day.
    """
    named = select(Building.compound_id).where(
        is_of(view, PlacedKind.BUILDING, Building), Building.compound_id.is_not(None)
    )
    is_empty = ~exists().where(Building.compound_id == Compound.id)
    return or_(and_(Compound.community_id == view.community.id, is_empty), Compound.id.in_(named))


def facilities(view: View, kinds: Sequence[str] = ()) -> list[Feature]:
    """Facilities as points with name, type, address, office phone and capacity."""
    require(view.actor, Action.AREAS_VIEW)
    statement = select(Facility).where(is_of(view, PlacedKind.FACILITY, Facility)).order_by(Facility.fid)
    if kinds:
        statement = statement.where(Facility.type.in_(kinds))
    return [
        (
            row.position,
            {
                "id": row.id,
                "code": row.code,
                "type": row.type,
                "name": row.name,
                "address": row.address,
                "phone": row.office_phone,
                "capacity": row.capacity,
                "floor_area_m2": row.floor_area_m2,
            },
        )
        for row in view.session.scalars(statement)
    ]


def basemap(view: View, bounds: Bounds | None = None, *, with_buildings: bool = False) -> list[Feature]:
    """Streets, water and green, for drawing a base map without tiles.

    ``with_buildings``: with the walls of buildings and the address that stands on them, and nothing else
    of them, for whoever sees no more.
    """
    require(view.actor, Action.OWN_GRID_VIEW)
    lands = select(Landscape).where(Landscape.community_id == view.community.id).order_by(Landscape.fid)
    features: list[Feature] = [
        (land.geom, {"kind": land.kind, "name": land.name, "class": None})
        for land in view.session.scalars(_within(view, lands, Landscape.geom, bounds))
    ]
    streets = select(Street).where(Street.community_id == view.community.id).order_by(Street.fid)
    features += [
        (street.geom, {"kind": "street", "name": street.name, "class": street.kind})
        for street in view.session.scalars(_within(view, streets, Street.geom, bounds))
    ]
    if with_buildings:
        here = select(Building).where(is_of(view, PlacedKind.BUILDING, Building)).order_by(Building.fid)
        features += [
            (building.footprint, {"kind": "building", "name": building.address, "class": None})
            for building in view.session.scalars(_within(view, here, Building.footprint, bounds))
        ]
    return features


def _within(
    view: View, statement: Select[T], column: InstrumentedAttribute[Any], bounds: Bounds | None
) -> Select[T]:
    return statement if bounds is None else statement.where(in_bounds(view.session, column, bounds))
