"""Finding compounds, buildings and households by what people type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.models import Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.places.address import LIKE_ESCAPE, AddressQuery, readings
from gisgrid.places.models import Building, Compound, Household
from gisgrid.storage.base import lived_on

_BY_BUILDING: Final = {
    "search_text": Building.search_text,
    "search_pinyin": Building.search_pinyin,
    "search_initials": Building.search_initials,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found by what people typed, with where it lies."""

    kind: str
    id: str
    title: str
    subtitle: str
    lon: float | None
    lat: float | None
    building: str | None


def addresses_visible(view: View) -> ColumnElement[bool]:
    """Households whose address the actor may find, as SQL."""
    actor = view.actor
    if actor.role in {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LOCAL}:
        return true()
    if actor.role == Role.GRID_LEADER:
        return Household.cell_id.in_(view.own_cells)
    if actor.role == Role.STEWARD:
        return Household.building_id.in_(actor.buildings)
    return false()


def find_places(view: View, text: str, *, limit: int = 20) -> list[Hit]:
    """Compounds, buildings and households by what people type: address parts, code, pinyin or initials.

    The likeliest reading comes first. Households are found only where the actor may see addresses.
    """
    require(view.actor, Action.HOUSEHOLDS_FIND)
    if not text.strip():
        return []
    hits: dict[tuple[str, str], Hit] = {}
    for hit in _search(view, text, limit):
        hits.setdefault((hit.kind, hit.id), hit)
        if len(hits) >= limit:
            break
    return list(hits.values())


def find_buildings(view: View, text: str, *, limit: int) -> list[str]:
    """Ids of buildings by what anybody types of their address; units and rooms in it say nothing here."""
    require(view.actor, Action.OWN_GRID_VIEW)
    if not text.strip():
        return []
    hits = _by_code(view, text, limit)
    for reading in readings(text):
        hits += _buildings(view, reading, limit) if len(hits) < limit else []
    return list(dict.fromkeys(hit.id for hit in hits))[:limit]


def _search(view: View, text: str, limit: int) -> Iterator[Hit]:
    yield from _by_code(view, text, limit)
    for reading in readings(text):
        if reading.room is not None:
            yield from _households(view, reading, limit)
        else:
            yield from _compounds(view, reading, limit)
            yield from _buildings(view, reading, limit)


def _by_code(view: View, text: str, limit: int) -> list[Hit]:
    statement = _building_rows(view).where(Building.code == text.strip()).limit(limit)
    return _building_hits(view, statement)


def _compounds(view: View, reading: AddressQuery, limit: int) -> list[Hit]:
    if reading.building is not None or reading.unit is not None:
        return []
    statement = (
        select(
            Compound.id,
            Compound.name,
            func.count().label("buildings"),
            func.avg(func.ST_X(func.ST_Centroid(Building.footprint))).label("lon"),
            func.avg(func.ST_Y(func.ST_Centroid(Building.footprint))).label("lat"),
        )
        .join(Building, Building.compound_id == Compound.id)
        .where(is_of(view, PlacedKind.BUILDING, Building), _matches(reading))
        .group_by(Compound.id, Compound.name)
        .order_by(Compound.name)
        .limit(limit)
    )
    return [
        Hit(
            kind="compound",
            id=row.id,
            title=row.name,
            subtitle=str(row.buildings),
            lon=row.lon,
            lat=row.lat,
            building=None,
        )
        for row in view.session.execute(statement)
    ]


def _building_rows(view: View) -> Select[str, str, str | None, float, float]:
    return (
        select(
            Building.id,
            Building.address,
            Compound.name,
            func.ST_X(func.ST_Centroid(Building.footprint)).label("lon"),
            func.ST_Y(func.ST_Centroid(Building.footprint)).label("lat"),
        )
        .outerjoin(Compound, Compound.id == Building.compound_id)
        .where(is_of(view, PlacedKind.BUILDING, Building))
        .order_by(func.length(Building.search_text), Building.search_text, Building.id)
    )


def _buildings(view: View, reading: AddressQuery, limit: int) -> list[Hit]:
    return _building_hits(view, _building_rows(view).where(_matches(reading)).limit(limit))


def _building_hits(view: View, statement: Select[str, str, str | None, float, float]) -> list[Hit]:
    return [
        Hit(
            kind="building",
            id=row.id,
            title=row.address,
            subtitle=row.name or "",
            lon=row.lon,
            lat=row.lat,
            building=row.id,
        )
        for row in view.session.execute(statement)
    ]


def _households(view: View, reading: AddressQuery, limit: int) -> list[Hit]:
    conditions: list[ColumnElement[bool]] = [is_here(view), addresses_visible(view)]
    if reading.building_pattern is not None:
        conditions.append(_matches(reading))
    if reading.unit is not None:
        conditions.append(Household.unit == reading.unit)
    if reading.room_pattern is not None:
        conditions.append(Household.room.like(reading.room_pattern, escape=LIKE_ESCAPE))
    statement = (
        select(
            Household.id,
            Household.std_address,
            Building.address,
            Building.id.label("building"),
            func.ST_X(Household.position).label("lon"),
            func.ST_Y(Household.position).label("lat"),
        )
        .outerjoin(Building, Building.id == Household.building_id)
        .where(is_of(view, PlacedKind.HOUSEHOLD, Household), *conditions)
        .order_by(func.length(Household.std_address), Household.std_address)
        .limit(limit)
    )
    return [
        Hit(
            kind="household",
            id=row.id,
            title=row.std_address,
            subtitle=row.address or "",
            lon=row.lon,
            lat=row.lat,
            building=row.building,
        )
        for row in view.session.execute(statement)
    ]


def _matches(reading: AddressQuery) -> ColumnElement[bool]:
    pattern = reading.building_pattern
    if pattern is None:
        return false()
    return or_(*(_BY_BUILDING[name].like(pattern, escape=LIKE_ESCAPE) for name in reading.columns))


def is_here(view: View) -> ColumnElement[bool]:
    """Households that stood there on the day of the view."""
    return lived_on(Household.lived_from, Household.lived_to, view.when.day)


def households_of(view: View, building_id: str) -> list[tuple[str, str]]:
    """Ids and addresses of a building's households that the actor may see."""
    require(view.actor, Action.HOUSEHOLDS_FIND)
    statement = (
        select(Household.id, Household.std_address)
        .where(
            is_of(view, PlacedKind.HOUSEHOLD, Household),
            Household.building_id == building_id,
            is_here(view),
            addresses_visible(view),
        )
        .order_by(func.length(Household.std_address), Household.std_address)
    )
    return [(row.id, row.std_address) for row in view.session.execute(statement)]
