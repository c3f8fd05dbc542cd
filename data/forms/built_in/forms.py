"""The forms that come with the program, read from their workbooks; and the workbooks, made from rows."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Container
from pathlib import Path
from typing import Final

from data.forms.register import register_columns
from data.forms.sheets import SHEETS
from data.forms.workbook import read_form
from data.forms.written_sheets import SheetText, write_workbook
from gisgrid.records.publication.drafts import FormFile

CODES: Final = (
    *("elder_visit", "household_check", "visit5", "visit5_feedback", "care_visit"),
    *("patrol_point", "dispute_screen"),
)
_FOLDER: Final = Path(__file__).parent
_BLANK: Final = "blank"
_EXPLAINED: Final = "说明"
"""The sheet of the blank workbook that says what the columns mean; whoever reads forms passes it over."""


def built_in_forms(known: Container[str] = ()) -> list[FormFile]:
    """The forms of the program, each with its tree and its workbook; ``known`` are digests to leave out.

    Raises
    ------
    InvalidInput
        A workbook is damaged.
    """
    register = register_columns()
    workbooks = ((code, workbook_of(code).read_bytes()) for code in CODES)
    return [
        FormFile(tree=read_form(workbook_of(code), register=register).tree, workbook=workbook)
        for code, workbook in workbooks
        if hashlib.sha256(workbook).hexdigest() not in known
    ]


def workbook_of(code: str) -> Path:
    """Where the workbook of a form lies."""
    return _FOLDER / f"{code}.xlsx"


def blank_workbook() -> bytes:
    """A small valid form that others are begun from, with a sheet that says what each column means."""
    return workbook_of(_BLANK).read_bytes()


def blank_rows() -> dict[str, SheetText]:
    """The sheets of the blank form as its rows say, what explains them first."""
    return {_EXPLAINED: _read(_FOLDER / _BLANK / "columns.csv"), **rows_of(_BLANK)}


def rows_of(code: str) -> dict[str, SheetText]:
    """The sheets of a form as its rows say, heads first."""
    return {sheet: _read(_FOLDER / code / f"{sheet}.csv") for sheet in SHEETS}


def _read(path: Path) -> SheetText:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


if __name__ == "__main__":
    for form_code in CODES:
        write_workbook(workbook_of(form_code), rows_of(form_code))
    write_workbook(workbook_of(_BLANK), blank_rows())
