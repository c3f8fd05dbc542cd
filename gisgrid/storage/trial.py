"""A database to try things in and throw away, while others go on writing to the real one."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from gisgrid.errors import DatabaseBusy, NoSpace
from gisgrid.storage.engine import FULL, Database, sqlite_module
from gisgrid.storage.patience import PATIENCE_S
from gisgrid.storage.trial_tables import open_copies, work_on_copies

_PREFIX: Final = ".trial-"
_LOCK: Final = "lock"
_BUSY: Final = {5, 6}
"""SQLITE_BUSY and SQLITE_LOCKED."""
_PAUSE_S: Final = 0.05
_YOUNG_S: Final = 60.0
"""A folder that is younger may not have its lock yet."""


@contextmanager
def trial(database: Database) -> Iterator[Database]:
    """The whole database as it is now, for a transaction that is going to be rolled back.

    SpatiaLite has one writer, whom nobody should wait for in vain: there it is a copy beside the file, which
    nobody else can read and which goes at the end; one that a killed process left goes with the next.
    On PostGIS it is a connection of its own that holds copies of the tables, which go with it; so others
    neither wait for a row it has touched nor for a number it has counted up.

    Raises
    ------
    NoSpace
        There is no room for the copy.
    MissingPart
        The PostGIS account may not make temporary tables.
    """
    path = database.engine.url.database
    if not database.is_sqlite:
        with _opened(database, database.engine.url) as copy:
            work_on_copies(copy.engine)
            open_copies(copy.engine)
            yield copy
        return
    if not path:
        yield database
        return
    with _folder(Path(path).parent) as folder:
        file = folder / "trial.sqlite"
        with database.snapshot() as connection:
            _copy(connection, file)
        with _opened(database, database.engine.url.set(database=str(file))) as copy:
            yield copy


def take_over(database: Database, copy: Database) -> None:
    """Put a whole SpatiaLite copy in the place of its original: page by page, in one short transaction of it.

    Who reads goes on with what was there; who writes waits. If the process ends before the end, nothing
    has happened.

    Raises
    ------
    DatabaseBusy
        Others wrote for longer than the patience.
    NoSpace
        There is no room.
    """
    if copy is database:
        return
    module, until = sqlite_module(), time.monotonic() + PATIENCE_S

    def watch(status: int, _left: int, _total: int) -> None:
        if status in _BUSY and time.monotonic() >= until:
            raise DatabaseBusy("another writer holds the database; try again shortly")

    target = module.connect(database.engine.url.database)
    try:
        target.execute("PRAGMA synchronous=NORMAL")
        with copy.snapshot() as connection:
            connection.connection.driver_connection.backup(  # type: ignore[union-attr]
                target, progress=watch, sleep=_PAUSE_S
            )
    except module.OperationalError as error:
        raise NoSpace(FULL) from error
    finally:
        target.close()


@contextmanager
def _opened(database: Database, url: sa.URL) -> Iterator[Database]:
    """A database of the same keys, closed at the end."""
    copy = Database(url)
    keys = getattr(database.engine.dialect, "gisgrid_keys", None)
    copy.engine.dialect.gisgrid_keys = keys  # type: ignore[attr-defined]
    try:
        yield copy
    finally:
        copy.close()


def _copy(connection: Connection, file: Path) -> None:
    """One state of a whole SpatiaLite database into a new file, while others write."""
    module = sqlite_module()
    target = module.connect(file)
    try:
        # In one step: in several it would begin anew whenever somebody writes.
        connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
    except module.OperationalError as error:
        raise NoSpace(FULL) from error
    finally:
        target.close()


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    """A folder of this process alone, held by a lock as long as it is needed."""
    _sweep(beside)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=beside))
    try:
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(beside: Path) -> None:
    """Remove what processes left that were killed."""
    for folder in beside.glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _YOUNG_S:
                continue
            with (folder / _LOCK).open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # it is held, gone already, or not ours
            continue
