"""XLSForm workbooks written from plain rows: every cell is text, so that no code loses its zeros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

SheetText: TypeAlias = Sequence[Sequence[str]]
"""The rows of a sheet as texts, its heads first."""
_WIDTH: Final = 24


def write_workbook(path: Path, sheets: Mapping[str, SheetText]) -> None:
    """Write sheets in their order, each with its heads in a row that stays in sight."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        _fill(book.create_sheet(name), rows)
    book.save(path)


def _fill(sheet: Any, rows: SheetText) -> None:
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            if text:
                _put(sheet.cell(number, column), text, is_head=number == 1)
    sheet.freeze_panes = "A2"
    for column in range(1, len(rows[0]) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH


def _put(cell: Any, text: str, *, is_head: bool) -> None:
    # Otherwise a text that begins with = would be a formula.
    cell.value, cell.data_type = text, "s"
    cell.font = Font(bold=is_head)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
