"""Who said the same of a case: their own receipt code, and what it tells: what everybody may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseFollower, CaseLog, Category
from gisgrid.cases.public.release import is_released
from gisgrid.days import local_text_or_none

ME_TOO: Final = "me_too"
"""How the log calls it that somebody else says the same."""


class FollowedCase(TypedDict):
    """What everybody may see of a case; nothing of it where it is confidential or was not made public."""

    is_own: Literal[False]
    category: str | None
    category_name: str | None
    state: str
    day: str
    said_by: int
    number: str | None
    deadline: str | None
    description: str | None
    original_state: str | None
    actions: list[str]


def case_of_follower(session: Session, receipt: str) -> Case | None:
    """The case that a code as it is stored was given for; nothing where it is none of who said the same."""
    joined = select(Case).join(CaseFollower, CaseFollower.case_id == Case.id)
    return session.scalars(joined.where(CaseFollower.receipt == receipt)).one_or_none()


def public_case_row(view: View, case: Case) -> FollowedCase:
    """What everybody may see of a case, in the form of :func:`gisgrid.cases.intake.receipts.followed`.

    ``state, day, said_by`` always; ``category, category_name`` unless confidential; ``number, deadline`` and
    ``description``, the text that staff made public, of a released case only. No place, result, course or
    step: rating and opening again are for who reported it, once.
    """
    session = view.session
    category = session.get_one(Category, case.category_code)
    is_told = session.scalar(select(Case.id).where(Case.id == case.id, is_released())) is not None
    original = select(Case.state).where(Case.id == case.duplicate_of_id, is_released())
    return {
        "is_own": False,
        "category": None if category.is_confidential else category.code,
        "category_name": None if category.is_confidential else category.name,
        "state": case.state,
        "day": case.reported_at.astimezone(view.tz).date().isoformat(),
        "said_by": 1 + said_by(session, [case.id]).get(case.id, 0),
        "number": case.number if is_told else None,
        "deadline": local_text_or_none(case.due_at, view.tz) if is_told else None,
        "description": case.public_description if is_told else None,
        "original_state": session.scalar(original) if case.duplicate_of_id else None,
        "actions": [],
    }


def said_by(session: Session, case_ids: Sequence[str]) -> dict[str, int]:
    """How many have said the same of each case, beside who reported it."""
    statement = (
        select(CaseLog.case_id, func.count())
        .where(CaseLog.case_id.in_(case_ids), CaseLog.action == ME_TOO)
        .group_by(CaseLog.case_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}
