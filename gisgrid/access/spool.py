"""Entries of reading that the trail can't take at once: they wait in a small file beside the database.

Nothing is answered without its entry. SpatiaLite has one writer, and whoever only reads should not wait for
it: an entry goes into the trail itself within a quarter of a second, or into the spool, on the disk before
the answer. It comes into the trail with whoever drains next, once: its id is given before the first try. What
writes keeps its entries in its own transaction. PostGIS needs no spool. A revision that changes the columns
of the trail has to change those of a spool that is there.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from gisgrid.access.models import Account, AuditEntry
from gisgrid.errors import DatabaseBusy, NoSpace
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import FULL, Database, is_busy, sqlite_module
from gisgrid.storage.patience import patiently

PATIENCE_MS: Final = 250
"""For how long an answer waits for the one who writes."""
_AT_ONCE: Final = 500
_ONE: Final = threading.Lock()
"""Threads of a process take turns: SQLite lets whoever meets a lock sleep, and who came last may go first."""
_WAITING: Final = Table(
    "waiting",
    sa.MetaData(),
    *(
        sa.Column(column.name, column.type, primary_key=column.primary_key)
        for column in AuditEntry.__table__.columns
    ),
)
"""The columns of the trail, sealed as there; no key to other tables."""


def keep_entries(database: Database, entries: Sequence[AuditEntry]) -> None:
    """Keep entries of what was read: in the trail, or in the spool while another writes.

    Raises
    ------
    DatabaseBusy, NoSpace
        Neither could be written.
    """
    for entry in entries:
        entry.id = entry.id or new_id()
    path = spool_of(database.engine)
    rows = [_values(entry) for entry in entries]
    try:
        with database.write(patience_ms=PATIENCE_MS) as session:
            session.execute(sa.insert(AuditEntry), rows)
    except DatabaseBusy:
        if path is None:
            raise
        try:
            with _opened(path, database.engine) as spool:
                spool.execute(sa.insert(_WAITING), rows)
        except OperationalError as error:
            if is_busy(error):
                raise DatabaseBusy("another writer holds the database; try again shortly") from error
            raise NoSpace(FULL) from error
        except OSError as error:
            raise NoSpace(FULL) from error


def count_waiting(database: Database) -> int:
    """How many entries of reading are not in the trail yet."""
    path = spool_of(database.engine)
    if path is None or not path.exists():
        return 0
    with _opened(path, database.engine) as spool:
        return spool.scalar(select(sa.func.count()).select_from(_WAITING)) or 0


def drain(database: Database, *, patience_ms: int = PATIENCE_MS) -> int:
    """Bring what waits into the trail; how many entries.

    Raises
    ------
    DatabaseBusy
        Another writes.
    """
    if not count_waiting(database):
        return 0
    with database.write(patience_ms=patience_ms) as session:
        return drain_into(session)


def drain_patiently(database: Database, *, patience_s: float) -> int:
    """As `drain`, for whoever needs the trail whole: a copy, a backup, a hash.

    Raises
    ------
    DatabaseBusy
        Others wrote for longer than the patience.
    """
    return patiently(lambda: drain(database), patience_s=patience_s)


def drain_into(session: Session) -> int:
    """Bring what waits into the trail in a transaction that writes; how many entries.

    It goes from the spool when that transaction is kept. If the process ends in between, the entries are
    found in the trail the next time, by their ids.
    """
    engine = session.get_bind()
    path = spool_of(engine)
    if path is None or not path.exists():
        return 0
    with _opened(path, engine) as spool:
        rows = [dict(row) for row in spool.execute(select(_WAITING)).mappings()]
    if not rows:
        return 0
    known = set(session.scalars(select(Account.id)))
    kept = sa.insert(AuditEntry).prefix_with("OR IGNORE")
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(kept, [_of_known(row, known) for row in rows[start : start + _AT_ONCE]])
    ids = [row["id"] for row in rows]

    def forget(_session: Session) -> None:
        with _opened(path, engine) as spool:
            for start in range(0, len(ids), _AT_ONCE):
                spool.execute(sa.delete(_WAITING).where(_WAITING.c.id.in_(ids[start : start + _AT_ONCE])))

    event.listen(session, "after_commit", forget, once=True)
    return len(rows)


def spool_of(bind: Engine | Connection) -> Path | None:
    """The file in which entries of reading wait; none where there is no need of one."""
    name = bind.engine.url.database
    if bind.dialect.name != "sqlite" or not name:
        return None
    return Path(f"{name}-reading")


def _of_known(row: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """An entry of an account that a restore has taken away names it as an operator."""
    account = row["account_id"]
    if account is None or account in known:
        return row
    return {**row, "account_id": None, "operator": f"account {account}"}


def _values(entry: AuditEntry) -> dict[str, Any]:
    """An entry as a row, with the defaults that a session would put in."""
    values = {column.name: getattr(entry, column.name) for column in _WAITING.columns}
    return values | {
        "count": 1 if values["count"] is None else values["count"],
        "fields": values["fields"] or [],
        "details": values["details"] or {},
    }


@contextmanager
def _opened(path: Path, keys_of: Engine | Connection) -> Iterator[Connection]:
    """The spool, in a transaction that is on the disk when the block ends."""
    _make_sure_of(path)
    engine = sa.create_engine(f"sqlite:///{path}", module=sqlite_module(), poolclass=NullPool)
    engine.dialect.gisgrid_keys = keys_of.dialect.gisgrid_keys  # type: ignore[attr-defined]
    event.listen(engine, "connect", lambda dbapi, _record: dbapi.execute("PRAGMA synchronous=FULL"))
    try:
        with _ONE, engine.begin() as connection:
            connection.execute(CreateTable(_WAITING, if_not_exists=True))
            yield connection
    finally:
        engine.dispose()


def _make_sure_of(path: Path) -> None:
    """Make the file, which only its owner reads, where there is none.

    One that is there is never opened here: closing it would take away the locks that SQLite holds on it in
    this process. So it is made under another name, and closed before it has its own.
    """
    if path.exists():
        return
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(descriptor)
    try:
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()
