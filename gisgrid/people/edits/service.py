"""Edits fields of a household or a person by hand, field by field: confirmed, written, or a clash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Final

from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.people.core.edit_models import FieldClash
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.changes import EditAct, begin_edit
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import FIELDS, LEFT, FieldSubject, RegisterField
from gisgrid.people.edits.head_counts import HeadCount, head_count
from gisgrid.people.edits.scope import EditSubject, editable_household, editable_person, reason_faults
from gisgrid.people.edits.values import Value, as_json, check_value, is_base
from gisgrid.storage.base import new_id


class Unseen(Enum):
    """In place of a value that an editor saw, where a digest of it stands, or nothing."""

    UNSEEN = "unseen"


class Became(StrEnum):
    """What became of an edit of a field."""

    CONFIRMED = "confirmed"
    """The register held that value already."""
    WRITTEN = "written"
    CLASH = "clash"
    """The register had changed since the editor saw it: it stays, and the answer is kept for the staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdit:
    """A field, its new value, and what the editor saw of it: that value, or its digest (``base``)."""

    field: str
    value: Value
    seen: Value | Unseen = Unseen.UNSEEN
    base: str | None = None


class FieldAnswer(TypedDict):
    """What became of an edit: ``change`` names it in the history, ``clash`` in the list of clashes."""

    field: str
    became: Became
    change: str | None
    clash: str | None


class EditAnswer(TypedDict):
    """What became of each field, in the order of the edits, and whether the household's counts agree."""

    fields: list[FieldAnswer]
    count: HeadCount


PURPOSE_FAULTS: Final[Mapping[FieldState, str]] = {
    FieldState.NOT_ASKED: say("nobody has asked for consent to this yet: ask first"),
    FieldState.REFUSED: say("consent to this was refused or withdrawn"),
}


def edit_household(
    view: View, household_id: str, edits: Sequence[FieldEdit], *, reason: str | None = None, now: datetime
) -> EditAnswer:
    """Edit fields of a household; see :func:`edit_person`.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such household within what the actor may edit.
    InvalidInput
        A field, a value or the reason can't be so: all faults at once, and nothing is written.
    """
    act = begin_edit(view, editable_household(view, household_id), reason, now)
    return _edit(act, FieldSubject.HOUSEHOLD, edits)


def edit_person(
    view: View, person_id: str, edits: Sequence[FieldEdit], *, reason: str | None = None, now: datetime
) -> EditAnswer:
    """Edit fields of a person.

    A value that the register holds already is confirmed. A new one is written where the register still holds
    what the editor saw; else the register stays, and the answer waits among the clashes. Two who change
    different fields both win. Leaves one audit entry, without values.

    Raises
    ------
    NotAllowed
        The role edits nobody.
    NotFound
        No such person within what the actor may edit.
    Conflict
        The person was erased or has refused to be registered.
    InvalidInput
        A field, a value or the reason can't be so: all faults at once, and nothing is written.
    """
    act = begin_edit(view, editable_person(view, person_id), reason, now)
    return _edit(act, FieldSubject.PERSON, edits)


def _edit(act: EditAct, kind: FieldSubject, edits: Sequence[FieldEdit]) -> EditAnswer:
    checked = _check(act, kind, edits)
    answers = [_apply(act, FIELDS[edit.field], edit) for edit in checked]
    act.close(
        "persons:edit" if kind == FieldSubject.PERSON else "households:edit",
        [answer["field"] for answer in answers if answer["became"] != Became.CONFIRMED],
    )
    return EditAnswer(fields=answers, count=head_count(act.view, act.subject.household))


def _check(act: EditAct, kind: FieldSubject, edits: Sequence[FieldEdit]) -> list[FieldEdit]:
    """The edits with their values as they are kept."""
    states = states_of(act.view.session, act.subject.household, act.subject.person)
    today = day_of(act.now, act.view.tz)
    checked: list[FieldEdit] = []
    faults = [*reason_faults(act.view, act.reason), *_faults_together(edits)]
    for edit in edits:
        try:
            checked.append(_checked(act, kind, edit, states, today))
        except InvalidInput as error:
            faults += error.faults
    if faults:
        raise InvalidInput(faults)
    return checked


def _faults_together(edits: Sequence[FieldEdit]) -> list[Fault]:
    if not edits:
        return [Fault(message="there is nothing to edit", field="edits")]
    twice = [name for name, count in Counter(edit.field for edit in edits).items() if count > 1]
    return [Fault(message="this field is edited twice", field=name) for name in twice]


def _checked(
    act: EditAct, kind: FieldSubject, edit: FieldEdit, states: Mapping[Purpose, FieldState], today: date
) -> FieldEdit:
    field = FIELDS.get(edit.field)
    if field is None or field.subject != kind:
        raise InvalidInput("there is no such field here", field=edit.field)
    check_open(field, states)
    if edit.seen is Unseen.UNSEEN and edit.base is None:
        raise InvalidInput("what was seen of this field is missing", field=edit.field)
    value = check_value(field, edit.value, today=today)
    if field is LEFT:
        check_stay(act.subject, value)
    return replace(edit, value=value)


def check_open(field: RegisterField, states: Mapping[Purpose, FieldState]) -> None:
    """Refuse a field that doesn't exist for want of a consent.

    Raises
    ------
    InvalidInput
        Nobody has asked yet, or the answer was no.
    """
    if message := PURPOSE_FAULTS.get(states[field.purpose]):
        raise InvalidInput(message, field=field.code)


def check_stay(subject: EditSubject, value: Value) -> None:
    """Refuse a day of leaving that isn't after the day of coming.

    Raises
    ------
    InvalidInput
        It isn't.
    """
    person = subject.person
    if person is None or not isinstance(value, Mapping):
        return
    if date.fromisoformat(str(value["day"])) <= person.lived_from:
        raise InvalidInput("who leaves has lived here before that day", field=LEFT.code)


def _apply(act: EditAct, field: RegisterField, edit: FieldEdit) -> FieldAnswer:
    current = act.read(field)
    if as_json(current) == as_json(edit.value):
        return answer_of(field, Became.CONFIRMED)
    if _was_seen(act, field, edit, current):
        return answer_of(field, Became.WRITTEN, change=act.write(field, edit.value))
    return answer_of(field, Became.CLASH, clash=_keep_clash(act, field, edit.value))


def _was_seen(act: EditAct, field: RegisterField, edit: FieldEdit, current: Value) -> bool:
    if not isinstance(edit.seen, Unseen):
        return as_json(edit.seen) == as_json(current)
    return is_base(act.view.session, edit.base or "", act.subject.id, field, current)


def answer_of(
    field: RegisterField, became: Became, *, change: str | None = None, clash: str | None = None
) -> FieldAnswer:
    """What became of a field, for an answer."""
    return FieldAnswer(field=field.code, became=became, change=change, clash=clash)


def _keep_clash(act: EditAct, field: RegisterField, value: Value) -> str:
    person = act.subject.person
    clash = FieldClash(
        id=new_id(),
        at=act.now,
        household_id=act.subject.household.id,
        resident_id=None if person is None else person.id,
        account_id=act.view.actor.account_id,
        field=field.code,
        purpose=field.purpose,
        answer=as_json(value),
    )
    act.view.session.add(clash)
    act.view.session.flush()
    return clash.id
