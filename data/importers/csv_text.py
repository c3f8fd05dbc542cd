"""CSV as people save it: any of the usual encodings and separators, every column as text."""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import Final

import pandas as pd

from data.importers.table import Table
from gisgrid.errors import InvalidInput

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS: Final = (",", "\t", ";")


def decoded(raw: bytes, *, source: str) -> str:
    """Text in UTF-8 (with or without mark), UTF-16 with its mark, else GB18030.

    Raises
    ------
    InvalidInput
        The bytes are none of these.
    """
    encodings = ("utf-16",) if raw.startswith(_UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("the text is neither UTF-8 nor GB18030", file=source)


def read_csv(path: Path, layer: str | None) -> Table:
    """A CSV file; the first line holds the names, blank lines are no rows.

    Raises
    ------
    InvalidInput
        The text can't be decoded, a row has more values than there are names, or a quote is never closed.
    """
    del layer
    raw = path.read_bytes()
    text = decoded(raw, source=path.name)
    if not text.strip():
        raise InvalidInput("the file is empty", file=path.name)
    header = text.lstrip().split("\n", 1)[0]
    separator = max(_SEPARATORS, key=header.count)
    try:
        cells = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=str, keep_default_na=False, na_filter=False
        )
    except pd.errors.ParserError as error:
        raise _broken(str(error), source=path.name) from None
    frame = cells.iloc[1:].reset_index(drop=True)
    frame.columns = [str(name) for name in cells.iloc[0]]
    marked = raw.startswith((codecs.BOM_UTF8, *_UTF16)) or not _is_utf8(raw)
    return Table(frame=frame.fillna(""), has_geometry=False, crs=None, source=path.name, marked=marked)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _broken(message: str, *, source: str) -> InvalidInput:
    """What the parser says, in our words, at the data row it says."""
    counts = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if counts:
        expected, line, seen = map(int, counts.groups())
        return InvalidInput(f"{seen} values where {expected} are expected", file=source, row=line - 1)
    if "EOF inside string" in message:
        return InvalidInput("a quote is never closed; the file may be cut off", file=source)
    return InvalidInput("the file can't be read as CSV", file=source)
