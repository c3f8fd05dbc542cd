"""The empty cells of a department's table as a round: who would be asked what is missing, with which form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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


def gap_round(view: View, fill: OutwardFill) -> RoundInput:
    """A round for those of whom cells of a table are empty that a form asks for.

    Of several forms it is the one that would fill most cells. Cells that are empty for want of consent ask
    nobody again.

    Raises
    ------
    InvalidInput
        No form asks for what is missing, or nothing is missing.
    """
    asked = _forms_by_field(view)
    cells: Counter[str] = Counter()
    subjects: dict[str, set[str]] = {}
    for form, subject in _gaps(fill, asked):
        cells[form] += 1
        subjects.setdefault(form, set()).add(subject)
    if not cells:
        raise InvalidInput(say("no form asks for what is missing in this table"))
    form = cells.most_common(1)[0][0]
    return RoundInput(
        form=form,
        title=GAP_ROUND.format(table=fill.form.title[:_LONGEST_TITLE]),
        first_day=view.when.day,
        last_day=view.when.day + _RUNS_FOR,
        legal_basis=fill.form.legal_basis,
        selector=RoundSelector(ids=tuple(sorted(subjects[form]))),
    )


def _forms_by_field(view: View) -> Mapping[tuple[str, str], str]:
    """The form that asks for a field of the register, by the kind of its subjects and the field."""
    return {
        (opened.form.subject, question.register): opened.form.code
        for opened in reversed(published_forms(view))
        for question in questions_of(opened.tree.items)
        if question.register
    }


def _gaps(fill: OutwardFill, asked: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """Form and subject of each empty cell that a form asks for."""
    for sheet in fill.sheets:
        forms = _forms_of(fill, sheet, asked)
        rows, ids = fill.content.rows[sheet.sheet], fill.content.subjects[sheet.sheet]
        for row, subject in zip(rows, ids, strict=True):
            yield from ((form, subject) for code, form in forms if row.get(code) is None)


def _forms_of(
    fill: OutwardFill, sheet: OutwardSheet, asked: Mapping[tuple[str, str], str]
) -> Sequence[tuple[str, str]]:
    """The fields of a sheet that a form about its subjects asks for, with that form."""
    subject = _SUBJECTS.get(sheet.rows)
    if subject is None:
        return ()
    fields = {code: fill.fields.field(sheet.rows, code) for code in sheet.columns.values()}
    forms = {
        code: field.form if isinstance(field, FormField) else asked.get((subject, code))
        for code, field in fields.items()
    }
    return [(code, form) for code, form in forms.items() if form is not None]
