"""Tables for spreadsheets: CSV that Excel and WPS read as UTF-8, and workbooks with numbers and dates."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import shapely

from data.exporters.frame import Sheet
from data.exporters.layer import Column, Geometry, Kind
from data.exporters.origin import Origin
from data.exporters.texts import TOO_FEW, safe_text

_TRACE: Final = (Column("exported_by", "导出人"), Column("exported_at", "导出时间"))
_PLACE: Final = {
    True: (Column("lon", "经度", Kind.NUMBER), Column("lat", "纬度", Kind.NUMBER)),
    False: (Column("x", "东坐标", Kind.NUMBER), Column("y", "北坐标", Kind.NUMBER)),
}
_MOST_LETTERS: Final = 32_767
"""What a cell of a workbook holds."""
_WIDTHS: Final = {Kind.TEXT: 22, Kind.INSTANT: 20, Kind.DAY: 12}


def write_csv(out: Path, sheet: Sheet, origin: Origin) -> int:
    """UTF-8 with BOM; who exported and when stands in two columns of their own."""
    trace = [origin.by, origin.at.isoformat(timespec="seconds")]
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        columns = (*_columns(sheet), *_TRACE)
        writer.writerow([_head(column, origin) for column in columns])
        for values in _rows(sheet):
            writer.writerow([*(_csv_cell(value) for value in values), *map(safe_text, trace)])
    return 0


def write_xlsx(out: Path, sheet: Sheet, origin: Origin) -> int:
    """A workbook: the rows, and a second sheet that says where they come from."""
    from openpyxl import Workbook  # noqa: PLC0415 - only who wants a workbook pays for it

    book = Workbook(write_only=True)
    rows = book.create_sheet(sheet.layer.title)
    rows.freeze_panes = "A2"
    columns = _columns(sheet)
    for letter, column in enumerate(columns, start=1):
        rows.column_dimensions[_letters(letter)].width = _WIDTHS.get(column.kind, 12)
    rows.append([_head(column, origin) for column in columns])
    cut = 0
    for values in _rows(sheet):
        cut += sum(isinstance(value, str) and len(value) > _MOST_LETTERS for value in values)
        rows.append([_book_cell(value) for value in values])
    facts = book.create_sheet("说明")
    facts.column_dimensions["A"].width, facts.column_dimensions["B"].width = 18, 40
    for name, value in {"layer": sheet.layer.name, **origin.facts(), "crs": _crs_text(sheet)}.items():
        facts.append([name, safe_text(value)])
    book.save(out)
    return cut


def _columns(sheet: Sheet) -> tuple[Column, ...]:
    """Points stand in two columns of numbers; other shapes don't fit into a cell."""
    is_point = sheet.layer.geometry == Geometry.POINT
    is_degrees = sheet.crs is None or sheet.crs.is_geographic
    return (*sheet.columns, *(_PLACE[is_degrees] if is_point else ()))


def _rows(sheet: Sheet) -> Iterator[list[Any]]:
    places = None
    if sheet.layer.geometry == Geometry.POINT and sheet.shapes is not None:
        places = (shapely.get_x(sheet.shapes), shapely.get_y(sheet.shapes))
    for at, row in enumerate(sheet.rows):
        withheld = str(row.get("suppressed") or "").split("、")
        values = [TOO_FEW if column.name in withheld else row.get(column.name) for column in sheet.columns]
        if places is not None:
            values += [None if axis[at] != axis[at] else float(axis[at]) for axis in places]
        yield values


def _head(column: Column, origin: Origin) -> str:
    return column.title if origin.titles else column.name


def _csv_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bool):
        return int(value)
    return safe_text(value) if isinstance(value, str) else value


def _book_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)  # workbooks know no zones; it is the office's own
    if isinstance(value, str):
        return safe_text(value)[:_MOST_LETTERS]
    return value if isinstance(value, (date, bool, int, float)) or value is None else str(value)


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    return get_column_letter(number)


def _crs_text(sheet: Sheet) -> str:
    if sheet.crs is None:
        return sheet.datum.value
    code = sheet.crs.to_epsg()
    return f"EPSG:{code}" if code else str(sheet.crs.name)
