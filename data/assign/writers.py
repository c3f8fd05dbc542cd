"""Writes points piece by piece, with what was found for them: CSV and Parquet of any length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from data.assign.output import csv_frame, unfinished
from data.assign.pieces import PointFile
from gisgrid.errors import InvalidInput

ENDINGS: Final = (".csv", ".parquet")
_QUOTED: Final = '[",\r\n]'
_TEXTS: Final = (pa.string(), pa.large_string(), pa.bool_())


class Writer(Protocol):
    """Takes the pieces of an output in their order; each has the same columns."""

    def write(self, piece: pa.Table) -> None:
        """Append the rows of a piece."""


@contextmanager
def opened_output(out: Path, points: PointFile) -> Iterator[Writer]:
    """A writer into ``out`` in the form of its ending; the file is there whole in the end, or not at all.

    Raises
    ------
    InvalidInput
        The form can't hold these columns.
    """
    with unfinished(out) as path, ExitStack() as stack:
        writer: Writer
        if out.suffix.lower() == ".csv":
            writer = _CsvWriter(path, points)
        else:
            writer = _ParquetWriter(path, points, stack)
        yield writer


class _CsvWriter:
    """UTF-8; with a mark if the points' file had one or wasn't UTF-8, so that it opens as it did there."""

    def __init__(self, path: Path, points: PointFile) -> None:
        self._path = path
        self._geometry = points.geometry
        self._begun = False
        path.write_bytes(b"\xef\xbb\xbf" if points.marked else b"")

    def write(self, piece: pa.Table) -> None:
        with self._path.open("ab") as file:
            if all(column.type in _TEXTS and not column.null_count for column in piece.columns):
                if not self._begun:
                    file.write(_lines([pa.array([name]) for name in piece.column_names]))
                for batch in piece.to_batches():
                    file.write(_lines(batch.columns))
            else:
                frame = csv_frame(self._frame(piece))
                frame.to_csv(file, index=False, header=not self._begun, encoding="utf-8", lineterminator="\n")
        self._begun = True

    def _frame(self, piece: pa.Table) -> pd.DataFrame:
        frame: pd.DataFrame = piece.to_pandas()
        if self._geometry is not None:
            frame[self._geometry] = shapely.from_wkb(frame[self._geometry].to_numpy())
        return frame


def _lines(columns: Sequence[pa.Array]) -> pa.Buffer:
    """Rows as text, a value in quotes only where it needs them; the buffer holds just these."""
    separator, end, nothing = (pa.scalar(text, pa.large_string()) for text in (",", "\n", ""))
    lines = pc.binary_join_element_wise(*[_values(column) for column in columns], separator)
    return pc.binary_join_element_wise(lines, nothing, end).buffers()[2]


def _values(column: pa.Array) -> pa.Array:
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    text = column.cast(pa.large_string())
    needs = pc.match_substring_regex(text, _QUOTED)
    if not pc.any(needs).as_py():
        return text
    quote, nothing = pa.scalar('"', pa.large_string()), pa.scalar("", pa.large_string())
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(needs, pc.binary_join_element_wise(quote, doubled, quote, nothing), text)


class _ParquetWriter:
    """The columns in the types of the points' file, in row groups of one piece each."""

    def __init__(self, path: Path, points: PointFile, stack: ExitStack) -> None:
        twice = sorted({name for name in points.columns if points.columns.count(name) > 1})
        if twice:
            raise InvalidInput(f"two columns are called {', '.join(twice)}: write a CSV file")
        self._path, self._stack = path, stack
        self._writer: pq.ParquetWriter | None = None

    def write(self, piece: pa.Table) -> None:
        if self._writer is None:
            self._writer = self._stack.enter_context(pq.ParquetWriter(self._path, piece.schema))
        self._writer.write_table(piece)
