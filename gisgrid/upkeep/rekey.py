"""``key rotate``: a new key, and every sealed value sealed by it, in small steps while others work.

Each step is a transaction of its own, so a turning that is broken off goes on where it stopped. Old keys stay
in the file: backups made before need them, and so do digests that can't be made anew.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, LargeBinary, String, Table, func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.keys.check import renew_check
from gisgrid.access.keys.encryption import KeyRing, key_id_of, load_keys, ring_of, seal_head
from gisgrid.access.keys.file import begin_rekey, end_rekey, forget_keys, rekey_alone
from gisgrid.access.spool import drain_patiently
from gisgrid.people.core.phone_digests import fill_phone_digests
from gisgrid.people.digests import renew_digests
from gisgrid.storage.base import Base
from gisgrid.storage.content.forms import rows_at_once
from gisgrid.storage.content.reader import Report
from gisgrid.storage.engine import Database
from gisgrid.storage.patience import PATIENCE_S
from gisgrid.upkeep.tables import sealed_columns

_PASSES: Final = 5
_DIGESTS: Final = (
    *(("resident", "external_key"), ("resident", "phone_digest")),
    ("import_change", "after"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """The key that seals now, whether it was just made, how many values were sealed anew, and old keys."""

    key: int
    is_new: bool
    resealed: int
    old_keys: tuple[int, ...]


def turn_keys(
    database: Database,
    actor: Actor,
    path: Path,
    *,
    now: datetime,
    report: Report = lambda _share: None,
) -> Turned:
    """Make a new key and seal everything by it; where a turning was broken off, go on with that.

    The database must be opened with the key file itself (``KeyFile``), as every running application is: they
    read the file again when it changes.

    Raises
    ------
    NotAllowed
        The actor may not turn keys.
    Conflict
        They are being turned already.
    MissingPart
        A value opens with no key of the file, or the file's folder can't be written.
    """
    require(actor, Action.KEYS_TURN)
    with rekey_alone(path):
        ring, is_new = begin_rekey(path)
        resealed = 0
        with database.write() as session:  # first, so that a copy of the former file is known to be old
            renew_check(session.connection())
        for _pass in range(_PASSES):  # what others sealed by the old key meanwhile is found in the next pass
            before, total = resealed, _count_old(database, ring) or 1
            for table in sealed_columns():
                resealed += _reseal_table(database, table, _later(report, resealed - before, total))
            _renew_all(database)
            if resealed == before:
                break
        end_rekey(path)
    with database.write() as session:
        record(session, actor, "keys:turn", "key", now=now, count=resealed)
    old = tuple(sorted(ring.secrets.keys() - {ring.current}))
    return Turned(key=ring.current, is_new=is_new, resealed=resealed, old_keys=old)


def keys_in_use(database: Database) -> dict[int, Counter[str]]:
    """How many values need each key, by column; digests too."""
    uses: dict[int, Counter[str]] = {}
    with database.snapshot() as connection:
        for name, columns in sealed_columns().items():
            for column in columns:
                for head, count in _heads(connection, name, column):
                    uses.setdefault(key_id_of(head), Counter())[f"{name}.{column}"] += count
        for name, column in _DIGESTS:
            for key, count in _digest_keys(connection, name, column):
                uses.setdefault(key, Counter())[f"{name}.{column}"] += count
    return uses


def forget_old_keys(
    database: Database, actor: Actor, path: Path, *, now: datetime
) -> tuple[tuple[int, ...], dict[int, Counter[str]]]:
    """Take old keys that nothing in the database needs out of the file.

    Gives those that went, and those that are still needed with what needs them.

    Backups that were made before they were turned can then not be read any more.

    Raises
    ------
    NotAllowed
        The actor may not turn keys.
    Conflict
        They are being turned.
    """
    require(actor, Action.KEYS_TURN)
    with rekey_alone(path):
        drain_patiently(database, patience_s=PATIENCE_S)  # what waits may be sealed by an old key
        ring, needed = load_keys(path), keys_in_use(database)
        gone = ring.secrets.keys() - needed.keys() - {ring.current}
        with database.write() as session:
            record(session, actor, "keys:forget", "key", now=now, count=len(gone))
        forget_keys(path, gone)
    return tuple(sorted(gone)), {key: uses for key, uses in needed.items() if key != ring.current}


def _count_old(database: Database, ring: KeyRing) -> int:
    """How many values are sealed by other keys than that of now."""
    return sum(uses.total() for key, uses in keys_in_use(database).items() if key != ring.current)


def _later(report: Report, before: int, total: int) -> Report:
    """A report of values that come after others."""
    return lambda count: report(min((before + count) / total, 1.0))


def _plain(name: str, columns: list[str]) -> tuple[Table, sa.Column[Any]]:
    """A table with its key and its sealed columns as the bytes they are."""
    model = Base.metadata.tables[name]
    (key,) = model.primary_key.columns
    table = Table(
        name,
        sa.MetaData(),
        sa.Column(key.name, key.type, primary_key=True),
        *(sa.Column(column, LargeBinary) for column in columns),
    )
    return table, table.c[key.name]


def _reseal_table(database: Database, name: str, report: Report) -> int:
    columns = sealed_columns()[name]
    table, key = _plain(name, columns)
    last, count = None, 0
    while True:
        with database.write() as session:
            ring = ring_of(session.get_bind().dialect)
            statement = _old_rows(table, key, columns, ring.current, last)
            rows = session.execute(statement).all()
            for column in columns:
                count += _reseal(session, table, key, column, rows, ring)
        if not rows:
            return count
        last = rows[-1][0]
        report(count)


def _old_rows(
    table: Table, key: sa.Column[Any], columns: list[str], current: int, last: Any
) -> sa.Select[Any]:
    old = sa.or_(*(_is_old(table.c[column], current) for column in columns))
    statement = select(table).where(old).order_by(key).limit(rows_at_once(table.name)).with_for_update()
    return statement if last is None else statement.where(key > last)


def _is_old(column: sa.Column[Any], current: int) -> ColumnElement[bool]:
    head = seal_head(current)
    return func.substr(column, 1, len(head), type_=LargeBinary()) != sa.literal(head, LargeBinary())


def _reseal(
    session: Session, table: Table, key: sa.Column[Any], column: str, rows: Any, ring: KeyRing
) -> int:
    """Values of one column sealed anew, each only if it is still what was read."""
    head, place = seal_head(ring.current), f"{table.name}.{column}"
    changes = []
    for row in rows:
        value = row._mapping[column]  # noqa: SLF001 - SQLAlchemy's public name for a row by its columns
        if value is not None and not bytes(value).startswith(head):
            content = ring.unseal(bytes(value), place)
            changes.append({"of": row[0], "old": value, "new": ring.seal(content, place)})
    if changes:
        own = (key == sa.bindparam("of"), table.c[column] == sa.bindparam("old", type_=LargeBinary()))
        fresh = {column: sa.bindparam("new", type_=LargeBinary())}
        session.connection().execute(table.update().where(*own).values(fresh), changes)
    return len(changes)


def _renew_all(database: Database) -> None:
    for renew in (renew_digests, fill_phone_digests):
        last: str | None = ""
        while last is not None:
            with database.write() as session:
                last = renew(session, last)


def _heads(connection: Connection, name: str, column: str) -> list[tuple[bytes, int]]:
    table, _key = _plain(name, [column])
    own = table.c[column]
    head = func.substr(own, 1, len(seal_head(0)), type_=LargeBinary())
    statement = select(head, func.count()).where(own.is_not(None)).group_by(head)
    return [(bytes(first_bytes), count) for first_bytes, count in connection.execute(statement)]


def _digest_keys(connection: Connection, name: str, column: str) -> list[tuple[int, int]]:
    """Digests are ``#KEY:HEX``; an id of another system may begin so too and then needs no key."""
    own = sa.column(column, String())
    statement = select(own).select_from(sa.table(name)).where(own.startswith("#"))
    counts = Counter(str(text)[1:].partition(":")[0] for text in connection.scalars(statement))
    return [(int(key), count) for key, count in counts.items() if key.isdecimal()]
