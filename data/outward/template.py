"""A department's own workbook as a template: where its heads, its rows to fill and its lead cells are."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.cell import column_index_from_string

from data.importers.readers.workbook import BROKEN, reason_of
from data.importers.readers.workbook_cells import letters_of
from data.outward.formulas import FilledRows, formula_faults
from data.outward.template_archive import MOST_TEMPLATE_COLUMNS, check_template_bytes
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.labels.outward_titles import TOTALS
from gisgrid.records.outward.template_shapes import TemplateFile, TemplateHead, TemplateLead, TemplateSheet

_MOST_HEADS_DOWN: Final = 20
"""The row of heads is one of so many first rows."""
_MOST_NAMED: Final = 20
_NOT_IN_NAMES: Final = re.compile("[^\\w\\-. ()\uff08\uff09]")
_LONGEST_NAME: Final = 80
_LONGEST_TITLE: Final = 200
_LEAD: Final = re.compile("[:\uff1a]\\s*$")


def template_file(content: bytes, name: str) -> TemplateFile:
    """A workbook that was handed in as bytes, with what was found in it; ``name`` is said in its faults.

    Raises
    ------
    InvalidInput
        As :func:`read_template` does.
    """
    with template_path(content, name) as path:
        return TemplateFile(content=content, sheets=read_template(path))


@contextmanager
def template_path(content: bytes, name: str = "template.xlsx") -> Iterator[Path]:
    """Bytes as a file under a harmless form of its name, for as long as the block lasts."""
    plain = _NOT_IN_NAMES.sub("_", Path(name.replace("\\", "/")).name)[-_LONGEST_NAME:]
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        path = Path(folder) / (plain.lstrip(".") or "template.xlsx")
        path.write_bytes(content)
        yield path


def read_template(path: Path) -> tuple[TemplateSheet, ...]:
    """The visible sheets of a workbook that have a row of heads.

    Nothing that would be lost or go wrong when rows are filled is taken: macros, pictures, formulas that miss
    the filled rows or reach out of the workbook, cells merged in the heads or below them.

    Raises
    ------
    InvalidInput
        No workbook, too large, no heads, or anything of the above; all faults of the sheets at once.
    """
    check_template_bytes(path)
    book = opened_template(path)
    try:
        faults: list[Fault] = []
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        shapes = [_sheet(sheet, f"{path.name} [{sheet.title}]", faults) for sheet in sheets]
        read = tuple(shape for shape in shapes if shape is not None)
        faults += formula_faults(book, {shape.title: rows_to_fill(shape) for shape in read}, path.name)
    finally:
        book.close()
    if faults:
        raise InvalidInput(faults[:_MOST_NAMED])
    if not read:
        message = "no row of heads was found: a template has its heads beside each other in one row"
        raise InvalidInput(say(message), file=path.name)
    return read


def rows_to_fill(shape: TemplateSheet) -> FilledRows:
    """Where the rows of a sheet are filled."""
    columns = frozenset(column_index_from_string(head.column) for head in shape.heads)
    return FilledRows(shape.head_row, shape.foot_row, columns)


def opened_template(path: Path) -> Any:
    """The workbook, to be read or filled; the caller closes it.

    Raises
    ------
    InvalidInput
        It is damaged.
    """
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(file, keep_links=False)
    except BROKEN as error:
        raise InvalidInput(reason_of(error), file=path.name) from None


def _sheet(sheet: Any, source: str, faults: list[Fault]) -> TemplateSheet | None:
    """A sheet as a template, or nothing where it has no heads; what is wrong goes to ``faults``."""
    head_row = _head_row(sheet)
    if head_row is None:
        return None
    heads = _heads(sheet, head_row, source, faults)
    faults += _merged(sheet, head_row, source)
    foot_row = next((row for row in range(head_row + 1, sheet.max_row + 1) if _is_worded(sheet, row)), None)
    leads = [lead for row in range(1, sheet.max_row + 1) if row != head_row for lead in _leads(sheet, row)]
    return TemplateSheet(
        title=sheet.title,
        heads=heads,
        head_row=head_row,
        foot_row=foot_row,
        leads=tuple(leads),
        totals=foot_row is not None and _asks_for_totals(sheet, foot_row),
    )


def _asks_for_totals(sheet: Any, row: int) -> bool:
    texts = [str(sheet.cell(row, column).value).strip() for column in _filled(sheet, row)]
    return len(texts) == 1 and texts[0] in TOTALS


def _head_row(sheet: Any) -> int | None:
    """The fullest of the first rows: a title stands alone, lead cells are few."""
    rows = range(1, min(sheet.max_row, _MOST_HEADS_DOWN) + 1)
    widths = {row: len(_filled(sheet, row)) for row in rows}
    widest = max(widths.values(), default=0)
    return next(row for row in rows if widths[row] == widest) if widest > 1 else None


def _filled(sheet: Any, row: int) -> list[int]:
    """The columns of a row that hold a value, from 1."""
    return [cell.column for cell in sheet[row] if cell.value is not None and str(cell.value).strip()]


def _is_worded(sheet: Any, row: int) -> bool:
    """Whether anything but formulas stands in a row."""
    return any(sheet.cell(row, column).data_type != "f" for column in _filled(sheet, row))


def _heads(sheet: Any, head_row: int, source: str, faults: list[Fault]) -> tuple[TemplateHead, ...]:
    filled = _filled(sheet, head_row)
    if filled[-1] > MOST_TEMPLATE_COLUMNS:
        message = say(
            "{count} columns; at most {most} are read", count=filled[-1], most=MOST_TEMPLATE_COLUMNS
        )
        faults.append(Fault(message=message, file=source, row=head_row))
        return ()
    gaps = [letters_of(column) for column in range(filled[0], filled[-1]) if column not in filled]
    if gaps:
        message = say("columns without a head: {columns}", columns=", ".join(gaps))
        faults.append(Fault(message=message, file=source, row=head_row))
    return tuple(
        TemplateHead(
            column=letters_of(column), title=str(sheet.cell(head_row, column).value).strip()[:_LONGEST_TITLE]
        )
        for column in filled
    )


def _merged(sheet: Any, head_row: int, source: str) -> list[Fault]:
    message = "the cells {cells} are merged in the heads or below them: unmerge them"
    return [
        Fault(message=say(message, cells=merged.coord), file=source, row=merged.min_row)
        for merged in sheet.merged_cells.ranges
        if merged.max_row >= head_row
    ]


def _leads(sheet: Any, row: int) -> Iterator[TemplateLead]:
    """Cells right of a text that ends in a colon, where they are empty."""
    for column in _filled(sheet, row):
        text = str(sheet.cell(row, column).value).strip()
        place = _behind(sheet, row, column)
        if _LEAD.search(text) and place.value is None and not isinstance(place, MergedCell):
            yield TemplateLead(cell=place.coordinate, label=_LEAD.sub("", text).strip()[:_LONGEST_TITLE])


def _behind(sheet: Any, row: int, column: int) -> Any:
    """The cell right of another one, or of what that is merged with."""
    place = sheet.cell(row, column).coordinate
    last = next((merged.max_col for merged in sheet.merged_cells.ranges if place in merged), column)
    return sheet.cell(row, last + 1)
