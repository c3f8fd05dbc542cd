"""Fills a template: rows below its heads, single cells, the foot below the rows. Counts what was filled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.cell import column_index_from_string

from data.exporters.texts import safe_text
from data.outward.formulas import repeat_formulas
from data.outward.template import opened_template, read_template, rows_to_fill
from gisgrid.errors import InvalidInput, say
from gisgrid.labels.files import YES_NO
from gisgrid.records.outward.cell_values import CellValue, NoConsent
from gisgrid.records.outward.sheets import ROW_NUMBER, OutwardSheet, is_summed
from gisgrid.records.outward.template_shapes import TemplateSheet

MOST_FILLED_ROWS: Final = 20_000
_MOST_LETTERS: Final = 32_767
"""What a cell of a workbook holds."""
_DAY: Final = "yyyy-mm-dd"
_MOMENT: Final = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """Cells that somebody would have to type: filled by themselves, left empty, and why."""

    cells: int = 0
    prefilled: int = 0
    empty: int = 0
    no_consent: int = 0
    unplanned: int = 0

    def __add__(self, other: CellCounts) -> CellCounts:
        names = [known.name for known in fields(self)]
        return CellCounts(**{name: getattr(self, name) + getattr(other, name) for name in names})


PlaceCounts = Mapping[tuple[str, str], CellCounts]
"""How cells came to be, by the title of a sheet and the letters of a column or the place of a single cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTemplate:
    """The workbook, how many rows it has and how its cells came to be, column by column."""

    content: bytes
    rows: int
    places: PlaceCounts

    @property
    def counts(self) -> CellCounts:
        """The same of all cells together."""
        return sum(self.places.values(), CellCounts())


def fill_template(
    path: Path,
    plans: Sequence[OutwardSheet],
    *,
    rows: Mapping[str, Sequence[Mapping[str, CellValue]]],
    cells: Mapping[str, CellValue],
) -> FilledTemplate:
    """Fill a template by its plans: ``rows`` by the title of a sheet, ``cells`` by field.

    The column of row numbers is not counted: nobody would type it from anything.

    Raises
    ------
    InvalidInput
        The template can't be taken, or more than 20,000 rows.
    """
    known = {sheet.title: sheet for sheet in read_template(path)}
    count = sum(map(len, rows.values()))
    if count > MOST_FILLED_ROWS:
        message = say("{count} rows; at most {most} are filled", count=count, most=MOST_FILLED_ROWS)
        raise InvalidInput(message)
    book = opened_template(path)
    try:
        places: dict[tuple[str, str], CellCounts] = {}
        for plan in plans:
            sheet, shape = book[plan.sheet], known[plan.sheet]
            of_sheet = _fill_rows(sheet, shape, plan, rows.get(plan.sheet, ()))
            of_sheet |= _fill_cells(sheet, shape, plan, cells, added=_added(shape, rows))
            places |= {(plan.sheet, place): counts for place, counts in of_sheet.items()}
        book.template = False  # a template of the spreadsheet's own kind is no workbook to open
        out = BytesIO()
        book.save(out)
    finally:
        book.close()
    return FilledTemplate(content=out.getvalue(), rows=count, places=places)


def _added(shape: TemplateSheet, rows: Mapping[str, Sequence[Any]]) -> int:
    """By how many rows the foot moves down: so many are missing between heads and foot."""
    if shape.foot_row is None:
        return 0
    return max(0, len(rows.get(shape.title, ())) - (shape.foot_row - shape.head_row - 1))


