"""Households and buildings in a scope with all that their fields are read from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import and_, select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.edits.field_states import FieldState
from gisgrid.places.models import Building, Compound, Household, HouseholdKind
from gisgrid.records.outward.consent_states import ConsentStates
from gisgrid.records.outward.person_facts import PersonFacts
from gisgrid.records.outward.scope import OutwardScope

_EMPTY: Final = frozenset({HouseholdKind.VACANT, HouseholdKind.SECOND_HOME})


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """One household as of the view's day, with those of its people who are registered."""

    id: str
    address: str
    unit: str | None
    room: str | None
    building: str | None
    grid: TreeArea | None
    kind: str | None
    contact: str | None
    people_told: int | None
    minors: int | None
    consent: str | None
    verified_day: date | None
    consents: Mapping[Purpose, FieldState]
    persons: Sequence[PersonFacts]

    def is_open(self, purpose: Purpose) -> bool:
        """Whether the fields of a purpose exist for the household."""
        return self.consents[purpose] == FieldState.OPEN

    @property
    def why_unregistered(self) -> str | None:
        """Why nobody is registered; nothing where somebody is. Whether somebody refused is told to nobody."""
        if self.persons:
            return None
        return "vacant" if self.kind in _EMPTY and self.consent not in NO_CONSENT else "not_registered"

    @property
    def contact_name(self) -> str | None:
        """Who is called by the household's number: the one person with that number, or the only person."""
        called = [person for person in self.persons if self.contact and person.phone == self.contact]
        named = called or list(self.persons)
        return named[0].name if len(named) == 1 else None


def read_homes(
    view: View, scope: OutwardScope, states: ConsentStates, persons: Sequence[PersonFacts]
) -> list[HomeFacts]:
    """The households of a scope in the order of doors; who refused stands there by the address."""
    of_home: dict[str, list[PersonFacts]] = defaultdict(list)
    for person in persons:
        of_home[person.home].append(person)
    statement = (
        select(Household, Building.code, Building.address)
        .outerjoin(Building, Building.id == Household.building_id)
        .where(scope.homes(view))
        .order_by(Household.fid)
    )
    return [_home(view, states, row, of_home) for row in view.session.execute(statement)]


def _home(
    view: View, states: ConsentStates, row: Any, of_home: Mapping[str, Sequence[PersonFacts]]
) -> HomeFacts:
    household: Household = row.Household
    return HomeFacts(
        id=household.id,
        address=household.std_address,
        unit=household.unit,
        room=household.room,
        building=row.code or row.address,
        grid=view.present.grid_of(household.cell_id),
        kind=household.kind,
        contact=household.contact,
        people_told=household.people_told,
        minors=household.minors,
        consent=household.consent,
        verified_day=day_of(household.last_verified_at, view.tz) if household.last_verified_at else None,
        consents={purpose: states.of_home(household.id, household.consent, purpose) for purpose in Purpose},
        persons=of_home.get(household.id, ()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardBuilding:
    """A building with its compound and how many households and registered people it has."""

    id: str
    building: Building
    compound: str | None
    grid: TreeArea | None
    homes: Sequence[HomeFacts]


def read_buildings(view: View, scope: OutwardScope, homes: Sequence[HomeFacts]) -> list[OutwardBuilding]:
    """The buildings of a scope by their addresses."""
    of_building: dict[str | None, list[HomeFacts]] = defaultdict(list)
    for home in homes:
        of_building[home.building].append(home)
    statement = (
        select(Building, Compound.name)
        .outerjoin(Compound, Compound.id == Building.compound_id)
        .where(and_(is_of(view, PlacedKind.BUILDING, Building), scope.holds(Building.cell_id)))
        .order_by(Building.fid)
    )
    return [
        OutwardBuilding(
            id=row.Building.id,
            building=row.Building,
            compound=row.name,
            grid=view.present.grid_of(row.Building.cell_id),
            homes=of_building.get(row.Building.code or row.Building.address, ()),
        )
        for row in view.session.execute(statement)
    ]
