"""Notices about cases: who is told what when a case comes in or a step is taken, never the one who took it.

Nothing is told to nobody: where those it is meant for have no account, the community's desk is told, and
where nobody works there, the administrators.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Account
from gisgrid.cases.core.audience import (
    administrators,
    desk,
    instructing,
    is_escalated,
    is_secret,
    leaders,
    leaders_above,
    serving,
)
from gisgrid.cases.core.case_state import CaseSnapshot, Route
from gisgrid.cases.core.models import Case, CaseNotice
from gisgrid.cases.core.rules import WorkPolicy
from gisgrid.cases.core.workflow import OPEN_STATES, CaseAction
from gisgrid.storage.base import new_id


class CaseNoticeKind(StrEnum):
    """What somebody is told of a case."""

    REPORTED = "reported"
    ARRIVED = "arrived"
    """Open cases that another system recorded were imported: how many, and the newest of them."""
    TAKEN_OVER = "taken_over"
    """Open cases of a redrawn grid fell to the account, whose primary member can open none: how many."""
    UNTAKEN = "untaken"
    """To the community's desk: how many open cases lie in a redrawn grid where nobody can open them."""
    UNTOLD = "untold"
    """To administrators: of a case nobody there could be told."""
    MOVED = "moved"
    """An open case was placed where the account is on duty."""
    EMERGENCY = "emergency"
    COORDINATION = "coordination"
    GIVEN = "given"
    INVOLVED = "involved"
    RETURNED = "returned"
    REWORK = "rework"
    ESCALATED = "escalated"
    SUPERVISED = "supervised"
    REOPENED = "reopened"
    RATED_LOW = "rated_low"
    LIMIT_OWNER = "limit_owner"
    LIMIT_COMMUNITY = "limit_community"
    LIMIT_SUBDISTRICT = "limit_subdistrict"
    ERRAND_ASKED = "errand_asked"
    ERRAND_WITHDRAWN = "errand_withdrawn"
    ERRAND_RECEIPTED = "errand_receipted"
    ERRAND_FINISHED = "errand_finished"
    ERRAND_RETURNED = "errand_returned"


_TO_HANDLER: Final = {
    CaseAction.ASSIGN: CaseNoticeKind.GIVEN,
    CaseAction.DISPATCH: CaseNoticeKind.GIVEN,
    CaseAction.REWORK: CaseNoticeKind.REWORK,
    CaseAction.SUPERVISE: CaseNoticeKind.SUPERVISED,
}
_TO_COMMUNITY: Final = {
    CaseAction.RETURN: CaseNoticeKind.RETURNED,
    CaseAction.REOPEN: CaseNoticeKind.REOPENED,
}


def tell(
    session: Session,
    case: Case,
    kind: CaseNoticeKind,
    accounts: Iterable[str],
    *,
    now: datetime,
    but: str | None = None,
    percent: int | None = None,
) -> int:
    """Tell some accounts something of a case; ``but`` is the one that knows it already. Gives how many.

    ``percent``: how much of its time is gone, where that is what is told. Where there are no such accounts
    the community's desk is told, where that is empty the administrators.
    """
    meant = set(accounts) or desk(session, case.community_id, now=now)
    if not meant:
        return tell_administrators(session, case, now=now)
    recipients = sorted(meant - {but})
    session.add_all(_notice(case, kind, account, now=now, percent=percent) for account in recipients)
    return len(recipients)


def tell_many(
    session: Session,
    kind: CaseNoticeKind,
    cases: Sequence[Case],
    accounts: Collection[str],
    *,
    now: datetime,
    but: str | None,
) -> None:
    """Tell some accounts once of several cases, how many they are; where there are none, administrators."""
    newest = max(cases, key=lambda case: (case.reported_at, case.id))
    if not accounts:
        tell_administrators(session, newest, now=now)
    for account in sorted(set(accounts) - {but}):
        notice = _notice(newest, kind, account, now=now)
        notice.count = len(cases)
        session.add(notice)


def tell_administrators(session: Session, case: Case, *, now: datetime) -> int:
    """Tell administrators that of a case nobody there can be told; gives how many were.

    One unread notice for a community is enough; of an emergency they are told each time.
    """
    people = administrators(session)
    if not is_escalated(case):
        unread = (
            select(CaseNotice.account_id)
            .join(Case, Case.id == CaseNotice.case_id)
            .where(
                CaseNotice.kind == CaseNoticeKind.UNTOLD,
                CaseNotice.read_at.is_(None),
                Case.community_id == case.community_id,
            )
        )
        people -= set(session.scalars(unread))
    session.add_all(_notice(case, CaseNoticeKind.UNTOLD, account, now=now) for account in sorted(people))
    return len(people)


def _notice(
    case: Case, kind: CaseNoticeKind, account: str, *, now: datetime, percent: int | None = None
) -> CaseNotice:
    return CaseNotice(
        id=new_id(), account_id=account, case_id=case.id, kind=kind.value, percent=percent, at=now
    )


