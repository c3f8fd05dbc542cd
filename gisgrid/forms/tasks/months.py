"""Tasks of each month of the calendar."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from gisgrid.forms.tasks.model import (
    FieldTask,
    HeldSpan,
    SpanEnd,
    TaskRecord,
    TaskRule,
    TaskState,
    TaskSubject,
)
from gisgrid.forms.tasks.spans import cell_on, last_day

FEWEST_DAYS: Final = 7
"""A month asks for a visit from so many held days on, or where there was one anyway."""


def month_tasks(
    rule: TaskRule,
    subject: TaskSubject,
    spans: Sequence[HeldSpan],
    visits: Sequence[TaskRecord],
    *,
    today: date,
    since: date | None,
) -> list[FieldTask]:
    """One task for each month up to today's in which the rule held long enough or somebody was there."""
    if not spans:
        return []
    tasks = []
    for first, last in _months(max(spans[0].start, since or date.min), today):
        held = [span for span in spans if span.start <= last and last_day(span) >= first]
        if held:
            opens, due = max(held[0].start, first), min(last_day(held[-1]), last)
            visit = next((visit for visit in visits if first <= visit.day <= due), None)
            if visit or _days(held, first, last) >= FEWEST_DAYS:
                state, why = _state(visit, due, last=last, span=held[-1], today=today)
                tasks.append(
                    FieldTask(
                        key=f"{rule.code}|{subject.id}|{first:%Y-%m}",
                        rule=rule.code,
                        subject=subject.id,
                        form=rule.form,
                        opens=opens,
                        due=due,
                        state=state,
                        priority=rule.priority,
                        cell=visit.cell if visit else cell_on(subject.cells, min(due, today)),
                        record=visit.id if visit else None,
                        why=why,
                    )
                )
    return tasks


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@lru_cache(maxsize=4096)
def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month: 29 February + 12 is the 28th."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))


def _months(start: date, today: date) -> Iterator[tuple[date, date]]:
    """First and last day of each month from a day's to today's."""
    first = start.replace(day=1)
    while first <= today:
        yield first, end_of_month(first)
        first = months_later(first, 1)


def _days(held: Sequence[HeldSpan], first: date, last: date) -> int:
    """How many days of a month are held."""
    return sum((min(last_day(span), last) - max(span.start, first)).days + 1 for span in held)


def _state(
    visit: TaskRecord | None, due: date, *, last: date, span: HeldSpan, today: date
) -> tuple[TaskState, SpanEnd | None]:
    """How the month's task stands; ``span`` is the last one in it. A month cut short cancels its task."""
    if visit:
        return TaskState.DONE, None
    if today <= due:
        return TaskState.OPEN, None
    return (TaskState.MISSED, None) if due == last else (TaskState.CANCELLED, span.why)
