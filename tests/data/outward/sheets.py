"""Workbooks as departments send them, and the ways in which one can't be filled."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

HEADS = ("序号", "姓名", "出生日期", "年龄", "是否独居", "备注")


def write_template(path: Path, change: Callable[[Any], None] | None = None) -> Path:
    """A title over all columns, lead cells, heads, three rows to fill and a foot."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表一"
    sheet["A1"] = "老年人登记表"
    sheet.merge_cells("A1:F1")
    sheet["A2"], sheet["C2"] = "填报单位:", "填报日期:"
    for column, title in enumerate(HEADS, 1):
        sheet.cell(3, column, title)
    sheet["A7"], sheet["D7"] = "填表人:", "负责人:"
    sheet.row_dimensions[7].height = 31
    sheet["B4"].font = openpyxl.styles.Font(bold=True)
    if change:
        change(sheet)
    book.save(path)
    return path


def add_member(path: Path, name: str, content: bytes = b"x") -> None:
    """Put another part into the archive of a workbook."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)
