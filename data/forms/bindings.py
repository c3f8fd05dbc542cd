"""Questions that stand for a field of the register: of its type, under its purpose, with its choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gisgrid.errors import Fault, Sentence, say, some_of
from gisgrid.forms.tree import FormTree, Question, QuestionGroup, Repeat, walk_items

PERSONS: Final = "household.persons"
"""What a repeat stands for that asks for each person of a household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterColumn:
    """A field of the register as a form may ask for it: types of questions, choices, purpose."""

    types: frozenset[str]
    purpose: str
    choices: tuple[str, ...] = ()
    is_sensitive: bool = False


def binding_faults(form: FormTree, register: Mapping[str, RegisterColumn]) -> list[Fault]:
    """What is wrong with the columns ``register`` of a form."""
    return [
        Fault(message=message, field=item.name)
        for item in walk_items(form.items)
        if not isinstance(item, QuestionGroup) and item.register
        for message in _faults(form, item, register)
    ]


def _faults(
    form: FormTree, item: Question | Repeat, register: Mapping[str, RegisterColumn]
) -> Iterator[Sentence]:
    if isinstance(item, Question):
        return _question_faults(form, item, register)
    return _repeat_faults(item.register or "")


def _repeat_faults(code: str) -> Iterator[Sentence]:
    if code != PERSONS:
        yield say("there is no field {field}; there are: {names}", field=code, names=PERSONS)


def _question_faults(
    form: FormTree, question: Question, register: Mapping[str, RegisterColumn]
) -> Iterator[Sentence]:
    code = question.register or ""
    column = register.get(code)
    if column is None:
        yield say("there is no field {field}; there are: {names}", field=code, names=some_of(register))
        return
    if question.type not in column.types:
        types = ", ".join(sorted(column.types))
        yield say("this question is a {type}, the field takes: {types}", type=question.type, types=types)
    if column.choices and {row.name for row in form.choices.get(question.choices or "", ())} - set(
        column.choices
    ):
        yield say("the choices must be those of the field: {choices}", choices=", ".join(column.choices))
    if column.is_sensitive and not form.settings.legal_basis:
        yield say("this form asks for {field}: its legal basis is missing in the settings", field=code)
    if form.settings.purpose is None:
        yield say(
            "{field} needs the purpose {purpose}, the form has none", field=code, purpose=column.purpose
        )
