"""MBTiles: a SQLite file whose rows count from the south. It may be any SQLite file somebody called so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from data.backgrounds.tilearchive import EMPTY, VECTOR, Zoom, refuse_many
from gisgrid.backgrounds.mercator import Range
from gisgrid.errors import InvalidInput, say

_COLUMNS: Final = {"zoom_level", "tile_column", "tile_row", "tile_data"}
_WHOLE: Final = (
    "SELECT zoom_level, count(*), sum(length(tile_data)), min(tile_column), max(tile_column), min(tile_row),"
    " max(tile_row) FROM tiles GROUP BY zoom_level ORDER BY zoom_level LIMIT 64"
)
_MOST_STEPS: Final = 400_000_000
"""A view may be made so that it never ends; a quarter of a million tiles take a twentieth of this."""
_STEPS_EACH: Final = 1_000_000
_FARTHEST: Final = 30
_PACKED: Final = b"\x1f\x8b"


class MBTiles:
    """An MBTiles file that is open for reading."""

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        self._steps = 0
        with self._faults():
            self._file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            self._file.set_progress_handler(self._is_endless, _STEPS_EACH)
            self._file.execute("PRAGMA trusted_schema=OFF")
            self._file.execute("PRAGMA cell_size_check=ON")
            columns = {row[1] for row in self._file.execute("PRAGMA table_info(tiles)")}
        if not columns >= _COLUMNS:
            self._file.close()
            raise InvalidInput("this is a SQLite file, but no MBTiles: it has no table of tiles", file=name)

    def _is_endless(self) -> bool:
        self._steps += _STEPS_EACH
        return self._steps > _MOST_STEPS

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def zooms(self) -> Sequence[Zoom]:
        """What it holds, from far to near.

        Raises
        ------
        InvalidInput
            It holds none, vector tiles, too many, or such as can't be.
        """
        with self._faults():
            rows = self._file.execute(_WHOLE).fetchall()
            first = self._file.execute("SELECT tile_data FROM tiles LIMIT 1").fetchone()
            kind = self._said_kind()
        if not rows:
            raise InvalidInput(EMPTY, file=self._name)
        if kind in {"pbf", "mvt"} or (isinstance(first[0], bytes) and first[0][:2] == _PACKED):
            raise InvalidInput(VECTOR, file=self._name)
        for row in rows:
            self._refuse_impossible(*row)
        refuse_many(sum(row[1] for row in rows), self._name)
        return [self._zoom(*row) for row in rows]

    def _said_kind(self) -> str:
        """The format the file says its tiles have; files without metadata say none."""
        if not self._file.execute("PRAGMA table_info(metadata)").fetchone():
            return ""
        row = self._file.execute("SELECT value FROM metadata WHERE name = 'format'").fetchone()
        return str(row[0]).lower() if row else ""

    def _refuse_impossible(self, zoom: Any, _count: Any, _size: Any, *numbers: Any) -> None:
        is_right = isinstance(zoom, int) and 0 <= zoom <= _FARTHEST
        if not is_right or not all(isinstance(number, int) and 0 <= number < 2**zoom for number in numbers):
            said = say("it holds tiles that can't be: of the zoom {zoom}", zoom=str(zoom)[:20])
            raise InvalidInput(said, file=self._name)

    def _zoom(self, zoom: int, count: int, size: int, left: int, right: int, low: int, high: int) -> Zoom:
        last = 2**zoom - 1
        return Zoom(Range(zoom, left, last - high, right, last - low), count, int(size or 0))

    def tile(self, zoom: int, x: int, y: int) -> object:
        """One tile as it stands there, or nothing."""
        asked = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
        with self._faults():
            row = self._file.execute(asked, (zoom, x, 2**zoom - 1 - y)).fetchone()
        return row[0] if row else None

    def tiles(self) -> Iterator[tuple[int, int, int, object]]:
        """Every tile: zoom, column, row from the north, and content.

        Raises
        ------
        InvalidInput
            The file can't be read to its end.
        """
        with self._faults():
            for zoom, column, row, tile in self._file.execute(
                "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"
            ):
                yield zoom, column, 2**zoom - 1 - row, tile

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OverflowError):
            said = say("it can't be read to its end: it is cut short, damaged, or no {kind}", kind="MBTiles")
            raise InvalidInput(said, file=self._name) from None
