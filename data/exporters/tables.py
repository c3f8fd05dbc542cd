"""Tables for spreadsheets: CSV that Excel and WPS read as UTF-8, and workbooks with numbers and dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import shapely

from data.exporters.frame import ExportSheet, RowPart
from data.exporters.layer import Column, ColumnKind, Geometry
from data.exporters.origin import Origin
from data.exporters.texts import csv_line, safe_text, sign_of
from gisgrid.errors import InvalidInput, say
from gisgrid.labels.files import YES_NO

_WITHHELD: Final = "suppressed"
_REASON: Final = "reason"
_REFERENCE: Final = Column("crs", "坐标系")
_TRACE: Final = (
    Column("exported_by", "导出人"),
    Column("exported_at", "导出时间", ColumnKind.INSTANT),
    Column("as_of", "数据日期", ColumnKind.DAY),
)
_LEFT_OUT: Final = Column("left_out", "未计入")
_PLACE: Final = {
    True: (Column("lon", "经度", ColumnKind.NUMBER), Column("lat", "纬度", ColumnKind.NUMBER)),
    False: (Column("x", "东坐标", ColumnKind.NUMBER), Column("y", "北坐标", ColumnKind.NUMBER)),
}
_MOST_LETTERS: Final = 32_767
"""What a cell of a workbook holds."""
_MOST_ROWS: Final = 1_048_575
"""What a sheet of a workbook holds beside its head."""
_WIDTHS: Final = {ColumnKind.TEXT: 22, ColumnKind.INSTANT: 20, ColumnKind.DAY: 12}
_FACTS: Final = {
    "layer": "内容",
    "community": "社区",
    **{column.name: column.title for column in (*_TRACE, _REFERENCE, _LEFT_OUT)},
}


def write_csv(out: Path, sheet: ExportSheet, origin: Origin) -> int:
    """UTF-8 with BOM, texts in quotes; who exported, when and as of which day stand in columns."""
    columns = _columns(sheet)
    heads = _TRACE if origin.left_out is None else (*_TRACE, _LEFT_OUT)
    trace = [origin.by, origin.at, origin.as_of, origin.left_out][: len(heads)]
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(csv_line([_head(column, origin) for column in (*columns, *heads)]))
        for part in sheet.parts:
            file.writelines(csv_line([*values, *trace]) for values in _rows(sheet, part, columns, origin))
    return 0


def write_xlsx(out: Path, sheet: ExportSheet, origin: Origin) -> int:
    """A workbook: the rows, and a second sheet that says where they come from.

    Raises
    ------
    InvalidInput
        There are more rows than a sheet holds.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - only who wants a workbook pays for it

    book = Workbook(write_only=True)
    rows = book.create_sheet(sheet.layer.title)
    rows.freeze_panes = "A2"
    columns = _columns(sheet)
    for letter, column in enumerate(columns, start=1):
        rows.column_dimensions[_letters(letter)].width = _WIDTHS.get(column.kind, 12)
    rows.append([_head(column, origin) for column in columns])
    cut = 0
    for part in sheet.parts:
        if sheet.count > _MOST_ROWS:
            raise InvalidInput(say("a workbook holds {most} rows: take CSV", most=_MOST_ROWS), field="format")
        for values in _rows(sheet, part, columns, origin):
            cut += sum(isinstance(value, str) and len(value) > _MOST_LETTERS for value in values)
            rows.append([_book_cell(value) for value in values])
    facts = book.create_sheet("说明")
    facts.column_dimensions["A"].width, facts.column_dimensions["B"].width = 18, 40
    name = sheet.layer.title if origin.in_chinese else sheet.layer.name
    notes = {"layer": name, **origin.facts()} | ({"crs": sheet.reference} if _has_places(sheet) else {})
    for fact, value in notes.items():
        facts.append([_FACTS[fact] if origin.in_chinese else fact, safe_text(value)])
    book.save(out)
    return cut


def in_tables(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of a spreadsheet: which numbers are withheld and why is seen in their own cells."""
    if _WITHHELD not in {column.name for column in columns}:
        return tuple(columns)
    return tuple(column for column in columns if column.name not in (_WITHHELD, _REASON))


def _has_places(sheet: ExportSheet) -> bool:
    return sheet.layer.geometry == Geometry.POINT


def _columns(sheet: ExportSheet) -> tuple[Column, ...]:
    """Points stand in two columns of numbers, with what these mean; other shapes don't fit into a cell."""
    own = in_tables(sheet.columns)
    is_degrees = sheet.crs is None or sheet.crs.is_geographic
    return (*own, *_PLACE[is_degrees], _REFERENCE) if _has_places(sheet) else own


def _rows(
    sheet: ExportSheet, part: RowPart, columns: tuple[Column, ...], origin: Origin
) -> Iterator[list[Any]]:
    places: list[list[float]] = []
    if _has_places(sheet) and part.shapes is not None:
        places = [shapely.get_x(part.shapes).tolist(), shapely.get_y(part.shapes).tolist()]
    own = [column for column in columns if column in sheet.columns]
    for at, row in enumerate(part.rows):
        withheld = str(row.get(_WITHHELD) or "").split("、")
        sign = sign_of(row, in_chinese=origin.in_chinese) if withheld != [""] else None
        values = [
            sign if column.name in withheld else _describe(column, row.get(column.name), origin)
            for column in own
        ]
        if places:
            values += [None if axis[at] != axis[at] else axis[at] for axis in places]
            values.append(sheet.reference)
        yield values


def _describe(column: Column, value: Any, origin: Origin) -> Any:
    """A value for people, where the table is for people, else for programs."""
    if isinstance(value, bool):
        code = "yes" if value else "no"
        return YES_NO[code] if origin.in_chinese else code
    if not origin.in_chinese:
        return value
    return column.words.get(value, value) if isinstance(value, str) else value


def _head(column: Column, origin: Origin) -> str:
    return column.title if origin.in_chinese else column.name


def _book_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)  # workbooks know no zones; it is the office's own
    if isinstance(value, str):
        return safe_text(value)[:_MOST_LETTERS]
    return value if isinstance(value, (date, bool, int, float)) or value is None else str(value)


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    return get_column_letter(number)
