"""The time of an errand stands still while its case is suspended, and goes on with it.

The days of an errand are days of the calendar, and its case may be counted in duty hours. So a suspension
puts an errand off by what it took in the time of the case, and never by less than it took by the clock: who
had a day left when the case was suspended has one when it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.cases.core.models import Case, CaseErrand
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.deadlines.deadlines import clock_of
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.cases.deadlines.worktime import LimitUnit, shifted
from gisgrid.cases.referrals.store import ErrandTime, ended_at, is_running


class ErrandClock:
    """Tells when errands fall due; rules and calendars are read once for all."""

    def __init__(self, books: Books, *, now: datetime) -> None:
        self._books, self._now = books, now

    def due(self, errand: CaseErrand, case: Case) -> datetime:
        """When an errand falls due, in UTC, were its case to go on now; of one that ended, when it did."""
        if case.suspended_at is None or ended_at(errand) is not None:
            return errand.due_at
        return self.put_off(errand, case, since=case.suspended_at)

    def fields(self, errand: CaseErrand, case: Case) -> ErrandTime[datetime]:
        """When an errand is due, whether it is late, and whether its time stands still."""
        ended, due = ended_at(errand), self.due(errand, case)
        return {
            "due_at": due,
            "is_late": (ended or self._now) > due,
            "paused": case.suspended_at is not None and ended is None,
        }

    def put_off(self, errand: CaseErrand, case: Case, *, since: datetime) -> datetime:
        """The due moment of an errand after a suspension from an instant until now."""
        calendar, unit = clock_of(self._books, case)
        pause = (since, self._now)
        return after_pause(calendar, unit, errand.due_at, asked_at=errand.asked_at, pause=pause)


def after_pause(
    calendar: WorkCalendar,
    unit: LimitUnit,
    due: datetime,
    *,
    asked_at: datetime,
    pause: tuple[datetime, datetime],
) -> datetime:
    """A due moment after a pause: later by what it took in a unit, at least by what it took by the clock.

    One that was past when the pause began stays, and so does every one where the pause is none.
    """
    since, until = pause
    if since >= until:
        return due
    units = {unit, LimitUnit.CONTINUOUS_HOUR}
    return max(shifted(calendar, limit_unit, due, since=asked_at, pauses=[pause]) for limit_unit in units)


def go_on(session: Session, books: Books, since: Mapping[str, datetime], *, now: datetime) -> None:
    """Put off what runs of cases that go on now; ``since`` when they were suspended, by their ids."""
    if not since:
        return
    clock = ErrandClock(books, now=now)
    statement = select(CaseErrand, Case).join(Case, Case.id == CaseErrand.case_id)
    running = statement.where(Case.id.in_(list(since)), is_running()).options(*without_texts())
    for errand, case in session.execute(running).all():
        errand.due_at = clock.put_off(errand, case, since=since[case.id])
