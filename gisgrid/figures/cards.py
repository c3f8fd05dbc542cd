"""Cards: one household, one area, one building, each with what stands around it and by right."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Duty, DutyKind, Role, Worker
from gisgrid.areas.models import Level, PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.precision import exact_cases
from gisgrid.cases.core.scope import is_open, visible_cases
from gisgrid.days import local_text_or_none
from gisgrid.errors import NotFound
from gisgrid.figures.answers import (
    AreaCard,
    AreaCounts,
    BuildingCard,
    BuildingFacts,
    HouseholdCard,
    OpenCaseRow,
    ServingRow,
    VisitedPerson,
)
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.counts import is_elder_sql
from gisgrid.figures.tables import to_rows
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.queries import PersonRow, Sight, count_people, persons_of, sight_of
from gisgrid.places.models import Building, Compound, Household
from gisgrid.places.search import addresses_visible, households_of
from gisgrid.storage.base import valid_at
from gisgrid.welfare.queries import visits_of

_COUNTING_ROLES = frozenset({Role.HEAD, Role.STAFF, Role.LOCAL})


def household_card(view: View, household_id: str, *, reason: str | None, now: datetime) -> HouseholdCard:
    """Address, number of people, open cases; persons by right and, for heads, after a reason.

    Leaves one audit entry.

    Raises
    ------
    NotFound
        No such household within what the actor may see.
    """
    require(view.actor, Action.HOUSEHOLDS_FIND)
    statement = select(Household).where(
        Household.id == household_id, Household.community_id == view.community.id, addresses_visible(view)
    )
    household = view.session.scalar(statement)
    if household is None:
        raise NotFound("no such household")
    grid = view.division.grid_of(household.cell_id)
    persons = persons_of(view, household, reason=reason, now=now)
    if persons.rows is None:  # else the persons' own entry tells that the card was opened
        record(view.session, view.actor, "households:view", "household", now=now, object_id=household.id)
    sight = sight_of(view, household)
    counts = view.actor.role in _COUNTING_ROLES or sight != Sight.NONE
    is_asked = household.consent not in NO_CONSENT
    people = count_people(view, household.id) if counts and is_asked else None
    return {
        "id": household.id,
        "address": household.std_address,
        "lon": household.position.x if household.position else None,
        "lat": household.position.y if household.position else None,
        "building": _building(view, household.building_id),
        "grid": {"code": grid.code, "name": grid.name} if grid else None,
        "members": members_of(view, grid) if grid else [],
        "people": people,
        # Who may know names and addresses alone learns no ages.
        "elders": _elders(view, household.id) if counts and people and sight != Sight.NAMES else None,
        "open_cases": _open_cases(view, household),
        "consent": _consent(household, people=people, known=counts),
        "verified_at": household.last_verified_at.date().isoformat() if household.last_verified_at else None,
        "persons": _with_visitors(view, persons.rows),
        "persons_hidden": persons.hidden,
    }


def _with_visitors(view: View, rows: list[PersonRow] | None) -> list[PersonRow] | list[VisitedPerson] | None:
    """Persons with their visitors, for those who may know them; who learns names alone learns none."""
    if rows is None or not may(view.actor, Action.VISITORS_VIEW):
        return rows
    visits = visits_of(view, [row["id"] for row in rows])
    visitors = {resident: visit.shown(view) for resident, visit in visits.items()}
    return [VisitedPerson(**row, visitor=visitors.get(row["id"])) for row in rows]


def _consent(household: Household, *, people: int | None, known: bool) -> str | None:
    if not known:
        return None
    if household.consent in NO_CONSENT:
        return household.consent
    return "registered" if people else "not_registered"


def _elders(view: View, household_id: str) -> int:
    statement = select(func.count()).where(Resident.household_id == household_id, is_elder_sql(view))
    return view.session.scalar(statement) or 0


def _building(view: View, building_id: str | None) -> BuildingFacts | None:
    row = view.session.execute(
        select(Building, Compound.name.label("compound"))
        .outerjoin(Compound, Compound.id == Building.compound_id)
        .where(Building.id == building_id)
    ).one_or_none()
    if row is None:
        return None
    building: Building = row.Building
    return {
        "id": building.id,
        "code": building.code,
        "address": building.address,
        "compound": row.compound,
        "built_year": building.built_year,
        "condition": building.condition,
        "floors": building.floors,
        "lift": building.has_lift,
    }


def _open_cases(view: View, household: Household) -> list[OpenCaseRow]:
    """Open cases at the household's address that the actor may see."""
    if household.building_id is None:
        return []
    statement = (
        select(Case, Category.name.label("category_name"))
        .join(Category, Category.code == Case.category_code)
        .where(
            visible_cases(view) & exact_cases(view),
            is_open(),
            Case.building_id == household.building_id,
            (Case.address == household.std_address) | (Case.address.is_(None)),
        )
        .order_by(Case.reported_at.desc(), Case.fid.desc())
    )
    return [
        {
            "id": row.Case.id,
            "number": row.Case.number,
            "category": row.category_name,
            "state": row.Case.state,
            "deadline": local_text_or_none(row.Case.due_at, view.tz),
        }
        for row in view.session.execute(statement)
    ]


