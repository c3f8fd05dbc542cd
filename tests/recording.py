"""Rows that services wrote into an empty database, to be written into others as they were."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, AuditEntry
from gisgrid.areas.models import Area
from gisgrid.storage.base import Base

Recording = list[tuple[Table, list[dict[str, Any]]]]
"""Tables in an order in which rows find what they refer to, each with its rows."""


def is_empty(session: Session) -> bool:
    """Whether nobody has written anything yet that a world begins with."""
    return not any(
        session.scalar(select(func.count()).select_from(table)) for table in (Account, Area, AuditEntry)
    )


def count_rows(session: Session) -> dict[str, int]:
    """How many rows each table holds."""
    tables = Base.metadata.sorted_tables
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def record(session: Session, before: dict[str, int]) -> Recording:
    """All rows of the tables that have been written to since; none of them held any before."""
    session.flush()
    found: Recording = []
    for table in Base.metadata.sorted_tables:
        if session.scalar(select(func.count()).select_from(table)) == before[table.name]:
            continue
        assert before[table.name] == 0, f"{table.name} held rows before"
        own = [column for column in table.columns if column is not table.autoincrement_column]
        keys = (
            table.primary_key.columns.values()
            if table.autoincrement_column is None
            else [table.autoincrement_column]
        )
        rows = session.execute(select(*own).order_by(*keys)).mappings()
        found.append((table, [dict(row) for row in rows]))
    return found


def play(session: Session, recording: Recording) -> None:
    """Write recorded rows into an empty database."""
    for table, rows in recording:
        session.execute(insert(table), rows)
