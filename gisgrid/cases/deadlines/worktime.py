"""Counting time as a clock does that stands still off duty and while a case is suspended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.days import LAST_DAY, day_of
from gisgrid.errors import InvalidInput

_A_DAY: Final = timedelta(days=1)
_MOST_DAYS: Final = 40_000
"""So many days are searched for working time, more than a century."""
_END: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Where time that runs without a break ends: deadlines that other systems give may lie far ahead."""

Pause = tuple[datetime, datetime | None]
"""From when to when a case was suspended; without an end it still is."""


class LimitUnit(StrEnum):
    """How time is counted: without a break, on duty only, or by working days."""

    CONTINUOUS_HOUR = "continuous_hour"
    """紧急工作时: runs by day and night, on working days and off."""
    WORK_HOUR = "work_hour"
    """工作时: runs in duty hours of working days."""
    WORK_DAY = "work_day"
    """工作日: working days after the day of the report, the last one to the end of its duty hours."""


def counted(
    calendar: WorkCalendar, unit: LimitUnit, start: datetime, end: datetime, pauses: Iterable[Pause] = ()
) -> timedelta:
    """How much time passes for a unit between two instants, without pauses; an open pause lasts to ``end``.

    Working days are counted in their duty hours. Nothing passes where the end isn't after the start.
    """
    total = timedelta()
    for first, last in _running(calendar, unit, start, closed(pauses, end)):
        if first >= end:
            break
        total += min(last, end) - first
    return total


def advanced(
    calendar: WorkCalendar,
    unit: LimitUnit,
    start: datetime,
    amount: timedelta,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> datetime:
    """The first instant at which so much time has passed for a unit since a start, in UTC.

    Raises
    ------
    InvalidInput
        That instant lies beyond the calendar.
    """
    start = start.astimezone(UTC)
    if amount <= timedelta():
        return start
    left = amount
    for first, last in _running(calendar, unit, start, pauses):
        if last - first >= left:
            return first + left
        left -= last - first
    raise InvalidInput("this time limit reaches beyond the calendar", field="time_limit")


def shifted(
    calendar: WorkCalendar,
    unit: LimitUnit,
    end: datetime,
    *,
    since: datetime,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    """An end put off by the time that pauses took since an instant: exactly that much, in its unit."""
    lost = counted(calendar, unit, since, end) - counted(calendar, unit, since, end, pauses)
    if lost <= timedelta():
        return end
    later = [(max(first, end), last) for first, last in pauses if last > end]
    return advanced(calendar, unit, end, lost, later)


def closed(pauses: Iterable[Pause], until: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses in order and without overlap, in UTC; an open one lasts until an instant. Empty ones go."""
    ended = sorted((first.astimezone(UTC), (last or until).astimezone(UTC)) for first, last in pauses)
    spans: list[tuple[datetime, datetime]] = []
    for first, last in ended:
        if last <= first:
            continue
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans


def end_of_work_days(calendar: WorkCalendar, start: datetime, number: int) -> datetime:
    """The end of duty of a working day: the first after the day of an instant is number 1.

    Source: Civil Code of the PRC, articles 201 and 203: the first day isn't counted, the last one ends with
    the hours of business.

    Raises
    ------
    InvalidInput
        There are not so many working days in the calendar.
    """
    day, left = day_of(start, calendar.tz), number
    for _ in range(_MOST_DAYS):
        day += _A_DAY
        shifts = list(calendar.shifts(day)) if day <= LAST_DAY else []
        left -= bool(shifts)
        if not left:
            return shifts[-1][1]
    raise InvalidInput("this time limit reaches beyond the calendar", field="time_limit")


def _running(
    calendar: WorkCalendar, unit: LimitUnit, start: datetime, pauses: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches in which the clock runs from an instant on, without pauses, in order."""
    for first, last in _stretches(calendar, unit, start.astimezone(UTC)):
        edges = [first, *(edge for pause in pauses for edge in pause), last]
        inside = [min(max(edge, first), last) for edge in edges]
        yield from ((a, b) for a, b in list(pairwise(inside))[::2] if a < b)


def _stretches(
    calendar: WorkCalendar, unit: LimitUnit, start: datetime
) -> Iterator[tuple[datetime, datetime]]:
    if unit == LimitUnit.CONTINUOUS_HOUR:
        yield start, _END
        return
    day = day_of(start, calendar.tz)
    for _ in range(_MOST_DAYS):
        if day >= LAST_DAY:
            return
        yield from ((max(first, start), last) for first, last in calendar.shifts(day) if last > start)
        day += _A_DAY
