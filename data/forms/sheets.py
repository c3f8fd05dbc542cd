"""The three sheets of an XLSForm workbook as rows of texts, opened under our own limits."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import openpyxl

from data.importers.readers.archives import opened_archive
from data.importers.readers.limits import MEGABYTE, check_bytes
from data.importers.readers.workbook import BROKEN, reason_of
from data.importers.readers.workbook_cells import fault_of, text_of_cell
from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.forms.limits import WORKBOOK_BYTES

SHEETS: Final = ("survey", "choices", "settings")
MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 100
_MOST_UNPACKED: Final = 16 * MEGABYTE
_WORKBOOK: Final = "xl/workbook.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSheetRow:
    """A row of a sheet: its number there, and its texts by the name of the column in small letters."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """What stands in a column, without blanks around it; empty where nothing does."""
        return self.cells.get(column, "").strip()


@dataclass(slots=True, kw_only=True)
class FormSheets:
    """The rows of the sheets of a workbook, empty ones left out, and what is wrong with their cells."""

    source: str
    rows: dict[str, list[FormSheetRow]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, sheet: str, row: int | None, column: str | None, message: Sentence) -> None:
        """Keep what is wrong at a place."""
        self.faults.append(Fault(message=message, file=f"{self.source} [{sheet}]", row=row, field=column))

    def raw(self) -> dict[str, list[dict[str, str]]]:
        """The sheets with their empty rows too, so that the numbers of rows stay true for another reader."""
        return {name: _with_gaps(rows) for name, rows in self.rows.items()}


def _with_gaps(rows: list[FormSheetRow]) -> list[dict[str, str]]:
    known = {row.number: dict(row.cells) for row in rows}
    return [known.get(number, {}) for number in range(2, max(known, default=1) + 1)]


def read_sheets(path: Path) -> FormSheets:
    """The sheets of a workbook, never opened by the library that judges it.

    Raises
    ------
    InvalidInput
        Larger than 1 MB, no workbook, damaged, or without a sheet ``survey``.
    """
    check_bytes(path, most=WORKBOOK_BYTES)
    with opened_archive(path, most=_MOST_UNPACKED) as archive:
        if _WORKBOOK not in archive.namelist():
            raise InvalidInput(say("the archive is no workbook"), file=path.name)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
            try:
                return _read(book, path.name)
            finally:
                book.close()
    except BROKEN as error:
        raise InvalidInput(reason_of(error), file=path.name) from None


def _read(book: Any, source: str) -> FormSheets:
    named = {sheet.title.strip().casefold(): sheet for sheet in book.worksheets}
    if "survey" not in named:
        message = say("no sheet {sheet!r}; there are: {names}", sheet="survey", names=", ".join(named))
        raise InvalidInput(message, file=source)
    sheets = FormSheets(source=source)
    for name in SHEETS:
        sheets.rows[name] = list(_rows(sheets, name, named[name])) if name in named else []
    return sheets


def _rows(sheets: FormSheets, name: str, sheet: Any) -> Iterator[FormSheetRow]:
    sheet.reset_dimensions()
    heads: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
            message = "a sheet has at most {rows} rows and {columns} columns"
            sheets.fault(name, number, None, say(message, rows=MOST_ROWS, columns=MOST_COLUMNS))
            return
        if not heads:
            heads = [text_of_cell(cell).strip().casefold() for cell in cells]
            continue
        texts = dict(_texts(sheets, name, number, zip(heads, cells, strict=False)))
        if any(text.strip() for text in texts.values()):
            yield FormSheetRow(number=number, cells=texts)


def _texts(sheets: FormSheets, name: str, number: int, pairs: Any) -> Iterator[tuple[str, str]]:
    for head, cell in pairs:
        if message := fault_of(cell):
            sheets.fault(name, number, head or None, message)
        elif head and (text := text_of_cell(cell)):
            yield head, text
