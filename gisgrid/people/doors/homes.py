"""Homes as their doors tell of them, and whose doors an actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.people.core.models import DataRequest, DataRequestStep
from gisgrid.people.core.request_rules import RequestOutcome
from gisgrid.people.doors.rules import DoorFacts
from gisgrid.people.freshness import Freshness, last_verified
from gisgrid.people.queries import ANYWHERE
from gisgrid.places.models import Building, Household


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorHome:
    """A household that stands in the building, as its row has it."""

    id: str
    address: str
    unit: str | None
    room: str | None
    facts: DoorFacts


def own_homes(view: View) -> ColumnElement[bool]:
    """Households whose doors the actor may see: of own grids or buildings, for heads all, as SQL."""
    if view.actor.role in ANYWHERE:
        return true()
    if view.actor.role in {Role.STAFF, Role.MEMBER}:
        return Household.cell_id.in_(view.own_cells)
    if view.actor.role == Role.STEWARD:
        return Household.building_id.in_(view.actor.buildings)
    return false()


def own_buildings(view: View) -> ColumnElement[bool]:
    """Buildings whose board the actor may see, as SQL."""
    if view.actor.role in ANYWHERE:
        return true()
    if view.actor.role in {Role.STAFF, Role.MEMBER}:
        has_own = exists().where(Household.building_id == Building.id, own_homes(view))
        return or_(Building.cell_id.in_(view.own_cells), has_own)
    if view.actor.role == Role.STEWARD:
        return Building.id.in_(view.actor.buildings)
    return false()


def door_homes(view: View, here: ColumnElement[bool]) -> list[DoorHome]:
    """The households of a condition with what their doors tell, in no order. Asks no right."""
    misses = _misses(view, here)
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


def _home(view: View, row: Any, missed_at: datetime | None) -> DoorHome:
    facts = DoorFacts(
        consent=row.consent,
        kind=row.kind,
        vacated_at=row.vacated_at,
        verified_at=last_verified(view, row.last_verified_at, row.answered_at),
        missed_at=missed_at,
    )
    return DoorHome(id=row.id, address=row.std_address, unit=row.unit, room=row.room, facts=facts)


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
