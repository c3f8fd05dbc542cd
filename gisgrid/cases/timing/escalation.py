"""Who is told when the time of a case runs out: its owner, the community, then the subdistrict.

Every level is told once, to its own people, as soon as somebody works here or the clock strikes after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import local_actor
from gisgrid.access.audit import record
from gisgrid.access.models import AccountScope, Duty, Role
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.look import Look
from gisgrid.areas.reaching import accounts_of, by_duty, by_scope
from gisgrid.cases.keeping import moment_for, standing_of, told, write
from gisgrid.cases.models import Case
from gisgrid.cases.needs import Given
from gisgrid.cases.owners import Owner, owners_of
from gisgrid.cases.standing import Event, Supervision
from gisgrid.cases.steps import take_by_clock
from gisgrid.cases.telling import CaseNoticeKind, accounts_of_worker, leaders_above, tell
from gisgrid.cases.timing.books import Books
from gisgrid.cases.timing.levels import Told
from gisgrid.cases.timing.promises import levels_of, next_level_at, pauses_of, time_of
from gisgrid.cases.workflow import RUNNING_STATES, CaseAction
from gisgrid.storage.base import valid_at

URGED: Final = "urge"
"""The line of a log that says that a level of the time limit was reached and told."""
_KINDS: Final = {
    Told.OWNER: CaseNoticeKind.LIMIT_OWNER,
    Told.COMMUNITY: CaseNoticeKind.LIMIT_COMMUNITY,
    Told.SUBDISTRICT: CaseNoticeKind.LIMIT_SUBDISTRICT,
}
_AT_ONCE: Final = 100
"""How many cases one write tells of, so that nobody waits for long; the next one goes on."""


def has_due(session: Session, community_id: str, *, now: datetime) -> bool:
    """Whether a case of the community has reached a level that nobody was told of."""
    return bool(session.scalar(select(exists().where(_is_due(community_id, now)))))


def escalate_due(look: Look, *, now: datetime, most: int = _AT_ONCE) -> int:
    """Tell of every level that cases of the community have reached since they were looked at last.

    At so much of its time, by the rules it was reported under, a case's owner is told, later heads and the
    staff of its grid, then the leaders above as well, unless its category is confidential, and the case is
    supervised. Each leaves a line in its log. A level is told once; cases that were imported late tell
    nothing of what they had reached then. At most so many cases are told of at once, the longest waiting
    first; gives how many had anything to tell.
    """
    session = look.session
    if not has_due(session, look.community.id, now=now):
        return 0
    wait_for_others(session, look.community.id)
    waiting = select(Case).where(_is_due(look.community.id, now)).order_by(Case.escalates_at, Case.fid)
    cases = session.scalars(waiting.limit(most).with_for_update()).all()
    if not cases:
        return 0
    clock = replace(look, actor=local_actor(session, "time limit"))
    owners, pauses = owners_of(clock, cases, now=now), pauses_of(session, [one.id for one in cases])
    books = Books(session, look.tz)
    count = 0
    for case in cases:
        levels = levels_of(books, case)
        due = time_of(books, case, now=now, pauses=pauses.get(case.id, ()))
        level = levels.reached(due.elapsed) if due else 0
        is_new = case.escalated < 0  # came in from elsewhere: what is past is known there
        untold = () if is_new else levels.between(case.escalated, level)
        for who, percent in untold:
            _tell(clock, case, who, percent, owner=owners[case.id], now=now)
        case.escalated = level if is_new else max(level, case.escalated)
        following = next_level_at(books, case, told=case.escalated, pauses=pauses.get(case.id, ()), now=now)
        # What is past has been told: a case that stayed due for ever would keep all others waiting.
        case.escalates_at = following if following is not None and following > now else None
        count += bool(untold)
    touch(session, [look.community.id])
    session.flush()
    return count


def _is_due(community_id: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        Case.community_id == community_id,
        Case.escalates_at <= now,
        Case.due_at.is_not(None),
        Case.state.in_(RUNNING_STATES),
    )


def _tell(clock: Look, case: Case, who: Told, percent: int, *, owner: Owner | None, now: datetime) -> None:
    """Tell one level to its people, and write it into the log."""
    session = clock.session
    people = _people(clock, case, who, owner, now=now)
    tell(session, case, _KINDS[who], people, now=now, percent=percent)
    standing = standing_of(session, case)
    at = moment_for(session, case, now)
    state = standing.state.value
    event = Event(action=URGED, at=at, from_state=state, to_state=state, details=told(level=percent))
    write(session, clock.actor, case, event, standing)
    record(session, clock.actor, "cases:urge", "case", now=now, object_id=case.id)
    if who is Told.SUBDISTRICT and not case.is_supervised:
        take_by_clock(clock, case, CaseAction.SUPERVISE, Given(kind=Supervision.TIMEOUT), now=now)


def _people(clock: Look, case: Case, who: Told, owner: Owner | None, *, now: datetime) -> set[str]:
    session = clock.session
    if who is Told.OWNER:
        own = {owner.account_id} if owner and owner.account_id else set()
        return own or accounts_of_worker(session, owner.worker_id if owner else None)
    heads = accounts_of(session, case.community_id, {Role.HEAD}, now=now)
    if who is Told.COMMUNITY:
        return heads | _staff_of_grid(clock, case, now=now)
    return heads | leaders_above(session, case, now=now)


def _staff_of_grid(clock: Look, case: Case, *, now: datetime) -> set[str]:
    """Staff who serve the grid of a case, or a micro grid in it."""
    grid = clock.present.grid_of(case.cell_id)
    if grid is None:
        return set()
    areas = {grid.id, *(one.id for one in clock.present.tree.children(grid.id))}
    roles = {Role.STAFF}
    duties = by_duty(roles).where(Duty.area_id.in_(areas), valid_at(Duty, now))
    scopes = by_scope(roles).where(AccountScope.area_id.in_(areas))
    return {*clock.session.scalars(duties), *clock.session.scalars(scopes)}
