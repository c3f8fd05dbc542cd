"""The tables of a PostGIS database as temporary ones of a connection: nobody waits for what is written there.

A temporary table goes before one of the same name (PostgreSQL manual, "CREATE TABLE"), so that every
statement finds the copies. They take no lock of the tables beyond the reading, and go with the connection.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, event
from sqlalchemy.exc import ProgrammingError

from gisgrid.errors import MissingPart
from gisgrid.storage.base import Base

_ONLY_WRITTEN: Final = frozenset(
    {
        "audit_entry",
        "case_notice",
        "case_photo",
        "import_change",
        "key_check",
        "login_session",
        "notice",
        "proposal_job",
        "record_photo",
        "webhook_message",
    }
)
"""Tables that nothing reads which is tried: their copies begin empty."""
_MAKE: Final = SQL("CREATE TABLE {here} (LIKE {there} INCLUDING ALL)")
_FILL: Final = SQL("INSERT INTO {here} SELECT * FROM {there}")
_LOOK: Final = SQL("ANALYZE {}")


def work_on_copies(engine: Engine) -> None:
    """Let every connection of an engine work on copies of all tables, as they stood when it was opened."""
    names = [table.name for table in Base.metadata.sorted_tables]

    def copy(dbapi: Any, _record: object) -> None:
        with dbapi.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            (schema,) = cursor.execute("SELECT current_schema()").fetchone()
            for name in names:
                here, there = Identifier("pg_temp", name), Identifier(schema, name)
                cursor.execute(_MAKE.format(here=here, there=there))
                if name not in _ONLY_WRITTEN:
                    cursor.execute(_FILL.format(here=here, there=there))
        dbapi.commit()
        with dbapi.cursor() as cursor:
            cursor.execute(_LOOK.format(SQL(", ").join(Identifier("pg_temp", name) for name in names)))
        dbapi.commit()

    event.listen(engine, "connect", copy)


def open_copies(engine: Engine) -> None:
    """Open the first connection, which makes the copies.

    Raises
    ------
    MissingPart
        The database's account may not make temporary tables.
    """
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except ProgrammingError as error:
        raise MissingPart(
            "trying an import needs the right TEMPORARY on the database: GRANT it to its account"
        ) from error
