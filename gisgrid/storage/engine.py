"""The engine of both databases, and sessions that read or write.

SpatiaLite is loaded into whichever Python sqlite module can load extensions. Writers begin IMMEDIATE:
a deferred transaction that reads first and writes later fails at once when another has written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Final

# These three come before any SpatiaLite: loading mod_spatialite first lets Debian's GEOS and PROJ win
# over those inside the wheels, which ends in memory corruption.
import pyogrio  # noqa: F401
import pyproj  # noqa: F401
import shapely  # noqa: F401
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from gisgrid.errors import DatabaseBusy, MissingPart, NoSpace
from gisgrid.storage.base import Base
from gisgrid.storage.writer_queue import Queue

WRITING_MS: Final = 5000
"""For how long whoever writes waits for another writer on SpatiaLite."""
FULL: Final = "the database's disk is full or can't be written: nothing was changed"
_POOL_SIZE: Final = 10
"""One for each thread of a server process that answers, one that sends, and one to spare."""
_BUSY: Final = ("database is locked", "could not serialize", "deadlock detected", "lock timeout")
_FULL: Final = (
    *("disk is full", "disk I/O error", "No space left on device"),
    *("attempt to write a readonly database", "unable to open database file"),
    *("Read-only file system", "in a read-only transaction"),
)
_MISSING: Final = "SpatiaLite is missing: install the package libsqlite3-mod-spatialite"


class Database:
    """One database with its two faces: sessions that write and sessions that only read."""

    def __init__(self, url: sa.URL) -> None:
        self.engine: Engine = (
            _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)
        )
        self.on_open: Callable[[Database, Session], None] = lambda _database, _session: None
        """Is told of every session before it is used."""
        self._queue = Queue()
        self._reading = self.engine.execution_options(sqlite_begin="DEFERRED")

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SpatiaLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self, *, patience_ms: int = WRITING_MS) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Parameters
        ----------
        patience_ms
            For how long to wait on SpatiaLite while another writes.

        Raises
        ------
        DatabaseBusy
            Another writer held the database for longer than that.
        NoSpace
            The disk is full.
        """
        try:
            engine = self.engine
            if patience_ms != WRITING_MS:
                engine = engine.execution_options(sqlite_busy_ms=patience_ms)
            with Session(engine, expire_on_commit=False) as session, session.begin():
                if self.is_sqlite:
                    with self._queue.waiting(patience_ms / 1000):
                        session.connection()  # begins, so this is where it waits
                with self._queue.holding():
                    self.on_open(self, session)
                    yield session
        except OperationalError as error:
            if is_busy(error):
                raise DatabaseBusy("another writer holds the database; try again shortly") from error
            if is_full(error):
                raise NoSpace(FULL) from error
            raise

    @contextmanager
    def opened_for_writing(self) -> Iterator[Session]:
        """A session in which whoever calls keeps what is written, as often as they like."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for queries only; whatever happens in it is rolled back."""
        with Session(self._reading, expire_on_commit=False) as session:
            self.on_open(self, session)
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One state of the whole database, however long it is read and whatever others write meanwhile."""
        if self.is_sqlite:
            reading = self._reading
        else:
            reading = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with reading.connect() as connection:
            yield connection

    def refresh_statistics(self) -> None:
        """Let PostGIS look at what the tables hold now, so that it plans for it; SpatiaLite plans without.

        After thousands of rows it plans for the few there were, until its own housekeeping comes by: figures
        over 6,400 cases took 40 s that take one.
        """
        if self.is_sqlite:
            return
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")  # no table is held for another
        # What was written is kept by now: nobody is told that it failed because this did.
        with suppress(OperationalError), alone.connect() as connection:
            connection.execute(sa.text(f"ANALYZE (SKIP_LOCKED) {names}"))

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        self.engine.dispose()


def is_busy(error: OperationalError) -> bool:
    """Whether an error only says that another writer was there first."""
    text = str(error.orig)
    return any(said in text for said in _BUSY)


def is_full(error: OperationalError) -> bool:
    """Whether an error says that there is no room left on the disk, or that it can only be read."""
    return says_full(str(error.orig))


def says_full(text: str) -> bool:
    """Whether the text of a database's error says that nothing can be written."""
    return any(said in text for said in _FULL)


def sqlite_module() -> ModuleType:
    """The standard module where it can load extensions, else pysqlite3.

    Raises
    ------
    MissingPart
        Neither can.
    """
    if hasattr(sqlite3.Connection, "enable_load_extension"):
        return sqlite3
    try:
        import pysqlite3  # noqa: PLC0415 - only where the standard module can't do it
    except ImportError:
        raise MissingPart("this Python's sqlite3 cannot load SpatiaLite: use Debian's python3") from None
    module: ModuleType = pysqlite3
    return module


def _sqlite_engine(url: sa.URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, module=sqlite_module(), poolclass=QueuePool, pool_size=_POOL_SIZE, max_overflow=0
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: sa.URL) -> Engine:
    return sa.create_engine(
        url,
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c jit=off"},
    )


def _prepare_sqlite(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None
    dbapi.enable_load_extension(True)
    try:
        dbapi.load_extension("mod_spatialite")
    except Exception as error:
        # Both sqlite modules raise their own OperationalError here, which share no base but this one.
        raise MissingPart(_MISSING) from error
    finally:
        dbapi.enable_load_extension(False)
    cursor = dbapi.cursor()
    for pragma in (
        f"busy_timeout={WRITING_MS}",  # for what comes before the first transaction
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=NORMAL",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "secure_delete=ON",  # what is taken out or sealed later leaves no copy in pages that were freed
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience = options.get("sqlite_busy_ms", WRITING_MS)
    connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
    connection.exec_driver_sql(f"BEGIN {options.get('sqlite_begin', 'IMMEDIATE')}")
