"""XLSX as an office keeps it: one sheet, its first full row the names, every value as text."""

from __future__ import annotations

import re
import warnings
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

import openpyxl
import pandas as pd
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from data.importers.readers.archives import opened_archive
from data.importers.readers.limits import MOST_WORKBOOK, check_bytes, check_size
from data.importers.readers.lines import SHEET_ROW, Lines
from data.importers.readers.table import FileTable
from data.importers.readers.workbook_cells import fault_of, letters_of, text_of_cell
from gisgrid.errors import Fault, InvalidInput, Sentence, say

_AT_ONCE: Final = 5_000
_WORKBOOK: Final = "xl/workbook.xml"
_MOST_NAMED: Final = 20
_MOST_TITLES: Final = 10
_PIECE: Final = 2**20
_OVERLAP: Final = 80
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
BROKEN: Final = (
    ParseError, InvalidFileException, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError,
    IndexError, OSError, EOFError,
)  # fmt: skip
"""What openpyxl raises: it has no error of its own for a part that is missing or says nonsense."""

Row = tuple[int, Sequence[Any]]
"""The number of a row in its sheet, from 1, and its cells."""


def read_workbook(path: Path, layer: str | None) -> FileTable:
    """One sheet of a workbook: the one named by ``layer``, else the first shown that holds values.

    The first row with several values holds the names; a title above it is left out. A cell of text stays
    text (``0113``); the number 113 reads ``113``, a day ``2026-11-24``, a moment ``2026-11-24 08:05:00``.
    Empty rows are no rows. Hidden sheets are read only if they are named.

    Raises
    ------
    InvalidInput
        No workbook, locked, too large, no such sheet, columns without a name, or cells that can't be taken:
        formulas without a stored result, errors, numbers that were rounded, cells merged over rows.
    """
    check_bytes(path)
    with opened_archive(path, most=MOST_WORKBOOK) as archive:
        if _WORKBOOK not in archive.namelist():
            raise InvalidInput(say("the archive is no workbook"), file=path.name)
        try:
            # Files opened by us are closed by us, whatever openpyxl stumbles over.
            with warnings.catch_warnings(), path.open("rb") as values, path.open("rb") as formulas:
                warnings.simplefilter("ignore")
                return _table(path, archive, layer, files=(values, formulas))
        except BROKEN as error:
            raise InvalidInput(reason_of(error), file=path.name) from None


def reason_of(error: BaseException | None) -> Sentence:
    """Why openpyxl gave up, in our words. It wraps the errors of the guard against hostile XML."""
    while error is not None:
        if isinstance(error, DefusedXmlException):
            return say("the workbook holds an XML entity, as no office program writes: it is not read")
        error = error.__cause__ or error.__context__
    return say("the workbook can't be read; it may be damaged: save it anew as .xlsx")


def _table(
    path: Path, archive: zipfile.ZipFile, layer: str | None, *, files: tuple[BinaryIO, BinaryIO]
) -> FileTable:
    """The sheet wanted; ``files`` are the workbook opened twice, for its values and for its formulas."""
    book = openpyxl.load_workbook(files[0], read_only=True, data_only=True, keep_links=False)
    plain = None
    try:
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        shown = [name for name, sheet in sheets.items() if sheet.sheet_state == "visible"]
        if layer is not None and layer not in sheets:
            message = say("no sheet {sheet!r}; there are: {names}", sheet=layer, names=", ".join(sheets))
            raise InvalidInput(message, file=path.name)
        name = layer if layer is not None else _first_filled(sheets, shown)
        if name is None or not _is_filled(sheets[name]):
            raise InvalidInput(say("the workbook holds no values"), file=path.name)
        has_formulas, merged = _scanned(archive, sheets[name])
        formulas = None
        if has_formulas:
            plain = openpyxl.load_workbook(files[1], read_only=True, keep_links=False)
            formulas = plain[name]
        sheet = _Sheet(name=name, source=path.name, merged=merged)
        frame = sheet.frame(_rows(sheets[name], formulas))
        hidden = [other for other in sheets if other not in shown and other != name]
        notes = _notes(name, [other for other in shown if other != name], hidden)
        return FileTable(
            frame=frame,
            has_geometry=False,
            crs=None,
            source=path.name,
            notes=(*sheet.notes, *notes),
            lines=Lines(SHEET_ROW, lambda: iter(sheet.numbers), len(frame)),
        )
    finally:
        book.close()
        if plain is not None:
            plain.close()


def _first_filled(sheets: dict[str, Any], names: Sequence[str]) -> str | None:
    return next((name for name in names if _is_filled(sheets[name])), None)


def _is_filled(sheet: Any) -> bool:
    return next(_rows(sheet, None), None) is not None


def _notes(name: str, others: Sequence[str], hidden: Sequence[str]) -> tuple[Sentence, ...]:
    notes = []
    if others:
        listed = ", ".join(others)
        notes.append(say("read from the sheet {sheet}; others are there: {names}", sheet=name, names=listed))
    if hidden:
        notes.append(say("hidden sheets are left out: {names}", names=", ".join(hidden)))
    return tuple(notes)


