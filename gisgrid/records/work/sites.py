"""Buildings and facilities as subjects of tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.days import day_of, start_of
from gisgrid.forms.tasks.model import HeldSpan
from gisgrid.places.models import Building, Facility
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.work.cell_changes import cells_since
from gisgrid.records.work.fact_lines import FactLine, WorkSubject

REPEATS: Final = "repeat_cases_90"
_BACK: Final = timedelta(days=90)
_FIRST: Final = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class SiteReader:
    """Reads the buildings and facilities of a scope (as SQL over each table).

    ``since``: how often cases came again is known from that day on.
    """

    view: View
    buildings: ColumnElement[bool]
    facilities: ColumnElement[bool]
    purposes: frozenset[str | None]
    since: date

    def building_subjects(self) -> list[WorkSubject]:
        """Buildings with year, condition and how often cases of one category came within 90 days."""
        repeats = self._repeats()
        statement = select(Building.id, Building.cell_id, Building.built_year, Building.condition)
        return [
            WorkSubject(
                kind=SubjectKind.BUILDING,
                id=row.id,
                cell=row.cell_id,
                building=row.id,
                fixed={
                    "building_year": "" if row.built_year is None else float(row.built_year),
                    "condition": row.condition or "",
                },
                lines={REPEATS: repeats[row.id]} if row.id in repeats else {REPEATS: ((_FIRST, 0.0),)},
                spans=self._always,
                cells=cells_since(row.cell_id, []),
            )
            for row in self.view.session.execute(statement.where(self.buildings))
        ]

    def facility_subjects(self) -> list[WorkSubject]:
        """Facilities with their kind."""
        statement = select(Facility.id, Facility.cell_id, Facility.type).where(self.facilities)
        return [
            WorkSubject(
                kind=SubjectKind.FACILITY,
                id=row.id,
                cell=row.cell_id,
                building=None,
                fixed={"facility_kind": row.type},
                spans=self._always,
                cells=cells_since(row.cell_id, []),
            )
            for row in self.view.session.execute(statement)
        ]

    @property
    def _always(self) -> dict[str | None, tuple[HeldSpan, ...]]:
        return dict.fromkeys(self.purposes, (HeldSpan(start=_FIRST),))

    def _repeats(self) -> dict[str, FactLine]:
        first = start_of(self.since - _BACK, self.view.tz)
        statement = (
            select(Case.building_id, Case.category_code, Case.reported_at)
            .join(Building, Building.id == Case.building_id)
            .where(self.buildings, Case.reported_at >= first, Case.reported_at <= self.view.when.at)
        )
        days: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for building, category, at in self.view.session.execute(statement):
            days[str(building)].append((day_of(at, self.view.tz), category))
        return {building: tuple(repeat_line(cases)) for building, cases in days.items()}


def repeat_line(cases: Sequence[tuple[date, str]]) -> Iterator[tuple[date, float]]:
    """How often the category that came most did so within 90 days, from each day on which that changes.

    ``cases``: the day and the category of each.
    """
    yield _FIRST, 0.0
    for day in sorted({day for reported, _category in cases for day in (reported, reported + _BACK)}):
        count = Counter(category for reported, category in cases if day - _BACK < reported <= day)
        yield day, float(max(count.values(), default=0))
