"""Who is told of an errand: the organisation what it is asked, whoever has the case what it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import RIGHTS, Action
from gisgrid.access.actors import Actor
from gisgrid.access.models import Account, Role
from gisgrid.areas.accounts import in_use
from gisgrid.cases.core.audience import desk
from gisgrid.cases.core.models import Case, CaseErrand
from gisgrid.cases.core.notifications import CaseNoticeKind, accounts_of_worker, tell
from gisgrid.cases.referrals.store import ErrandStep

_TO_ORGANISATION: Final = {
    ErrandStep.ASK: CaseNoticeKind.ERRAND_ASKED,
    ErrandStep.WITHDRAW: CaseNoticeKind.ERRAND_WITHDRAWN,
}
_TO_OWNERS: Final = {
    ErrandStep.RECEIPT: CaseNoticeKind.ERRAND_RECEIPTED,
    ErrandStep.FINISH: CaseNoticeKind.ERRAND_FINISHED,
    ErrandStep.RETURN: CaseNoticeKind.ERRAND_RETURNED,
}
_READING: Final = RIGHTS[Action.NOTICES_VIEW] - {Role.LOCAL}


def tell_errand(
    session: Session, actor: Actor, case: Case, errand: CaseErrand, step: ErrandStep, *, now: datetime
) -> int:
    """Tell of a step just taken with an errand; gives how many were told, never who took it."""
    but = actor.account_id
    if step in _TO_ORGANISATION:
        return tell(session, case, _TO_ORGANISATION[step], [errand.account_id], now=now, but=but)
    if step in _TO_OWNERS:
        return tell(session, case, _TO_OWNERS[step], _owners(session, case, errand, now), now=now, but=but)
    return 0


def _owners(session: Session, case: Case, errand: CaseErrand, now: datetime) -> set[str]:
    """Who asked and who handles the case; the community's desk where neither is there any more."""
    asker = select(Account.id).where(Account.id == errand.asked_by, in_use(_READING))
    accounts = set(session.scalars(asker)) | accounts_of_worker(session, case.handler_id)
    return accounts or desk(session, case.community_id, now=now)
