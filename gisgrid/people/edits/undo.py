"""Undoing a change for a day: a new edit with the former value, where nobody has changed the field since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotFound
from gisgrid.people.core.edit_models import RegisterEdit
from gisgrid.people.edits.changes import begin_edit
from gisgrid.people.edits.field_states import states_of
from gisgrid.people.edits.fields import FIELDS
from gisgrid.people.edits.head_counts import head_count
from gisgrid.people.edits.scope import EditSubject, editable_household, editable_person, reason_faults
from gisgrid.people.edits.service import Became, EditAnswer, answer_of, check_open
from gisgrid.people.edits.values import as_json, from_json

UNDO_TIME: Final = timedelta(days=1)


def undo_change(view: View, change_id: str, *, reason: str | None = None, now: datetime) -> EditAnswer:
    """Write a field's former value again, as a new change of its own.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such change of a household or person within what the actor may edit.
    InvalidInput
        The reason can't be so, or the consent to the field is gone.
    Conflict
        It is older than a day, its values are no longer kept, it was no change of a field, or the field has
        changed since.
    """
    change = view.session.scalar(select(RegisterEdit).where(RegisterEdit.id == change_id))
    if change is None:
        raise NotFound("no such change")
    act = begin_edit(view, _subject(view, change), reason, now)
    if faults := reason_faults(view, reason):
        raise InvalidInput(faults)
    _check_recent(change, now)
    field = FIELDS.get(change.field)
    if field is None:
        raise Conflict("what was added is not undone: edit it, or note the leaving")
    check_open(field, states_of(view.session, act.subject.household, act.subject.person))
    if as_json(act.read(field)) != change.after or change.before is None:
        raise Conflict("this field has changed since, or its former value is no longer kept")
    written = act.write(field, from_json(change.before), undoes=change.id)
    act.close("edits:undo", [field.code])
    return EditAnswer(
        fields=[answer_of(field, Became.WRITTEN, change=written)],
        count=head_count(view, act.subject.household),
    )


def _subject(view: View, change: RegisterEdit) -> EditSubject:
    if change.resident_id is None:
        return editable_household(view, change.household_id)
    return editable_person(view, change.resident_id)


def _check_recent(change: RegisterEdit, now: datetime) -> None:
    if now - change.at > UNDO_TIME:
        raise Conflict("this change is older than a day: edit the field instead")
