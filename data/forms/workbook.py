"""An XLSForm workbook as a form: our pass first, over all rows; then the reader of the standard as judge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from data.forms.bindings import RegisterColumn, binding_faults
from data.forms.judge import judge_sheets
from data.forms.scopes import scope_faults
from data.forms.sheets import FormSheetRow, FormSheets, read_sheets
from data.forms.survey import Survey, read_survey
from data.forms.texts import TEXTS, languages_of, texts_of
from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.forms.circles import circles
from gisgrid.forms.tree import SUBJECTS, Choice, FormSettings, FormTree
from gisgrid.forms.tree_faults import faults_of
from gisgrid.forms.tree_json import NAME

MOST_FAULTS: Final = 50
_TWICE: Final = "two choices have this name"
"""What is said of a list, which may be called like a question."""
_DUTIES: Final = re.compile(r"[,\s;,、]+")
_OWN_CHOICE_COLUMNS: Final = frozenset({"list_name", "list name", "name", "value"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReading:
    """A form that was read, with remarks on what was left out."""

    tree: FormTree
    remarks: tuple[Sentence, ...]


def read_form(path: Path, *, register: Mapping[str, RegisterColumn]) -> FormReading:
    """The form of a workbook. ``register`` are the fields that a question may stand for, by their code.

    Raises
    ------
    InvalidInput
        No workbook, or anything in it that is not taken: up to 50 faults, each with sheet, row and column.
    """
    sheets = read_sheets(path)
    survey = read_survey(sheets)
    tree = FormTree(
        code=_code(sheets),
        title=_title(sheets),
        languages=languages_of([*sheets.rows["survey"], *sheets.rows["choices"]]),
        settings=_settings(sheets),
        items=survey.items,
        choices=_choices(sheets),
    )
    if not sheets.faults:
        _judge(sheets, survey, tree, register)
    if sheets.faults:
        raise InvalidInput(sheets.faults[:MOST_FAULTS])
    return FormReading(tree=tree, remarks=tuple(_remarks(survey)))


def _judge(
    sheets: FormSheets, survey: Survey, tree: FormTree, register: Mapping[str, RegisterColumn]
) -> None:
    """What only the whole form tells; where all of it is right, the standard has the last word."""
    for fault in [*faults_of(tree), *circles(tree), *scope_faults(tree), *binding_faults(tree, register)]:
        sheets.faults.append(_placed(sheets, survey, tree, fault))
    if not sheets.faults:
        sheets.faults += judge_sheets(sheets, tree.code)


def _placed(sheets: FormSheets, survey: Survey, tree: FormTree, fault: Fault) -> Fault:
    """A fault of a name at the row where the name stands."""
    if fault.field in tree.choices and fault.message == _TWICE:
        rows = (row.number for row in sheets.rows["choices"] if _list_of(row) == fault.field)
        return replace(fault, file=f"{sheets.source} [choices]", row=next(rows, None), field="list_name")
    return replace(
        fault,
        file=f"{sheets.source} [survey]",
        row=survey.rows.get(fault.field or ""),
        field=fault.field if fault.field in survey.rows else None,
    )


def _remarks(survey: Survey) -> list[Sentence]:
    message = "row {row} tells of the device and is left out"
    return [say(message, row=number) for number in survey.left_out]


def _setting(sheets: FormSheets, name: str) -> str:
    rows = sheets.rows["settings"]
    return rows[0].text(name) if rows else ""


def _code(sheets: FormSheets) -> str:
    code = _setting(sheets, "form_id") or _setting(sheets, "id_string")
    if not NAME.fullmatch(code):
        sheets.fault("settings", None, "form_id", say("the settings need a form_id of letters and digits"))
    return code


def _title(sheets: FormSheets) -> Mapping[str, str]:
    rows = sheets.rows["settings"]
    # The standard knows no title in another language: `heading::English (en)` is a column of ours.
    titles = {**texts_of(rows[0], "form_title"), **texts_of(rows[0], "heading")} if rows else {}
    return titles or {"zh": _setting(sheets, "form_id")}


def _settings(sheets: FormSheets) -> FormSettings:
    subject = _setting(sheets, "subject")
    if subject not in SUBJECTS:
        message = say("the settings need a subject: {subjects}", subjects=", ".join(SUBJECTS))
        sheets.fault("settings", None, "subject", message)
    return FormSettings(
        subject=subject,
        purpose=_setting(sheets, "purpose") or None,
        legal_basis=_setting(sheets, "legal_basis") or None,
        duties=tuple(duty for duty in _DUTIES.split(_setting(sheets, "for")) if duty),
    )


def _list_of(row: FormSheetRow) -> str:
    return row.text("list_name") or row.text("list name")


def _choices(sheets: FormSheets) -> Mapping[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for row in sheets.rows["choices"]:
        name, list_name = row.text("name") or row.text("value"), _list_of(row)
        if not list_name or not name or " " in name or len(name) > 64:
            message = say("a choice needs its list and a name without blanks")
            sheets.fault("choices", row.number, "name" if list_name else "list_name", message)
            continue
        lists.setdefault(list_name, []).append(
            Choice(name=name, label=texts_of(row, "label"), columns=_columns(row))
        )
    return {name: tuple(rows) for name, rows in lists.items()}


def _columns(row: FormSheetRow) -> dict[str, Any]:
    """What a choice filter may ask for."""
    texts = tuple(f"{name}:" for name in TEXTS)
    return {
        column: text.strip()
        for column, text in row.cells.items()
        if column not in _OWN_CHOICE_COLUMNS and column not in TEXTS and not column.startswith(texts)
    }
