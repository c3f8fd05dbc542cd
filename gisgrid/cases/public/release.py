"""What of a case everybody may see: whether it is released at all, and the text that staff made public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.phones import has_numbers
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.rules import CaseState
from gisgrid.cases.core.scope import case_within
from gisgrid.cases.core.store import write_note
from gisgrid.errors import Conflict, InvalidInput, say

PUBLIC_TEXT_LIMIT: Final = 2000
_PUBLISH: Final = "publish"
_UNPUBLISH: Final = "unpublish"

_UNCLEAR: Final = (CaseState.REJECTED, CaseState.VOID, CaseState.SUSPENDED)
"""States a case comes to before somebody has accepted it, or after: its log tells."""
_NOT_TAKEN: Final = (CaseState.REPORTED, *_UNCLEAR)


def is_released() -> ColumnElement[bool]:
    """Cases that everybody may see, as SQL: accepted at some time, in a category that isn't confidential.

    One that was put away without ever having been accepted is not; one that was put away later still is.
    """
    is_open = Case.category_code.in_(select(Category.code).where(Category.is_confidential.is_(False)))
    was_taken = exists().where(CaseLog.case_id == Case.id, CaseLog.to_state.not_in(_NOT_TAKEN))
    is_taken = or_(Case.state.not_in(_NOT_TAKEN), and_(Case.state.in_(_UNCLEAR), was_taken))
    return and_(is_open, is_taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishable:
    """A case whose text can be made public: id, number, its description, and the text that is public now.

    ``is_released``: whether the public sees the case at all.
    """

    id: str
    number: str
    description: str
    public: str | None
    is_released: bool


def publishable(view: View, case_id: str) -> Publishable:
    """The case with its texts.

    Raises
    ------
    NotAllowed
        The role makes nothing public.
    NotFound
        No such case within what the actor may see.
    Conflict
        Its category is confidential.
    """
    case = _case(view, case_id, lock=False)
    released = view.session.scalar(select(Case.id).where(Case.id == case.id, is_released()))
    return Publishable(
        id=case.id,
        number=case.number,
        description=case.description,
        public=case.public_description,
        is_released=released is not None,
    )


def publish_text(view: View, case_id: str, text: str, *, now: datetime) -> None:
    """Let everybody read a text about a case: its description, or that without what tells of persons.

    Leaves a step in the log and an audit entry, neither with the text.

    Raises
    ------
    NotAllowed
        The role makes nothing public.
    NotFound
        No such case within what the actor may see.
    Conflict
        Its category is confidential.
    InvalidInput
        There is no text, it is too long, or it holds a phone or identity number.
    """
    case, wanted = _case(view, case_id, lock=True), text.strip()
    if not wanted:
        raise InvalidInput("say what everybody may read", field="text")
    if len(wanted) > PUBLIC_TEXT_LIMIT:
        raise InvalidInput(say("a text has 1 to {most} characters", most=PUBLIC_TEXT_LIMIT), field="text")
    if has_numbers(wanted):
        raise InvalidInput("a text for everybody holds no phone or identity number", field="text")
    if case.public_description != wanted:
        _change(view, case, wanted, step=_PUBLISH, now=now)


def unpublish_text(view: View, case_id: str, *, now: datetime) -> None:
    """Take the public text back. Without one, nothing happens.

    Raises
    ------
    NotAllowed
        The role makes nothing public.
    NotFound
        No such case within what the actor may see.
    """
    case = _case(view, case_id, lock=True, is_open=False)
    if case.public_description is not None:
        _change(view, case, None, step=_UNPUBLISH, now=now)


def _change(view: View, case: Case, text: str | None, *, step: str, now: datetime) -> None:
    case.public_description = text
    write_note(view.session, view.actor, case, step, now=now)
    fields = ["public_description"]
    record(view.session, view.actor, f"cases:{step}", "case", now=now, object_id=case.id, fields=fields)
    touch(view.session, [case.community_id])
    view.session.flush()


def _case(view: View, case_id: str, *, lock: bool, is_open: bool = True) -> Case:
    require(view.actor, Action.CASES_PUBLISH)
    case = case_within(view, case_id, lock=lock)
    category = view.session.get_one(Category, case.category_code)
    if is_open and category.is_confidential:
        raise Conflict("a case of a confidential category is shown to nobody outside")
    return case
