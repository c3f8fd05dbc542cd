"""Templates to fill in: the headers in Chinese, one row as an example, and what each field means."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.importers.kinds.fields import KINDS, SHAPED
from data.importers.values.field import Field
from gisgrid.errors import InvalidInput, say
from gisgrid.labels.files import YES_NO

FORMATS: Final = ("csv", "xlsx")

DATA_SHEET: Final = "数据"
HELP_SHEET: Final = "填写说明"
_HELP_HEADERS: Final = ("列名", "字段", "必填", "可填的值", "说明", "其他可用列名")
_SHAPE: Final = "形状(点线面)不能写在表格里:请用 GeoJSON、GeoPackage 或 Shapefile,属性列用这里的列名"
_LAST_ROW: Final = 100_000
_LONGEST_LIST: Final = 255
_WIDTHS: Final = (18, 18, 8, 44, 70, 40)


def template(kind: str, form: str) -> bytes:
    """The template of a kind as a file: ``csv`` (UTF-8 with byte order mark) or ``xlsx``.

    Its example row is skipped when the file is imported.

    Raises
    ------
    InvalidInput
        There is no import of that kind, or no such form of file.
    """
    if kind not in KINDS:
        raise InvalidInput(say("there is no import of {kind}", kind=kind), field="kind")
    if form not in FORMATS:
        raise InvalidInput(say("a template is csv or xlsx"), field="format")
    fields = [field for field in KINDS[kind] if field.is_offered]
    return _csv(fields) if form == "csv" else _xlsx(kind, fields)


def _csv(fields: Sequence[Field]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([field.titles[0] for field in fields])
    writer.writerow([field.example for field in fields])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(kind: str, fields: Sequence[Field]) -> bytes:
    book = openpyxl.Workbook()
    data = book.worksheets[0]
    data.title = DATA_SHEET
    data.append([field.titles[0] for field in fields])
    data.append([field.example for field in fields])
    data.freeze_panes = "A2"
    for place, field in enumerate(fields, 1):
        letter = get_column_letter(place)
        data.column_dimensions[letter].width = max(12, 2 * len(field.titles[0]) + 4, len(field.example) + 6)
        head = data.cell(1, place)
        head.font = Font(bold=True)
        if field.is_needed:
            head.fill = PatternFill("solid", fgColor="FFF2CC")
        data.cell(2, place).font = Font(italic=True, color="808080")
        # Text stays text: 0113 keeps its zero, and a day is not turned into a number.
        data.column_dimensions[letter].number_format = "@"
        _offer(data, letter, field)
    _explain(book, kind, fields)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _offer(sheet: Worksheet, letter: str, field: Field) -> None:
    """A list to choose from, where the words are few and hold no comma, which parts them there."""
    if not field.words or any("," in word or "," in word for word in field.words):
        return
    listed = ",".join(field.words)
    if len(listed) <= _LONGEST_LIST:
        check = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
        sheet.add_data_validation(check)
        check.add(f"{letter}2:{letter}{_LAST_ROW}")


def _explain(book: openpyxl.Workbook, kind: str, fields: Sequence[Field]) -> None:
    sheet = book.create_sheet(HELP_SHEET)
    sheet.append(list(_HELP_HEADERS))
    for field in fields:
        sheet.append(
            [
                field.titles[0],
                field.name,
                YES_NO["yes"] if field.is_needed else "",
                ";".join(field.words or ()),
                field.what,
                "、".join(field.titles[1:]),
            ]
        )
    if kind in SHAPED:
        sheet.append([])
        sheet.append([_SHAPE])
    for place, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.cell(1, place).font = Font(bold=True)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