def _fill_rows(
    sheet: Any, shape: TemplateSheet, plan: OutwardSheet, rows: Sequence[Mapping[str, CellValue]]
) -> dict[str, CellCounts]:
    """Fill the rows below the heads and the sums below them; how the cells of each column came to be."""
    first, added = shape.head_row + 1, _added(shape, {shape.title: rows})
    if added:
        _move_down(sheet, shape.foot_row or 0, added)
    # openpyxl has no public way to give a cell the looks of another.
    looks = {head.column: sheet[f"{head.column}{first}"]._style for head in shape.heads}  # noqa: SLF001
    height = sheet.row_dimensions[first].height
    numbers = {head.column: column_index_from_string(head.column) for head in shape.heads}
    repeat_formulas(sheet, rows_to_fill(shape), len(rows))
    values: dict[str, list[CellValue | _Unplanned]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        at = first + number - 1
        sheet.row_dimensions[at].height = height
        for head in shape.heads:
            cell = sheet.cell(at, numbers[head.column])
            cell._style = copy(looks[head.column])  # noqa: SLF001
            name = plan.columns.get(head.column)
            if name == ROW_NUMBER:
                cell.value = number
                continue
            value = row.get(name) if name is not None else _Unplanned.UNPLANNED
            values[head.column].append(value)
            _write(cell, value)
    if shape.totals:
        for column, total in _fill_totals(sheet, shape, plan, rows, added=added):
            values[column].append(total)
    return {column: _counted(below) for column, below in values.items()}


def _fill_totals(
    sheet: Any,
    shape: TemplateSheet,
    plan: OutwardSheet,
    rows: Sequence[Mapping[str, CellValue]],
    *,
    added: int,
) -> Iterator[tuple[str, CellValue | _Unplanned]]:
    """The foot's sums of the columns of numbers; other columns have none, so nobody would type there."""
    for head in shape.heads:
        cell = sheet[f"{head.column}{(shape.foot_row or 0) + added}"]
        name = plan.columns.get(head.column)
        if cell.value is not None or name == ROW_NUMBER:
            continue
        if name is None:
            yield head.column, _Unplanned.UNPLANNED
        elif is_summed(name):
            total = _total(row.get(name) for row in rows)
            _write(cell, total)
            yield head.column, total


def _total(values: Iterable[CellValue]) -> float:
    return sum(value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool))


class _Unplanned(Enum):
    UNPLANNED = "unplanned"


def _fill_cells(
    sheet: Any, shape: TemplateSheet, plan: OutwardSheet, cells: Mapping[str, CellValue], *, added: int
) -> dict[str, CellCounts]:
    counts: dict[str, CellCounts] = {}
    for lead in shape.leads:
        name = plan.cells.get(lead.cell)
        value = cells.get(name) if name is not None else _Unplanned.UNPLANNED
        counts[lead.cell] = _counted([value])
        _write(_moved(sheet, lead.cell, shape.foot_row, added), value)
    return counts


def _moved(sheet: Any, place: str, foot_row: int | None, added: int) -> Any:
    cell = sheet[place]
    is_in_foot = foot_row is not None and cell.row >= foot_row
    return sheet.cell(cell.row + added, cell.column) if is_in_foot else cell


def _move_down(sheet: Any, foot_row: int, added: int) -> None:
    """Write the foot further down; openpyxl's own way of inserting rows forgets heights."""
    heights = {row: sheet.row_dimensions[row].height for row in range(foot_row, sheet.max_row + 1)}
    sheet.move_range(f"A{foot_row}:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}", rows=added)
    for row, height in heights.items():
        sheet.row_dimensions[row + added].height = height


def _write(cell: Any, value: CellValue | _Unplanned) -> None:
    """Write a value so that no text becomes a formula."""
    if value is None or isinstance(value, (NoConsent, _Unplanned)):
        return
    if isinstance(value, bool):
        value = YES_NO["yes" if value else "no"]
    if isinstance(value, str):
        cell.value = safe_text(ILLEGAL_CHARACTERS_RE.sub("", value))[:_MOST_LETTERS]
        cell.data_type = "s"
    else:
        cell.value = value
    if isinstance(value, datetime):
        cell.number_format = _MOMENT
    elif isinstance(value, date):
        cell.number_format = _DAY


def _counted(values: Iterable[CellValue | _Unplanned]) -> CellCounts:
    kinds = Counter(map(_kind_of, values))
    return CellCounts(cells=kinds.total(), **kinds)


def _kind_of(value: CellValue | _Unplanned) -> str:
    if isinstance(value, (NoConsent, _Unplanned)):
        return str(value.value)
    return "empty" if value is None or value == "" else "prefilled"
