"""Which answers of a form may be kept, by what its subject said to the form's purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from gisgrid.errors import InvalidInput, say
from gisgrid.forms.answers.checks import CheckedAnswers, ClosedRows, check_answers
from gisgrid.forms.tree import FormTree, Question, questions_of
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.field_states import FieldState, states_of
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.subject_scope import RecordSubject


def state_of(session: Session, tree: FormTree, subject: RecordSubject) -> FieldState:
    """What the subject answered to the form's purpose; a form without one asks nobody."""
    if tree.settings.purpose is None or subject.household is None:
        return FieldState.OPEN
    return states_of(session, subject.household, subject.person)[Purpose(tree.settings.purpose)]


def answers_taken(
    tree: FormTree, sent: RecordInput, state: FieldState, closed: ClosedRows, *, today: date
) -> CheckedAnswers:
    """The answers that are kept: after a no only that somebody came, without texts and photos.

    ``closed``: what may not be asked in rows about people, and isn't missing there.

    Raises
    ------
    InvalidInput
        Every fault; or nobody has asked for consent and more is sent than may be kept without.
    """
    is_granted = state == FieldState.OPEN
    if state == FieldState.NOT_ASKED and _says_more(tree, sent.answers):
        raise InvalidInput(say("nobody has asked for consent to this yet: ask first"), field="purpose")
    checked = check_answers(
        tree, sent.answers, today=today, is_granted=is_granted, language=sent.language, closed=closed
    )
    if is_granted:
        return checked
    kept = {name for name, question in _questions(tree).items() if question.type not in {"text", "image"}}
    answers = {name: answer for name, answer in checked.answers.items() if name in kept}
    return replace(checked, answers=answers, photos=())


def _questions(tree: FormTree) -> dict[str, Question]:
    return {question.name: question for question in questions_of(tree.items) if question.no_consent}


def _says_more(tree: FormTree, answers: Mapping[str, object]) -> bool:
    worked_out = {question.name for question in questions_of(tree.items) if question.calculation is not None}
    return bool(set(answers) - set(_questions(tree)) - worked_out)
