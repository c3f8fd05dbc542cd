"""What the workflow of cases asks before and after it ends a case that is a dispute."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.disputes.models import MEDIATION, Dispute
from gisgrid.cases.disputes.pipeline import DisputeStage, DisputeStep
from gisgrid.cases.disputes.store import SealedTexts, dispute_snapshot, entry_moment, event, write_dispute
from gisgrid.errors import say

_ENDING: Final = frozenset({CaseAction.CLOSE, CaseAction.DUPLICATE, CaseAction.VOID, CaseAction.REJECT})
_BEFORE_MEDIATION: Final = (DisputeStage.CLUE, DisputeStage.SORTED)


def is_dispute() -> ColumnElement[bool]:
    """Cases that are disputes: of a confidential category that asks for mediation."""
    codes = select(Category.code).where(Category.skill == MEDIATION, Category.is_confidential)
    return Case.category_code.in_(codes)


def is_dispute_category(category: Category | None) -> bool:
    """Whether cases of a category are disputes."""
    return category is not None and category.skill == MEDIATION and category.is_confidential


def against_ending(session: Session, case: Case, action: CaseAction) -> str | None:
    """Why a step of a case can't be taken since it is a dispute that is not settled; nothing where it can."""
    if action not in _ENDING or not is_dispute_category(session.get(Category, case.category_code)):
        return None
    stage = dispute_snapshot(session.get(Dispute, case.id)).stage
    if action is CaseAction.CLOSE and stage is not DisputeStage.CLOSED:
        return say("a dispute is closed on its own page: after an agreement or a failure, and a follow-up")
    if action is CaseAction.DUPLICATE and stage is not DisputeStage.MERGED:
        return say("a clue is merged with another one on its own page, so that nothing of it is lost")
    if action in (CaseAction.VOID, CaseAction.REJECT) and stage not in _BEFORE_MEDIATION:
        return say("a dispute that is being mediated ends with an agreement or a failure")
    return None


def after_step(session: Session, actor: Actor, case: Case, action: CaseAction, *, now: datetime) -> None:
    """A closed dispute whose case is opened again is mediated again."""
    if action is not CaseAction.REOPEN:
        return
    row = session.get(Dispute, case.id)
    if row is None or row.stage != DisputeStage.CLOSED:
        return
    at = entry_moment(session, case.id, now)
    line = event(dispute_snapshot(row), DisputeStep.RESUME, DisputeStage.MEDIATING, at, {})
    write_dispute(session, actor, case.id, line, SealedTexts())
