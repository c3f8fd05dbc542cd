"""CSV as people save it: any of the usual encodings and separators, every column as text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from data.importers.readers.encodings import decoded, encoding_of
from data.importers.readers.limits import LONGEST_HEADER, check_bytes, check_size
from data.importers.readers.lines import LINE, first_long_line, lines_of_text
from data.importers.readers.table import FileTable
from gisgrid.errors import InvalidInput, Sentence, say

__all__ = ["decoded", "read_csv", "separator_of", "text_pieces"]

_SEPARATORS: Final = (",", "\t", ";")
_AT_ONCE: Final = 50_000


def read_csv(path: Path, layer: str | None) -> FileTable:
    """A CSV file, read piece by piece; the first line holds the names, blank lines are no rows.

    Raises
    ------
    InvalidInput
        The text can't be decoded, a row has more values than there are names, a quote is never closed, or
        there are more rows or columns than are read.
    """
    del layer
    check_bytes(path)
    encoding = encoding_of(path)
    separator = separator_of(path, encoding.name)
    cells = _cells(path, encoding.name, separator)
    frame = cells.iloc[1:].reset_index(drop=True)
    frame.columns = [str(name) for name in cells.iloc[0]]
    return FileTable(
        frame=frame.fillna(""),
        has_geometry=False,
        crs=None,
        source=path.name,
        marked=encoding.marked,
        notes=encoding.notes,
        lines=lines_of_text(path, encoding=encoding.name, separator=separator, rows=len(frame)),
    )


def separator_of(path: Path, encoding: str) -> str:
    """What parts the names of the first line that holds any.

    Raises
    ------
    InvalidInput
        There is no such line, or it is too long.
    """
    with path.open(encoding=encoding, newline="") as text:
        header = ""
        while not header.strip():
            header = text.readline(LONGEST_HEADER)
            if not header:
                raise InvalidInput(say("the file is empty"), file=path.name)
            if len(header) == LONGEST_HEADER:
                raise InvalidInput(say("the first line is too long to hold names of columns"), file=path.name)
    return max(_SEPARATORS, key=header.count)


def _cells(path: Path, encoding: str, separator: str) -> pd.DataFrame:
    """All lines as text, the first with the names among them."""
    pieces, rows = [], 0
    for piece in text_pieces(path, encoding=encoding, separator=separator):
        rows += len(piece)
        check_size(rows - 1, piece.shape[1], source=path.name)
        pieces.append(piece)
    return pd.concat(pieces, ignore_index=True) if len(pieces) > 1 else pieces[0]


def text_pieces(path: Path, *, encoding: str, separator: str | None = None) -> Iterator[pd.DataFrame]:
    """All lines as text, piece by piece, the first with the names among them.

    Raises
    ------
    InvalidInput
        A row has more values than there are names, or a quote is never closed.
    """
    options: Any = {"header": None, "dtype": str, "keep_default_na": False, "na_filter": False}
    options |= {"sep": separator or separator_of(path, encoding), "encoding": encoding}
    try:
        with pd.read_csv(path, chunksize=_AT_ONCE, **options) as reader:
            yield from reader
    except pd.errors.ParserError as error:
        counts = _COUNTS.search(str(error))
        width = int(counts[1]) if counts else 0
        row = _long_line(path, encoding, options["sep"], width) if width else None
        raise InvalidInput(_broken(str(error)), file=path.name, row=row, counted=LINE) from None


_COUNTS: Final = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


def _long_line(path: Path, encoding: str, separator: str, width: int) -> int | None:
    """The line on which the first row with too many values begins, if it can be told."""
    try:
        return first_long_line(path, encoding=encoding, separator=separator, width=width)
    except csv.Error:
        return None


def _broken(message: str) -> Sentence:
    """What the parser says, in our words."""
    counts = _COUNTS.search(message)
    if counts:
        return say(
            "{seen} values where {expected} are expected", seen=int(counts[3]), expected=int(counts[1])
        )
    if "EOF inside string" in message:
        return say("a quote is never closed; the file may be cut off")
    return say("the file can't be read as CSV")
