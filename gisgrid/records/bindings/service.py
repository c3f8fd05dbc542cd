"""Bound answers reach the register by the one way of its hand edits, in the record's own transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput
from gisgrid.forms.tree import FormTree, text_in
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.people.edits.fields import FieldSubject
from gisgrid.people.edits.register import read_field
from gisgrid.people.edits.scope import EditSubject
from gisgrid.people.edits.service import EditAnswer, FieldEdit, Unseen, edit_household, edit_person
from gisgrid.people.edits.values import Value
from gisgrid.people.verification import verify_household
from gisgrid.places.models import Household
from gisgrid.records.bindings.confirmations import CONFIRMING, confirmations, is_fresh
from gisgrid.records.bindings.conversion import FilledForm, says_something, value_for
from gisgrid.records.bindings.questions import Binding, bindings_of
from gisgrid.records.core.rules import FieldBecame


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundAnswers:
    """Answers of a record for the register: those outside of repeats, and those about people by their ids.

    ``places`` are the paths of rows by repeat and person, for faults. ``bases`` are the digests that the form
    began with, by question, or by id of the person, a point and question; ``former`` are the answers of the
    record that is corrected, by the same names. ``newcomers`` were added by this record.
    """

    tree: FormTree
    household: Household
    person: Resident | None
    own: Mapping[str, object]
    people: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, object] = field(default_factory=dict)
    newcomers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundField:
    """What came of an answer to a question that stands for a field of a household, or of a person of it."""

    field: str
    question: str
    became: FieldBecame
    household_id: str | None
    resident_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _BoundAnswer:
    """One answer for one subject; ``path`` is where faults stand, ``key`` its name among the bases."""

    binding: Binding
    answer: object
    path: str
    key: str


def write_fields(view: View, bound: BoundAnswers, filled: FilledForm, *, now: datetime) -> list[BoundField]:
    """Write what answers say of the register: each is confirmed, written, a clash, or refused.

    A value that was shown as fresh and comes back as it is was only carried along: nothing came of it, and
    it isn't confirmed anew. Refused is what nobody agreed to, or what nobody was asked about yet. What the
    sender saw is the base of the prefill; without one, what the record that is corrected wrote, else an
    empty field.

    Raises
    ------
    InvalidInput
        Values can't be so: every fault, with the path of its question.
    """
    faults: list[Fault] = []
    fields: list[BoundField] = []
    for subject, answers in _parts(view, bound):
        try:
            fields += _write(view, bound, subject, answers, filled, now)
        except InvalidInput as error:
            faults += _at_questions(answers, error)
    if faults:
        raise InvalidInput(faults)
    return fields


def refused_fields(
    bound: BoundAnswers, sent: Mapping[str, object], closed: frozenset[str]
) -> list[BoundField]:
    """What was answered outside of repeats though it may not be asked."""
    subjects = {True: EditSubject(household=bound.household)}
    if bound.person is not None:
        subjects[False] = EditSubject(household=bound.household, person=bound.person)
    return [
        _became(subjects[binding.is_of_household], binding, FieldBecame.REFUSED)
        for binding in bindings_of(bound.tree)
        if binding.question.name in closed and says_something(binding, sent.get(binding.question.name))
    ]


def confirm_household(
    view: View,
    household: Household,
    fields: list[BoundField],
    *,
    is_verified: bool,
    at: datetime,
    now: datetime,
) -> None:
    """Note that a household was verified where a record says so, or one of its fields was confirmed."""
    is_confirmed = any(row.household_id and row.became in CONFIRMING for row in fields)
    if (is_verified or is_confirmed) and household.consent not in NO_CONSENT:
        verify_household(view, household.id, now=now, at=at)


def _parts(view: View, bound: BoundAnswers) -> Iterator[tuple[EditSubject, list[_BoundAnswer]]]:
    """Whose fields are answered: the household's, the person's, then those of each of its people."""
    bindings = bindings_of(bound.tree)
    outside = [binding for binding in bindings if binding.repeat is None]
    home = EditSubject(household=bound.household)
    yield home, _answers([row for row in outside if row.is_of_household], bound.own, "answers", "")
    if bound.person is not None:
        subject = EditSubject(household=bound.household, person=bound.person)
        yield subject, _answers([row for row in outside if not row.is_of_household], bound.own, "answers", "")
    people = view.session.scalars(select(Resident).where(Resident.id.in_(bound.people)))
    for person in people:
        subject = EditSubject(household=bound.household, person=person)
        for repeat, row in bound.people[person.id].items():
            within = [binding for binding in bindings if binding.repeat == repeat]
            place = bound.places.get((repeat, person.id), f"answers.{repeat}")
            yield subject, _answers(within, row, place, f"{person.id}.")


def _answers(
    bindings: list[Binding], answers: Mapping[str, object], place: str, key: str
) -> list[_BoundAnswer]:
    pairs = ((binding, answers.get(binding.question.name)) for binding in bindings)
    return [
        _BoundAnswer(
            binding=binding,
            answer=answer,
            path=f"{place}.{binding.question.name}",
            key=f"{key}{binding.question.name}",
        )
        for binding, answer in pairs
        if says_something(binding, answer)
    ]


def _write(
    view: View,
    bound: BoundAnswers,
    subject: EditSubject,
    answers: list[_BoundAnswer],
    filled: FilledForm,
    now: datetime,
) -> list[BoundField]:
    states = states_of(view.session, subject.household, subject.person)
    open_ = [row for row in answers if states[row.binding.field.purpose] == FieldState.OPEN]
    refused = [_became(subject, row.binding, FieldBecame.REFUSED) for row in answers if row not in open_]
    if not open_:
        return refused
    carried = _carried(view, bound, subject, open_, filled)
    edits = [_edit(view, bound, subject, row, filled) for row in open_]
    edited = _edited(view, subject, edits, bound.tree, now)
    is_new = subject.person is not None and subject.person.id in bound.newcomers
    became = [FieldBecame.WRITTEN if is_new else FieldBecame(row["became"]) for row in edited["fields"]]
    return refused + [
        _became(subject, row.binding, value)
        for row, value in zip(open_, became, strict=True)
        if value != FieldBecame.CONFIRMED or row.key not in carried
    ]


def _carried(
    view: View, bound: BoundAnswers, subject: EditSubject, answers: list[_BoundAnswer], filled: FilledForm
) -> frozenset[str]:
    """The answers whose field the form showed as fresh, so that nobody had to be asked."""
    kind = FieldSubject.HOUSEHOLD if subject.person is None else FieldSubject.PERSON
    known = confirmations(view.session, kind, [subject.id])
    return frozenset(
        row.key
        for row in answers
        if (row.key in bound.bases or row.key in bound.former)
        and is_fresh(row.binding, known.get((subject.id, row.binding.field.code)), filled.day, view.tz)
    )


def _edit(
    view: View, bound: BoundAnswers, subject: EditSubject, row: _BoundAnswer, filled: FilledForm
) -> FieldEdit:
    of = row.binding.field
    current = read_field(view.session, subject, of, view.tz)
    value = value_for(of, row.answer, current, filled)
    base = bound.bases.get(row.key)
    seen = Unseen.UNSEEN if base else _seen(bound, row, current, filled)
    return FieldEdit(field=of.code, value=value, seen=seen, base=base)


def _seen(bound: BoundAnswers, row: _BoundAnswer, current: Value, filled: FilledForm) -> Value:
    """What a sender without a base saw: what the former record says, else an empty field."""
    former = bound.former.get(row.key)
    return None if former is None else value_for(row.binding.field, former, current, filled)


def _edited(
    view: View, subject: EditSubject, edits: list[FieldEdit], tree: FormTree, now: datetime
) -> EditAnswer:
    """The form is the reason: heads, who need one, filled it."""
    reason = text_in(tree.title, "zh") or tree.code
    if subject.person is None:
        return edit_household(view, subject.household.id, edits, reason=reason, now=now)
    return edit_person(view, subject.person.id, edits, reason=reason, now=now)


def _became(subject: EditSubject, binding: Binding, became: FieldBecame) -> BoundField:
    person = subject.person
    return BoundField(
        field=binding.field.code,
        question=binding.question.name,
        became=became,
        household_id=subject.household.id if person is None else None,
        resident_id=None if person is None else person.id,
    )


def _at_questions(answers: list[_BoundAnswer], error: InvalidInput) -> list[Fault]:
    paths = {row.binding.field.code: row.path for row in answers}
    return [
        Fault(message=fault.message, field=paths.get(fault.field or "", fault.field))
        for fault in error.faults
    ]
