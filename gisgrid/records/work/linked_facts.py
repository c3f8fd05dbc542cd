"""Facts of people that rows of their own stand for: needs, visitors, contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.forms.tasks.model import HeldSpan
from gisgrid.people.core.models import Need, Resident, ServiceContract
from gisgrid.people.edits.fields import NEEDS
from gisgrid.places.models import Household
from gisgrid.records.work.choices import LINKED, FactValue
from gisgrid.records.work.fact_lines import BLANK, FactLine, line_of
from gisgrid.records.work.refusals import Refusal, without
from gisgrid.welfare.models import AssignedVisitor

GRADED: Final = "ability_grade"
"""The need whose grade is the fact; of all others the fact is that they are there."""
_VISITOR: Final = "has_visitor"
_CONTRACT: Final = "contracted"
RefusedDays = Callable[[str], Iterable[Refusal]]
"""The days on which a purpose was refused."""


@dataclass(slots=True)
class LinkedRows:
    """The rows of one person: intervals of days by fact, and who visits now (a worker's id)."""

    intervals: dict[str, list[tuple[date, date | None, FactValue]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    visitor: str | None = None

    def lines(self, refused: RefusedDays) -> dict[str, FactLine]:
        """The facts by name. A need isn't known while its purpose was refused."""
        return {name: self._line(name, refused) for name in self.intervals}

    def _line(self, name: str, refused: RefusedDays) -> FactLine:
        intervals = self.intervals[name]
        if name in NEEDS and (days := list(refused(NEEDS[name].purpose))):
            intervals = [
                (part.start, part.end, value)
                for start, end, value in intervals
                for part in without(HeldSpan(start=start, end=end), days)
            ]
        return line_of(intervals, BLANK[name])


def linked_rows(view: View, homes: ColumnElement[bool]) -> dict[str, LinkedRows]:
    """Needs, visitors and contracts of the people of some households (as SQL), by the person's id."""
    people: dict[str, LinkedRows] = defaultdict(LinkedRows)
    _add_needs(view, homes, people)
    _add_visitors(view, homes, people)
    _add_contracts(view, homes, people)
    return people


def _of_homes(statement: Any, resident: Any, homes: ColumnElement[bool]) -> Any:
    return (
        statement.join(Resident, Resident.id == resident)
        .join(Household, Household.id == Resident.household_id)
        .where(homes)
    )


def _add_needs(view: View, homes: ColumnElement[bool], people: dict[str, LinkedRows]) -> None:
    columns = (Need.resident_id, Need.kind, Need.grade, Need.valid_from, Need.valid_to)
    statement = _of_homes(select(*columns), Need.resident_id, homes).where(Need.kind.in_(LINKED))
    for resident, kind, grade, start, end in view.session.execute(statement):
        is_graded = kind == GRADED
        if is_graded and grade is None:
            continue
        value: FactValue = float(grade) if is_graded else True
        until = None if end is None else day_of(end, view.tz)
        people[resident].intervals[kind].append((day_of(start, view.tz), until, value))


def _add_visitors(view: View, homes: ColumnElement[bool], people: dict[str, LinkedRows]) -> None:
    columns = (
        AssignedVisitor.resident_id,
        AssignedVisitor.worker_id,
        AssignedVisitor.valid_from,
        AssignedVisitor.valid_to,
    )
    statement = _of_homes(select(*columns), AssignedVisitor.resident_id, homes)
    for resident, worker, start, end in view.session.execute(statement):
        until = None if end is None else day_of(end, view.tz)
        people[resident].intervals[_VISITOR].append((day_of(start, view.tz), until, True))
        if end is None or end > view.when.at:
            people[resident].visitor = worker


def _add_contracts(view: View, homes: ColumnElement[bool], people: dict[str, LinkedRows]) -> None:
    columns = (
        ServiceContract.resident_id,
        ServiceContract.from_day,
        ServiceContract.until_day,
        ServiceContract.ended_at,
    )
    statement = _of_homes(select(*columns), ServiceContract.resident_id, homes)
    for resident, start, until, ended_at in view.session.execute(statement):
        ends = [] if until is None else [until + timedelta(days=1)]
        ends += [] if ended_at is None else [day_of(ended_at, view.tz)]
        people[resident].intervals[_CONTRACT].append((start, min(ends, default=None), True))
