"""Creates and migrates the database: every table comes from a revision, on both databases."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

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


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision."""
    with database.read() as session:
        connection = session.connection()
        script = ScriptDirectory.from_config(_config(connection))
        return MigrationContext.configure(connection).get_current_revision() == script.get_current_head()
