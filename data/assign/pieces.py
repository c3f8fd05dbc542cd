"""Points of a CSV or Parquet file of any length, piece by piece: never more than a few in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from data.importers.readers.csv_text import separator_of, text_pieces
from data.importers.readers.encodings import TextEncoding, encoding_of
from data.importers.readers.files import check_file
from data.importers.readers.limits import MEGABYTE, MOST_COLUMNS, check_columns
from data.importers.readers.quiet import quiet_libraries
from gisgrid.crs import Crs
from gisgrid.errors import InvalidInput, say

_TEXT: Final = (".csv", ".txt")
_PARQUET: Final = (".parquet", ".geoparquet")
ENDINGS: Final = (*_TEXT, *_PARQUET)
_PIECE_ROWS: Final = 2**20
_PIECE_BYTES: Final = 64 * MEGABYTE
_BLOCK_BYTES: Final = 2 * MEGABYTE
_UTF8: Final = "utf-8-sig"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFile:
    """A file of points that is read in pieces, each a table of all columns with the names of ``columns``.

    ``geometry`` names the column with points as WKB, if there is one, which are in ``crs``; ``marked`` as
    in `Table`. ``length`` is what the sizes of all pieces are a share of, roughly.
    """

    path: Path
    columns: tuple[str, ...]
    length: int
    geometry: str | None = None
    crs: Crs | None = None
    marked: bool = False
    encoding: TextEncoding | None = None

    @property
    def source(self) -> str:
        """The name of the file, for sentences."""
        return self.path.name

    def pieces(self) -> Iterator[tuple[pa.Table, bool]]:
        """All rows in their order, each piece with whether it is the last: about a million rows or 64 MB.

        Raises
        ------
        InvalidInput
            The file holds no points, or is broken further on.
        """
        pieces = self._csv_pieces(self.encoding) if self.encoding else _parquet_pieces(self.path)
        piece = next(pieces, None)
        if piece is None:
            raise InvalidInput(say("the file holds no points"), file=self.source)
        while piece is not None:
            following = next(pieces, None)
            yield piece, following is None
            piece = following

    def _csv_pieces(self, encoding: TextEncoding) -> Iterator[pa.Table]:
        lines = _gathered(_csv_batches(self.path, encoding))
        first = next(lines, None)
        for piece in chain([] if first is None else [first.slice(1)], lines):
            if piece.num_rows:
                yield piece.rename_columns(list(self.columns))


def open_points(path: Path) -> PointFile | None:
    """The file as one to be read in pieces; None for other forms, which are read whole.

    Raises
    ------
    InvalidInput
        The file is missing, empty, cut off or of another kind, or has too many columns.
    """
    if path.suffix.lower() not in ENDINGS:
        return None
    check_file(path)
    return _open_csv(path) if path.suffix.lower() in _TEXT else _open_parquet(path)


def _open_csv(path: Path) -> PointFile:
    encoding = encoding_of(path)
    head = next(_csv_batches(path, encoding), None)
    if head is None or not head.num_rows:
        raise InvalidInput(say("the file is empty"), file=path.name)
    check_columns(head.num_columns, source=path.name)
    columns = tuple(str(column[0].as_py()) for column in head.columns)
    length = path.stat().st_size
    return PointFile(path=path, columns=columns, length=length, marked=encoding.marked, encoding=encoding)


def _csv_batches(path: Path, encoding: TextEncoding) -> Iterator[pa.Table]:
    """All lines, that of the names first, as texts; by pyarrow, or where it stops by pandas, which is slower.

    Pandas takes rows that are too short, and says what is wrong with others.
    """
    done = 0
    if encoding.name != "utf-16" and _quotes_match(path):
        try:
            for batch in _quick_batches(path, encoding):
                yield pa.Table.from_batches([batch])
                done += batch.num_rows
        except pa.ArrowInvalid:
            pass
        else:
            return
    for frame in text_pieces(path, encoding=encoding.name):
        rest = frame.iloc[done:]
        done = max(0, done - len(frame))
        if len(rest):
            rest.columns = [f"f{number}" for number in range(rest.shape[1])]
            yield pa.Table.from_pandas(rest.fillna("").astype(str), preserve_index=False)


def _quotes_match(path: Path) -> bool:
    """Whether no quote is left open at the end: pyarrow would take the rest of the file for a value."""
    count = 0
    with path.open("rb") as file:
        while block := file.read(MEGABYTE):
            count += block.count(b'"')
    return count % 2 == 0


def _quick_batches(path: Path, encoding: TextEncoding) -> Iterator[pa.RecordBatch]:
    texts = {f"f{number}": pa.string() for number in range(MOST_COLUMNS + 1)}
    with pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            autogenerate_column_names=True,
            use_threads=False,
            encoding="utf8" if encoding.name == _UTF8 else encoding.name,
        ),
        parse_options=pa.csv.ParseOptions(
            delimiter=separator_of(path, encoding.name), newlines_in_values=True
        ),
        convert_options=pa.csv.ConvertOptions(column_types=texts, strings_can_be_null=False),
    ) as reader:
        yield from reader


def _gathered(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Tables put together until they are worth a piece."""
    held: list[pa.Table] = []
    rows = size = 0
    for batch in batches:
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= _PIECE_ROWS or size >= _PIECE_BYTES:
            yield pa.concat_tables(held)
            held, rows, size = [], 0, 0
    if held:
        yield pa.concat_tables(held)


def _open_parquet(path: Path) -> PointFile | None:
    with quiet_libraries(path.name), pq.ParquetFile(path, pre_buffer=False) as file:
        schema, length = _without_index(file.schema_arrow), _unpacked(file.metadata)
    check_columns(len(schema), source=path.name)
    if b"geo" not in (schema.metadata or {}):
        return PointFile(path=path, columns=tuple(schema.names), length=length)
    with quiet_libraries(path.name):
        said = json.loads(schema.metadata[b"geo"])
        geometry = str(said["primary_column"])
        if said["columns"][geometry]["encoding"] != "WKB":
            return None
        crs = gpd.GeoDataFrame.from_arrow(schema.empty_table()).crs
    return PointFile(path=path, columns=tuple(schema.names), length=length, geometry=geometry, crs=crs)


def _unpacked(metadata: Any) -> int:
    return sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))


def _parquet_pieces(path: Path) -> Iterator[pa.Table]:
    with quiet_libraries(path.name), pq.ParquetFile(path, pre_buffer=False) as file:
        schema = _without_index(file.schema_arrow)
        per_row = max(1, _unpacked(file.metadata) // max(file.metadata.num_rows, 1))
        rows = max(1, min(_PIECE_ROWS, _PIECE_BYTES // per_row))
        batches = file.iter_batches(batch_size=rows, columns=schema.names, use_threads=False)
        for batch in batches:
            yield pa.Table.from_batches([batch]).cast(schema)


def _without_index(schema: pa.Schema) -> pa.Schema:
    """The schema without columns that pandas stored as its index: those are no columns of the points."""
    said = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    index = {name for name in said.get("index_columns", []) if isinstance(name, str)}
    if not said:
        return schema
    said["index_columns"] = []
    said["columns"] = [column for column in said["columns"] if column.get("field_name") not in index]
    kept = [field for field in schema if field.name not in index]
    return pa.schema(kept, metadata={**schema.metadata, b"pandas": json.dumps(said).encode()})
