"""A department's own workbook as a template: where its heads, its rows to fill and its lead cells are."""

from __future__ import annotations

import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import MergedCell

from data.importers.readers.archives import opened_archive
from data.importers.readers.limits import MEGABYTE, check_bytes
from data.importers.readers.workbook import BROKEN, reason_of
from data.importers.readers.workbook_cells import letters_of
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.labels.outward_titles import TOTALS
from gisgrid.records.outward.template_shapes import TemplateFile, TemplateHead, TemplateLead, TemplateSheet

MOST_TEMPLATE: Final = MEGABYTE
MOST_TEMPLATE_ROWS: Final = 1_000
MOST_TEMPLATE_COLUMNS: Final = 100
_MOST_UNPACKED: Final = 16 * MEGABYTE
_MOST_HEADS_DOWN: Final = 20
"""The row of heads is one of so many first rows."""
_MOST_NAMED: Final = 20
_WORKBOOK: Final = "xl/workbook.xml"
_MACROS: Final = re.compile(r"(^|/)(vbaProject.*\.bin|macrosheets/.*)$")
_LOST: Final = re.compile(
    r"^xl/(media|drawings|charts|embeddings|pivotTables|externalLinks|ctrlProps|activeX)/"
)
_SHEET: Final = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_ROW: Final = re.compile(rb"<(?:\w+:)?row[\s>/]")
_NOT_IN_NAMES: Final = re.compile(r"[^\w\-. ()()]")
_LONGEST_NAME: Final = 80
_LEAD: Final = re.compile(r"[::]\s*$")


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

    Nothing that would be lost or go wrong when rows are filled is taken: macros, pictures, formulas, cells
    merged in the heads or below them.

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
    finally:
        book.close()
    if faults:
        raise InvalidInput(faults[:_MOST_NAMED])
    read = tuple(shape for shape in shapes if shape is not None)
    if not read:
        message = "no row of heads was found: a template has its heads beside each other in one row"
        raise InvalidInput(say(message), file=path.name)
    return read


def check_template_bytes(path: Path) -> None:
    """Refuse what no template may hold, from its archive alone.

    Raises
    ------
    InvalidInput
        Too large, no workbook, macros, pictures and the like, or too many rows.
    """
    check_bytes(path, most=MOST_TEMPLATE)
    with opened_archive(path, most=_MOST_UNPACKED) as archive:
        names = archive.namelist()
        if _WORKBOOK not in names:
            raise InvalidInput(say("the archive is no workbook"), file=path.name)
        faults = [Fault(message=message, file=path.name) for message in _unfit(archive, names)]
    if faults:
        raise InvalidInput(faults)


def _unfit(archive: zipfile.ZipFile, names: Sequence[str]) -> Iterator[str]:
    if any(_MACROS.search(name) for name in names):
        yield say("the workbook holds macros: save it as .xlsx without them")
    if any(_LOST.match(name) for name in names):
        yield say("the workbook holds pictures, shapes, charts or notes, which would be lost: take them out")
    rows = max((len(_ROW.findall(archive.read(name))) for name in names if _SHEET.match(name)), default=0)
    if rows > MOST_TEMPLATE_ROWS:
        message = "the template has {count} rows; at most {most} are taken: leave the rows to fill empty"
        yield say(message, count=rows, most=MOST_TEMPLATE_ROWS)


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
    faults += _formulas(sheet, source)
    foot_row = next((row for row in range(head_row + 1, sheet.max_row + 1) if _filled(sheet, row)), None)
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
        TemplateHead(column=letters_of(column), title=str(sheet.cell(head_row, column).value).strip())
        for column in filled
    )


def _merged(sheet: Any, head_row: int, source: str) -> list[Fault]:
    message = "the cells {cells} are merged in the heads or below them: unmerge them"
    return [
        Fault(message=say(message, cells=merged.coord), file=source, row=merged.min_row)
        for merged in sheet.merged_cells.ranges
        if merged.max_row >= head_row
    ]


def _formulas(sheet: Any, source: str) -> list[Fault]:
    message = "the cell {cell} holds a formula, which would not follow the rows: take it out"
    return [
        Fault(message=say(message, cell=cell.coordinate), file=source, row=cell.row)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def _leads(sheet: Any, row: int) -> Iterator[TemplateLead]:
    """Cells right of a text that ends in a colon, where they are empty."""
    for column in _filled(sheet, row):
        text = str(sheet.cell(row, column).value).strip()
        place = _behind(sheet, row, column)
        if _LEAD.search(text) and place.value is None and not isinstance(place, MergedCell):
            yield TemplateLead(cell=place.coordinate, label=_LEAD.sub("", text).strip())


def _behind(sheet: Any, row: int, column: int) -> Any:
    """The cell right of another one, or of what that is merged with."""
    place = sheet.cell(row, column).coordinate
    last = next((merged.max_col for merged in sheet.merged_cells.ranges if place in merged), column)
    return sheet.cell(row, last + 1)