def building_card(view: View, building_id: str, *, now: datetime) -> BuildingCard:
    """A building with its grid, its members and the addresses in it that the actor may see.

    Leaves an audit entry with how many addresses.

    Raises
    ------
    NotFound
        No such building within what the actor may see.
    """
    require(view.actor, Action.BUILDINGS_VIEW)
    row = view.session.execute(
        select(
            Building.cell_id,
            func.ST_X(func.ST_Centroid(Building.footprint)).label("lon"),
            func.ST_Y(func.ST_Centroid(Building.footprint)).label("lat"),
        ).where(Building.id == building_id, is_of(view, PlacedKind.BUILDING, Building))
    ).one_or_none()
    building = _building(view, building_id)
    if row is None or building is None:
        raise NotFound("no such building")
    grid = view.division.grid_of(row.cell_id)
    homes = households_of(view, building_id)
    record(
        view.session,
        view.actor,
        "buildings:view",
        "building",
        now=now,
        object_id=building_id,
        count=len(homes),
    )
    return {
        **building,
        "lon": row.lon,
        "lat": row.lat,
        "grid": {"code": grid.code, "name": grid.name} if grid else None,
        "members": members_of(view, grid) if grid else [],
        "households": [{"id": household_id, "address": address} for household_id, address in homes],
    }


def area_card(view: View, code: str) -> AreaCard:
    """An area with its path, its members and its counts as far as the actor may see them."""
    require(view.actor, Action.AREAS_VIEW)
    area = view.division.tree.by_code(code)
    figures = area_figures(view, area.level)
    rows = to_rows(figures.loc[figures["code"] == code].drop(columns=["code", "name"]))
    return {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "path": [step.name for step in view.division.tree.path(area.id)],
        "members": members_of(view, area),
        **cast("AreaCounts", rows[0] if rows else {}),
    }


def members_of(view: View, area: TreeArea) -> list[ServingRow]:
    """Who serves an area now: duty names and office phones, which are public; the primary member first."""
    wanted = [area.id]
    if area.level == Level.MICRO_GRID and area.parent_id:
        wanted.append(area.parent_id)
    rows = view.session.execute(
        select(Worker.name, Worker.office_phone, Duty.kind, Duty.is_primary)
        .join(Duty, Duty.worker_id == Worker.id)
        .where(Duty.area_id.in_(wanted), valid_at(Duty, view.when.at))
        .order_by(Duty.is_primary.desc(), Duty.kind, Worker.name)
    )
    order = list(DutyKind)
    people: list[ServingRow] = [
        {"name": row.name, "phone": row.office_phone, "duty": row.kind, "primary": row.is_primary}
        for row in rows
    ]
    return sorted(people, key=lambda person: (not person["primary"], order.index(DutyKind(person["duty"]))))
