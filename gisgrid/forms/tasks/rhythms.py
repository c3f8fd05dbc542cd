"""Tasks that come so many days or months after the last visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gisgrid.forms.tasks.model import (
    FieldTask,
    HeldSpan,
    Rhythm,
    TaskRecord,
    TaskRule,
    TaskState,
    TaskSubject,
)
from gisgrid.forms.tasks.months import months_later
from gisgrid.forms.tasks.spans import cell_on, has_ended, last_day


def rhythm_tasks(
    rule: TaskRule,
    rhythm: Rhythm,
    subject: TaskSubject,
    spans: Sequence[HeldSpan],
    visits: Sequence[TaskRecord],
    *,
    today: date,
) -> list[FieldTask]:
    """The answered tasks of each span, and the one that waits or was cancelled with it.

    An early visit starts the time anew, and one before the span counts on, but nothing is due before the
    span begins. A task that was cancelled and is due on the same day in the next span is that one again.
    """
    tasks: dict[date, FieldTask] = {}
    for span in spans:
        course = _SpanCourse(rule=rule, rhythm=rhythm, subject=subject, span=span, today=today)
        for task in course.tasks(visits):
            tasks[task.due] = task
    return list(tasks.values())


def next_due(rhythm: Rhythm, day: date) -> date:
    """When the next visit is due after one."""
    return months_later(day, rhythm.months) if rhythm.months else day + timedelta(days=rhythm.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SpanCourse:
    """The tasks of one span, one after the other."""

    rule: TaskRule
    rhythm: Rhythm
    subject: TaskSubject
    span: HeldSpan
    today: date

    def tasks(self, visits: Sequence[TaskRecord]) -> Iterator[FieldTask]:
        """A task for each visit in the span, and the one after the last visit once the span lets it open."""
        due, end = self._first_due(visits), last_day(self.span)
        for visit in (visit for visit in visits if self.span.start <= visit.day <= end):
            yield self._answered(due, visit)
            due = next_due(self.rhythm, visit.day)
        if self._opens(due) <= end:
            yield self._waiting(due)

    def _first_due(self, visits: Sequence[TaskRecord]) -> date:
        """By the last visit before the span, else by the days for the first one."""
        before = [visit.day for visit in visits if visit.day < self.span.start]
        if before:
            return max(next_due(self.rhythm, before[-1]), self.span.start)
        return self.span.start + timedelta(days=self.rhythm.first)

    def _opens(self, due: date) -> date:
        return max(due - timedelta(days=self.rhythm.lead), self.span.start)

    def _answered(self, due: date, visit: TaskRecord) -> FieldTask:
        state = TaskState.DONE if visit.day <= due else TaskState.LATE
        return replace(self._task(due, state, visit.cell), record=visit.id)

    def _waiting(self, due: date) -> FieldTask:
        cell = cell_on(self.subject.cells, min(last_day(self.span), self.today))
        if has_ended(self.span, self.today):
            return replace(self._task(due, TaskState.CANCELLED, cell), why=self.span.why)
        is_open = self.today >= self._opens(due)
        state = TaskState.OPEN if is_open else TaskState.PLANNED
        return self._task(due, TaskState.OVERDUE if self.today > due else state, cell)

    def _task(self, due: date, state: TaskState, cell: str | None) -> FieldTask:
        return FieldTask(
            key=f"{self.rule.code}|{self.subject.id}|{due.isoformat()}",
            rule=self.rule.code,
            subject=self.subject.id,
            form=self.rule.form,
            opens=self._opens(due),
            due=due,
            state=state,
            priority=self.rule.priority,
            cell=cell,
        )
