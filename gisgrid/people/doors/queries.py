"""The board of a building: unit by floor, each door with its state, and who lives there by right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, latest_birth
from gisgrid.people.doors.homes import DoorHome, door_homes, own_buildings, own_homes
from gisgrid.people.doors.rules import DoorState, door_state, stacked
from gisgrid.people.freshness import AGEING_DAYS
from gisgrid.people.queries import SIGHTS, Sight, masked
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
        own_homes(view),
    )
    homes = door_homes(view, here)
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


def _units(homes: Iterable[DoorHome], door: Callable[[DoorHome], DoorPlate]) -> list[DoorUnit]:
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
            Building.id == building_id, is_of(view, PlacedKind.BUILDING, Building), own_buildings(view)
        )
    )
    if building is None:
        raise NotFound("no such building")
    return building


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
    view: View, home: DoorHome, state: DoorState, names: dict[str, list[str | None]] | None
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
