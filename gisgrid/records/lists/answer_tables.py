"""The questions of a form as columns of a table: those of all its versions that were ever published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.forms.tree import ANSWERED, FormTree, Item, Question, Repeat, Texts
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import OF_PERSONS, VersionState
from gisgrid.records.core.versions import form_of_code, opened_form

_OF_THE_DEVICE: Final = frozenset({"start", "end", "today"})
_MIXED: Final = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumn:
    """A question with what its choices are called; its type is ``text`` where versions differ in it."""

    name: str
    type: str
    label: Texts
    choices: Mapping[str, Texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTable:
    """What stands in a table of a form: the questions outside its repeats, or those of one of them.

    ``repeats`` are those that may be asked for, by their names. ``is_personal``: it tells of people.
    """

    code: str
    title: Texts
    is_personal: bool
    repeat: str | None
    repeats: Mapping[str, Texts]
    columns: tuple[AnswerColumn, ...]


def answer_table(
    view: View, code: str, *, repeat: str | None = None, with_sensitive: bool = False
) -> AnswerTable:
    """The table of a form; sensitive questions are left out unless they are asked for.

    Raises
    ------
    NotFound
        The community has no such form, it was never published, or no such repeat is told.
    """
    form = form_of_code(view, code)
    trees = _trees(view, form)
    if not trees:
        raise NotFound("no version of this form is published")
    repeats = {
        item.name: item.label
        for tree in reversed(trees)
        for item in _shown(tree.items, with_sensitive=with_sensitive)
        if isinstance(item, Repeat)
    }
    if repeat is not None and repeat not in repeats:
        raise NotFound("this form has no such table")
    return AnswerTable(
        code=code,
        title=trees[0].title,
        is_personal=form.subject in OF_PERSONS or form.purpose is not None,
        repeat=repeat,
        repeats=repeats,
        columns=tuple(_columns(trees, repeat, with_sensitive=with_sensitive)),
    )


def _trees(view: View, form: FieldForm) -> list[FormTree]:
    """The versions that were ever published, the newest first."""
    statement = (
        select(FormVersion)
        .where(FormVersion.form_id == form.id, FormVersion.state != VersionState.DRAFT)
        .order_by(FormVersion.number.desc())
    )
    return [opened_form(view, form, version).tree for version in view.session.scalars(statement)]


def _columns(
    trees: Sequence[FormTree], repeat: str | None, *, with_sensitive: bool
) -> Iterator[AnswerColumn]:
    asked = [
        (tree, question)
        for tree in trees
        for question in _questions(tree, repeat, with_sensitive=with_sensitive)
    ]
    for name in dict.fromkeys(question.name for _tree, question in asked):
        own = [(tree, question) for tree, question in asked if question.name == name]
        types = {question.type for _tree, question in own}
        yield AnswerColumn(
            name=name,
            type=types.pop() if len(types) == 1 else _MIXED,
            label=own[0][1].label,
            choices={
                choice.name: choice.label
                for tree, question in reversed(own)
                for choice in tree.choices.get(question.choices or "", ())
            },
        )


def _questions(tree: FormTree, repeat: str | None, *, with_sensitive: bool) -> Iterator[Question]:
    """The questions that somebody answers, outside repeats or within one."""
    for item in _shown(tree.items, with_sensitive=with_sensitive):
        if isinstance(item, Repeat) and item.name == repeat:
            within = _shown(item.items, with_sensitive=with_sensitive)
            yield from (question for question in within if _is_answered(question))  # type: ignore[misc]
        elif repeat is None and isinstance(item, Question) and _is_answered(item):
            yield item


def _is_answered(item: Item) -> bool:
    return isinstance(item, Question) and item.type in ANSWERED - _OF_THE_DEVICE


def _shown(items: tuple[Item, ...], *, with_sensitive: bool) -> Iterator[Item]:
    """Questions and repeats in their order, those of groups too, those of repeats not."""
    for item in items:
        if item.sensitive and not with_sensitive:
            continue
        if isinstance(item, Question | Repeat):
            yield item
        else:
            yield from _shown(item.items, with_sensitive=with_sensitive)
