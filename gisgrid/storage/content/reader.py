"""Rows of whole tables out of one state of the database, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from gisgrid.storage.content.forms import TableForm, plain_table, rows_at_once
from gisgrid.storage.content.hash import TableHash, content_hash
from gisgrid.storage.migrate import revision_of

AT_ONCE: Final = 500
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a database holds: its revision, rows and hash of each table, and the hash of all."""

    head: str | None
    rows: dict[str, int]
    tables: dict[str, str]

    @property
    def hash(self) -> str:
        """The content hash, in hex."""
        return content_hash(self.head, self.tables)


def rows_of(connection: Connection, form: TableForm) -> Iterator[Sequence[Any]]:
    """Every row of a table, with values as the plain table has them; memory holds some hundred of them."""
    statement = sa.select(plain_table(form))
    with connection.execute(statement, execution_options={"yield_per": rows_at_once(form.name)}) as result:
        yield from result


def count_rows(connection: Connection, forms: Sequence[TableForm]) -> dict[str, int]:
    """How many rows each table has."""
    count = sa.func.count()
    return {
        form.name: connection.scalar(sa.select(count).select_from(plain_table(form))) or 0 for form in forms
    }


def read_content(
    connection: Connection, forms: Sequence[TableForm], *, report: Report = lambda _share: None
) -> Content:
    """The content of every table as the connection's transaction sees it."""
    total = sum(count_rows(connection, forms).values()) or 1
    rows: dict[str, int] = {}
    tables: dict[str, str] = {}
    count = 0
    for form in forms:
        table_hash = TableHash(form)
        for row in rows_of(connection, form):
            table_hash.add(row)
            count += 1
            if count % AT_ONCE == 0:
                report(count / total)
        rows[form.name], tables[form.name] = table_hash.rows, table_hash.hexdigest()
    return Content(head=revision_of(connection), rows=rows, tables=tables)
