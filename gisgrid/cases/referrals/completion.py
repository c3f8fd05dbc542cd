"""A case and what organisations are still asked about it: one is not closed over the other.

Where a case ends all the same, by a step that says it is none or because another system has closed it, what
runs is taken back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor, local_actor
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseErrand
from gisgrid.cases.core.plain_columns import without_texts
from gisgrid.cases.core.workflow import ENDED_STATES, CaseAction
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.referrals.clock import ErrandClock
from gisgrid.cases.referrals.notifications import tell_errand
from gisgrid.cases.referrals.store import ErrandStep, is_running, note
from gisgrid.errors import say

_WITHDRAWING: Final = frozenset({CaseAction.VOID, CaseAction.REJECT, CaseAction.DUPLICATE})
"""Steps by which it turns out to be no case, or another one: nobody need do anything about it any more."""


def against_errands(view: View, case: Case, action: CaseAction) -> str | None:
    """Why a case can't be closed: somebody is still asked to do something about it; nothing where it can."""
    if action is not CaseAction.CLOSE:
        return None
    running = select(CaseErrand.id).where(CaseErrand.case_id == case.id, is_running())
    if view.session.scalar(running.limit(1)) is None:
        return None
    return say("an organisation has not finished what it was asked: wait for it, or have it taken back")


def end_errands(view: View, case: Case, action: CaseAction, *, now: datetime) -> None:
    """Take back what runs where a case turned out to be none or a known one; each is logged and told."""
    if action in _WITHDRAWING:
        books = Books(view.session, view.tz)
        call_off(view.session, view.actor, Case.id == case.id, books=books, now=now)


def end_left(view: View, *, now: datetime) -> int:
    """Take back what still runs of cases that have ended, however they ended; gives how many.

    Steps and imports see to it themselves: it is for what came in with cases that had ended already.
    """
    ended = and_(Case.community_id == view.community.id, Case.state.in_(ENDED_STATES))
    running = select(CaseErrand.id).join(Case, Case.id == CaseErrand.case_id).where(ended, is_running())
    if view.session.scalar(running.limit(1)) is None:
        return 0
    wait_for_others(view.session, view.community.id)
    clock = local_actor(view.session, "errands of ended cases")
    return call_off(view.session, clock, ended, books=Books(view.session, view.tz), now=now)


def call_off(
    session: Session, actor: Actor, which: ColumnElement[bool], *, books: Books, now: datetime
) -> int:
    """Take back what runs of some errands, a condition on them and their cases; gives how many.

    Each leaves a line in the log of its case and is told to the organisation; none falls due later.
    """
    statement = select(CaseErrand, Case).join(Case, Case.id == CaseErrand.case_id)
    running = statement.where(is_running(), which).order_by(CaseErrand.id).options(*without_texts())
    rows, clock = session.execute(running).all(), ErrandClock(books, now=now)
    for errand, case in rows:
        errand.due_at, errand.withdrawn_at = clock.due(errand, case), now
        note(session, actor, case, ErrandStep.WITHDRAW, now=now)
        tell_errand(session, actor, case, errand, ErrandStep.WITHDRAW, now=now)
    return len(rows)
