"""A file of tiles: MBTiles 1.3 (SQLite), one image per row, rows counted from the south.

Tiles that are made here are JPEG where all of a tile is covered and WebP where some of it is not, so the kind
of each is told by its first bytes and not by the file.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from gisgrid.errors import NoSpace, say

_log: Final = logging.getLogger("gisgrid.backgrounds")
_TABLES: Final = """
CREATE TABLE metadata (name TEXT, value TEXT);
CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);
"""
_PUT: Final = "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)"
_GET: Final = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
_KEPT_EACH: Final = 500
"""So many tiles are kept at once: a process that is killed leaves a file that nobody reads."""


def kind_of(tile: bytes) -> str | None:
    """The media type of a tile by its first bytes: JPEG, PNG or WebP; nothing for anything else."""
    if tile[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if tile[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if tile[:4] == b"RIFF" and tile[8:12] == b"WEBP":
        return "image/webp"
    return None


def read_tile(path: Path, zoom: int, x: int, y: int) -> bytes | None:
    """One tile, ``y`` counted from the north; nothing where the file has none, is damaged or is gone."""
    try:
        with closing(_opened(path)) as file:
            row = file.execute(_GET, (zoom, x, 2**zoom - 1 - y)).fetchone()
    except sqlite3.Error as error:
        if path.is_file():
            _log.warning("%s can't be read: %s", path.name, type(error).__name__)
        return None
    return bytes(row[0]) if row else None


def _opened(path: Path) -> sqlite3.Connection:
    """A finished file never changes, so nothing of it is locked."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


class TileFile:
    """A file of tiles that is being made."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._waiting = 0
        with _room():
            # What is half made when the machine stops is thrown away: nothing must reach the disk in between.
            self._file.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_TABLES}")
            self._file.execute("BEGIN")

    def put(self, zoom: int, x: int, y: int, tile: bytes) -> None:
        """Add a tile, ``y`` counted from the north.

        Raises
        ------
        NoSpace
            The disk is full.
        """
        with _room():
            self._file.execute(_PUT, (zoom, x, 2**zoom - 1 - y, tile))
            self._waiting += 1
            if self._waiting == _KEPT_EACH:
                self._file.execute("COMMIT")
                self._file.execute("BEGIN")
                self._waiting = 0

    def get(self, zoom: int, x: int, y: int) -> bytes | None:
        """A tile that was added, or nothing."""
        row = self._file.execute(_GET, (zoom, x, 2**zoom - 1 - y)).fetchone()
        return bytes(row[0]) if row else None

    def places(self, zoom: int) -> Iterator[tuple[int, int]]:
        """Column and row (from the north) of every tile of a zoom."""
        asked = "SELECT tile_column, tile_row FROM tiles WHERE zoom_level = ?"
        for column, row in self._file.execute(asked, (zoom,)).fetchall():
            yield int(column), 2**zoom - 1 - int(row)

    def zooms(self) -> list[int]:
        """The zooms that have tiles, from far to near."""
        asked = "SELECT DISTINCT zoom_level FROM tiles ORDER BY zoom_level"
        return [int(row[0]) for row in self._file.execute(asked)]

    def count(self) -> int:
        """How many tiles there are."""
        return int(self._file.execute("SELECT count(*) FROM tiles").fetchone()[0])

    def finish(self, about: Mapping[str, str]) -> None:
        """Say what the file is and close it.

        Raises
        ------
        NoSpace
            The disk is full.
        """
        with _room():
            self._file.executemany("INSERT INTO metadata VALUES (?, ?)", about.items())
            self._file.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class _room:  # noqa: N801 - reads as a word after with
    """Tells a full disk from other faults of SQLite."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """A full disk in our own words."""
        full = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_READONLY"}
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorname", "") in full:
            raise NoSpace(say("the disk is full: nothing of the background image was kept")) from None
