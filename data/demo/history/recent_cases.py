"""The last days before the demo is opened: some cases fall into them, and what was left open long ago ends.

Only times and ends change here, by random numbers of their own, so that no place is moved by it.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from data.demo.history.case_times import due_of, reported
from data.demo.history.clock import zone
from data.demo.records import DemoCase
from gisgrid.cases.core.rules import Severity

RECENT: Final = 140
"""How many cases were reported in the last days."""
_DAYS: Final = 8
_OLD: Final = timedelta(days=45)
_STAYS_OPEN: Final = 0.25
_LATE_STAYS_OPEN: Final = 0.12
_OF_LAST_DAY: Final = 0.45
_HARD: Final = 0.2


def brought_up(
    cases: Sequence[DemoCase],
    *,
    movable: Collection[int],
    hours: dict[str, str],
    at: datetime,
    rng: random.Random,
) -> tuple[list[DemoCase], set[int]]:
    """The same cases in the same order, as they stand ``at`` a moment, and which of them are recent.

    ``movable``: places in the list of those that may be moved in time; ``hours``: at which
    times of the day cases of a category come.
    """
    lives = [_ended(case, at=at, rng=rng) for case in cases]
    recent = set(rng.sample(sorted(movable), RECENT))
    for place in sorted(recent):
        lives[place] = _recent(lives[place], hours[lives[place].category], at=at, rng=rng)
    return lives, recent


def _ended(case: DemoCase, *, at: datetime, rng: random.Random) -> DemoCase:
    """What is open for long ends after all, most of it late."""
    stays, took = rng.random() < _STAYS_OPEN, rng.uniform(0.4, 2.5)
    if case.closed_at is not None or (stays and at - case.reported_at < _OLD):
        return case
    closed = (case.reported_at + (case.due_at - case.reported_at) * took).replace(microsecond=0)
    if closed >= at - timedelta(hours=1):
        return case
    handled = case.reported_at + (closed - case.reported_at) * 0.3
    return replace(case, state="closed", handled_at=handled.replace(microsecond=0), closed_at=closed)


def _recent(case: DemoCase, hours: str, *, at: datetime, rng: random.Random) -> DemoCase:
    """The case reported in the last days; most are open while they have time, few after it."""
    today = at.astimezone(zone()).date()
    first = today - timedelta(days=1 if rng.random() < _OF_LAST_DAY else _DAYS)
    severity = Severity.HARD if rng.random() < _HARD else Severity(case.severity)
    while (since := reported(rng, hours=hours, season="flat", first=first, last=today)) >= at:
        pass
    due = due_of(severity, since)
    gone = (at - since) / (due - since)
    is_open = rng.random() < (_LATE_STAYS_OPEN if gone >= 1 else 0.95 - 0.4 * gone)
    if is_open:
        handled = since + (at - since) * rng.uniform(0.1, 0.8) if rng.random() < 0.6 else None
        closed = None
    else:
        end = min(due, at)
        closed = (since + (end - since) * rng.uniform(0.15, 0.97)).replace(microsecond=0)
        handled = since + (closed - since) * rng.uniform(0.1, 0.6) if rng.random() < 0.7 else None
    return replace(
        case,
        severity=severity.value,
        state="closed" if closed else "handling" if handled else "reported",
        reported_at=since,
        handled_at=handled.replace(microsecond=0) if handled else None,
        closed_at=closed,
        due_at=due,
    )
