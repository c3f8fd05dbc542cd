"""Visits in five steps as one course: how each step stands, which is next, and how it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.places.import_rows import batches
from gisgrid.records.core.record_models import GONE, Record
from gisgrid.records.core.validity import is_valid
from gisgrid.records.lists.case_links import LinkedCase, cases_linked
from gisgrid.records.lists.lines import KeptRow

VISIT: Final = "visit5"
FEEDBACK: Final = "visit5_feedback"
_RULE: Final = "feedback_7d"
_USUAL: Final = timedelta(days=7)
_MATTERS: Final = ("topic_groups", "wishes", "opinion")


class VisitStep(StrEnum):
    """The five steps of a visit: met, asked, put on record, arranged, answered."""

    VISIT = "visit"
    OPINIONS = "opinions"
    FILING = "filing"
    COORDINATION = "coordination"
    FEEDBACK = "feedback"


class VisitStepState(StrEnum):
    """How a step of a visit stands."""

    DONE = "done"
    WAITING = "waiting"
    OPEN = "open"
    NOT_NEEDED = "not_needed"


class VisitStepLine(TypedDict):
    """A step of a visit, and how it stands."""

    step: VisitStep
    state: VisitStepState


class VisitState(TypedDict):
    """How far a visit has come: for which step it waits, until when, and by which case or form it goes on.

    ``waits_for`` is nothing of one that is finished. ``task`` is the key of the task that the next record
    answers, where there is one.
    """

    steps: list[VisitStepLine]
    waits_for: VisitStep | None
    due: str | None
    is_late: bool
    case: LinkedCase | None
    next_form: str | None
    task: str | None


@dataclass(frozen=True, slots=True)
class VisitCourse:
    """A visit with what was answered, the case it led to, and what came after it at the same door."""

    row: KeptRow
    answers: Mapping[str, Any]
    case: LinkedCase | None
    is_answered: bool
    is_repeated: bool

    @property
    def waits_for(self) -> VisitStep | None:
        """The first step that isn't done, or nothing."""
        if not self._is_met:
            return None if self.is_repeated else VisitStep.VISIT
        if self._how == "somebody":
            return None if self.is_answered else VisitStep.FEEDBACK
        if self._how == "case" or (self._how is None and self.case is not None):
            return self._by_case()
        return VisitStep.COORDINATION if self._how is None and self._has_matter else None

    def _by_case(self) -> VisitStep | None:
        """With a case the case's own end answers; a number that nobody knows is to be mended."""
        if self.is_answered or (self.case is not None and self.case["is_ended"]):
            return None
        return VisitStep.COORDINATION if self.case is None else VisitStep.FEEDBACK

    @property
    def _is_met(self) -> bool:
        return self.row.record.met is True

    @property
    def _how(self) -> str | None:
        return self.answers.get("coordination")

    @property
    def _has_matter(self) -> bool:
        return any(self.answers.get(name) for name in _MATTERS)

    @property
    def due(self) -> date | None:
        """The day that was promised, else a week after the visit; of who wasn't met there is none."""
        promised = self.answers.get("promise_day")
        if isinstance(promised, str):
            return date.fromisoformat(promised)
        return self.row.record.day + _USUAL if self._is_met else None

    @property
    def steps(self) -> list[VisitStepLine]:
        """The five steps in their order."""
        waits = self.waits_for
        return [VisitStepLine(step=step, state=self._state(step, waits)) for step in VisitStep]

    def _state(self, step: VisitStep, waits: VisitStep | None) -> VisitStepState:
        if step == waits:
            return VisitStepState.WAITING
        if waits is not None and list(VisitStep).index(step) > list(VisitStep).index(waits):
            return VisitStepState.OPEN
        return VisitStepState.DONE if self._is_done(step) else VisitStepState.NOT_NEEDED

    def _is_done(self, step: VisitStep) -> bool:
        """Whether a step that isn't waited for was made, or was not needed."""
        is_arranged = self.case is not None or self._how not in {None, "none"}
        done = {
            VisitStep.VISIT: self._is_met,
            VisitStep.OPINIONS: self._is_met and self._has_matter,
            VisitStep.FILING: self._is_met,
            VisitStep.COORDINATION: self._is_met and is_arranged,
            VisitStep.FEEDBACK: self._is_met and is_arranged and self._how != "settled",
        }
        return done[step]

    def state(self, today: date) -> VisitState:
        """How far it has come."""
        step, due = self.waits_for, self.due
        is_answer = step == VisitStep.FEEDBACK and self.case is None
        forms = {VisitStep.VISIT: VISIT, VisitStep.FEEDBACK: FEEDBACK if is_answer else None}
        record = self.row.record
        return VisitState(
            steps=self.steps,
            waits_for=step,
            due=due.isoformat() if due and step else None,
            is_late=step is not None and due is not None and due < today,
            case=self.case,
            next_form=forms.get(step) if step else None,
            task=f"{_RULE}|{record.household_id}|{record.id}" if is_answer else None,
        )


def visit_courses(view: View, rows: Iterable[KeptRow]) -> list[VisitCourse]:
    """Visits in five steps as courses, those apart whose answers are gone."""
    kept = [row for row in rows if row.record.form_code == VISIT and row.record.answers != GONE]
    answers = {row.record.id: json.loads(row.record.answers) for row in kept}
    cases = cases_linked(view, [row.record for row in kept], answers)
    later = _times(view, {row.record.household_id for row in kept if row.record.household_id})
    return [
        VisitCourse(
            row=row,
            answers=answers[row.record.id],
            case=_open_first(cases.get(row.record.id, ())),
            is_answered=_is_after(later[FEEDBACK], row.record),
            is_repeated=_is_after(later[VISIT], row.record),
        )
        for row in kept
    ]


def _open_first(cases: Sequence[LinkedCase]) -> LinkedCase | None:
    return min(cases, key=lambda case: case["is_ended"], default=None)


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
