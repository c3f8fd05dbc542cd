"""Counts of a scope by grid: people, needs, cases, and records of each form in the month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, func, or_, select

from gisgrid.access.models import Duty, DutyKind, Worker
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.scope import is_open
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT, ResidenceStatus
from gisgrid.people.edits.fields import FIELDS
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.outward.home_facts import HomeFacts
from gisgrid.records.outward.person_facts import PersonFacts
from gisgrid.records.outward.scope import OutwardScope
from gisgrid.records.outward.visit_counts import VISIT_COUNTS, count_visits
from gisgrid.storage.base import valid_at

Cells = Mapping[str, Mapping[str | None, int]]
"""How many by the code of a count and the cell."""
NEED_PURPOSES: Final[Mapping[str, Purpose]] = {
    field.column: field.purpose for field in FIELDS.values() if field.code.startswith("person.need.")
}
_OF_ELDERS: Final = frozenset({"living_alone", "empty_nest", "ability_grade"})
"""Needs that are counted of elders alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFacts:
    """A grid, or the whole scope, with its primary member and its counts by their code."""

    id: str
    area: TreeArea
    member: str | None
    counts: Mapping[str, int]


def read_areas(
    view: View,
    scope: OutwardScope,
    homes: Sequence[HomeFacts],
    persons: Sequence[PersonFacts],
    *,
    codes: Collection[str],
) -> tuple[list[AreaFacts], AreaFacts]:
    """The grids of a scope by number, and the scope as a whole: what lies in no grid counts there too.

    What needs the tasks of everybody is counted only where ``codes``, the fields that are wanted, name it.
    """
    of_grid: dict[str | None, Counter[str]] = defaultdict(Counter)
    for home in homes:
        of_grid[_id(home.grid)]["count.households"] += 1
    for person in persons:
        of_grid[_id(person.grid)].update(_of_person(person))
    for code, cells in _cell_counts(view, scope, codes).items():
        for cell, number in cells.items():
            of_grid[_id(view.present.grid_of(cell))][code] += number
    members = _members(view)
    grids = [
        AreaFacts(id=grid.id, area=grid, member=members.get(grid.id), counts=of_grid[grid.id])
        for grid in scope.grids
    ]
    total = sum(of_grid.values(), Counter[str]())
    whole = AreaFacts(id=scope.area.id, area=scope.area, member=members.get(scope.area.id), counts=total)
    return grids, whole


def _id(grid: TreeArea | None) -> str | None:
    return grid.id if grid else None


def _of_person(person: PersonFacts) -> Iterable[str]:
    if person.residence_status != ResidenceStatus.ABSENT:
        yield "count.residents"
    if person.is_elder:
        yield "count.elders"
    if person.is_old_elder:
        yield "count.elders_80"
    for kind, grade in person.needs.items():
        is_counted = kind in NEED_PURPOSES and person.is_open(NEED_PURPOSES[kind]) and grade != 0
        if is_counted and (person.is_elder or kind not in _OF_ELDERS):
            yield f"count.need.{kind}"


def _cell_counts(view: View, scope: OutwardScope, codes: Collection[str]) -> Cells:
    counts: dict[str, Mapping[str | None, int]] = {}
    if VISIT_COUNTS & set(codes):
        counts |= count_visits(view, scope)
    for code, statement in _statements(view, scope).items():
        counts[code] = {row[0]: row[1] for row in view.session.execute(statement)}
    of_forms: dict[str, dict[str | None, int]] = defaultdict(dict)
    for form, cell, number in view.session.execute(_records(view, scope)):
        of_forms[f"count.{form}.month"][cell] = number
    return counts | of_forms


def _statements(view: View, scope: OutwardScope) -> Mapping[str, Any]:
    first, end = scope.moments(view)
    closed = and_(Case.closed_at >= first, Case.closed_at < end)
    return {
        "count.cases.received": _cases(view, scope).where(Case.reported_at >= first, Case.reported_at < end),
        "count.cases.on_time": _cases(view, scope).where(
            closed, or_(Case.due_at.is_(None), Case.closed_at <= Case.due_at)
        ),
        "count.cases.open": _cases(view, scope).where(is_open(view.when)),
        "count.needs.new": _needs(view, scope).where(Need.valid_from >= first, Need.valid_from < end),
        "count.needs.ended": _needs(view, scope).where(Need.valid_to >= first, Need.valid_to < end),
    }


def _cases(view: View, scope: OutwardScope) -> Any:
    within = and_(is_of(view, PlacedKind.CASE, Case), scope.holds(Case.cell_id))
    return select(Case.cell_id, func.count()).where(within).group_by(Case.cell_id)


def _needs(view: View, scope: OutwardScope) -> Any:
    return (
        select(Household.cell_id, func.count())
        .select_from(Need)
        .join(Resident, Resident.id == Need.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(
            scope.homes(view),
            Resident.consent.not_in(NO_CONSENT),
            or_(Household.consent.is_(None), Household.consent.not_in(NO_CONSENT)),
        )
        .group_by(Household.cell_id)
    )


def _records(view: View, scope: OutwardScope) -> Any:
    """Records that met somebody, or say nothing of that, by form and the cell of their day."""
    return (
        select(Record.form_code, Record.cell_id, func.count())
        .where(
            Record.community_id == view.community.id,
            scope.holds(Record.cell_id),
            Record.parent_id.is_(None),
            Record.day >= scope.first,
            Record.day < scope.end,
            or_(Record.met.is_(None), Record.met.is_(True)),
            is_valid(),
        )
        .group_by(Record.form_code, Record.cell_id)
    )


def _members(view: View) -> Mapping[str, str]:
    """The name of each grid's primary member."""
    statement = (
        select(Duty.area_id, Worker.name)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(
            Duty.kind == DutyKind.GRID_MEMBER,
            Duty.is_primary.is_(True),
            Duty.area_id.in_(view.present.tree.areas),
            valid_at(Duty, view.when.at),
        )
    )
    return {str(row[0]): row[1] for row in view.session.execute(statement)}
