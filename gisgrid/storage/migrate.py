"""Creates and migrates the database: every table comes from a revision, on both databases."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from gisgrid.errors import InvalidInput, MissingPart, say
from gisgrid.storage.dialect import forget_dropped_geometries, prepare_spatial
from gisgrid.storage.engine import Database

LAST_STEPWISE: Final = "2026-12-01 (commit e0c1e70)"
"""The last version that had every revision before the first one here: it brings older databases up."""


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
    """Bring the database to a revision in the transaction that is open.

    Raises
    ------
    MissingPart
        It stands at a revision that this version knows no way from.
    """
    refuse_unknown(revision_of(connection))
    prepare_spatial(connection)
    command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to an earlier revision (``base`` leaves nothing behind)."""
    with database.engine.begin() as connection:
        downgrade_here(connection, revision)


def downgrade_here(connection: Connection, revision: str) -> None:
    """Take the database back to an earlier revision in the transaction that is open.

    Raises
    ------
    InvalidInput
        There is no such revision here.
    """
    try:
        command.downgrade(_config(connection), revision)
    except CommandError:
        raise InvalidInput(say("this version knows no revision {revision}", revision=revision)) from None
    forget_dropped_geometries(connection)


def revision_of(connection: Connection) -> str | None:
    """The revision a database stands at; nothing where it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """All revisions this version knows, the newest first; what came before the last of them is older."""
    script = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    return [script_revision.revision for script_revision in script.walk_revisions()]


def is_older(revision: str) -> bool:
    """Whether a revision came before the first that this version knows: they are numbered."""
    return revision < revisions()[-1]


def refuse_unknown(revision: str | None) -> None:
    """Refuse a database at a revision that this version knows no way from; one without tables is new.

    Raises
    ------
    MissingPart
        The revision is older than the first one here, or later than the newest.
    """
    if revision is None or revision in revisions():
        return
    if not is_older(revision):
        said = "the database is at revision {revision}, later than this version of gisgrid: update that first"
        raise MissingPart(say(said, revision=revision))
    said = (
        "the database is at revision {revision}, which this version can't bring up:"
        " run gisgrid db upgrade of the version of {last} first"
    )
    raise MissingPart(say(said, revision=revision, last=LAST_STEPWISE))


@cache
def newest() -> str:
    """The newest revision this version knows; its files are read once in a process, when first asked for."""
    return revisions()[0]


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision: one statement, which monitors ask every second."""
    with database.read() as session:
        return _revision_state(session.connection()) == newest()


def require_current(database: Database) -> None:
    """Refuse a database that doesn't stand at the newest revision.

    Raises
    ------
    MissingPart
        It has to be brought to this version first, or can't be.
    """
    with database.read() as session:
        require_current_here(_revision_state(session.connection()))


def require_current_here(revision: str | None) -> None:
    """Refuse a revision that is not the newest.

    Raises
    ------
    MissingPart
        A database at it has to be brought to this version first, or can't be.
    """
    if revision != newest():
        refuse_unknown(revision)
        raise MissingPart("the database is not of this version: run gisgrid db upgrade")


def _revision_state(connection: Connection) -> str | None:
    try:
        revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if sa.inspect(connection).has_table("alembic_version"):
            raise
        return None
    return revision
