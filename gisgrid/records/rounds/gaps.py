"""The empty cells of a department's table as a round: who would be asked what is missing, with which form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, say
from gisgrid.forms.tree import questions_of
from gisgrid.labels.outward import GAP_ROUND
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.form_fields import FormField, published_forms
from gisgrid.records.outward.runs import OutwardFill
from gisgrid.records.outward.sheets import OutwardSheet
from gisgrid.records.rounds.inputs import RoundInput, RoundSelector

_RUNS_FOR: Final = timedelta(days=14)
_SUBJECTS: Final = {
    OutwardRows.PERSON: "person",
    OutwardRows.HOUSEHOLD: "household",
    OutwardRows.BUILDING: "building",
}
_LONGEST_TITLE: Final = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class GapForm:
    """A form that asks for empty cells of a table: how many of them, and the ids of whom they are about."""

    form: str
    cells: int
    subjects: tuple[str, ...]


def gap_forms(view: View, fill: OutwardFill) -> list[GapForm]:
    """The forms that ask for what is empty in a table, the one for most cells first.

    A cell that several forms ask for is counted at each. Cells that are empty for want of consent ask nobody
    again.
    """
    cells: Counter[str] = Counter()
    subjects: dict[str, set[str]] = {}
    for form, subject in _gaps(fill, _forms_by_field(view)):
        cells[form] += 1
        subjects.setdefault(form, set()).add(subject)
    return [
        GapForm(form=form, cells=number, subjects=tuple(sorted(subjects[form])))
        for form, number in sorted(cells.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def gap_round(view: View, fill: OutwardFill, *, form: str | None = None) -> RoundInput:
    """A round for those of whom cells of a table are empty that a form asks for.

    Without a form it is the one that asks for most cells.

    Raises
    ------
    InvalidInput
        No form, or not this one, asks for what is missing, or nothing is missing.
    """
    forms = gap_forms(view, fill)
    if not forms:
        raise InvalidInput(say("no form asks for what is missing in this table"))
    chosen = next((row for row in forms if form in (None, row.form)), None)
    if chosen is None:
        choices = ", ".join(row.form for row in forms)
        raise InvalidInput(say("one of these is needed: {choices}", choices=choices), field="form")
    return RoundInput(
        form=chosen.form,
        title=GAP_ROUND.format(table=fill.form.title[:_LONGEST_TITLE]),
        first_day=view.when.day,
        last_day=view.when.day + _RUNS_FOR,
        legal_basis=fill.form.legal_basis,
        selector=RoundSelector(ids=chosen.subjects),
    )


def _forms_by_field(view: View) -> Mapping[tuple[str, str], Sequence[str]]:
    """The forms that ask for a field of the register, by the kind of their subjects and the field."""
    asked: dict[tuple[str, str], dict[str, None]] = {}
    for opened in published_forms(view):
        for question in questions_of(opened.tree.items):
            if question.register:
                asked.setdefault((opened.form.subject, question.register), {})[opened.form.code] = None
    return {field: tuple(forms) for field, forms in asked.items()}


def _gaps(fill: OutwardFill, asked: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Form and subject of each empty cell that a form asks for."""
    for sheet in fill.sheets:
        forms = _forms_of(fill, sheet, asked)
        rows, ids = fill.content.rows[sheet.sheet], fill.content.subjects[sheet.sheet]
        for row, subject in zip(rows, ids, strict=True):
            yield from ((form, subject) for code, form in forms if row.get(code) is None)


def _forms_of(
    fill: OutwardFill, sheet: OutwardSheet, asked: Mapping[tuple[str, str], Sequence[str]]
) -> Sequence[tuple[str, str]]:
    """Each field of a sheet with each form about its subjects that asks for it."""
    subject = _SUBJECTS.get(sheet.rows)
    if subject is None:
        return ()
    fields = {code: fill.fields.field(sheet.rows, code) for code in sheet.columns.values()}
    return [
        (code, form)
        for code, field in fields.items()
        for form in ((field.form,) if isinstance(field, FormField) else asked.get((subject, code), ()))
    ]
