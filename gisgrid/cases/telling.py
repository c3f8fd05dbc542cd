"""Notices about cases: who is told what when a step is taken, never the one who took it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, Role
from gisgrid.areas.reaching import accounts_of
from gisgrid.cases.models import Case, CaseNotice, Category
from gisgrid.cases.standing import Route, Standing
from gisgrid.cases.workflow import CaseAction
from gisgrid.storage.base import new_id


class CaseNoticeKind(StrEnum):
    """What somebody is told of a case."""

    EMERGENCY = "emergency"
    COORDINATION = "coordination"
    GIVEN = "given"
    INVOLVED = "involved"
    RETURNED = "returned"
    REWORK = "rework"
    ESCALATED = "escalated"
    SUPERVISED = "supervised"
    REOPENED = "reopened"
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

    ``percent``: how much of its time is gone, where that is what is told.
    """
    told = sorted(set(accounts) - {but})
    session.add_all(
        CaseNotice(id=new_id(), account_id=account, case_id=case.id, kind=kind.value, percent=percent, at=now)
        for account in told
    )
    return len(told)


def tell_reported(session: Session, case: Case, *, now: datetime, but: str | None) -> int:
    """An emergency is told to the subdistrict and the community at once, coordination to the community."""
    if case.route == Route.SUBDISTRICT:
        people = leaders_above(session, case, now=now) | _community(session, case, now=now)
        return tell(session, case, CaseNoticeKind.EMERGENCY, people, now=now, but=but)
    if case.route == Route.COMMUNITY:
        people = _community(session, case, now=now)
        return tell(session, case, CaseNoticeKind.COORDINATION, people, now=now, but=but)
    return 0


def tell_step(
    session: Session, case: Case, action: CaseAction, after: Standing, *, now: datetime, but: str | None
) -> int:
    """Tell handler, co-handler, community or subdistrict of a step just taken; gives how many."""
    if action in _TO_HANDLER:
        people = accounts_of_worker(session, after.handler_id)
        return tell(session, case, _TO_HANDLER[action], people, now=now, but=but)
    if action in _TO_COMMUNITY:
        people = _community(session, case, now=now)
        return tell(session, case, _TO_COMMUNITY[action], people, now=now, but=but)
    if action is CaseAction.INVOLVE:
        people = accounts_of_worker(session, after.co_handlers[-1].worker_id)
        return tell(session, case, CaseNoticeKind.INVOLVED, people, now=now, but=but)
    if action is CaseAction.ESCALATE:
        is_top = after.route is Route.SUBDISTRICT
        people = leaders_above(session, case, now=now) if is_top else _community(session, case, now=now)
        return tell(session, case, CaseNoticeKind.ESCALATED, people, now=now, but=but)
    return 0


def accounts_of_worker(session: Session, worker_id: str | None) -> set[str]:
    """Accounts in use of somebody on duty."""
    if worker_id is None:
        return set()
    return accounts_of_workers(session, {worker_id}).get(worker_id, set())


def accounts_of_workers(session: Session, workers: Collection[str]) -> dict[str, set[str]]:
    """Accounts in use of people on duty, by their ids; those without any are left out."""
    own = (Account.worker_id.in_(workers), Account.disabled_at.is_(None))
    found: dict[str, set[str]] = defaultdict(set)
    for worker, account in session.execute(select(Account.worker_id, Account.id).where(*own)):
        found[str(worker)].add(account)
    return found


def _community(session: Session, case: Case, *, now: datetime) -> set[str]:
    return accounts_of(session, case.community_id, {Role.HEAD}, now=now)


def leaders_above(session: Session, case: Case, *, now: datetime) -> set[str]:
    """Leaders above; of a confidential case they are told nothing."""
    category = session.get(Category, case.category_code)
    if category is None or category.is_confidential:
        return set()
    return accounts_of(session, case.community_id, {Role.LEADER}, now=now)
