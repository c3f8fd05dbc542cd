"""Elders of a community: where they live, what they need, when they were and are to be met; no names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from sqlalchemy import Select, and_, case, func, literal, or_, select

from gisgrid.analysis.coverage import nearest_station_m
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.figures.counts import household_cell, is_elder_sql, is_here
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.open_purposes import is_open, is_refused
from gisgrid.people.core.purposes import VISIT_NEEDS, Purpose
from gisgrid.people.core.rules import age_on
from gisgrid.people.edits.field_states import FieldState
from gisgrid.places.models import Facility, FacilityType, Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.work.next_visits import NextVisit, next_visits
from gisgrid.records.work.scopes import whole_scope
from gisgrid.storage.base import valid_at
from gisgrid.welfare.models import AssignedVisitor

VISIT_FORM: Final = "elder_visit"
_Days: TypeAlias = dict[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderHome:
    """An elder by id, with the home and its straight metres to the nearest home-care station.

    ``consent`` tells whether visits may be arranged. ``needs`` are the kinds that hold and may be known.
    """

    id: str
    household: str
    address: str
    cell: str | None
    lon: float | None
    lat: float | None
    age: int
    consent: FieldState
    needs: frozenset[str]
    has_visitor: bool
    station_m: float


def elders_of(view: View) -> list[ElderHome]:
    """The elders there are that day, in the order of their addresses. Remembered: not to be changed."""
    return view.remembered("elders to visit", make=lambda: _read_elders(view))


def days_met(view: View, day: date) -> _Days:
    """The last day up to a day on which people were met at a visit to elders, by their ids."""
    statement = (
        select(Record.resident_id, func.max(Record.day))
        .where(
            Record.community_id == view.community.id,
            Record.form_code == VISIT_FORM,
            Record.resident_id.is_not(None),
            Record.met.is_(True),
            Record.day <= day,
            is_valid(),
        )
        .group_by(Record.resident_id)
    )

    def make() -> _Days:
        return {str(person): last for person, last in view.session.execute(statement)}

    return view.remembered("days elders were met", day, make=make)


def days_due(view: View, day: date) -> dict[str, NextVisit]:
    """The next visit to people by the rules of visits to elders, as it stood on a day, by their ids.

    Of whoever agreed or wasn't asked; nobody is there for whom no rule holds.
    """

    def make() -> dict[str, NextVisit]:
        visits = next_visits(view, whole_scope(view), VISIT_FORM, day)
        return {person: own[0] for person, own in visits.items()}

    return view.remembered("days elders are due", day, make=make)


def _read_elders(view: View) -> list[ElderHome]:
    rows = view.session.execute(_elders(view)).all()
    stations = home_care_stations(view)
    metres = nearest_station_m(
        np.array([row.lon for row in rows], np.float64),
        np.array([row.lat for row in rows], np.float64),
        station_lon=shapely.get_x(stations),
        station_lat=shapely.get_y(stations),
    )
    needs = _needs(view)
    visited = {*view.session.scalars(_visited(view))}
    return [
        ElderHome(
            id=row.id,
            household=row.household,
            address=row.address,
            cell=row.cell,
            lon=row.lon,
            lat=row.lat,
            age=age_on(row.born, view.when.day),
            consent=FieldState(row.consent),
            needs=needs.get(row.id, frozenset()),
            has_visitor=row.id in visited,
            station_m=float(far),
        )
        for row, far in zip(rows, metres, strict=True)
    ]


def _elders(view: View) -> Select[Any]:
    consent = case(
        (is_refused(Purpose.ELDER_VISITS), literal(FieldState.REFUSED.value)),
        (is_open(Purpose.ELDER_VISITS), literal(FieldState.OPEN.value)),
        else_=literal(FieldState.NOT_ASKED.value),
    )
    return (
        select(
            Resident.id,
            Household.id.label("household"),
            Household.std_address.label("address"),
            household_cell(view).label("cell"),
            func.ST_X(Household.position).label("lon"),
            func.ST_Y(Household.position).label("lat"),
            Resident.birth_date.label("born"),
            consent.label("consent"),
        )
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), is_elder_sql(view))
        .order_by(func.length(Household.std_address), Household.std_address, Resident.id)
    )


def _needs(view: View) -> dict[str, frozenset[str]]:
    """Kinds of needs that hold and may be known, by person."""
    is_visit = Need.kind.in_(VISIT_NEEDS)
    agreed = or_(
        and_(is_visit, is_open(Purpose.ELDER_VISITS)), and_(~is_visit, is_open(Purpose.SENSITIVE_NEEDS))
    )
    statement = (
        select(Need.resident_id, Need.kind)
        .join(Resident, Resident.id == Need.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), is_elder_sql(view), valid_at(Need, view.when.at), agreed)
    )
    kinds: dict[str, frozenset[str]] = {}
    for person, kind in view.session.execute(statement):
        kinds[person] = kinds.get(person, frozenset()) | {kind}
    return kinds


def _visited(view: View) -> Select[str]:
    """Who has a visitor."""
    return (
        select(AssignedVisitor.resident_id)
        .join(Resident, Resident.id == AssignedVisitor.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), valid_at(AssignedVisitor, view.when.at))
    )


def home_care_stations(view: View) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The positions of the home-care stations there are today, in EPSG:4326."""
    statement = select(Facility.position).where(
        is_of(view, PlacedKind.FACILITY, Facility), Facility.type == FacilityType.HOME_CARE_STATION
    )
    return np.array(list(view.session.scalars(statement)), dtype=np.object_)
