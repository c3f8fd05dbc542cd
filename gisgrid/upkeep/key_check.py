"""``key check``: whether every sealed value of the database opens with the key file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection, LargeBinary, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.keys.encryption import key_id_of, ring_of
from gisgrid.storage.content.forms import rows_at_once
from gisgrid.storage.content.reader import Report
from gisgrid.storage.engine import Database
from gisgrid.upkeep.tables import sealed_columns

_TELL_EVERY: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The key that seals now, how many values each key opened, and how many opened with none, by column."""

    key: int
    opened: dict[int, int]
    shut: dict[str, int]


def open_all(database: Database, actor: Actor, *, report: Report = lambda _share: None) -> Opened:
    """Open every sealed value once, in one state of the database; nothing of them is kept.

    Raises
    ------
    NotAllowed
        The actor may not turn keys.
    """
    require(actor, Action.KEYS_TURN)
    opened, shut, count = Counter[int](), Counter[str](), 0
    with database.snapshot() as connection:
        ring = ring_of(connection.dialect)
        sealed = [(table, column) for table, columns in sealed_columns().items() for column in columns]
        total = sum(_count(connection, *table_column) for table_column in sealed) or 1
        for table, column in sealed:
            for value in _values(connection, table, column):
                if ring.opens(value, f"{table}.{column}"):
                    opened[key_id_of(value)] += 1
                else:
                    shut[f"{table}.{column}"] += 1
                count += 1
                if count % _TELL_EVERY == 0:
                    report(count / total)
    return Opened(key=ring.current, opened=dict(sorted(opened.items())), shut=dict(sorted(shut.items())))


def _plain(table: str, column: str) -> tuple[sa.TableClause, sa.ColumnClause[bytes]]:
    own: sa.ColumnClause[bytes] = sa.column(column, LargeBinary())
    return sa.table(table, own), own


def _count(connection: Connection, table: str, column: str) -> int:
    source, own = _plain(table, column)
    return connection.scalar(select(func.count()).select_from(source).where(own.is_not(None))) or 0


def _values(connection: Connection, table: str, column: str) -> sa.ScalarResult[bytes]:
    source, own = _plain(table, column)
    statement = select(own).select_from(source).where(own.is_not(None))
    return connection.scalars(statement, execution_options={"yield_per": rows_at_once(table)})
