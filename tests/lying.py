"""What lies in a database as somebody finds it who has the disk but no key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from gisgrid.storage.engine import Database


def found_lying(database: Database, words: Sequence[str]) -> list[str]:
    """Which of some words stand anywhere in a database in the clear.

    SpatiaLite: in the bytes of its file and its write-ahead log, pages that nobody uses any more included.
    PostGIS: in every row of every table as text, where bytes are written in hex.
    """
    lying = _bytes_of(database) if database.is_sqlite else _rows_of(database)
    return [word for word in words if word.encode() in lying or word.encode().hex().encode() in lying]


def _bytes_of(database: Database) -> bytes:
    file = Path(str(database.engine.url.database))
    return b"".join(one.read_bytes() for one in sorted(file.parent.glob(f"{file.name}*")))


def _rows_of(database: Database) -> bytes:
    with database.read() as session:
        inspector = sa.inspect(session.connection())
        rows = [
            str(row)
            for name in inspector.get_table_names()
            for row in session.scalars(sa.text(f'SELECT CAST("{name}" AS text) FROM "{name}"'))  # noqa: S608
        ]
    return "\n".join(rows).encode()