def tell_reported(
    session: Session, case: Case, where: Collection[str], *, now: datetime, but: str | None
) -> int:
    """Tell of a new case who is on duty where it lies; gives how many were told.

    ``where``: the areas it lies in, see `gisgrid.cases.core.audience.areas_around`. Of an emergency the
    community and all leaders above are told as well, of what needs coordination the community. Leaders who
    may not see an emergency learn that there is one.
    """
    on_duty = on_duty_at(session, case, where, now=now)
    if is_escalated(case):
        return _tell_emergency(session, case, on_duty, now=now, but=but)
    if case.route == Route.COMMUNITY:
        community = desk(session, case.community_id, now=now)
        count = tell(session, case, CaseNoticeKind.COORDINATION, community, now=now, but=but)
        if others := on_duty - community:
            count += tell(session, case, CaseNoticeKind.REPORTED, others, now=now, but=but)
        return count
    return tell(session, case, CaseNoticeKind.REPORTED, on_duty, now=now, but=but)


def on_duty_at(session: Session, case: Case, where: Collection[str], *, now: datetime) -> set[str]:
    """Accounts on duty for a case in these areas and its building; see `serving`."""
    return serving(
        session,
        where,
        community_id=case.community_id,
        building_id=case.building_id,
        is_secret=is_secret(session, case),
        now=now,
    )


def tell_moved(
    session: Session,
    case: Case,
    before: Collection[str],
    where: Collection[str],
    *,
    now: datetime,
    but: str | None,
) -> int:
    """Tell of an open case that was put at another place who is on duty there and wasn't before.

    ``before``: accounts on duty where it lay. Where nobody is on duty now the community's desk is told.
    Gives how many were told.
    """
    if case.state not in OPEN_STATES:
        return 0
    on_duty = on_duty_at(session, case, where, now=now)
    fresh = on_duty - set(before)
    is_known = bool(on_duty or not before) and not fresh
    return 0 if is_known else tell(session, case, CaseNoticeKind.MOVED, fresh, now=now, but=but)


def _tell_emergency(
    session: Session, case: Case, on_duty: set[str], *, now: datetime, but: str | None
) -> int:
    """Tell all who must act on an emergency, and the leaders who must know; gives how many were told."""
    community = case.community_id
    acting = on_duty | desk(session, community, now=now) | instructing(session, community, now=now)
    people = acting | leaders(session, community, now=now)
    count = tell(session, case, CaseNoticeKind.EMERGENCY, people, now=now, but=but) if people else 0
    return count if acting else count + tell_administrators(session, case, now=now)


def tell_step(  # noqa: PLR0913 - what was done, how it stands, where it lies, when, and by whom
    session: Session,
    case: Case,
    action: CaseAction,
    after: CaseSnapshot,
    *,
    where: Collection[str],
    now: datetime,
    but: str | None,
    policy: WorkPolicy,
) -> int:
    """Tell owner, co-handler, community or subdistrict of a step just taken; gives how many.

    ``where``: the areas it lies in, none for a step of the clock, which tells by its levels; who is on duty
    there owns what nobody handles.
    """
    if action in _TO_HANDLER:
        people = accounts_of_worker(session, after.handler_id)
        if not people and where:
            people = _on_duty(session, case, where, now=now)
        return tell(session, case, _TO_HANDLER[action], people, now=now, but=but) if people else 0
    if action in _TO_COMMUNITY:
        people = desk(session, case.community_id, now=now)
        return tell(session, case, _TO_COMMUNITY[action], people, now=now, but=but)
    if action is CaseAction.RATE and policy.is_low(after.rating_speed, after.rating_result):
        people = desk(session, case.community_id, now=now)
        return tell(session, case, CaseNoticeKind.RATED_LOW, people, now=now, but=but)
    if action is CaseAction.INVOLVE:
        people = accounts_of_worker(session, after.co_handlers[-1].worker_id)
        return tell(session, case, CaseNoticeKind.INVOLVED, people, now=now, but=but)
    if action is CaseAction.ESCALATE:
        is_top = after.route is Route.SUBDISTRICT
        above = leaders_above(session, case, now=now) if is_top else set()
        people = above or desk(session, case.community_id, now=now)
        return tell(session, case, CaseNoticeKind.ESCALATED, people, now=now, but=but)
    return 0


def _on_duty(session: Session, case: Case, where: Collection[str], *, now: datetime) -> set[str]:
    secret = is_secret(session, case)
    return serving(session, where, community_id=case.community_id, is_secret=secret, now=now)


def accounts_of_worker(session: Session, worker_id: str | None) -> set[str]:
    """Accounts in use of somebody on duty."""
    if worker_id is None:
        return set()
    return accounts_of_workers(session, {worker_id}).get(worker_id, set())


def accounts_of_workers(session: Session, workers: Collection[str]) -> dict[str, set[str]]:
    """Accounts in use of people on duty, by their ids; those without any are left out."""
    own = (Account.worker_id.in_(workers), Account.disabled_at.is_(None))
    accounts: dict[str, set[str]] = defaultdict(set)
    for worker, account in session.execute(select(Account.worker_id, Account.id).where(*own)):
        accounts[str(worker)].add(account)
    return accounts
