"""Persons in a scope with all that fields of a person are read from, in a few queries."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import (
    ELDER_AGE,
    LISTED_AGE,
    LIVING_HERE,
    NO_CONSENT,
    OLD_ELDER_AGE,
    latest_birth,
)
from gisgrid.people.edits.field_states import FieldState
from gisgrid.places.models import Building, Facility, FacilityType, Household
from gisgrid.records.outward.consent_states import ConsentStates
from gisgrid.records.outward.scope import OutwardScope
from gisgrid.storage.base import lived_on, valid_at
from gisgrid.welfare.queries import visits_of

_NOBODY: Final[Mapping[str, int | None]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """One person of the register as of the view's day. ``needs``: the grade by the kind of a need."""

    id: str
    home: str
    name: str | None
    phone: str | None
    birth_date: date | None
    sex: str | None
    residence_status: str
    address: str
    unit: str | None
    room: str | None
    building: str | None
    grid: TreeArea | None
    on: date
    consents: Mapping[Purpose, FieldState]
    needs: Mapping[str, int | None] = field(default_factory=dict)
    visitor: str | None = None
    station: str | None = None

    @property
    def is_elder(self) -> bool:
        """By the one definition: 60 years, living here; who refused isn't among these persons."""
        return self.is_aged(ELDER_AGE)

    @property
    def is_old_elder(self) -> bool:
        """The same with 80 years."""
        return self.is_aged(OLD_ELDER_AGE)

    def is_aged(self, age: int) -> bool:
        """Whether the person lives here and has reached an age."""
        is_here = self.residence_status in LIVING_HERE
        return is_here and self.birth_date is not None and self.birth_date <= latest_birth(age, self.on)

    def is_open(self, purpose: Purpose) -> bool:
        """Whether the fields of a purpose exist for the person."""
        return self.consents[purpose] == FieldState.OPEN


def read_persons(view: View, scope: OutwardScope, states: ConsentStates) -> list[PersonFacts]:
    """The persons of a scope in the order of doors; nobody below 14, nobody who refused to be registered."""
    rows = view.session.execute(_statement(view, scope)).all()
    ids = [row.id for row in rows]
    needs, visitors, stations = _needs(view, scope), visits_of(view, ids), _stations(view)
    return [
        PersonFacts(
            id=row.id,
            home=row.household_id,
            name=row.name,
            phone=row.phone,
            birth_date=row.birth_date,
            sex=row.sex,
            residence_status=row.residence_status,
            address=row.std_address,
            unit=row.unit,
            room=row.room,
            building=row.building,
            grid=view.present.grid_of(row.cell_id),
            on=view.when.day,
            consents=_states(states, row),
            needs=needs.get(row.id, _NOBODY),
            visitor=visitors[row.id].name if row.id in visitors else None,
            station=_nearest(stations, row.lon, row.lat),
        )
        for row in rows
    ]


def _statement(view: View, scope: OutwardScope) -> Any:
    columns = (Resident.id, Resident.household_id, Resident.name, Resident.phone, Resident.birth_date)
    more = (Resident.sex, Resident.residence_status, Resident.consent)
    return (
        select(
            *columns,
            *more,
            Household.std_address,
            Household.unit,
            Household.room,
            Household.cell_id,
            Household.consent.label("home_consent"),
            func.coalesce(Building.code, Building.address).label("building"),
            func.ST_X(Household.position).label("lon"),
            func.ST_Y(Household.position).label("lat"),
        )
        .join(Household, Household.id == Resident.household_id)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(_present(view, scope), _registered())
        .order_by(Household.fid, Resident.birth_date, Resident.id)
    )


def _present(view: View, scope: OutwardScope) -> ColumnElement[bool]:
    born, day = Resident.birth_date, view.when.day
    return and_(
        scope.homes(view),
        Resident.erased_at.is_(None),
        lived_on(Resident.lived_from, Resident.lived_to, day),
        or_(born.is_(None), born <= latest_birth(LISTED_AGE, day)),
    )


def _registered() -> ColumnElement[bool]:
    said_no = Household.consent.in_(NO_CONSENT) & Household.consent.is_not(None)
    return and_(~said_no, Resident.consent.not_in(NO_CONSENT))


def count_refused(view: View, scope: OutwardScope) -> int:
    """How many persons of a scope aren't among them because they or their household refused."""
    people = select(func.count()).select_from(Resident).join(Household, Household.id == Resident.household_id)
    return view.session.scalars(people.where(_present(view, scope), ~_registered())).one()


def _states(states: ConsentStates, row: Any) -> Mapping[Purpose, FieldState]:
    return {
        purpose: states.of_person(row.household_id, row.home_consent, row.id, row.consent, purpose)
        for purpose in Purpose
    }


def _needs(view: View, scope: OutwardScope) -> Mapping[str, Mapping[str, int | None]]:
    people = (
        select(Resident.id).join(Household, Household.id == Resident.household_id).where(scope.homes(view))
    )
    statement = select(Need.resident_id, Need.kind, Need.grade).where(
        Need.resident_id.in_(people), valid_at(Need, view.when.at)
    )
    needs: dict[str, dict[str, int | None]] = defaultdict(dict)
    for row in view.session.execute(statement):
        needs[row.resident_id][row.kind] = row.grade
    return needs


def _stations(view: View) -> Sequence[tuple[float, float, str]]:
    statement = select(Facility.position, Facility.name).where(
        is_of(view, PlacedKind.FACILITY, Facility), Facility.type == FacilityType.HOME_CARE_STATION
    )
    return [(row.position.x, row.position.y, row.name) for row in view.session.execute(statement)]


def _nearest(
    stations: Sequence[tuple[float, float, str]], lon: float | None, lat: float | None
) -> str | None:
    """The nearest station as the crow flies, on a plane that is true to angles there."""
    if lon is None or lat is None or not stations:
        return None
    narrow = math.cos(math.radians(lat))
    return min(stations, key=lambda station: math.hypot((station[0] - lon) * narrow, station[1] - lat))[2]
