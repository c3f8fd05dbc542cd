"""Days and instants: a day is a day in the deployment's zone, an instant is UTC, the clock is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gisgrid.errors import InvalidInput

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)
"""Days outside this span are slips of the pen; the calendar of computers ends not far beyond."""


def start_of(day: date, tz: tzinfo) -> datetime:
    """The instant a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), tz).astimezone(UTC)


def end_of(day: date, tz: tzinfo) -> datetime:
    """The instant a day is over in a zone, in UTC: the first one that no longer belongs to it."""
    return start_of(day + timedelta(days=1), tz)


def day_of(instant: datetime, tz: tzinfo) -> date:
    """The day an instant falls on in a zone."""
    return instant.astimezone(tz).date()


def local_text(at: datetime, tz: tzinfo, *, timespec: str = "auto") -> str:
    """An instant as ISO 8601 in a zone, as JSON tells it."""
    return at.astimezone(tz).isoformat(timespec=timespec)


def local_text_or_none(at: datetime | None, tz: tzinfo, *, timespec: str = "auto") -> str | None:
    """The same of an instant that may not have come; nothing for none."""
    return local_text(at, tz, timespec=timespec) if at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The moment something is looked at: now, or the end of a past day.

    ``at`` is the last instant of that day (or now); ``day`` the day itself; ``is_past`` tells whether
    things may have moved since.
    """

    at: datetime
    day: date
    is_past: bool


def as_of(day: date | None, *, now: datetime, tz: tzinfo) -> AsOf:
    """The moment of a day as people ask for it; today and nothing mean now.

    Raises
    ------
    InvalidInput
        The day lies in the future, or before 1900.
    """
    check_day(day, "as_of")
    today = day_of(now, tz)
    if day is None or day == today:
        return AsOf(at=now, day=today, is_past=False)
    if day > today:
        raise InvalidInput("the date lies in the future", field="as_of")
    return AsOf(at=end_of(day, tz) - timedelta(microseconds=1), day=day, is_past=True)


def check_day(day: date | None, field: str) -> None:
    """Refuse a day that is a slip of the pen; what counts on from it would leave the calendar.

    Raises
    ------
    InvalidInput
        It is not between 1900 and 2199.
    """
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidInput("a day lies between 1900 and 2199", field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from ``first`` to ``last``, both included, with the half-open span of instants they are."""

    first: date
    last: date
    start: datetime
    end: datetime


def period(first: date | None, last: date | None, *, today: date, tz: tzinfo, days: int = 365) -> Period:
    """A period as people ask for it; without an end it ends today, without a start it is ``days`` long.

    Raises
    ------
    InvalidInput
        It ends before it begins, or a day is not between 1900 and 2199.
    """
    check_day(first, "from")
    check_day(last, "to")
    last = last or today
    first = first or last - timedelta(days=days - 1)
    if last < first:
        raise InvalidInput("the period ends before it begins", field="to")
    return Period(first=first, last=last, start=start_of(first, tz), end=end_of(last, tz))
