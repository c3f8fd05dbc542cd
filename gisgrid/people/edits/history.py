"""What was changed of a household and its people by hand: of the last day, which can be undone, and all."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from typing_extensions import TypedDict

from gisgrid.access.models import Account
from gisgrid.areas.view import View
from gisgrid.days import local_text
from gisgrid.people.core.edit_models import RegisterEdit
from gisgrid.people.edits.fields import FIELDS
from gisgrid.people.edits.openings import is_shown_to, note_opening
from gisgrid.people.edits.scope import EditSubject, editable_household
from gisgrid.people.edits.undo import UNDO_TIME
from gisgrid.people.edits.values import Value, from_json

_LAST: Final = 20
_MOST: Final = 200


class ChangeRow(TypedDict):
    """A change of the register; ``before`` is told where values are, and kept."""

    id: str
    field: str
    person: str | None
    at: str
    by: str | None
    before: Value


def household_changes(
    view: View, household_id: str, *, reason: str | None = None, now: datetime
) -> list[ChangeRow]:
    """Whatever was changed of a household and its people, the newest 200 first. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    """
    subject = editable_household(view, household_id, lock=False)
    note_opening(view, "households:changes", subject, reason, now)
    statement = _changes_of(subject).limit(_MOST)
    is_shown = is_shown_to(view, reason)
    return [
        _change(view, change, name, is_shown=is_shown) for change, name in view.session.execute(statement)
    ]


def recent_changes(view: View, subject: EditSubject, now: datetime, *, is_shown: bool) -> list[ChangeRow]:
    """Changes of the last day whose former value is kept, the newest first."""
    statement = _changes_of(subject).where(
        RegisterEdit.at >= now - UNDO_TIME, RegisterEdit.field.in_(FIELDS), RegisterEdit.before.is_not(None)
    )
    if subject.person is not None:
        statement = statement.where(RegisterEdit.resident_id == subject.person.id)
    statement = statement.limit(_LAST)
    return [
        _change(view, change, name, is_shown=is_shown) for change, name in view.session.execute(statement)
    ]


def _changes_of(subject: EditSubject) -> Select[RegisterEdit, str]:
    return (
        select(RegisterEdit, Account.name)
        .outerjoin(Account, Account.id == RegisterEdit.account_id)
        .where(RegisterEdit.household_id == subject.household.id)
        .order_by(RegisterEdit.at.desc(), RegisterEdit.id.desc())
    )


def _change(view: View, change: RegisterEdit, name: str | None, *, is_shown: bool) -> ChangeRow:
    return ChangeRow(
        id=change.id,
        field=change.field,
        person=change.resident_id,
        at=local_text(change.at, view.tz),
        by=name,
        before=from_json(change.before) if is_shown and change.before else None,
    )
