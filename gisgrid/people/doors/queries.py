"""The board of a building: unit by floor, each door with its state, and who lives there by right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.people.core.models import DataRequest, DataRequestStep, Resident
from gisgrid.people.core.request_rules import RequestOutcome
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, latest_birth
from gisgrid.people.doors.rules import DoorFacts, DoorState, door_state, stacked
from gisgrid.people.freshness import AGEING_DAYS, Freshness, last_verified
from gisgrid.people.queries import ANYWHERE, SIGHTS, Sight, masked
from gisgrid.places.models import Building, Household
from gisgrid.places.search import is_here
from gisgrid.storage.base import lived_on

_NAMED: Final = frozenset({Sight.FULL, Sight.MASKED})


class DoorPlate(TypedDict):
    """A door; ``persons`` are names, masked for heads, and null where the account learns none."""

    household: str
    address: str
    unit: str | None
    room: str | None
    state: DoorState
    verified_on: str | None
    missed_on: str | None
    persons: list[str | None] | None


class DoorFloor(TypedDict):
    """The doors of a floor; ``floor`` is null where the rooms tell none."""

    floor: int | None
    doors: list[DoorPlate]


class DoorUnit(TypedDict):
    """The floors of a unit from the top down; ``unit`` is null where addresses have none."""

    unit: str | None
    floors: list[DoorFloor]


class BuildingDoors(TypedDict):
    """The doors of a building, how many are in each state, and after how many days one is to be verified."""

    building: str
    address: str
    ageing_days: int
    counts: dict[str, int]
    units: list[DoorUnit]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dwelling:
    """A household that stands in the building, as its row has it."""

    id: str
    address: str
    unit: str | None
    room: str | None
    facts: DoorFacts


def building_doors(view: View, building_id: str, *, now: datetime) -> BuildingDoors:
    """The doors of a building as the actor may see them. Leaves one audit entry.

    Members and staff have those of their own grids with names, heads all with masked names, stewards those of
    their buildings without persons. Minors below 14, and who refused or withdrew, are named nowhere.

    Raises
    ------
    NotAllowed
        The role sees no doors.
    NotFound
        No such building within what the actor may see.
    """
    require(view.actor, Action.DOORS_VIEW)
    building = _building(view, building_id)
    here = and_(
        Household.building_id == building.id,
        is_of(view, PlacedKind.HOUSEHOLD, Household),
        is_here(view),
        _own_homes(view),
    )
    homes = _homes(view, here, _misses(view, here))
    sight = _sight(view)
    names = _names(view, here, is_masked=sight == Sight.MASKED) if sight in _NAMED else None
    record(
        view.session,
        view.actor,
        "doors:list",
        "building",
        now=now,
        object_id=building.id,
        count=len(homes),
        fields=() if names is None else ("name",),
    )
    states = {home.id: door_state(home.facts, view.when.at) for home in homes}
    count = Counter(states.values())
    return {
        "building": building.id,
        "address": building.address,
        "ageing_days": AGEING_DAYS,
        "counts": {state.value: count[state] for state in DoorState},
        "units": _units(homes, lambda home: _door(view, home, states[home.id], names)),
    }


def _units(homes: Iterable[_Dwelling], door: Callable[[_Dwelling], DoorPlate]) -> list[DoorUnit]:
    """The homes as they stand in the house, each as ``door`` makes it."""
    return [
        {
            "unit": unit,
            "floors": [{"floor": floor, "doors": [door(home) for home in row]} for floor, row in floors],
        }
        for unit, floors in stacked(homes)
    ]


def _sight(view: View) -> Sight:
    return SIGHTS.get(view.actor.role, Sight.NONE) if view.actor.role else Sight.NONE


def _building(view: View, building_id: str) -> Building:
    building = view.session.scalar(
        select(Building).where(
            Building.id == building_id, is_of(view, PlacedKind.BUILDING, Building), _own_buildings(view)
        )
    )
    if building is None:
        raise NotFound("no such building")
    return building


def _own_homes(view: View) -> ColumnElement[bool]:
    if view.actor.role in ANYWHERE:
        return true()
    if view.actor.role in {Role.STAFF, Role.MEMBER}:
        return Household.cell_id.in_(view.own_cells)
    if view.actor.role == Role.STEWARD:
        return Household.building_id.in_(view.actor.buildings)
    return false()


def _own_buildings(view: View) -> ColumnElement[bool]:
    if view.actor.role in ANYWHERE:
        return true()
    if view.actor.role in {Role.STAFF, Role.MEMBER}:
        has_own = exists().where(Household.building_id == Building.id, _own_homes(view))
        return or_(Building.cell_id.in_(view.own_cells), has_own)
    if view.actor.role == Role.STEWARD:
        return Building.id.in_(view.actor.buildings)
    return false()


def _homes(view: View, here: ColumnElement[bool], misses: dict[str, datetime]) -> list[_Dwelling]:
    fresh = Freshness.of(view, here)
    columns = (
        Household.id,
        Household.std_address,
        Household.unit,
        Household.room,
        Household.consent,
        Household.kind,
        Household.vacated_at,
        Household.last_verified_at,
        fresh.answered.c.at.label("answered_at"),
    )
    statement = fresh.joined(select(*columns).select_from(Household)).where(here)
    return [_home(view, row, misses.get(row.id)) for row in view.session.execute(statement)]


def _home(view: View, row: Any, missed_at: datetime | None) -> _Dwelling:
    facts = DoorFacts(
        consent=row.consent,
        kind=row.kind,
        vacated_at=row.vacated_at,
        verified_at=last_verified(view, row.last_verified_at, row.answered_at),
        missed_at=missed_at,
    )
    return _Dwelling(id=row.id, address=row.std_address, unit=row.unit, room=row.room, facts=facts)


def _misses(view: View, here: ColumnElement[bool]) -> dict[str, datetime]:
    """When somebody last knocked at a household and met nobody, by its id."""
    statement = (
        select(DataRequest.household_id, func.max(DataRequestStep.at).label("at"))
        .join(DataRequest, DataRequest.id == DataRequestStep.request_id)
        .join(Household, Household.id == DataRequest.household_id)
        .where(
            here,
            DataRequestStep.outcome == RequestOutcome.NOT_MET.value,
            DataRequestStep.at <= view.when.at,
        )
        .group_by(DataRequest.household_id)
    )
    return {row.household_id: row.at for row in view.session.execute(statement)}


def _names(view: View, here: ColumnElement[bool], *, is_masked: bool) -> dict[str, list[str | None]]:
    """Names of who lives behind each door and may stand in a list, the eldest first."""
    born = Resident.birth_date
    statement = (
        select(Resident.household_id, Resident.name)
        .join(Household, Household.id == Resident.household_id)
        .where(
            here,
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
            Resident.consent.not_in(NO_CONSENT),
            Resident.erased_at.is_(None),
            lived_on(Resident.lived_from, Resident.lived_to, view.when.day),
            or_(born.is_(None), born <= latest_birth(LISTED_AGE, view.when.day)),
        )
        .order_by(born, Resident.id)
    )
    names: dict[str, list[str | None]] = defaultdict(list)
    for row in view.session.execute(statement):
        names[row.household_id].append(masked(row.name) if is_masked else row.name)
    return names


def _door(
    view: View, home: _Dwelling, state: DoorState, names: dict[str, list[str | None]] | None
) -> DoorPlate:
    return {
        "household": home.id,
        "address": home.address,
        "unit": home.unit,
        "room": home.room,
        "state": state,
        "verified_on": _day(view, home.facts.verified_at),
        "missed_on": _day(view, home.facts.missed_at),
        "persons": None if names is None or state == DoorState.REFUSED else names.get(home.id, []),
    }


def _day(view: View, at: datetime | None) -> str | None:
    return at.astimezone(view.tz).date().isoformat() if at else None
