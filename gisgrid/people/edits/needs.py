"""Needs of a person, set and ended by hand, each with its legal basis and its day."""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.people.edits.changes import EditAct, begin_edit
from gisgrid.people.edits.field_states import states_of
from gisgrid.people.edits.fields import NEEDS, RegisterField
from gisgrid.people.edits.head_counts import head_count
from gisgrid.people.edits.scope import editable_person, reason_faults
from gisgrid.people.edits.service import Became, EditAnswer, answer_of, check_open
from gisgrid.people.edits.values import Value, as_json, check_value


def set_need(
    view: View, person_id: str, kind: str, value: Value, *, reason: str | None = None, now: datetime
) -> EditAnswer:
    """Let a need hold from a day on: ``{grade, since, legal_basis}``; the same again is confirmed.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    InvalidInput
        The kind, the value or the reason can't be so, or consent is missing: all faults at once.
    Conflict
        The person was erased or has refused to be registered.
    """
    act = begin_edit(view, editable_person(view, person_id), reason, now)
    field = NEEDS.get(kind)
    if field is None:
        raise InvalidInput("there is no such need", field="kind")
    return _write(act, field, _checked(act, field, value or {}))


def end_need(
    view: View, person_id: str, kind: str, *, reason: str | None = None, now: datetime
) -> EditAnswer:
    """Let a need hold no longer from today on; one that doesn't hold is confirmed. Needs no consent any more.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit, or no such kind of need.
    InvalidInput
        The reason can't be so.
    Conflict
        The person was erased or has refused to be registered.
    """
    act = begin_edit(view, editable_person(view, person_id), reason, now)
    if kind not in NEEDS:
        raise NotFound("there is no such need")
    if faults := reason_faults(view, reason):
        raise InvalidInput(faults)
    return _write(act, NEEDS[kind], None)


def _checked(act: EditAct, field: RegisterField, value: Value) -> Value:
    faults = reason_faults(act.view, act.reason)
    try:
        check_open(field, states_of(act.view.session, act.subject.household, act.subject.person))
        value = check_value(field, value, today=day_of(act.now, act.view.tz))
    except InvalidInput as error:
        faults += error.faults
    if faults:
        raise InvalidInput(faults)
    return value


def _write(act: EditAct, field: RegisterField, value: Value) -> EditAnswer:
    is_same = as_json(act.read(field)) == as_json(value)
    change = None if is_same else act.write(field, value)
    became = Became.CONFIRMED if is_same else Became.WRITTEN
    act.close("persons:edit", [] if is_same else [field.code])
    return EditAnswer(
        fields=[answer_of(field, became, change=change)], count=head_count(act.view, act.subject.household)
    )
