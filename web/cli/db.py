"""``gisgrid db``: create the database, bring it to this version or back, copy it into another, hash it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

import gisgrid.tables  # noqa: F401 - encrypted columns are looked for in the metadata
from data.forms.built_in.forms import built_in_forms
from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import local_actor
from gisgrid.access.keys.check import forget_check, is_checked_by_current, refuse_wrong_keys, renew_check
from gisgrid.access.keys.encryption import load_keys, open_database
from gisgrid.access.keys.presence import keys_for
from gisgrid.errors import InvalidInput
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.people.core.phone_digests import fill_every_phone_digest
from gisgrid.records.publication.built_in import install_forms, installed_digests
from gisgrid.records.publication.built_in_rules import install_rules
from gisgrid.settings import Settings
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from gisgrid.upkeep.backup import content_of
from gisgrid.upkeep.copy import copy_database
from web.cli.actor import answering, as_option, opened, operating_user, patient_actor
from web.cli.output import json_option, print_result, progress


@click.group()
def db() -> None:
    """Create or migrate the database of GISGRID_DATABASE_URL.

    \b
    Example: gisgrid db upgrade
    """


@db.command()
@click.option(
    "--accept-key-file",
    is_flag=True,
    help="The key file stays although it doesn't open everything: what it doesn't open is lost.",
)
def upgrade(*, accept_key_file: bool) -> None:
    """Create the database, or bring it to this version, with its forms and rules. Makes the key file if none.

    \b
    Example: gisgrid db upgrade
    """
    settings = Settings()
    with _with_keys(settings, accepts=accept_key_file) as database:
        with database.engine.begin() as connection:
            migrate.upgrade_here(connection)
            if not is_checked_by_current(connection):
                renew_check(connection)
        with database.write() as session:
            ensure_local_account(session, now=datetime.now(UTC))
            fill_every_phone_digest(session)
            _install_built_in(session, now=datetime.now(UTC))
    click.echo(f"database: {settings.url.render_as_string(hide_password=True)}")
    click.echo(f"key file: {settings.keys} (not part of any backup: keep a copy elsewhere)")


def _install_built_in(session: Session, *, now: datetime) -> None:
    """Forms and rules of the program; a workbook that is there already isn't even opened."""
    actor = local_actor(session, operating_user())
    install_forms(session, actor, built_in_forms(installed_digests(session)), now=now)
    install_rules(session, actor, shipped_rules(), now=now)


@db.command()
@click.argument("revision", default="-1")
@click.confirmation_option(prompt="Tables of later versions and what is in them will be lost. Go on?")
def downgrade(revision: str) -> None:
    """Take the database back to an earlier revision: one step, the one named, or base, with no tables.

    \b
    Example: gisgrid db downgrade base --yes
    """
    with _with_keys(Settings()) as database:
        migrate.downgrade(database, revision)
    click.echo("done")


@contextmanager
def _with_keys(settings: Settings, *, accepts: bool = False) -> Iterator[Database]:
    """The database at whatever revision of this version it stands, with its keys.

    ``accepts``: the keys are right whatever they open.
    """
    bare = Database(settings.url)
    try:
        with answering():
            with bare.read() as session:
                migrate.refuse_unknown(migrate.revision_of(session.connection()))
            keys = keys_for(bare, settings.keys)
    finally:
        bare.close()
    database = open_database(settings.url, keys)
    try:
        with answering():
            if accepts:
                with database.write() as session:
                    forget_check(session.connection())
            else:
                refuse_wrong_keys(database)
            yield database
    finally:
        database.close()


@db.command("hash")
@json_option
def hash_(*, as_json: bool) -> None:
    """Print the content hash: equal where two databases hold the same, of whichever kind they are.

    \b
    Example: gisgrid db hash
    """
    with opened(Settings()) as database, progress("hash") as report:
        content = content_of(database, report=report)
    result = {
        "content_hash": content.hash,
        "head": content.head,
        "rows": sum(content.rows.values()),
        "tables": {name: {"rows": content.rows[name], "hash": content.tables[name]} for name in content.rows},
    }
    print_result(result, as_json=as_json)


@db.command()
@click.argument("url", metavar="URL")
@click.option("--replace", is_flag=True, help="What is in the database at URL now goes.")
@json_option
@as_option
def copy(url: str, *, replace: bool, as_json: bool, as_name: str | None) -> None:
    """Copy everything into the database at URL: from SpatiaLite to PostGIS, or back.

    Encrypted columns stay encrypted: the other installation needs the same key file.

    \b
    Example: gisgrid db copy postgresql://gisgrid@localhost/gisgrid
    """
    settings, now, begin = Settings(), datetime.now(UTC), time.monotonic()
    other = target_url(url)
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        target = open_database(other, load_keys(settings.keys))
        try:
            with answering(), progress("copy") as report:
                content = copy_database(database, actor, target, replaces=replace, now=now, report=report)
        finally:
            target.close()
    result = {
        "copied_to": other.render_as_string(hide_password=True),
        "rows": sum(content.rows.values()),
        "content_hash": content.hash,
        "seconds": round(time.monotonic() - begin, 1),
    }
    print_result(result, as_json=as_json)
    click.echo(f"key file: the other installation needs a copy of {settings.keys}", err=True)


def target_url(url: str) -> URL:
    """A database's address as it was typed, with the driver this application uses.

    Raises
    ------
    InvalidInput
        It is no address of SpatiaLite or PostGIS.
    """
    try:
        target = Settings(database_url=url).url
    except ArgumentError:
        target = URL.create("unknown")
    if target.get_backend_name() not in {"sqlite", "postgresql"}:
        raise InvalidInput("URL is sqlite:///FILE or postgresql://USER@HOST/NAME")
    return target