def _scanned(archive: zipfile.ZipFile, sheet: Any) -> tuple[bool, list[tuple[str, int, int]]]:
    """Whether a sheet has formulas, and which cells are merged over rows: the range, first and last row.

    Read from its bytes: a sheet opened row by row tells neither.
    """
    has_formulas, merged, rest = False, list[tuple[str, int, int]](), b""
    with archive.open(str(sheet._worksheet_path).lstrip("/")) as packed:  # noqa: SLF001 - nothing else tells
        while piece := packed.read(_PIECE):
            text = rest + piece
            has_formulas = has_formulas or _FORMULA.search(text) is not None
            for merge in _MERGED.finditer(text):
                cells = (b"".join(merge.groups()[:2]) + b":" + b"".join(merge.groups()[2:])).decode()
                if int(merge[2]) != int(merge[4]) and len(merged) < _MOST_NAMED * 50:
                    merged.append((cells, int(merge[2]), int(merge[4])))
            # A match may lie across two pieces; one that was met already is no harm.
            rest = text[-_OVERLAP:]
    return has_formulas, list(dict.fromkeys(merged))


def _rows(sheet: Any, formulas: Any) -> Iterator[Row]:
    """Rows that hold anything, whatever size the sheet says it has.

    With ``formulas``, the same sheet with its formulas, a formula without a result stands as its cell.
    """
    sheet.reset_dimensions()
    if formulas is None:
        for number, row in enumerate(sheet.iter_rows(), 1):
            if any(cell.value is not None and cell.value != "" for cell in row):
                yield number, row
        return
    formulas.reset_dimensions()
    for number, (row, formula_row) in enumerate(zip(sheet.iter_rows(), formulas.iter_rows(), strict=True), 1):
        cells = [
            formula if cell.value is None and cell.data_type == "n" and formula.data_type == "f" else cell
            for cell, formula in zip(row, formula_row, strict=True)
        ]
        if any(cell.value is not None and cell.value != "" for cell in cells):
            yield number, cells


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """A sheet that is read; ``merged`` are ranges over several rows with their first and last.

    ``numbers`` are those that its rows have in the sheet.
    """

    name: str
    source: str
    merged: Sequence[tuple[str, int, int]]
    notes: list[Sentence] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("l"))

    def frame(self, rows: Iterator[Row]) -> pd.DataFrame:
        """All rows under the names, blanks as empty text."""
        (top, header), rows = self._below_titles(rows)
        names = self._names(header)
        pieces, count, faults = [pd.DataFrame(columns=names, dtype=str)], 0, self._merged_below(top)
        self.numbers = array("l")
        while piece := list(islice(rows, _AT_ONCE)):
            check_size(count + len(piece), len(names), source=self.source)
            values = [self._values(row, len(names), in_sheet, faults) for in_sheet, row in piece]
            self.numbers.extend(in_sheet for in_sheet, _row in piece)
            pieces.append(pd.DataFrame(values, columns=names, dtype=str))
            count += len(piece)
            if len(faults) >= _MOST_NAMED:
                break
        if faults:
            raise InvalidInput(faults[:_MOST_NAMED])
        return pd.concat(pieces, ignore_index=True)

    def _below_titles(self, rows: Iterator[Row]) -> tuple[Row, Iterator[Row]]:
        """The row of the names, and those below: titles have one value only where others have several."""
        start = list(islice(rows, _MOST_TITLES))
        widths = [sum(cell.value not in (None, "") for cell in row) for _number, row in start]
        first = next((at for at, width in enumerate(widths) if width > 1), 0)
        if first:
            self.notes.append(say("{count} rows above the names of the columns are left out", count=first))
        return start[first], chain(start[first + 1 :], rows)

    def _names(self, header: Sequence[Any]) -> list[str]:
        """The names of the columns; a gap between them is a name merged over several columns."""
        names = [text_of_cell(cell).strip() for cell in header]
        while names and not names[-1]:
            names.pop()
        check_size(0, len(names), source=self.source)
        gaps = [letters_of(index) for index, name in enumerate(names, 1) if not name]
        if gaps:
            message = say(
                "columns without a name: {columns}; each column needs its own, in one row and not merged",
                columns=", ".join(gaps[:_MOST_NAMED]),
            )
            raise InvalidInput(message, file=self.source)
        return names

    def _merged_below(self, top: int) -> list[Fault]:
        """Cells merged over rows below the names, or over the names and rows: values would be missing."""
        message = "the cells {cells} are merged over several rows: unmerge them and fill each row"
        return [
            Fault(message=say(message, cells=cells), file=self.source)
            for cells, _first, last in self.merged
            if last > top
        ]

    def _values(self, row: Sequence[Any], width: int, number: int, faults: list[Fault]) -> list[str]:
        """The values of a row as text; what can't be one goes to ``faults``."""
        for index, cell in enumerate(row, 1):
            message = fault_of(cell)
            if message is None and index > width and cell.value not in (None, ""):
                message = say("a value stands under no name")
            if message is not None:
                faults.append(Fault(message=message, file=self.source, row=number, field=letters_of(index)))
        texts = [text_of_cell(cell) for cell in row[:width]]
        return texts + [""] * (width - len(texts))
