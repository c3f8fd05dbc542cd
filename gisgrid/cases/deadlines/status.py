"""A case against its time limit, as lists and cards tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.rules import Light, is_overdue
from gisgrid.cases.deadlines.deadlines import hotline_of, is_extended, levels_of, limit_of, pauses_of, time_of
from gisgrid.cases.deadlines.levels import Levels
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.rulebook import LimitJson, limit_json
from gisgrid.cases.deadlines.worktime import Pause

_A_DAY = timedelta(days=1)


class TimeLeft(TypedDict):
    """Seconds that remain, less than 0 after the deadline, in a unit, of which a day has ``day_seconds``."""

    seconds: int
    unit: str
    day_seconds: int


class ReachedLevel(TypedDict):
    """The level of its time that a case has reached by the rules it was reported under."""

    of: Annotated[str, Field(description="owner, community or subdistrict: who is told")]
    percent: int


class AppliedLimit(TypedDict):
    """The rule a case was reported under.

    ``by`` its severity, its category or its class of the ``hotline``, or given with it.
    """

    by: str
    hotline: str | None
    rule: LimitJson | None
    extended: bool
    levels: dict[str, int]
    unknown_years: list[int]


class CaseTime(TypedDict):
    """What remains of a case's time; of a case without a deadline the last fields are not there."""

    target: NotRequired[str]
    deadline: str | None
    overdue: bool
    light: NotRequired[str]
    elapsed: NotRequired[Annotated[float, Field(description="the share that is gone, 1 at the deadline")]]
    left: NotRequired[TimeLeft]
    level: ReachedLevel | None
    paused: NotRequired[bool]
    limit: AppliedLimit | None


class Clocks:
    """Tells the time of many cases; rules, calendars and suspensions are read once for all."""

    def __init__(self, view: View, cases: Sequence[Case], *, now: datetime) -> None:
        self._tz, self._now = view.tz, now
        self._books = Books(view.session, view.tz)
        stopped = [case.id for case in cases if case.suspended_at is not None or case.suspended_seconds]
        self._pauses: Mapping[str, Sequence[Pause]] = pauses_of(view.session, stopped)

    def fields(self, case: Case) -> CaseTime:
        """What remains of a case's time, in local time."""
        pauses = self._pauses.get(case.id, ())
        due = time_of(self._books, case, now=self._now, pauses=pauses)
        if due is None:
            return {"deadline": None, "overdue": False, "level": None, "limit": None}
        ends = due.deadline
        overdue = is_overdue(ends, now=self._now, closed_at=case.closed_at)
        limit, levels = limit_json(limit_of(case)), levels_of(self._books, case)
        return {
            "target": due.target.astimezone(self._tz).isoformat(),
            "deadline": ends.astimezone(self._tz).isoformat(),
            "overdue": overdue,
            "light": (Light.RED if overdue else due.light).value,
            "elapsed": round(due.elapsed, 4),
            "left": {
                "seconds": round(due.left.total_seconds()) or -_late(due.at, ends),
                "unit": due.unit.value,
                "day_seconds": self._day_seconds(case),
            },
            "level": _level(levels, due.passed),
            "paused": due.is_paused,
            "limit": {
                "by": (case.time_limit or {}).get("by") or ("severity" if limit else "given"),
                "hotline": hotline_of(case),
                "rule": limit,
                "extended": is_extended(case),
                "levels": levels.as_json(),
                "unknown_years": list(due.unknown_years),
            },
        }

    def _day_seconds(self, case: Case) -> int:
        """Duty hours of a day, in seconds."""
        day = datetime(2000, 1, 1, tzinfo=UTC)
        hours = self._books.rules(case.limit_version_id).hours
        spans = (datetime.combine(day, shift.end) - datetime.combine(day, shift.start) for shift in hours)
        return round(sum((span % _A_DAY for span in spans), timedelta()).total_seconds())


def _level(levels: Levels, passed: float) -> ReachedLevel | None:
    *_before, last = (None, *levels.between(0, levels.reached(passed)))
    return {"of": last[0].value, "percent": last[1]} if last else None


def _late(at: datetime, ends: datetime) -> int:
    """Off duty nothing of the unit passes, and yet it is late: one second, so that it reads as such."""
    return int(at > ends)
