"""Who is told when the time of a case runs out: its owner, the community, then the subdistrict.

Every level is told once, to its own people, as soon as somebody works here or the clock strikes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import local_actor
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.cases.core.case_state import Event, Supervision
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.notifications import CaseNoticeKind, tell
from gisgrid.cases.core.owners import owners_of
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import log_details, log_line, moments_for
from gisgrid.cases.core.workflow import RUNNING_STATES, CaseAction
from gisgrid.cases.deadlines.deadlines import levels_of, next_level_at, pauses_of, time_of
from gisgrid.cases.deadlines.levels import WarningLevel
from gisgrid.cases.deadlines.recipients import Recipients
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.worktime import Pause
from gisgrid.cases.steps import take_by_clock

URGED: Final = "urge"
"""The line of a log that says that a level of the time limit was reached and told."""
_KINDS: Final = {
    WarningLevel.OWNER: CaseNoticeKind.LIMIT_OWNER,
    WarningLevel.COMMUNITY: CaseNoticeKind.LIMIT_COMMUNITY,
    WarningLevel.SUBDISTRICT: CaseNoticeKind.LIMIT_SUBDISTRICT,
}
_AT_ONCE: Final = 100
"""How many cases one write tells of, so that nobody waits for long; the next one goes on."""


def has_due(session: Session, community_id: str, *, now: datetime) -> bool:
    """Whether a case of the community has reached a level that nobody was told of."""
    return bool(session.scalar(select(exists().where(_is_due(community_id, now)))))


def escalate_due(view: View, *, now: datetime, most: int = _AT_ONCE) -> int:
    """Tell of every level that cases of the community have reached since they were looked at last.

    At so much of its time, by the rules it was reported under, a case's owner is told, later heads and the
    staff of its grid, then the leaders above as well, unless its category is confidential, and the case is
    supervised. Each leaves a line in its log. A level is told once. A case that comes in from elsewhere tells
    of every level it has passed where it is late by then; before that nobody here is reminded of what has
    passed. At most so many cases are told of at once, the longest waiting first; gives how many had anything
    to tell.
    """
    session = view.session
    if not has_due(session, view.community.id, now=now):
        return 0
    wait_for_others(session, view.community.id)
    waiting = select(Case).where(_is_due(view.community.id, now)).order_by(Case.escalates_at, Case.fid)
    cases = session.scalars(waiting.limit(most).with_for_update()).all()
    if not cases:
        return 0
    clock = replace(view, actor=local_actor(session, "time limit"))
    pauses, moments = pauses_of(session, [case.id for case in cases]), moments_for(session, cases, now)
    books, people = Books(session, view.tz), Recipients(clock, owners_of(clock, cases, now=now), now=now)
    count, late = 0, []
    for case in cases:
        levels = _passed(books, case, pauses.get(case.id, ()), now=now)
        for who, percent in levels:
            tell(session, case, _KINDS[who], people.of(who, case), now=now, percent=percent)
            _note(clock, case, percent, at=moments[case.id], now=now)
        count += bool(levels)
        if not case.is_supervised and any(who is WarningLevel.SUBDISTRICT for who, _percent in levels):
            late.append(case)
    session.flush()  # all rows of all cases at once
    for case in late:
        take_by_clock(clock, case, CaseAction.SUPERVISE, StepInput(kind=Supervision.TIMEOUT), now=now)
    touch(session, [view.community.id])
    session.flush()
    return count


def _is_due(community_id: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        Case.community_id == community_id,
        Case.escalates_at <= now,
        Case.due_at.is_not(None),
        Case.state.in_(RUNNING_STATES),
    )


def _passed(
    books: Books, case: Case, pauses: Sequence[Pause], *, now: datetime
) -> Sequence[tuple[WarningLevel, int]]:
    """Note in a case which level it has reached and when the next one comes; those to tell of."""
    levels, due = levels_of(books, case), time_of(books, case, now=now, pauses=pauses)
    level = levels.reached(due.passed) if due else 0
    is_new = case.escalated < 0  # came in from elsewhere: what it was reminded of there is known
    is_late = due is not None and due.at > due.deadline
    untold = () if is_new and not is_late else levels.between(max(case.escalated, 0), level)
    case.escalated = level if is_new else max(level, case.escalated)
    following = next_level_at(books, case, last=case.escalated, pauses=pauses, now=now)
    # What is past has been told: a case that stayed due for ever would keep all others waiting.
    case.escalates_at = following if following is not None and following > now else None
    return untold


def _note(clock: View, case: Case, percent: int, *, at: datetime, now: datetime) -> None:
    """Write a level into the log, which changes nothing of how the case stands, and into the trail."""
    details = log_details(level=percent)
    event = Event(action=URGED, at=at, from_state=case.state, to_state=case.state, details=details)
    clock.session.add(log_line(clock.actor, case.id, event))
    record(clock.session, clock.actor, "cases:urge", "case", now=now, object_id=case.id)
