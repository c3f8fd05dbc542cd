"""When cases are reported and settled: by weekday, hour and season, against their time limits."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from data.demo.history.clock import CASES_FROM, CASES_TO, moment, now, zone
from data.demo.history.habits import rhythm
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.deadlines.limits import end_of
from gisgrid.cases.deadlines.rulebook import DEFAULT

_ON_SPOT_SHARE: Final = 0.4
_SLOW_SHARE: Final = 0.3
_SLOW_FROM_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCourse:
    """The course of a case in UTC; what has not happened yet is ``None``."""

    state: str
    reported_at: datetime
    handled_at: datetime | None
    closed_at: datetime | None
    due_at: datetime


def reported(
    rng: random.Random,
    *,
    hours: str,
    season: str,
    first: date = CASES_FROM,
    last: date = CASES_TO,
) -> datetime:
    """A moment between two days, both included."""
    days, weights = _days(season, first, last=last)
    day = rng.choices(days, weights)[0]
    hour = rng.choices(range(24), rhythm(hours))[0]
    return moment(day, time(hour, rng.randrange(60), rng.randrange(60)))


@lru_cache(maxsize=32)
def _days(season: str, first: date, *, last: date) -> tuple[tuple[date, ...], tuple[float, ...]]:
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    week, months = rhythm("week"), rhythm(season)
    return days, tuple(week[day.weekday()] * months[day.month - 1] for day in days)


def due_of(severity: Severity, reported_at: datetime) -> datetime:
    """When a case falls due by the default rules, in UTC."""
    limit = DEFAULT.severities[severity].deadline
    return end_of(limit, reported_at, DEFAULT.calendar(zone())).astimezone(UTC)


def course(reported_at: datetime, severity: str, *, rng: random.Random) -> CaseCourse:
    """How a case goes on: most end well within the limit, about one in eight is late, some are still open."""
    due_at = due_of(Severity(severity), reported_at)
    if severity == "small" and rng.random() < _ON_SPOT_SHARE:
        closed_at = reported_at + timedelta(minutes=rng.randint(4, 55))
        return CaseCourse(
            state="closed", reported_at=reported_at, handled_at=None, closed_at=closed_at, due_at=due_at
        )
    took = (due_at - reported_at) * rng.lognormvariate(-0.85, 0.75)
    waits = min(took * rng.uniform(0.05, 0.5), timedelta(days=3))
    is_recent = now() - reported_at < timedelta(days=_SLOW_FROM_DAYS)
    if is_recent and rng.random() < _SLOW_SHARE:
        took += timedelta(days=2 * _SLOW_FROM_DAYS)
        waits += rng.choice((timedelta(0), timedelta(0), timedelta(days=_SLOW_FROM_DAYS)))
    handled_at = reported_at + waits
    return _until_now(reported_at, handled_at, closed_at=reported_at + took, due_at=due_at)


def _until_now(
    reported_at: datetime, handled_at: datetime, *, closed_at: datetime, due_at: datetime
) -> CaseCourse:
    """Leaves out what lies after the demo's present moment; whole seconds."""
    present = now()
    is_closed, is_handled = closed_at <= present, handled_at <= present
    return CaseCourse(
        state="closed" if is_closed else "handling" if is_handled else "reported",
        reported_at=reported_at,
        handled_at=handled_at.replace(microsecond=0) if is_handled else None,
        closed_at=closed_at.replace(microsecond=0) if is_closed else None,
        due_at=due_at,
    )
