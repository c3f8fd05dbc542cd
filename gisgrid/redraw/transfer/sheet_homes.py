"""Households and cases on a hand-over sheet, as the actor may know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.scope import is_open, visible_cases
from gisgrid.days import local_text_or_none
from gisgrid.figures.counts import is_elder_sql, is_here
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT, OLD_ELDER_AGE, age_or_none
from gisgrid.people.queries import Sight, masked, sight_of
from gisgrid.places.models import Building, Household
from gisgrid.redraw.impact.duties import worker_names
from gisgrid.redraw.transfer.answers import ElderRow, PassedCase, PassedHome, PassedTask
from gisgrid.redraw.transfer.handovers import Pass, households_by_hands, workers_of
from gisgrid.redraw.transfer.visitors import Visits
from gisgrid.redraw.transfer.waiting_tasks import waiting_tasks
from gisgrid.welfare.queries import visits_of

_MOST: Final = 500
_COUNTING: Final = frozenset({Role.HEAD, Role.STAFF, Role.LOCAL})
"""Roles that know how many elders a household has, in their whole community."""
_WHOLE: Final = frozenset({Role.HEAD, Role.LOCAL})
"""Roles that know how many tasks wait, in their whole community; others in what they serve."""


@dataclass(frozen=True, kw_only=True)
class SheetHome:
    """A household as the actor may know it, with its building; ``key`` is its place among others."""

    key: tuple[str, str, str]
    building: str
    row: PassedHome


def passed_homes(view: View, passed: Sequence[Pass], *, is_to_come: bool) -> dict[str, SheetHome]:
    """Households that pass, by id, in the order of their addresses."""
    homes: dict[str, SheetHome] = {}
    hands, workers = households_by_hands(passed), worker_names(view, workers_of(passed))
    for ids in _chunks([home for part in passed for home in part.households]):
        rows = view.session.execute(
            select(Household, Building.address)
            .outerjoin(Building, Building.id == Household.building_id)
            .where(Household.id.in_(ids), is_here(view))
        ).all()
        elders = _elders(view, ids)
        visits = Visits(
            rows=visits_of(view, [elder.id for some in elders.values() for elder in some]),
            hands=hands,
            workers=workers,
            is_to_come=is_to_come,
        )
        tasks = waiting_tasks(view, ids)
        for household, address in rows:
            own = elders.get(household.id, [])
            known = _household(view, household, address, own, visits=visits)
            homes[household.id] = _with_tasks(view, household, known, tasks.get(household.id, []))
    return dict(sorted(homes.items(), key=lambda entry: entry[1].key))


def _chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    """Ids in portions that one statement takes."""
    unique = list(dict.fromkeys(ids))
    return [unique[first : first + _MOST] for first in range(0, len(unique), _MOST)]


def _elders(view: View, ids: Sequence[str]) -> dict[str, list[Resident]]:
    rows = view.session.scalars(
        select(Resident)
        .where(Resident.household_id.in_(ids), is_elder_sql(view))
        .order_by(Resident.birth_date, Resident.id)
    )
    elders: dict[str, list[Resident]] = {}
    for row in rows:
        elders.setdefault(row.household_id, []).append(row)
    return elders


def _household(
    view: View, household: Household, building: str | None, elders: list[Resident], *, visits: Visits
) -> SheetHome:
    """A household as the actor may know it: names of elders in the own grids, masked for heads."""
    sight = sight_of(view, household)
    asked = [] if household.consent in NO_CONSENT else elders
    room = household.std_address.removeprefix(building or "").strip() or household.std_address
    ages = [age for elder in asked if (age := age_or_none(elder.birth_date, view.when.day)) is not None]
    counted = view.actor.role in _COUNTING or sight == Sight.FULL
    row: PassedHome = {
        "id": household.id,
        "room": room,
        "address": household.std_address,
        "elders": len(asked) if counted else None,
        "elders_80": sum(age >= OLD_ELDER_AGE for age in ages) if counted else None,
        "names": _names(asked, ages, sight, visits=visits),
        "open_tasks": None,
        "tasks": [],
    }
    place = building or household.std_address
    return SheetHome(key=(place, household.unit or "", household.room or ""), building=place, row=row)


def _with_tasks(view: View, household: Household, home: SheetHome, tasks: list[PassedTask]) -> SheetHome:
    """With what waits there: each in the own grids, how many for who knows counts."""
    is_open = sight_of(view, household) == Sight.FULL
    is_counted = is_open or view.actor.role in _WHOLE
    row: PassedHome = {
        **home.row,
        "open_tasks": len(tasks) if is_counted else None,
        "tasks": tasks if is_open else [],
    }
    return replace(home, row=row)


def _names(elders: list[Resident], ages: list[int], sight: Sight, *, visits: Visits) -> list[ElderRow]:
    if sight == Sight.NONE:
        return []
    full = sight in {Sight.FULL, Sight.NAMES}
    return [
        {
            "name": elder.name if full else masked(elder.name),
            "age": age if sight == Sight.FULL else None,
            **visits.of(elder),
        }
        for elder, age in zip(elders, ages, strict=True)
    ]


def passed_cases(view: View, passed: Sequence[Pass]) -> dict[str, PassedCase]:
    """Cases that pass and are still open, by id, as far as the actor may see them."""
    cases: dict[str, PassedCase] = {}
    for ids in _chunks([case for part in passed for case in part.cases]):
        rows = view.session.execute(
            select(Case.id, Case.number, Case.address, Case.due_at, Category.name)
            .join(Category, Category.code == Case.category_code)
            .where(Case.id.in_(ids), is_open(), visible_cases(view))
            .order_by(Case.number)
        )
        for row in rows:
            due = local_text_or_none(row.due_at, view.tz)
            cases[row.id] = {
                "id": row.id,
                "number": row.number,
                "category": row.name,
                "address": row.address,
                "deadline": due,
            }
    return cases
