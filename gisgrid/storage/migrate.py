"""Creates and migrates the database: every table comes from a revision, on both databases."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from gisgrid.storage.dialect import forget_dropped_geometries, prepare_spatial
from gisgrid.storage.engine import Database


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, creating everything where it is empty."""
    with database.engine.begin() as connection:
        upgrade_here(connection, revision)


def upgrade_here(connection: Connection, revision: str = "head") -> None:
    """Bring the database to a revision in the transaction that is open."""
    prepare_spatial(connection)
    command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to an earlier revision (``base`` leaves nothing behind)."""
    with database.engine.begin() as connection:
        downgrade_here(connection, revision)


def downgrade_here(connection: Connection, revision: str) -> None:
    """Take the database back to an earlier revision in the transaction that is open."""
    command.downgrade(_config(connection), revision)
    forget_dropped_geometries(connection)


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at; nothing where it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """All revisions this version knows, the newest first."""
    script = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    return [one.revision for one in script.walk_revisions()]


@cache
def newest() -> str:
    """The newest revision this version knows; its files are read once in a process, when first asked for."""
    return revisions()[0]


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision: one statement, which monitors ask every second."""
    with database.read() as session:
        return _standing(session.connection()) == newest()


def _standing(connection: Connection) -> str | None:
    try:
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if sa.inspect(connection).has_table("alembic_version"):
            raise
        return None
    return found
