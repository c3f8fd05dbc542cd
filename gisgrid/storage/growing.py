"""Tables that only grow: their rows are neither changed nor deleted, which the database itself sees to.

A restore that fills a database anew, and a test that empties one, open them for the length of a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

GROWING: Final = ("audit_entry", "consent")


@contextmanager
def allowed_to_shrink(connection: Connection) -> Iterator[None]:
    """Let a PostGIS database's growing tables be emptied inside the block, for the owner of the tables alone.

    On SpatiaLite there is nothing to open: a database is a file there, and another file takes its place.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    for table in GROWING:
        connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    yield
    for table in GROWING:
        connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
