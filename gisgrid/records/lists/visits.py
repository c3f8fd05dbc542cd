"""Visits in five steps that wait for one: single ones to who may know of them, counts by grid to others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import ColumnElement, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import period
from gisgrid.errors import NotAllowed
from gisgrid.people.edits.openings import is_shown_to
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.lists.lines import RecordLine, kept_rows, lines_of
from gisgrid.records.lists.queries import NEWEST
from gisgrid.records.lists.scope import is_agreed_to, record_rows, records_here, visible_records
from gisgrid.records.lists.visit_courses import VISIT, VisitCourse, VisitState, VisitStep, visit_courses

_DAYS: Final = 183
_GRIDS: Final = frozenset({Role.MEMBER, Role.STAFF, Role.LOCAL})
_OUTSIDE: Final = ""
"""In place of a grid's code: what lies in none."""


class UnfinishedVisit(VisitState):
    """A visit that waits, in which grid its household is today, and how far it has come."""

    record: RecordLine
    grid: Annotated[str, Field(description="code; empty outside of all")]
    grid_name: str


class UnfinishedInGrid(TypedDict):
    """How many visits wait in a grid, for which step, and how many of them are late."""

    code: Annotated[str, Field(description="empty: outside of all grids")]
    name: str
    visit: int
    coordination: int
    feedback: int
    waiting: int
    late: int


def sees_visits(actor: Actor) -> bool:
    """Whether somebody is told which visits wait: that is told by their answers."""
    return actor.role in _GRIDS


def unfinished_visits(view: View, *, reason: str | None = None, now: datetime) -> list[UnfinishedVisit]:
    """The visits in five steps of the last half year that wait for a step, the earliest due first.

    Members and staff have those of their own grids, heads after a reason those of the community, without who
    came. A visit whose household has said no since isn't there. Leaves one audit entry, with the reason.

    Raises
    ------
    NotAllowed
        The role isn't told what was answered at visits.
    """
    require(view.actor, Action.TASKS_VIEW)
    is_head = view.actor.role == Role.HEAD and is_shown_to(view, reason)
    if not (sees_visits(view.actor) or is_head):
        raise NotAllowed("this account may not do that")
    courses = _waiting(view, visible_records(view))
    text = (reason or "").strip() or None
    record(view.session, view.actor, "records:list", "record", now=now, count=len(courses), reason=text)
    lines = lines_of(view, [course.row for course in courses], is_shown=True)
    grids = _grids(view, courses)
    rows = [
        UnfinishedVisit(
            record={**line, "by": None} if is_head else line,
            grid=grids[course.row.record.id][0],
            grid_name=grids[course.row.record.id][1],
            **course.state(view.when.day),
        )
        for course, line in zip(courses, lines, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["due"] or "", row["record"]["day"], row["record"]["id"]))


def unfinished_by_grid(view: View) -> list[UnfinishedInGrid]:
    """How many visits wait in each grid of the community and for what, by code; never by who made them.

    Raises
    ------
    NotAllowed
        The role has no tasks, or isn't shown small counts of persons as they are.
    """
    require(view.actor, Action.TASKS_VIEW)
    if not view.actor.sees_exact_counts:
        raise NotAllowed("this account may not do that")
    return view.remembered("unfinished visits", make=lambda: _by_grid(view))


def _by_grid(view: View) -> list[UnfinishedInGrid]:
    courses = _waiting(view, records_here(view))
    grids = _grids(view, courses)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for course in courses:
        count, state = counts[grids[course.row.record.id]], course.state(view.when.day)
        count[str(state["waits_for"])] += 1
        count["late"] += state["is_late"]
    areas = [(grid.code, grid.name) for grid in view.present.tree.at_level(Level.GRID)]
    outside = [(_OUTSIDE, "")] if (_OUTSIDE, "") in counts else []
    return [_counted(grid, counts.get(grid, Counter())) for grid in [*areas, *outside]]


def _counted(grid: tuple[str, str], count: Mapping[str, int]) -> UnfinishedInGrid:
    visit, arranging, answer = (
        count.get(step, 0) for step in (VisitStep.VISIT, VisitStep.COORDINATION, VisitStep.FEEDBACK)
    )
    return UnfinishedInGrid(
        code=grid[0],
        name=grid[1],
        visit=visit,
        coordination=arranging,
        feedback=answer,
        waiting=visit + arranging + answer,
        late=count.get("late", 0),
    )


def _waiting(view: View, seen: ColumnElement[bool]) -> list[VisitCourse]:
    days = period(view.when.day - timedelta(days=_DAYS), None, today=view.when.day, tz=view.tz)
    statement = record_rows().where(
        *(seen, is_agreed_to(), is_valid(), Record.form_code == VISIT),
        Record.day.between(days.first, days.last),
    )
    rows = kept_rows(view, statement.order_by(*NEWEST))
    return [course for course in visit_courses(view, rows) if course.waits_for]


def _grids(view: View, courses: Iterable[VisitCourse]) -> Mapping[str, tuple[str, str]]:
    """By record, code and name of the grid that its household is in today."""
    homes = {course.row.record.id: course.row.record.household_id or "" for course in courses}
    cells: dict[str, str | None] = {}
    for few in batches(sorted({*homes.values()})):
        statement = select(Household.id, Household.cell_id).where(Household.id.in_(few))
        cells |= {row.id: row.cell_id for row in view.session.execute(statement)}
    grids = {home: view.present.grid_of(cell) for home, cell in cells.items()}
    return {
        record_id: (grid.code, grid.name) if (grid := grids.get(home)) else (_OUTSIDE, "")
        for record_id, home in homes.items()
    }
