"""Fields that forms add to the catalogue: their last answers, and how often they were filled in the month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from gisgrid.areas.view import View
from gisgrid.forms.tree import FormTree, Item, Question, QuestionGroup, text_in
from gisgrid.labels.outward import OUTWARD_FORM_FIELDS
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.edits.fields import FIELDS
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.rules import OutwardRows, VersionState
from gisgrid.records.core.versions import OpenedForm, opened_form, own_forms
from gisgrid.records.outward.answer_facts import LastRecord, SubjectRecords
from gisgrid.records.outward.cell_values import CellValue

_ROWS: Final[Mapping[str, OutwardRows]] = {
    "person": OutwardRows.PERSON,
    "household": OutwardRows.HOUSEHOLD,
    "building": OutwardRows.BUILDING,
    "area": OutwardRows.GRID,
}
_LANGUAGE: Final = "zh"
_NOT_IN_CELLS: Final = frozenset({"image", "note", "geopoint", "start", "end"})
_OWN: Final = frozenset({"day", "worker"})
"""Names of a question that the record itself answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field read from records: of which form, which question of the last one, or how many of the month.

    ``name`` is a question, ``day``, ``worker``; for a count it is ``month``.
    """

    code: str
    word: str
    form: str
    name: str
    purpose: Purpose | None
    is_count: bool = False

    def read(self, records: SubjectRecords, subject: str) -> CellValue:
        """Its value for a subject."""
        if self.is_count:
            return records.in_month.get((self.form, subject), 0)
        last = records.last.get((self.form, subject))
        return None if last is None else _value(last, self.name)


def published_forms(view: View) -> list[OpenedForm]:
    """The forms of a community that are filled now."""
    statement = (
        own_forms(view)
        .add_columns(FormVersion)
        .join(FormVersion)
        .where(FormVersion.state == VersionState.PUBLISHED)
    )
    return [opened_form(view, form, version) for form, version in view.session.execute(statement)]


def fields_of_forms(forms: Sequence[OpenedForm]) -> Mapping[OutwardRows, Mapping[str, FormField]]:
    """What forms add to rows of each kind; every form adds its count to rows of grids."""
    fields: dict[OutwardRows, dict[str, FormField]] = {rows: {} for rows in OutwardRows}
    for opened in forms:
        if (rows := _ROWS.get(opened.form.subject)) is not None:
            fields[rows] |= {field.code: field for field in _of_form(opened)}
        count = _count(opened, None)
        fields[OutwardRows.GRID].setdefault(count.code, count)
    return fields


def _of_form(opened: OpenedForm) -> Iterator[FormField]:
    purpose = Purpose(opened.form.purpose) if opened.form.purpose else None
    for name in sorted(_OWN):
        yield _last(opened, name, OUTWARD_FORM_FIELDS[name], purpose)
    for question in _questions(opened.tree.items):
        bound = FIELDS.get(question.register or "")
        label = text_in(question.label, _LANGUAGE) or question.name
        yield _last(opened, question.name, label, bound.purpose if bound else purpose)
    yield _count(opened, purpose)


def _questions(items: Sequence[Item]) -> Iterator[Question]:
    """Questions with one answer a record: none of a repeat's."""
    for item in items:
        if isinstance(item, QuestionGroup):
            yield from _questions(item.items)
        elif isinstance(item, Question) and item.type not in _NOT_IN_CELLS and item.name not in _OWN:
            yield item


def _last(opened: OpenedForm, name: str, label: str, purpose: Purpose | None) -> FormField:
    code, title = opened.form.code, text_in(opened.tree.title, _LANGUAGE)
    return FormField(
        code=f"last.{code}.{name}", word=f"{title}:{label}", form=code, name=name, purpose=purpose
    )


def _count(opened: OpenedForm, purpose: Purpose | None) -> FormField:
    code, title = opened.form.code, text_in(opened.tree.title, _LANGUAGE)
    return FormField(
        code=f"count.{code}.month",
        word=f"{title}:{OUTWARD_FORM_FIELDS['month']}",
        form=code,
        name="month",
        purpose=purpose,
        is_count=True,
    )


def _value(last: LastRecord, name: str) -> CellValue:
    if name == "day":
        return last.day
    if name == "worker":
        return last.worker
    answer = last.answers.get(name)
    question = next((known for known in _questions(last.tree.items) if known.name == name), None)
    return None if question is None else _cell(answer, question, last.tree)


def _cell(answer: object, question: Question, tree: FormTree) -> CellValue:
    if answer is None or answer == "":
        return None
    if question.choices:
        words = {choice.name: text_in(choice.label, _LANGUAGE) for choice in tree.choices[question.choices]}
        chosen = answer if isinstance(answer, (list, tuple)) else str(answer).split()
        return "、".join(words.get(str(name), str(name)) for name in chosen)
    if question.type == "date":
        return date.fromisoformat(str(answer))
    return answer if isinstance(answer, (bool, int, float)) else str(answer)
