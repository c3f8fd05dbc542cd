"""Target and deadline of a case worked out from its report on: what the stored ends must be worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gisgrid.cases.deadlines.limits import Due, Rule, due_against, end_of
from gisgrid.cases.deadlines.workdays import WorkCalendar
from gisgrid.cases.deadlines.worktime import Pause, closed, shifted


def due(
    rule: Rule, reported_at: datetime, *, calendar: WorkCalendar, now: datetime, pauses: Sequence[Pause] = ()
) -> Due:
    """Target and deadline of a case, and how much of its time is gone now.

    A pause (from, to) puts both off by exactly the time it took, in the unit of each. One without an end
    lasts until now: what is left stands still. For a closed case, ``now`` is when it was closed.

    Raises
    ------
    InvalidInput
        ``reported_at`` has no time zone, or the limit reaches beyond the calendar.
    """
    done = closed(pauses, now)
    ends = {}
    for limit in {rule.deadline, rule.target or rule.deadline}:
        base = end_of(limit, reported_at, calendar)
        ends[limit] = shifted(calendar, limit.unit, base, since=reported_at, pauses=done)
    return due_against(
        reported_at,
        ends[rule.deadline],
        unit=rule.deadline.unit,
        target=ends[rule.target] if rule.target else None,
        calendar=calendar,
        now=now,
        pauses=pauses,
    )
