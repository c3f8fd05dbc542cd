"""Tables that only grow: their rows are neither changed nor deleted, which the database itself sees to.

A restore that fills a database anew, and a test that empties one, open them for the length of a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

GROWING: Final = ("audit_entry", "consent", "form_version", "record", "register_edit")


@contextmanager
def allowed_to_shrink(connection: Connection) -> Iterator[None]:
    """Let the growing tables be emptied inside the block, in the transaction that is open.

    On PostGIS for the owner of the tables alone. An error inside ends the transaction, and nothing was open.
    """
    if connection.dialect.name == "sqlite":
        with _without_triggers(connection):
            yield
        return
    for table in GROWING:
        connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    yield
    for table in GROWING:
        connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """SQLite knows no resting trigger: they are taken away and put back as they were written."""
    known = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    taken = [row for table in GROWING for row in connection.execute(known, {"table": table}).all()]
    for name, _text in taken:
        connection.execute(sa.text(f'DROP TRIGGER "{name}"'))
    yield
    for _name, text in taken:
        connection.exec_driver_sql(text)
