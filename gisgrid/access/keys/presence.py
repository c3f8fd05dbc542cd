"""Whether a database needs a key file that must already exist: a new one could not open its rows."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from gisgrid.access.keys.check import forget_check
from gisgrid.access.keys.encryption import KeyRing, Sealed, ensure_keys, load_keys
from gisgrid.errors import MissingPart
from gisgrid.storage.base import Base
from gisgrid.storage.engine import Database


def keys_for(database: Database, path: Path) -> KeyRing:
    """The key ring of an installation, made when it is missing and nothing was encrypted yet.

    Raises
    ------
    MissingPart
        The file is missing although the database holds encrypted rows, or it can't be read.
    """
    if path.exists():
        return load_keys(path)
    with database.read() as session:
        if holds_encrypted_rows(session.connection()):
            raise MissingPart(
                f"the key file {path.name} is missing, but the database holds encrypted rows:"
                " put the right file back, a new one could not open them"
            )
    with database.write() as session:
        forget_check(session.connection())  # it is of a key that sealed nothing
    return ensure_keys(path)


def holds_encrypted_rows(connection: Connection) -> bool:
    """Whether any encrypted column of the imported models holds a value; missing tables hold none."""
    present = set(sa.inspect(connection).get_table_names())
    columns = [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if table.name in present and isinstance(column.type, Sealed)
    ]
    return any(
        connection.scalar(sa.select(sa.literal(1)).where(column.is_not(None)).limit(1)) for column in columns
    )
