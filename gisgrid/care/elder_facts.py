"""Elders of a community: where they live, what they need, when they were last met; no names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from sqlalchemy import Executable, Row, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.analysis.coverage import nearest_station_m
from gisgrid.areas.view import View
from gisgrid.care.visit_rhythms import VISIT_FORM, VisitFacts, due_day, visit_rule
from gisgrid.days import day_of
from gisgrid.figures.counts import household_cell, is_elder_sql, is_here
from gisgrid.figures.elderly import home_care_stations
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.people.core.open_purposes import is_open, is_refused
from gisgrid.people.core.purposes import VISIT_NEEDS, Purpose
from gisgrid.people.core.rules import ELDER_AGE, OLD_ELDER_AGE, age_on
from gisgrid.people.edits.field_states import FieldState
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.storage.base import valid_at
from gisgrid.welfare.models import AssignedVisitor

_GRADED: Final = "ability_grade"
_Days: TypeAlias = dict[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderHome:
    """An elder by id, with the home and its straight metres to the nearest home-care station.

    ``consent`` tells whether visits may be arranged. ``needs`` are the kinds that hold and may be known.
    ``rule``: by which visits are due, if by any, and ``since`` which day at the earliest.
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
    rule: str | None
    since: date

    def due_after(self, last: date | None) -> date | None:
        """The last day of the next visit after the last one; nothing where none is due."""
        return due_day(self.rule, since=self.since, last=last) if self.rule else None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside the elders in other tables, by their ids or those of their homes."""

    needs: dict[str, frozenset[str]]
    grades: dict[str, int]
    begun: _Days
    visitors: _Days
    own_answers: _Days
    shared_answers: _Days


def _read_elders(view: View) -> list[ElderHome]:
    rows = view.session.execute(_elders(view)).all()
    stations = home_care_stations(view)
    metres = nearest_station_m(
        np.array([row.lon for row in rows], np.float64),
        np.array([row.lat for row in rows], np.float64),
        station_lon=shapely.get_x(stations),
        station_lat=shapely.get_y(stations),
    )
    needs, grades, begun = _needs(view)
    beside = _Beside(
        needs=needs,
        grades=grades,
        begun=begun,
        visitors=_days_by_id(view, _visitors(view)),
        own_answers=_days_by_id(view, _answers(Consent.resident_id)),
        shared_answers=_days_by_id(view, _answers(Consent.household_id)),
    )
    day = view.when.day
    return [_elder(row, float(far), beside, day) for row, far in zip(rows, metres, strict=True)]


def _elder(row: Row[Any], station_m: float, beside: _Beside, day: date) -> ElderHome:
    age, needs = age_on(row.born, day), beside.needs.get(row.id, frozenset())
    facts = VisitFacts(
        age=OLD_ELDER_AGE if age >= OLD_ELDER_AGE else ELDER_AGE,
        needs=needs,
        grade=beside.grades.get(row.id),
        has_visitor=row.id in beside.visitors,
    )
    rule = visit_rule(facts) if row.consent == FieldState.OPEN else None
    return ElderHome(
        id=row.id,
        household=row.household,
        address=row.address,
        cell=row.cell,
        lon=row.lon,
        lat=row.lat,
        age=age,
        consent=FieldState(row.consent),
        needs=needs,
        has_visitor=facts.has_visitor,
        station_m=station_m,
        rule=rule,
        since=_since(row, rule, beside),
    )


def _since(row: Row[Any], rule: str | None, beside: _Beside) -> date:
    """Since when a rule has held: living there, old enough, agreed, and with the first need or visitor."""
    reasons = [days[row.id] for days in (beside.begun, beside.visitors) if row.id in days]
    answers = (beside.own_answers.get(row.id), beside.shared_answers.get(row.household))
    lived_from: date = row.lived_from
    old = _birthday(row.born, OLD_ELDER_AGE if rule == "elder_week" else ELDER_AGE)
    return max([lived_from, old, *filter(None, answers), *([min(reasons)] if reasons else [])])


def _birthday(born: date, age: int) -> date:
    """The day on which an age is reached; 1 March for who was born on a day that the year lacks."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


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
            Resident.lived_from,
            consent.label("consent"),
        )
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), is_elder_sql(view))
        .order_by(func.length(Household.std_address), Household.std_address, Resident.id)
    )


def _needs(view: View) -> tuple[dict[str, frozenset[str]], dict[str, int], _Days]:
    """Kinds of needs that hold, grades of ability, and the day of the first need, by person."""
    is_visit = Need.kind.in_(VISIT_NEEDS)
    agreed = or_(
        and_(is_visit, is_open(Purpose.ELDER_VISITS)), and_(~is_visit, is_open(Purpose.SENSITIVE_NEEDS))
    )
    statement = (
        select(Need.resident_id, Need.kind, Need.grade, Need.valid_from)
        .join(Resident, Resident.id == Need.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), is_elder_sql(view), valid_at(Need, view.when.at), agreed)
    )
    kinds: dict[str, frozenset[str]] = {}
    grades: dict[str, int] = {}
    begun: _Days = {}
    for person, kind, grade, since in view.session.execute(statement):
        kinds[person] = kinds.get(person, frozenset()) | {kind}
        day = day_of(since, view.tz)
        begun[person] = min(begun.get(person, day), day)
        if kind == _GRADED and grade is not None:
            grades[person] = grade
    return kinds, grades, begun


def _visitors(view: View) -> Select[str, datetime]:
    return (
        select(AssignedVisitor.resident_id, AssignedVisitor.valid_from)
        .join(Resident, Resident.id == AssignedVisitor.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(is_here(view), valid_at(AssignedVisitor, view.when.at))
    )


def _answers(subject: InstrumentedAttribute[str | None]) -> Select[str | None, datetime]:
    """When subjects last answered whether visits may be arranged."""
    return (
        select(subject, func.max(Consent.asked_at))
        .where(subject.is_not(None), Consent.purpose == Purpose.ELDER_VISITS.value)
        .group_by(subject)
    )


def _days_by_id(view: View, statement: Executable) -> _Days:
    return {row[0]: _day(row[1], view) for row in view.session.execute(statement)}


def _day(at: datetime, view: View) -> date:
    return day_of(at, view.tz)
