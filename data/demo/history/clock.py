"""Moments of the demo: local time of Shanghai in, aware UTC out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from data.demo.personas.families import TODAY

ZONE_NAME: Final = "Asia/Shanghai"
CASES_FROM: Final = date(2024, 11, 21)
CASES_TO: Final = date(2026, 11, 20)
"""Both days included: 24 months up to a few days before today."""


def zone() -> ZoneInfo:
    """The zone in which a day is a day."""
    return ZoneInfo(ZONE_NAME)


def moment(day: date, clock: time = time(0)) -> datetime:
    """A local day and time in UTC."""
    return datetime.combine(day, clock, tzinfo=zone()).astimezone(UTC)


def now() -> datetime:
    """The moment at which the demo stands still: the morning of its present day."""
    return moment(TODAY, time(9))
