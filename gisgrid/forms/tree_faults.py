"""What is wrong with a form as a whole: names that stand twice, lists that are missing, what is too large."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from gisgrid.errors import Fault, Sentence, say, some_of
from gisgrid.forms.expressions.nodes import Expression, names_of
from gisgrid.forms.limits import CHOICES, GROUP_DEPTH, QUESTIONS
from gisgrid.forms.tree import (
    SELECTS,
    FormTree,
    Item,
    Question,
    QuestionGroup,
    Repeat,
    questions_of,
    walk_items,
)

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def faults_of(form: FormTree) -> list[Fault]:
    """All that is wrong with a form, each with the name of the question."""
    return [
        *_size_faults(form),
        *_name_faults(form),
        *_depth_faults(form.items, 0, within_repeat=False),
        *(fault for item in walk_items(form.items) for fault in _item_faults(form, item)),
        *_language_faults(form),
    ]


def expressions_of(item: Item) -> list[Expression]:
    """All expressions of a question, group or repeat."""
    named = ("relevant", "required", "constraint", "calculation", "default", "choice_filter", "count")
    values = (getattr(item, name, None) for name in named)
    return [value for value in values if value is not None]


def _size_faults(form: FormTree) -> Iterator[Fault]:
    count, choices = len(questions_of(form.items)), sum(map(len, form.choices.values()))
    if not count:
        yield Fault(message=say("a form needs a question"))
    if count > QUESTIONS:
        yield Fault(message=say("{count} questions; at most {most} are taken", count=count, most=QUESTIONS))
    if choices > CHOICES:
        yield Fault(message=say("{count} choices; at most {most} are taken", count=choices, most=CHOICES))


def _name_faults(form: FormTree) -> Iterator[Fault]:
    names = [item.name for item in walk_items(form.items)]
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault(message=say("two questions have this name"), field=name)
        if not _NAME.fullmatch(name):
            yield Fault(message=say("this is no name"), field=name)
    for list_name, rows in form.choices.items():
        if len({row.name for row in rows}) < len(rows):
            yield Fault(message=say("two choices have this name"), field=list_name)


def _depth_faults(items: Iterable[Item], depth: int, *, within_repeat: bool) -> Iterator[Fault]:
    for item in items:
        match item:
            case Repeat() if within_repeat:
                yield Fault(message=say("a repeat within a repeat is not taken"), field=item.name)
            case Repeat():
                yield from _depth_faults(item.items, depth + 1, within_repeat=True)
            case QuestionGroup() if depth >= GROUP_DEPTH:
                yield Fault(message=say("groups may be {most} deep", most=GROUP_DEPTH), field=item.name)
            case QuestionGroup():
                yield from _depth_faults(item.items, depth + 1, within_repeat=within_repeat)
            case Question(mark=True) if within_repeat:
                yield Fault(message=say("a mark can't stand in a repeat"), field=item.name)


def _item_faults(form: FormTree, item: Item) -> Iterator[Fault]:
    known = {other.name for other in walk_items(form.items)}
    for name in sorted(
        {name for expression in expressions_of(item) for name in names_of(expression)} - known
    ):
        yield Fault(message=say("no question is called {name}", name=name), field=item.name)
    if isinstance(item, Question):
        yield from (Fault(message=message, field=item.name) for message in _question_sentences(form, item))


def _question_sentences(form: FormTree, question: Question) -> Iterator[Sentence]:
    is_select, is_calculated = question.type in SELECTS, question.type == "calculate"
    if is_select and question.choices not in form.choices:
        yield say("there is no list of choices {name}", name=question.choices or "")
    if not is_select and (question.choices or question.choice_filter is not None):
        yield say("only a select has choices")
    if is_calculated != (question.calculation is not None):
        yield say("a calculation belongs to a question of the type calculate")
    if question.mark and not is_calculated:
        yield say("only a calculation can be a mark")


def _language_faults(form: FormTree) -> Iterator[Fault]:
    if not form.languages or len(set(form.languages)) < len(form.languages):
        yield Fault(message=say("a form needs its languages, each once"))
    unknown = {language for texts in _texts_of(form) for language in texts} - set(form.languages)
    if unknown:
        yield Fault(message=say("the form has no language {names}", names=some_of(unknown)))


def _texts_of(form: FormTree) -> Iterator[Iterable[str]]:
    yield form.title
    for item in walk_items(form.items):
        yield item.label
        if isinstance(item, Question):
            yield from (item.hint, item.required_message, item.constraint_message)
    yield from (row.label for rows in form.choices.values() for row in rows)
