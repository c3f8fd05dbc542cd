"""What no template may hold, told from the archive of its workbook alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from data.importers.readers.archives import opened_archive
from data.importers.readers.limits import MEGABYTE, check_bytes
from data.outward.extent import SheetExtent, sheet_extents
from gisgrid.errors import Fault, InvalidInput, say

MOST_TEMPLATE: Final = MEGABYTE
MOST_TEMPLATE_ROWS: Final = 1_000
MOST_TEMPLATE_COLUMNS: Final = 100
MOST_TEMPLATE_SHEETS: Final = 30
_MOST_UNPACKED: Final = 16 * MEGABYTE
_WORKBOOK: Final = "xl/workbook.xml"
_MACROS: Final = re.compile(r"(^|/)(vbaProject.*\.bin|macrosheets/.*)$")
_LOST: Final = re.compile(r"^xl/(media|drawings|charts|embeddings|pivotTables|ctrlProps|activeX)/")
_OUTWARD: Final = re.compile(r"^xl/(externalLinks/|connections\.xml$|queryTables/)")
_COMPOUND: Final = b"\xd0\xcf\x11\xe0"
"""How the files of old office programs begin, and workbooks that are locked by a password."""


def check_template_bytes(path: Path) -> None:
    """Refuse what no template may hold, from its archive alone.

    Raises
    ------
    InvalidInput
        Too large, no workbook, macros, pictures and the like, or too many rows.
    """
    check_bytes(path, most=MOST_TEMPLATE)
    _check_kind(path)
    with opened_archive(path, most=_MOST_UNPACKED) as archive:
        names = archive.namelist()
        if _WORKBOOK not in names:
            raise InvalidInput(say("the archive is no workbook"), file=path.name)
        faults = [Fault(message=message, file=path.name) for message in _unfit(archive, names)]
    if faults:
        raise InvalidInput(faults)


def _check_kind(path: Path) -> None:
    """Tell a workbook locked by a password, or one of an old program, from a damaged one."""
    content = path.read_bytes()
    if not content.startswith(_COMPOUND):
        return
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise InvalidInput(say("the workbook is locked by a password: save it without one"), file=path.name)
    raise InvalidInput(say("this is no .xlsx: open it and save it as .xlsx"), file=path.name)


def _unfit(archive: zipfile.ZipFile, names: Sequence[str]) -> Iterator[str]:
    if any(_MACROS.search(name) for name in names):
        yield say("the workbook holds macros: save it as .xlsx without them")
    if any(_OUTWARD.match(name) for name in names):
        yield say("the workbook takes data from other files or addresses: take these links out")
    if any(_LOST.match(name) for name in names):
        yield say("the workbook holds pictures, shapes, charts or notes, which would be lost: take them out")
    yield from _too_large(list(sheet_extents(archive)))


def _too_large(extents: Sequence[SheetExtent]) -> Iterator[str]:
    """One sentence at most: a sheet with too many rows has too many of everything."""
    rows = max((max(extent.rows, extent.last_row) for extent in extents), default=0)
    columns = max((extent.last_column for extent in extents), default=0)
    sheets = sum(extent.rows > 0 for extent in extents)
    if rows > MOST_TEMPLATE_ROWS:
        message = "the template has {count} rows; at most {most} are taken: leave the rows to fill empty"
        yield say(message, count=rows, most=MOST_TEMPLATE_ROWS)
    elif columns > MOST_TEMPLATE_COLUMNS:
        yield say("{count} columns; at most {most} are read", count=columns, most=MOST_TEMPLATE_COLUMNS)
    elif sum(extent.in_ranges for extent in extents) > MOST_TEMPLATE_ROWS * MOST_TEMPLATE_COLUMNS:
        yield say("cells are merged or linked over more of a sheet than a template has: unmerge them")
    elif sheets > MOST_TEMPLATE_SHEETS:
        yield say("{count} sheets; at most {most} are read", count=sheets, most=MOST_TEMPLATE_SHEETS)
