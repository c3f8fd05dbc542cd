"""Visits in five steps as one course: which step each has reached, and which wait."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.days import period
from gisgrid.errors import NotAllowed
from gisgrid.places.import_rows import batches
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.lists.case_links import LinkedCase, cases_of, number_in
from gisgrid.records.lists.lines import KeptRow, RecordLine, kept_rows, lines_of
from gisgrid.records.lists.queries import NEWEST, RecordFilter, listed

VISIT: Final = "visit5"
FEEDBACK: Final = "visit5_feedback"
_RULE: Final = "feedback_7d"
_DAYS: Final = 183
_USUAL: Final = timedelta(days=7)
_GRIDS: Final = frozenset({Role.MEMBER, Role.STAFF, Role.LOCAL})
_MATTERS: Final = ("topic_groups", "wishes", "opinion")


class VisitStep(StrEnum):
    """The five steps of a visit: met, asked, put on record, arranged, answered."""

    VISIT = "visit"
    OPINIONS = "opinions"
    FILING = "filing"
    COORDINATION = "coordination"
    FEEDBACK = "feedback"


class UnfinishedVisit(TypedDict):
    """A visit that waits: for which step, until when, and by which case or with which form it goes on.

    ``task`` is the key of the task that the next record answers, where there is one.
    """

    record: RecordLine
    waits_for: VisitStep
    due: str | None
    is_late: bool
    case: LinkedCase | None
    next_form: str | None
    task: str | None


@dataclass(frozen=True, slots=True)
class _VisitCourse:
    row: KeptRow
    answers: Mapping[str, Any]
    case: LinkedCase | None
    is_answered: bool
    is_repeated: bool

    @property
    def waits_for(self) -> VisitStep | None:
        """The first step that isn't done, or nothing."""
        if self.row.record.met is not True:
            return None if self.is_repeated else VisitStep.VISIT
        how = self.answers.get("coordination")
        if how == "somebody":
            return None if self.is_answered else VisitStep.FEEDBACK
        if how == "case":
            return self._by_case()
        has_matter = any(self.answers.get(name) for name in _MATTERS)
        return VisitStep.COORDINATION if how is None and has_matter else None

    def _by_case(self) -> VisitStep | None:
        """With a case the case's own end answers; a number that nobody knows is to be mended."""
        if self.is_answered or (self.case is not None and self.case["is_ended"]):
            return None
        return VisitStep.COORDINATION if self.case is None else VisitStep.FEEDBACK

    @property
    def due(self) -> date | None:
        """The day that was promised, else a week after the visit; of who wasn't met there is none."""
        promised = self.answers.get("promise_day")
        if isinstance(promised, str):
            return date.fromisoformat(promised)
        return self.row.record.day + _USUAL if self.row.record.met else None


def sees_visits(actor: Actor) -> bool:
    """Whether somebody is told which visits wait: that is told by their answers."""
    return actor.role in _GRIDS


def unfinished_visits(view: View, *, now: datetime) -> list[UnfinishedVisit]:
    """The visits in five steps of the last half year that wait for a step, the earliest due first.

    Members and staff have those of their own grids; a visit whose household has said no since isn't there.
    Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role isn't told what was answered at visits.
    """
    require(view.actor, Action.TASKS_VIEW)
    if not sees_visits(view.actor):
        raise NotAllowed("this account may not do that")
    courses = [course for course in _courses(view) if course.waits_for is not None]
    record(view.session, view.actor, "records:list", "record", now=now, count=len(courses))
    lines = lines_of(view, [course.row for course in courses], is_shown=True)
    rows = [_unfinished(course, line, view.when.day) for course, line in zip(courses, lines, strict=True)]
    return sorted(rows, key=lambda row: (row["due"] or "", row["record"]["day"], row["record"]["id"]))


def _courses(view: View) -> list[_VisitCourse]:
    days = period(view.when.day - timedelta(days=_DAYS), None, today=view.when.day, tz=view.tz)
    statement = listed(view, RecordFilter(), days).where(Record.form_code == VISIT)
    rows = [row for row in kept_rows(view, statement.order_by(*NEWEST)) if row.record.answers != GONE]
    answers = [json.loads(row.record.answers) for row in rows]
    cases = cases_of(view, map(number_in, answers))
    later = _times(view, {row.record.household_id for row in rows if row.record.household_id})
    return [
        _VisitCourse(
            row=row,
            answers=answered,
            case=cases.get(number_in(answered)),
            is_answered=_is_after(later[FEEDBACK], row.record),
            is_repeated=_is_after(later[VISIT], row.record),
        )
        for row, answered in zip(rows, answers, strict=True)
    ]


def _times(view: View, homes: Iterable[str]) -> Mapping[str, Mapping[str, Sequence[datetime]]]:
    """When visits and their answers were noted, by form and household."""
    times: dict[str, dict[str, list[datetime]]] = {VISIT: {}, FEEDBACK: {}}
    for few in batches(sorted(homes)):
        statement = select(Record.form_code, Record.household_id, Record.filled_at).where(
            Record.household_id.in_(few), Record.form_code.in_(list(times)), is_valid()
        )
        for form, home, at in view.session.execute(statement):
            times[form].setdefault(home or "", []).append(at)
    return times


def _is_after(times: Mapping[str, Sequence[datetime]], row: Record) -> bool:
    return any(at > row.filled_at for at in times.get(row.household_id or "", ()))


def _unfinished(course: _VisitCourse, line: RecordLine, today: date) -> UnfinishedVisit:
    step, due = course.waits_for or VisitStep.VISIT, course.due
    is_answer = step == VisitStep.FEEDBACK and course.case is None
    home = course.row.record.household_id
    forms = {VisitStep.VISIT: VISIT, VisitStep.FEEDBACK: FEEDBACK if is_answer else None}
    return UnfinishedVisit(
        record=line,
        waits_for=step,
        due=due.isoformat() if due else None,
        is_late=due is not None and due < today,
        case=course.case,
        next_form=forms.get(step),
        task=f"{_RULE}|{home}|{line['id']}" if is_answer else None,
    )
