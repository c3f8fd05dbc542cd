"""Reads a file of records as it stands: text stays text, and nothing about its CRS is guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from data.importers.readers.csv_text import read_csv
from data.importers.readers.geojson import read_geojson
from data.importers.readers.json_records import read_json
from data.importers.readers.lines import FEATURE, LINE, RECORD, SHEET_ROW, Lines
from data.importers.readers.table import FileTable
from data.importers.readers.vector import read_geopackage, read_parquet, read_shapefile, read_zip
from gisgrid.errors import InvalidInput, Sentence, say

__all__ = ["READERS", "FileTable", "read_table"]


def _read_workbook(path: Path, layer: str | None) -> FileTable:
    from data.importers.readers.workbook import read_workbook  # noqa: PLC0415 - slow to load

    return read_workbook(path, layer)


READERS: Final[dict[str, Callable[[Path, str | None], FileTable]]] = {
    ".csv": read_csv,
    ".txt": read_csv,
    ".xlsx": _read_workbook,
    ".xlsm": _read_workbook,
    ".geojson": read_geojson,
    ".json": read_json,
    ".gpkg": read_geopackage,
    ".shp": read_shapefile,
    ".zip": read_zip,
    ".parquet": read_parquet,
    ".geoparquet": read_parquet,
}
"""By the ending of a file, who reads it; the second argument names a layer or sheet of several."""

_SIGNS: Final[tuple[tuple[bytes, frozenset[str]], ...]] = (
    (b"PK\x03\x04", frozenset({".zip", ".xlsx", ".xlsm"})),
    (b"SQLite format 3\x00", frozenset({".gpkg"})),
    (b"PAR1", frozenset({".parquet", ".geoparquet"})),
    (b"%PDF", frozenset()),
    (b"\x89PNG", frozenset()),
    (b"\xff\xd8\xff", frozenset()),
    (b"\x1f\x8b", frozenset()),
    (b"Rar!", frozenset()),
    (b"7z\xbc\xaf", frozenset()),
)
"""How files begin that are easily taken for others, and the endings they rightly have."""
_COUNTED: Final = {".csv": LINE, ".txt": LINE, ".xlsx": SHEET_ROW, ".xlsm": SHEET_ROW}
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"


def read_table(path: Path, *, layer: str | None = None) -> FileTable:
    """All rows and columns of a CSV, XLSX, (Geo)JSON, GeoPackage, Shapefile (zipped or not) or Parquet file.

    Columns of CSV and XLSX are all text; text columns of other files stay text (``0113`` stays ``0113``).
    Encodings: UTF-8, UTF-16, else GB18030; a Shapefile's .cpg is believed unless its texts show another. A
    GeoJSON without ``crs`` member is EPSG:4326; any other file that doesn't say its CRS has none. Bounds of
    size are those of `data.importers.readers.limits`.

    Raises
    ------
    InvalidInput
        The file is missing, empty, cut off, too large, of an unknown or another kind, or has several layers
        and none is named.
    """
    check_file(path)
    ending = path.suffix.lower()
    try:
        table = READERS[ending](path, layer)
    except InvalidInput as error:
        called = _counted(ending, has_shapes=True)
        raise type(error)([replace(fault, counted=called) for fault in error.faults]) from None
    if table.lines.numbers is not None:
        return table
    return replace(table, lines=Lines(_counted(ending, has_shapes=table.has_geometry)))


def check_file(path: Path) -> None:
    """Refuse a file that can't be what its ending says, by its first bytes alone.

    Raises
    ------
    InvalidInput
        It is missing, empty, of an unknown kind, or of another kind than it says.
    """
    if path.suffix.lower() not in READERS:
        known = ", ".join(sorted(READERS))
        message = say("files of this kind can't be read; known endings: {known}", known=known)
        raise InvalidInput(message, file=path.name)
    if not path.is_file():
        raise InvalidInput(say("there is no such file"), file=path.name)
    if path.stat().st_size == 0:
        raise InvalidInput(say("the file is empty"), file=path.name)
    other = _other_kind(path)
    if other is not None:
        raise InvalidInput(other, file=path.name)


def _counted(ending: str, *, has_shapes: bool) -> str:
    """What the rows of a kind of file are called."""
    known = _COUNTED.get(ending)
    return known or (FEATURE if has_shapes else RECORD)


def _other_kind(path: Path) -> Sentence | None:
    """Why a file is not what its ending says, where its first bytes tell."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(_OLD_OFFICE):
        return say("the file is an old workbook (.xls) or locked by a password: save it as a plain .xlsx")
    ending = path.suffix.lower()
    if any(start.startswith(sign) and ending not in endings for sign, endings in _SIGNS):
        return say("the file is of another kind than its ending {ending} says", ending=ending)
    return None
