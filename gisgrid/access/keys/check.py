"""The check value: a word sealed with the key that seals; a wrong key file is known by it before it writes.

A file that is well formed and yet another installation's would seal names that the right one can't open. The
value belongs to this database: no backup, copy or hash holds it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Connection, LargeBinary, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.keys.encryption import KeyRing, Sealed, key_id_of, ring_of
from gisgrid.errors import MissingPart
from gisgrid.storage.base import STAYS_HERE, Base
from gisgrid.storage.engine import Database

_COLUMN: Final = "key_check.value"
_WORD: Final = b"gisgrid"
_ONLY: Final = 1


class KeyCheck(Base):
    """The one row with the check value. It is no sealed column: turning keys makes it anew."""

    __tablename__ = "key_check"
    __table_args__ = (CheckConstraint(f"id = {_ONLY}", name="only"), {"info": STAYS_HERE})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[bytes] = mapped_column(LargeBinary)


def refuse_wrong_keys(database: Database) -> None:
    """Refuse a key ring that doesn't open the check value; where there is none yet, what is sealed is tried.

    Raises
    ------
    MissingPart
        It is the key file of another database, or an older one of this.
    """
    with database.read() as session:
        connection = session.connection()
        value = _stored(connection)
        ring = ring_of(connection.dialect)
        is_right = ring.opens(value, _COLUMN) if value else not shut_columns(connection, ring)
    if not is_right:
        raise MissingPart(
            "the key file is not the one that this database was sealed with: put the right file back;"
            " nothing was read or written"
        )


def renew_check(connection: Connection) -> None:
    """Seal the check value anew with the key that seals now."""
    forget_check(connection)
    value = ring_of(connection.dialect).seal(_WORD, _COLUMN)
    connection.execute(insert(KeyCheck).values(id=_ONLY, value=value))


def forget_check(connection: Connection) -> None:
    """Take the check value out, where there is a table for it."""
    if _has_table(connection):
        connection.execute(delete(KeyCheck))


def is_checked_by_current(connection: Connection) -> bool:
    """Whether the check value is sealed with the key that seals now."""
    value = _stored(connection)
    return value is not None and key_id_of(value) == ring_of(connection.dialect).current


def shut_columns(connection: Connection, ring: KeyRing) -> list[str]:
    """Sealed columns, as ``table.column``, whose oldest or newest value doesn't open with a ring.

    There are none in a database without tables.
    """
    if not _has_table(connection):
        return []
    values = connection.execute(_ends(_sealed())).mappings().one()
    shut = set()
    for name, value in values.items():
        column = name.rpartition(".")[0]
        if isinstance(value, bytes | memoryview) and not ring.opens(bytes(value), column):
            shut.add(column)
    return sorted(shut)


def _has_table(connection: Connection) -> bool:
    return sa.inspect(connection).has_table(KeyCheck.__tablename__)


def _stored(connection: Connection) -> bytes | None:
    return connection.scalar(select(KeyCheck.value)) if _has_table(connection) else None


@cache
def _ends(sealed: tuple[tuple[str, str, str], ...]) -> sa.Select[Any]:
    """The oldest and the newest value of every sealed column, as ``table.column.asc`` and ``….desc``."""
    return select(
        *(
            _end(name, key, column, end).label(f"{name}.{column}.{end}")
            for name, key, column in sealed
            for end in ("asc", "desc")
        )
    )


def _end(name: str, key: str, column: str, end: str) -> sa.ScalarSelect[Any]:
    """The oldest or the newest value of a column, as the driver gives it."""
    own: sa.ColumnClause[Any] = sa.column(column)
    order: sa.ColumnClause[Any] = sa.column(key)
    table = sa.table(name, own, order)
    ordered = order.asc() if end == "asc" else order.desc()
    return select(table.c[column]).where(own.is_not(None)).order_by(ordered).limit(1).scalar_subquery()


def _sealed() -> tuple[tuple[str, str, str], ...]:
    """Table, key and column of everything that the models seal."""
    return tuple(
        (table.name, key.name, column.name)
        for table in Base.metadata.sorted_tables
        for key in table.primary_key.columns
        for column in table.columns
        if isinstance(column.type, Sealed)
    )
