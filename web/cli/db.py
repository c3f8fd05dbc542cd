"""``gisgrid db``: create the database or bring it to this version, or back."""

from __future__ import annotations

from datetime import UTC, datetime

import click

import web.tables  # noqa: F401 - encrypted columns are looked for in the metadata
from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.encryption import open_database
from gisgrid.access.keys import keys_for
from gisgrid.settings import Settings
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from web.cli.acting import answering


@click.group()
def db() -> None:
    """Create or migrate the database of GISGRID_DATABASE_URL.

    \b
    Example: gisgrid db upgrade
    """


@db.command()
def upgrade() -> None:
    """Create the database, or bring it to this version. Makes the key file where there is none.

    \b
    Example: gisgrid db upgrade
    """
    settings = Settings()
    bare = Database(settings.url)
    try:
        with answering():
            keys = keys_for(bare, settings.keys)
            migrate.upgrade(bare)
    finally:
        bare.close()
    database = open_database(settings.url, keys)
    try:
        with database.write() as session:
            ensure_local_account(session, now=datetime.now(UTC))
    finally:
        database.close()
    click.echo(f"database: {settings.url.render_as_string(hide_password=True)}")
    click.echo(f"key file: {settings.keys} (not part of any backup: keep a copy elsewhere)")


@db.command()
@click.argument("revision", default="-1")
@click.confirmation_option(prompt="Tables of later versions and what is in them will be lost. Go on?")
def downgrade(revision: str) -> None:
    """Take the database back to an earlier revision: one step, or the one named.

    \b
    Example: gisgrid db downgrade 0003 --yes
    """
    database = Database(Settings().url)
    try:
        with answering():
            migrate.downgrade(database, revision)
    finally:
        database.close()
    click.echo("done")
