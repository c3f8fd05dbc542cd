"""Public XLSForms of others, found by one rule in a folder of unpacked packages; see `test_public_forms`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import xlrd
from openpyxl.workbook import Workbook

PACKAGES = (
    *("pyxform-cadasta", "pmaxform3", "osm-fieldwork", "odk-ppp", "odk-tools", "pyodk", "qtools3"),
    *("xlsconv", "xlsform-filler-data", "xlsform-lint", "yxf"),
)
OF_ONE, WANTED = 12, 30
_SHEET = re.compile(r"^\s*\|\s*(\w+)\s*\|", re.MULTILINE)


@dataclass(frozen=True)
class PublicForm:
    """A workbook with where it came from."""

    source: str
    book: Workbook


def public_forms(folder: Path) -> list[PublicForm]:
    """The workbooks of the packages, at most twelve of one, then forms written as tables in their tests."""
    forms: list[PublicForm] = []
    for package in PACKAGES:
        forms += [*_books(folder / package)][:OF_ONE]
    for package in PACKAGES:
        forms += [*_tables(folder / package)][: WANTED - len(forms)]
    return forms[:WANTED]


def _sorted(folder: Path, *endings: str) -> list[Path]:
    paths = [path for path in folder.rglob("*") if path.suffix in endings and path.is_file()]
    return sorted(paths, key=lambda path: str(path.relative_to(folder)).encode())


def _books(folder: Path) -> Iterator[PublicForm]:
    for path in _sorted(folder, ".xlsx", ".xls"):
        try:
            content, is_new = BytesIO(path.read_bytes()), path.suffix == ".xlsx"
            book = openpyxl.load_workbook(content, data_only=True) if is_new else _converted(path)
        except Exception:  # noqa: BLE001, S112 - what isn't a workbook at all is no form
            continue
        if "survey" in {sheet.title.strip().lower() for sheet in book.worksheets}:
            yield PublicForm(str(path.relative_to(folder.parent)), book)


def _converted(path: Path) -> Workbook:
    """A workbook of the old kind, cell by cell: rows and columns stay."""
    old, book = xlrd.open_workbook(path), Workbook()
    book.remove(book.worksheets[0])
    for sheet in old.sheets():
        to = book.create_sheet(sheet.name)
        for row in range(sheet.nrows):
            for column in range(sheet.ncols):
                _put(to, row + 1, column + 1, _value(old, sheet.cell(row, column)))
    return book


def _value(book: Any, cell: Any) -> str | int | float | bool | datetime | None:
    value: Any = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE:
        day: datetime = xlrd.xldate_as_datetime(value, book.datemode)
        return day
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    is_whole = isinstance(value, float) and value == int(value)
    return int(value) if is_whole else value


def _put(sheet: Any, row: int, column: int, value: Any) -> None:
    if value not in {None, ""}:
        cell = sheet.cell(row, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def _tables(folder: Path) -> Iterator[PublicForm]:
    """The first form of each test file that is written as a table of sheets, rows and columns."""
    for path in _sorted(folder, ".py"):
        tables = [text for text in _texts(path) if "survey" in _SHEET.findall(text)]
        if tables:
            yield PublicForm(str(path.relative_to(folder.parent)), _book_of(tables[0]))


def _texts(path: Path) -> list[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return []
    found = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [str(node.value) for node in sorted(found, key=lambda node: (node.lineno, node.col_offset))]


def _book_of(table: str) -> Workbook:
    book, sheet, row = Workbook(), None, 0
    book.remove(book.worksheets[0])
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if "|" in line else []
        if not any(cells):
            continue
        if cells[0]:
            sheet, row = book.create_sheet(cells[0]), 0
        elif sheet is not None:
            row += 1
            for column, value in enumerate(cells[1:], start=1):
                _put(sheet, row, column, value)
    return book


def complete(book: Workbook, source: str) -> None:
    """Write what no form of others can have: whom it is about; and an id where it has none."""
    names = {sheet.title.strip().lower(): sheet for sheet in book.worksheets}
    settings: Any = names.get("settings") or book.create_sheet("settings")
    heads = [str(cell.value or "").strip().lower() for cell in settings[1]] if settings.max_row else []
    while heads and not heads[-1]:
        heads.pop()
    stem = re.sub(r"\W", "_", Path(source).stem)
    for head, value in (("subject", "community"), ("form_id", stem)):
        if head == "form_id" and {"form_id", "id_string"} & {*heads}:
            continue
        if head not in heads:
            heads.append(head)
            settings.cell(1, len(heads)).value = head
        column = heads.index(head) + 1
        if settings.cell(2, column).value in {None, ""}:
            settings.cell(2, column).value = value
