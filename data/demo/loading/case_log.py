"""The log a demo case leaves behind: from report to rating, by the table of the workflow.

What happened when is told by the case's own record; the steps between are spread over that time, the same for
the same number.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from data.demo.records import Case
from gisgrid.cases.keeping import told
from gisgrid.cases.routing import first_route
from gisgrid.cases.rules import Severity
from gisgrid.cases.standing import Channel, Resolution
from gisgrid.cases.workflow import CaseAction as Act
from gisgrid.cases.workflow import CaseState, next_state

RESULT: Final = "已处理"
_DESK_SHARE: Final = 0.6
_VERIFIED_SHARE: Final = 0.3
_CHECKED_SHARE: Final = 0.5
_REWORKED_SHARE: Final = 0.05
_RATED_SHARE: Final = 0.35
_MARKS: Final = (5, 5, 5, 5, 4, 4, 4, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the log: what was done, when, where it led, and what the standing needs of it."""

    action: str
    at: datetime
    before: CaseState | None
    after: CaseState
    text: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The lines of a case and the columns of its row that follow from them."""

    lines: tuple[Line, ...]
    columns: dict[str, Any]


def course_of(one: Case, *, handler: str | None, until: datetime) -> Course:
    """What was done with a case until now; ``handler`` is the id of who serves its grid, if anybody does."""
    rng = random.Random(one.number)
    steps = [(Act.START, one.handled_at)] if one.handled_at else []
    if one.handled_at:
        steps = list(_before(one, one.handled_at, rng, is_served=handler is not None))
    if one.closed_at:
        steps += _after(one.handled_at, one.closed_at, rng)
    marks = _marks(one, rng, until=until)
    if marks:
        steps.append((Act.RATE, marks[2]))
    lines = tuple(_lines(one, steps, handler=handler, marks=marks))
    rated = {"rating_speed": marks[0], "rating_result": marks[1], "rated_at": marks[2]} if marks else {}
    columns = {
        "state": lines[-1].after,
        "handler_id": handler if one.handled_at else None,
        "rating_speed": None,
        "rating_result": None,
        "rated_at": None,
        **rated,
    }
    return Course(lines=lines, columns=columns)


def _before(
    one: Case, handled_at: datetime, rng: random.Random, *, is_served: bool
) -> Iterator[tuple[Act, datetime]]:
    """Through the desk, or taken in hand at once by who serves the grid."""
    if is_served and rng.random() < _DESK_SHARE:
        span = handled_at - one.reported_at
        is_verified = rng.random() < _VERIFIED_SHARE
        steps = [Act.ACCEPT, *([Act.VERIFY] if is_verified else []), Act.FILE, Act.DISPATCH, Act.RECEIPT]
        shares = sorted(rng.random() for _step in steps)
        for step, share in zip(steps, shares, strict=True):
            yield step, (one.reported_at + span * share).replace(microsecond=0)
    yield Act.START, handled_at


def _after(
    handled_at: datetime | None, closed_at: datetime, rng: random.Random
) -> Iterator[tuple[Act, datetime]]:
    """Handled, perhaps sent back once, checked and closed; or settled on the spot."""
    if handled_at is not None:
        span = closed_at - handled_at
        steps = [Act.FINISH]
        if rng.random() < _REWORKED_SHARE:
            steps += [Act.REWORK, Act.FINISH]
        if rng.random() < _CHECKED_SHARE:
            steps.append(Act.CHECK)
        shares = sorted(0.5 + rng.random() / 2 for _step in steps)
        for step, share in zip(steps, shares, strict=True):
            yield step, (handled_at + span * share).replace(microsecond=0)
    yield Act.CLOSE, closed_at


def _marks(one: Case, rng: random.Random, *, until: datetime) -> tuple[int, int, datetime] | None:
    if one.closed_at is None or one.channel == "patrol" or rng.random() > _RATED_SHARE:
        return None
    at = one.closed_at + (until - one.closed_at) * min(1.0, 0.01 + rng.random() / 50)
    return rng.choice(_MARKS), rng.choice(_MARKS), at.replace(microsecond=0)


def _lines(
    one: Case,
    steps: list[tuple[Act, datetime]],
    *,
    handler: str | None,
    marks: tuple[int, int, datetime] | None,
) -> Iterator[Line]:
    state = CaseState.REPORTED
    route = first_route(Severity(one.severity), needs_coordination=False)
    begun = told(route=route, due=one.due_at)
    yield Line(action="report", at=one.reported_at, before=None, after=state, text=None, details=begun)
    for action, at in steps:
        after = next_state(state, action)
        details, text = _details(one, action, at, handler=handler, marks=marks)
        yield Line(action=action, at=at, before=state, after=after, text=text, details=details)
        state = after


def _details(
    one: Case,
    action: Act,
    at: datetime,
    *,
    handler: str | None,
    marks: tuple[int, int, datetime] | None,
) -> tuple[dict[str, Any], str | None]:
    if action in (Act.DISPATCH, Act.START):
        return told(handler=handler), None
    if action is Act.REWORK:
        return {}, "处理不到位"
    if action is Act.FINISH:
        return {}, RESULT
    if action is Act.RATE and marks:
        return told(speed=marks[0], result=marks[1]), None
    if action is Act.CLOSE:
        resolution = Resolution.HANDLED if one.handled_at else Resolution.ON_SPOT
        return told(channel=Channel.ON_SPOT, told_at=at, resolution=resolution), RESULT
    return {}, None
