"""The choice to appraise, marks from outside, appeals with answers: each leaves an audit entry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound
from gisgrid.indicators.appraisals.queries import choice_in, known_member
from gisgrid.indicators.appraisals.rules import is_over
from gisgrid.indicators.models import Appeal, AppraisalRule, ExternalMark

_MOST: Final = 100
_LONGEST: Final = 1000


def give_mark(view: View, worker_id: str, month: date, mark: int, *, now: datetime) -> ExternalMark:
    """Keep what somebody from outside gives a grid member for a month; a later mark takes its place.

    Raises
    ------
    InvalidInput
        The mark is not from 0 to 100, or the month lies ahead.
    NotFound
        Nobody was this grid member then.
    Conflict
        The community has not chosen the appraisal for the month.
    """
    require(view.actor, Action.APPRAISALS_MARK)
    faults = []
    if not 0 <= mark <= _MOST:
        faults.append(Fault(message="a mark is a whole number from 0 to 100", field="mark"))
    if month > day_of(now, view.tz):
        faults.append(Fault(message="this month lies ahead", field="month"))
    if faults:
        raise InvalidInput(faults)
    known_member(view, worker_id, month)
    _check_chosen(view, month)
    kept = ExternalMark(
        community_id=view.community.id,
        worker_id=worker_id,
        month=month,
        mark=mark,
        at=now,
        account_id=view.actor.account_id,
    )
    view.session.add(kept)
    _note(view, "mark", worker_id, now)
    return kept


def appeal(view: View, month: date, reason: str, *, now: datetime) -> Appeal:
    """A member says what is wrong with the own score of a month that is over.

    Raises
    ------
    InvalidInput
        No reason is given, or it is too long.
    Conflict
        The month isn't over or is not appraised, or an appeal about it waits for its answer.
    NotFound
        The actor was no grid member then.
    """
    require(view.actor, Action.APPRAISALS_APPEAL)
    said = _said(reason, "reason")
    worker_id = view.actor.worker_id or ""
    known_member(view, worker_id, month)
    _check_chosen(view, month)
    if not is_over(month, now=now, tz=view.tz):
        raise Conflict("an appeal is about a month that is over")
    wait_for_others(view.session, view.community.id)
    mine = (Appeal.worker_id == worker_id, Appeal.month == month, Appeal.answered_at.is_(None))
    if view.session.scalar(select(func.count()).select_from(Appeal).where(*mine)):
        raise Conflict("an appeal about this month waits for its answer")
    kept = Appeal(
        community_id=view.community.id,
        worker_id=worker_id,
        month=month,
        reason=said,
        at=now,
        account_id=view.actor.account_id,
        adjusted=0,
    )
    view.session.add(kept)
    view.session.flush()
    _note(view, "appeal", kept.id, now)
    return kept


def answer(view: View, appeal_id: str, text: str, *, adjusted: int, now: datetime) -> Appeal:
    """Answer an appeal, with or without points that come on top of the score.

    Raises
    ------
    NotFound
        No such appeal in the community.
    Conflict
        It has been answered.
    InvalidInput
        No answer is given, or more than 100 points either way.
    """
    require(view.actor, Action.APPRAISALS_DECIDE)
    statement = select(Appeal).where(Appeal.id == appeal_id, Appeal.community_id == view.community.id)
    appeal_row = view.session.scalar(statement.with_for_update())
    if appeal_row is None:
        raise NotFound("no such appeal")
    if appeal_row.answered_at is not None:
        raise Conflict("this appeal has been answered")
    if abs(adjusted) > _MOST:
        raise InvalidInput("points go from −100 to 100", field="adjusted")
    appeal_row.answer, appeal_row.answered_at = _said(text, "answer"), now
    appeal_row.answered_by_id, appeal_row.adjusted = view.actor.account_id, adjusted
    _note(view, "answer", appeal_row.id, now)
    return appeal_row


def choose(view: View, month: date, share: int, *, is_on: bool = True, now: datetime) -> AppraisalRule:
    """Whether there is an appraisal from a month on, and how much outside marks weigh, in per cent.

    Months before keep what they had.

    Raises
    ------
    InvalidInput
        Not from 0 to 100, or the month is over.
    """
    require(view.actor, Action.APPRAISALS_DECIDE)
    faults = []
    if not 0 <= share <= _MOST:
        faults.append(Fault(message="a weight is a whole number from 0 to 100", field="share"))
    if is_over(month, now=now, tz=view.tz):
        faults.append(Fault(message="what was chosen for a month that is over stays", field="month"))
    if faults:
        raise InvalidInput(faults)
    wait_for_others(view.session, view.community.id)
    before = choice_in(view, month)
    last = view.session.scalar(
        select(func.max(AppraisalRule.number)).where(AppraisalRule.community_id == view.community.id)
    )
    kept = AppraisalRule(
        community_id=view.community.id,
        number=(last or 0) + 1,
        month=month,
        external_share=share,
        is_on=is_on,
        made_at=now,
        account_id=view.actor.account_id,
    )
    view.session.add(kept)
    change = {"is_on": (before.is_on, is_on), "external_share": (before.share, share)}
    record(view.session, view.actor, "appraisals:share", "community", now=now, change=change)
    touch(view.session, [view.community.id])
    view.session.flush()
    return kept


def _check_chosen(view: View, month: date) -> None:
    if not choice_in(view, month).is_on:
        raise Conflict("this community has not chosen the appraisal for this month")


def _said(text: str, field: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInput("say in a sentence why", field=field)
    if len(said) > _LONGEST:
        raise InvalidInput("the text is too long", field=field)
    return said


def _note(view: View, what: str, object_id: str, now: datetime) -> None:
    record(view.session, view.actor, f"appraisals:{what}", "appraisal", now=now, object_id=object_id)
    touch(view.session, [view.community.id])
    view.session.flush()
