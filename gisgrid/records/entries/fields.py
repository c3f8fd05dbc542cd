"""Answers that stand for fields: which may be asked, and what a record keeps of what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.view import View
from gisgrid.forms.answers.checks import CheckedAnswers, ClosedRows
from gisgrid.forms.answers.state import ROW_ID
from gisgrid.forms.tree import FormTree, text_in
from gisgrid.people.core.models import Resident
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.places.models import Household
from gisgrid.records.bindings.conversion import FilledForm
from gisgrid.records.bindings.newcomers import add_newcomers
from gisgrid.records.bindings.questions import (
    bindings_of,
    closed_in_rows,
    closed_questions,
    people_repeats,
    without_questions,
)
from gisgrid.records.bindings.service import (
    BoundAnswers,
    BoundField,
    confirm_household,
    refused_fields,
    write_fields,
)
from gisgrid.records.core.record_models import GONE, Record, RecordField
from gisgrid.records.core.rules import MARK_VERIFIED, FieldBecame
from gisgrid.records.entries.consents import answers_taken, state_of
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.persons import DividedAnswers, divide
from gisgrid.records.entries.subject_scope import RecordSubject
from gisgrid.storage.base import new_id

_LONGEST_BASIS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAnswers:
    """Answers of a record as they are kept, with who was added by them and which questions were closed."""

    tree: FormTree
    state: FieldState
    checked: CheckedAnswers
    divided: DividedAnswers
    closed: frozenset[str]
    newcomers: frozenset[str]


def take_answers(
    view: View, tree: FormTree, subject: RecordSubject, sent: RecordInput, *, today: date, now: datetime
) -> TakenAnswers:
    """Check what was sent; a question about a field that nobody agreed to counts as not asked.

    Raises
    ------
    InvalidInput
        Every fault, or nobody has asked for consent and more is sent than may be kept without.
    """
    state = state_of(view.session, tree, subject)
    closed = closed_for(view.session, tree, subject, state)
    named = replace(sent, answers=_named_rows(tree, sent))
    asked = without_questions(tree, closed)
    checked = answers_taken(asked, named, state, _closed_rows(view, tree, subject, state), today=today)
    newcomers: frozenset[str] = frozenset()
    if subject.household is not None and state == FieldState.OPEN:
        newcomers = add_newcomers(view, tree, subject.household, checked.answers, now=now)
    divided = divide(view.session, tree, subject, checked)
    return TakenAnswers(
        tree=tree, state=state, checked=checked, divided=divided, closed=closed, newcomers=newcomers
    )


def closed_for(session: Session, tree: FormTree, subject: RecordSubject, state: FieldState) -> frozenset[str]:
    """The bound questions outside of repeats that a subject may not be asked; ``state`` is the form's own."""
    bindings = bindings_of(tree)
    if not bindings or subject.household is None:
        return frozenset()
    if state != FieldState.OPEN:
        return frozenset(binding.question.name for binding in bindings if binding.repeat is None)
    return closed_questions(bindings, states_of(session, subject.household, subject.person))


def _closed_rows(view: View, tree: FormTree, subject: RecordSubject, state: FieldState) -> ClosedRows:
    if subject.household is None or state != FieldState.OPEN or not people_repeats(tree):
        return {}
    people = view.session.scalars(select(Resident).where(Resident.household_id == subject.household.id))
    return closed_in_rows(view.session, tree, subject.household, people)


def _named_rows(tree: FormTree, sent: RecordInput) -> Mapping[str, object]:
    """Rows about people whose sender made no id have one that is the same however often it is sent."""
    answers = dict(sent.answers)
    for name in people_repeats(tree):
        rows = answers.get(name)
        if isinstance(rows, list):
            answers[name] = [_named_row(sent.id, f"{name}[{index}]", row) for index, row in enumerate(rows)]
    return answers


def _named_row(record_id: str, place: str, row: object) -> object:
    if not isinstance(row, Mapping) or row.get(ROW_ID):
        return row
    return {ROW_ID: str(uuid5(UUID(record_id), place)), **row}


def keep_fields(
    view: View,
    row: Record,
    subject: RecordSubject,
    taken: TakenAnswers,
    sent: RecordInput,
    *,
    former: Record | None,
    now: datetime,
) -> Mapping[str, Mapping[str, Any]]:
    """Write bound answers to the register, note what came of each; rows of people without what was refused.

    Raises
    ------
    InvalidInput
        Values can't be so: every fault.
    """
    if subject.household is None:
        return taken.divided.people
    bound = _bound(view.session, subject.household, subject, taken, sent, former)
    fields = refused_fields(bound, sent.answers, taken.closed)
    if taken.state == FieldState.OPEN:
        fields += write_fields(view, bound, _filled(taken.tree, row.day), now=now)
        is_verified = subject.person is None and taken.checked.marks.get(MARK_VERIFIED, False)
        confirm_household(view, subject.household, fields, is_verified=is_verified, at=row.filled_at, now=now)
    view.session.add_all(_field_row(row, field) for field in fields)
    return _without_refused(taken.divided.people, fields)


def _bound(
    session: Session,
    household: Household,
    subject: RecordSubject,
    taken: TakenAnswers,
    sent: RecordInput,
    former: Record | None,
) -> BoundAnswers:
    return BoundAnswers(
        tree=taken.tree,
        household=household,
        person=subject.person,
        own=taken.divided.own,
        people=taken.divided.people,
        places=_places(taken),
        bases=sent.bases,
        former={} if former is None else _former_answers(session, former),
        newcomers=taken.newcomers,
    )


def _places(taken: TakenAnswers) -> dict[tuple[str, str], str]:
    answers: Mapping[str, Any] = taken.checked.answers
    return {
        (name, str(row.get(ROW_ID))): f"answers.{name}[{index}]"
        for name in people_repeats(taken.tree)
        for index, row in enumerate(answers.get(name, []))
    }


def _former_answers(session: Session, former: Record) -> dict[str, object]:
    """What a record said before, and its rows about people, by the names of bases."""
    answers = {} if former.answers == GONE else dict(json.loads(former.answers))
    for child in session.scalars(select(Record).where(Record.parent_id == former.id)):
        repeats = {} if child.answers == GONE else json.loads(child.answers)
        for within in repeats.values():
            answers |= {f"{child.resident_id}.{name}": answer for name, answer in within.items()}
    return answers


def _filled(tree: FormTree, day: date) -> FilledForm:
    basis = tree.settings.legal_basis or text_in(tree.title, "zh") or tree.code
    return FilledForm(day=day, legal_basis=basis[:_LONGEST_BASIS])


def _field_row(row: Record, field: BoundField) -> RecordField:
    return RecordField(
        id=new_id(),
        record_id=row.id,
        field=field.field,
        resident_id=field.resident_id,
        household_id=field.household_id,
        became=field.became,
        at=row.filled_at,
    )


def _without_refused(
    people: Mapping[str, Mapping[str, Any]], fields: list[BoundField]
) -> dict[str, dict[str, Any]]:
    refused = {(field.resident_id, field.question) for field in fields if field.became == FieldBecame.REFUSED}
    return {
        person: {
            repeat: {name: answer for name, answer in row.items() if (person, name) not in refused}
            for repeat, row in rows.items()
        }
        for person, rows in people.items()
    }
