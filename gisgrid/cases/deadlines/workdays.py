"""Working days and duty hours: Chinese holidays and swapped days, and a community's own exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Final

from gisgrid.errors import Fault, InvalidInput

_SATURDAY: Final = 5
_MIDNIGHT: Final = time(0)


class Holidays(StrEnum):
    """Whose public holidays hold besides Saturdays and Sundays."""

    CHINA = "china"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Shift:
    """Duty hours from ``start`` to ``end`` of a day, in local time; an end of 00:00 is the midnight after."""

    start: time
    end: time

    @property
    def is_empty(self) -> bool:
        """Whether it ends before it begins, or has no length."""
        return self.end != _MIDNIGHT and self.end <= self.start


DUTY_HOURS: Final = (Shift(start=time(8, 30), end=time(12)), Shift(start=time(13, 30), end=time(18)))
"""Eight hours, where nobody has set others."""


def check_hours(hours: tuple[Shift, ...]) -> None:
    """Refuse duty hours that are none, run backwards or overlap.

    Raises
    ------
    InvalidInput
        The hours can't be those of a day.
    """
    if not hours:
        raise InvalidInput("duty hours are needed: without them working time never passes", field="hours")
    faults = [
        Fault(message="duty hours end after they begin", field="hours") for shift in hours if shift.is_empty
    ]
    for before, after in pairwise(hours):
        if before.end == _MIDNIGHT or before.end > after.start:
            faults.append(Fault(message="duty hours follow each other without overlap", field="hours"))
    if faults:
        raise InvalidInput(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Which days are working days, and from when to when people are on duty on one.

    ``exceptions`` are a community's own days: whether people work on them; they go before everything else.
    Years whose holidays aren't known yet have working days from Monday to Friday; `unknown_years` tells them.
    """

    tz: tzinfo
    hours: tuple[Shift, ...] = DUTY_HOURS
    holidays: Holidays = Holidays.CHINA
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def is_work_day(self, day: date) -> bool:
        """Whether people work on a day."""
        own = self.exceptions.get(day)
        if own is not None:
            return own
        if self.holidays == Holidays.CHINA:
            free, swapped = _chinese_days()
            if day in swapped:
                return True
            if day in free:
                return False
        return day.weekday() < _SATURDAY

    def shifts(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of duty of a day, in order, in UTC; none on a day off.

        Where the clock is put forward, hours that don't exist are left out.
        """
        if not self.is_work_day(day):
            return
        for shift in self.hours:
            last = day + timedelta(days=1) if shift.end == _MIDNIGHT else day
            start = datetime.combine(day, shift.start, self.tz).astimezone(UTC)
            end = datetime.combine(last, shift.end, self.tz).astimezone(UTC)
            if start < end:
                yield start, end

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """Years from one day to another whose public holidays aren't known."""
        if self.holidays == Holidays.NONE:
            return ()
        known = known_years()
        return tuple(year for year in range(first.year, last.year + 1) if year not in known)


def known_years() -> range:
    """Years whose Chinese holidays are known; the State Council tells the next ones each November."""
    free, _swapped = _chinese_days()
    return range(min(free).year, max(free).year + 1)


@cache
def _chinese_days() -> tuple[frozenset[date], frozenset[date]]:
    """Days off, and days of a weekend that are worked, as the State Council has published them.

    Source: the tables of the library `chinesecalendar`.
    """
    from chinese_calendar.constants import holidays, workdays  # noqa: PLC0415 - thousands of rows, rarely needed

    return frozenset(holidays), frozenset(workdays)
