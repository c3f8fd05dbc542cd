"""A case and what organisations are still asked about it: one is not closed over the other."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from gisgrid.areas.look import Look
from gisgrid.cases.errands.keeping import ErrandStep, is_running, note
from gisgrid.cases.errands.telling import tell_errand
from gisgrid.cases.models import Case, CaseErrand
from gisgrid.cases.workflow import CaseAction
from gisgrid.errors import say

_WITHDRAWING: Final = frozenset({CaseAction.VOID, CaseAction.REJECT, CaseAction.DUPLICATE})
"""Steps by which it turns out to be no case, or another one: nobody need do anything about it any more."""


def against_errands(look: Look, case: Case, action: CaseAction) -> str | None:
    """Why a case can't be closed: somebody is still asked to do something about it; nothing where it can."""
    if action is not CaseAction.CLOSE:
        return None
    running = select(CaseErrand.id).where(CaseErrand.case_id == case.id, is_running())
    if look.session.scalar(running.limit(1)) is None:
        return None
    return say("an organisation has not finished what it was asked: wait for it, or have it taken back")


def end_errands(look: Look, case: Case, action: CaseAction, *, now: datetime) -> None:
    """Take back what runs where a case turned out to be none or a known one; each is logged and told."""
    if action not in _WITHDRAWING:
        return
    running = select(CaseErrand).where(CaseErrand.case_id == case.id, is_running()).order_by(CaseErrand.id)
    for errand in look.session.scalars(running).all():
        errand.withdrawn_at = now
        note(look, case, ErrandStep.WITHDRAW, text=None, now=now)
        tell_errand(look, case, errand, ErrandStep.WITHDRAW, now=now)
