"""Time limits of a case: what a limit is, when it runs out, and how much of it is gone.

Pure: the calendar, the pauses and the present instant are arguments. What is given back is in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from gisgrid.cases.core.rules import Light
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.cases.deadlines.worktime import (
    LimitUnit,
    Pause,
    advanced,
    closed,
    counted,
    end_of_work_days,
)
from gisgrid.days import day_of
from gisgrid.errors import InvalidInput

AMBER: Final = 75
"""Percent of the time after which a case without a target of its own is amber, whoever is told when."""
_MOST_MINUTES: Final = 60 * 24 * 366
_MOST_DAYS: Final = 366
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A limit of so much time: ``amount`` is minutes of an hour unit, or whole working days."""

    amount: int
    unit: LimitUnit = LimitUnit.CONTINUOUS_HOUR

    def __post_init__(self) -> None:
        """Refuses a limit of no time, and one of more than a year."""
        most = _MOST_DAYS if self.unit == LimitUnit.WORK_DAY else _MOST_MINUTES
        if not 0 < self.amount <= most:
            raise InvalidInput("a time limit lasts from one minute to one year", field="amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """A limit at a time of day: ``at`` of the day so many days after the report, in local time.

    Where that isn't after the report, it is the next day's. It is counted without a break.
    """

    days: int
    at: time

    def __post_init__(self) -> None:
        """Refuses days before the report, and more than a year."""
        if not 0 <= self.days <= _MOST_DAYS:
            raise InvalidInput("a time limit ends within a year after the report", field="days")

    @property
    def unit(self) -> LimitUnit:
        """How its time is counted."""
        return LimitUnit.CONTINUOUS_HOUR


Limit = Span | Until


def hours(number: float, unit: LimitUnit = LimitUnit.CONTINUOUS_HOUR) -> Span:
    """A limit of so many hours of a unit, to the minute."""
    return Span(amount=round(number * 60), unit=unit)


def work_days(number: int) -> Span:
    """A limit of so many working days."""
    return Span(amount=number, unit=LimitUnit.WORK_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a case turns red, and before that amber; without a target at three quarters of its time."""

    deadline: Limit
    target: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A case against its time limit at the instant ``at``.

    ``elapsed`` is the share of its time that is gone: 1 at the deadline, more after it, and it stands still
    while the case is suspended. ``left`` is what remains of it in the limit's ``unit``, less than nothing
    after the deadline. ``unknown_years``: years whose holidays weren't known when this was worked out.
    """

    at: datetime
    target: datetime
    deadline: datetime
    elapsed: float
    left: timedelta
    unit: LimitUnit
    is_paused: bool
    unknown_years: tuple[int, ...]
    has_time: bool = True
    """Whether there was any time: other systems give deadlines from before the report."""

    @property
    def passed(self) -> float:
        """The share that levels go by: of no time at all, every percent has passed as soon as it is late."""
        return math.inf if self.elapsed > 0 and not self.has_time else self.elapsed

    @property
    def light(self) -> Light:
        """The colour: green up to and with the target, amber up to the deadline, red after it."""
        if self.at > self.deadline:
            return Light.RED
        return Light.AMBER if self.at > self.target else Light.GREEN


def end_of(limit: Limit, reported_at: datetime, calendar: WorkCalendar) -> datetime:
    """When a limit runs out that nothing suspends, in UTC.

    Raises
    ------
    InvalidInput
        ``reported_at`` has no time zone, or the limit reaches beyond the calendar.
    """
    if reported_at.utcoffset() is None:
        raise InvalidInput("a moment needs a time zone", field="reported_at")
    if isinstance(limit, Until):
        day = day_of(reported_at, calendar.tz) + limit.days * _A_DAY
        end = datetime.combine(day, limit.at, calendar.tz).astimezone(UTC)
        if end <= reported_at:
            end = datetime.combine(day + _A_DAY, limit.at, calendar.tz).astimezone(UTC)
        return end
    if limit.unit == LimitUnit.WORK_DAY:
        return end_of_work_days(calendar, reported_at, limit.amount)
    return advanced(calendar, limit.unit, reported_at, timedelta(minutes=limit.amount))


def due_against(
    reported_at: datetime,
    deadline: datetime,
    *,
    unit: LimitUnit,
    target: datetime | None,
    calendar: WorkCalendar,
    now: datetime,
    pauses: Sequence[Pause] = (),
) -> Due:
    """A case against a target and a deadline that pauses have been added to already; see `due`."""
    reported_at, deadline = reported_at.astimezone(UTC), deadline.astimezone(UTC)
    done = closed(pauses, now)
    allowed = counted(calendar, unit, reported_at, deadline, done)
    late = counted(calendar, unit, deadline, now, done)
    gone = allowed + late if now >= deadline else counted(calendar, unit, reported_at, now, done)
    amber = reached(reported_at, allowed, AMBER, unit=unit, calendar=calendar, pauses=done)
    target = min(target.astimezone(UTC) if target else amber, deadline)
    left = counted(calendar, unit, now, deadline, done) - late
    return Due(
        at=now.astimezone(UTC),
        target=target,
        deadline=deadline,
        elapsed=share(gone, allowed),
        left=left,
        unit=unit,
        has_time=allowed > timedelta(),
        is_paused=any(last is None for _first, last in pauses),
        unknown_years=calendar.unknown_years(day_of(reported_at, calendar.tz), day_of(deadline, calendar.tz))
        if unit != LimitUnit.CONTINUOUS_HOUR
        else (),
    )


def share(gone: timedelta, allowed: timedelta) -> float:
    """Time gone of time allowed; of no time at all, nothing is gone at first, and then all."""
    if allowed <= timedelta():
        return float(gone > timedelta())
    return gone / allowed


def reached(
    reported_at: datetime,
    allowed: timedelta,
    percent: int,
    *,
    unit: LimitUnit,
    calendar: WorkCalendar,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> datetime:
    """When so many percent of the time allowed are gone, if nothing suspends the case any more."""
    amount = -(-allowed * percent // 100)  # rounded up: at that instant the level is reached
    return advanced(calendar, unit, reported_at, amount, pauses)
