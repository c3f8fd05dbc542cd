"""Drawing a sample, once for some days, and what a third party writes into its sheet. Each is audited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.phones import has_numbers
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.workflow import CaseState
from gisgrid.days import Period, day_of, period
from gisgrid.errors import Conflict, Fault, InvalidInput, say
from gisgrid.indicators.evaluation.models import EvaluationCase, EvaluationSample
from gisgrid.indicators.evaluation.rules import (
    LONGEST_NOTE,
    SCORES,
    SEEDS,
    CheckResult,
    check_sample,
    drawn,
)
from gisgrid.indicators.evaluation.sheet import may_be_shown, shown_row
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFinding:
    """What was found on site: whether it is settled, a score of 1 to 5, a note."""

    result: str
    score: int
    note: str = ""


def closed_in(community_id: str, days: Period) -> ColumnElement[bool]:
    """Cases closed on some days that may be shown, as SQL: what a sample is drawn from. With the category."""
    return and_(
        Case.community_id == community_id,
        Case.state.in_((CaseState.CLOSED, CaseState.RATED)),
        Case.closed_at >= days.start,
        Case.closed_at < days.end,
        may_be_shown(),
    )


def draw(view: View, first: date, last: date, size: int, *, now: datetime) -> EvaluationSample:
    """Draw a sample of the cases closed on some days that are over; of each day one sample only.

    Raises
    ------
    InvalidInput
        The days aren't over, the size is out of range, or no case was closed then.
    Conflict
        A sample of one of these days has been drawn: nobody draws until a sample pleases.
    """
    require(view.actor, Action.EVALUATIONS_DRAW)
    today = day_of(now, view.tz)
    check_sample(first, last, size, today=today)
    days = period(first, last, today=today, tz=view.tz)
    wait_for_others(view.session, view.community.id)
    _refuse_second(view, first, last)
    statement = select(Case.id).join(Category, Category.code == Case.category_code)
    ids = view.session.scalars(statement.where(closed_in(view.community.id, days))).all()
    if not ids:
        raise InvalidInput("no case was closed on these days", field="first_day")
    sample = EvaluationSample(
        id=new_id(),
        community_id=view.community.id,
        first_day=first,
        last_day=last,
        size=size,
        population=len(ids),
        seed=secrets.randbelow(SEEDS),
        drawn_at=now,
        drawn_by=view.actor.account_id,
    )
    view.session.add(sample)
    view.session.flush()
    places = enumerate(drawn(ids, size, seed=sample.seed), start=1)
    view.session.add_all(
        [EvaluationCase(sample_id=sample.id, place=place, case_id=case_id) for place, case_id in places]
    )
    record(view.session, view.actor, "evaluations:draw", "evaluation_sample", now=now, object_id=sample.id)
    view.session.flush()
    return sample


def _refuse_second(view: View, first: date, last: date) -> None:
    overlaps = (
        EvaluationSample.community_id == view.community.id,
        EvaluationSample.first_day <= last,
        EvaluationSample.last_day >= first,
    )
    if view.session.scalar(select(EvaluationSample.id).where(*overlaps).limit(1)):
        raise Conflict("a sample of these days has been drawn: it isn't drawn twice")


def check(view: View, sample_id: str, place: int, finding: SiteFinding, *, now: datetime) -> EvaluationCase:
    """Write what was found at a case of a sample, or correct it; the audit trail tells what it was before.

    Raises
    ------
    InvalidInput
        Not one of the results, a score not from 1 to 5, a note too long or with somebody's number.
    NotFound
        No such row in a sample of the community, or its case may no longer be shown.
    """
    require(view.actor, Action.EVALUATIONS_CHECK)
    note = _checked_note(finding)
    row = shown_row(view, sample_id, place)
    before = (row.result, row.score, row.note)
    is_first = row.checked_at is None
    row.result, row.score, row.note = finding.result, finding.score, note
    row.checked_at, row.checked_by = now, view.actor.account_id
    names = ("result", "score", "note")
    changed = [
        name
        for name, old, new in zip(names, before, (row.result, row.score, note), strict=True)
        if old != new
    ]
    record(
        view.session,
        view.actor,
        "evaluations:check" if is_first else "evaluations:correct",
        "evaluation_case",
        now=now,
        object_id=row.id,
        fields=changed,
        change={} if is_first else {"result": (before[0], row.result), "score": (before[1], row.score)},
    )
    view.session.flush()
    return row


def _checked_note(finding: SiteFinding) -> str | None:
    note, faults = finding.note.strip(), []
    if finding.result not in set(CheckResult):
        faults.append(Fault(message="a result is solved, partly or not", field="result"))
    if finding.score not in SCORES:
        faults.append(Fault(message="a score is a whole number from 1 to 5", field="score"))
    if len(note) > LONGEST_NOTE:
        faults.append(
            Fault(message=say("a note has up to {most} characters", most=LONGEST_NOTE), field="note")
        )
    elif has_numbers(note):
        faults.append(Fault(message="a note on a case holds no phone or identity number", field="note"))
    if faults:
        raise InvalidInput(faults)
    return note or None
