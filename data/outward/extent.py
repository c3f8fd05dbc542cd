"""How far the sheets of a stranger's workbook reach, counted in its XML before anything is built of it.

A single cell in the last row, or one merged range over a whole sheet, is a few bytes; whoever builds all
cells in between needs minutes and gigabytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string, range_boundaries

from gisgrid.errors import InvalidInput, say

_PLACE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_LAST_ROW: Final = 1_048_576
_LAST_COLUMN: Final = 16_384
_RANGES: Final = frozenset({"mergeCell", "hyperlink"})
"""Elements whose range is built cell by cell."""


@dataclass(kw_only=True)
class SheetExtent:
    """What the parts of a workbook hold at most: rows, cells, the last row and column, cells in ranges."""

    rows: int = 0
    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    in_ranges: int = 0
    _row: int = field(default=0, repr=False)
    _column: int = field(default=0, repr=False)

    def add(self, name: str, attributes: dict[str, str]) -> None:
        """Count one element."""
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._add_row(attributes.get("r", ""))
        elif kind == "c":
            self._add_cell(attributes.get("r", ""))
        elif kind in _RANGES:
            self.in_ranges += area_of(attributes.get("ref", ""))

    def _add_row(self, number: str) -> None:
        self._row = int(number) if number.isascii() and number.isdigit() else self._row + 1
        self._column = 0
        self.rows += 1
        self.last_row = max(self.last_row, self._row)

    def _add_cell(self, place: str) -> None:
        match = _PLACE.fullmatch(place)
        self._column = column_index_from_string(match[1]) if match else self._column + 1
        self.cells += 1
        self.last_row = max(self.last_row, int(match[2]) if match else 0)
        self.last_column = max(self.last_column, self._column)


def area_of(ref: str) -> int:
    """How many cells a range holds, a whole row or column too; 0 for what is none.

    >>> area_of("A1:B3"), area_of("A:B") == 2 * 1_048_576, area_of("B2"), area_of("?")
    (6, True, 1, 0)
    """
    try:
        first_column, first_row, last_column, last_row = range_boundaries(ref)
    except (ValueError, TypeError):
        return 0
    columns = (last_column or _LAST_COLUMN) - (first_column or 1) + 1
    rows = (last_row or _LAST_ROW) - (first_row or 1) + 1
    return max(0, columns) * max(0, rows)


def sheet_extents(archive: zipfile.ZipFile) -> Iterator[SheetExtent]:
    """The extent of each part of a workbook that is XML, whatever it is called.

    Raises
    ------
    InvalidInput
        A part declares entities, as no office program writes.
    """
    for name in archive.namelist():
        extent = SheetExtent()
        if _is_xml(archive.read(name), extent):
            yield extent


def _is_xml(content: bytes, extent: SheetExtent) -> bool:
    """Count a part; what is no XML is none for whoever reads the workbook either."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = extent.add
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        return extent.rows > 0
    return True


def _refuse_doctype(*_declared: Any) -> None:
    raise InvalidInput(say("the workbook holds an XML entity, as no office program writes: it is not read"))
