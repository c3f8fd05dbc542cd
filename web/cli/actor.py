"""In whose name a command works on the database: the built-in account ``local``, or ``--as NAME``."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import gisgrid.tables  # noqa: F401 - foreign keys must find their tables
from gisgrid.access.accounts import ensure_local_account, find_account, has_local_account
from gisgrid.access.actors import Actor, load_actor, local_actor
from gisgrid.access.keys.check import refuse_wrong_keys
from gisgrid.access.keys.encryption import KeyFile, open_database
from gisgrid.access.models import AuditEntry
from gisgrid.access.spool import keep_entries
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.errors import MissingPart, NotFound
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from gisgrid.storage.migrate import require_current
from gisgrid.storage.patience import LONG_PATIENCE_S, patiently

as_option = click.option("--as", "as_name", metavar="NAME", help="Act with the rights of this account.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A transaction that writes, who acts in it, and when."""

    session: Session
    actor: Actor
    now: datetime
    settings: Settings
    database: Database


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The installation's database, migrated and with its key file; closed at the end.

    Raises
    ------
    MissingPart
        The key file is missing or another database's, or the database is not at this version's revision.
    """
    database = open_database(settings.url, KeyFile(settings.keys))
    try:
        with answering():
            require_current(database)
        refuse_wrong_keys(database)
        yield database
    finally:
        database.close()


@contextmanager
def answering() -> Iterator[None]:
    """Say in one sentence that the database does not answer.

    Raises
    ------
    MissingPart
        No connection could be made.
    """
    try:
        yield
    except OperationalError as error:
        if error.statement is not None:
            raise
        raise MissingPart("the database does not answer: see GISGRID_DATABASE_URL") from None


@contextmanager
def acting(as_name: str | None = None) -> Iterator[Acting]:
    """One transaction in the name of an account, committed when the block ends.

    Raises
    ------
    MissingPart
        The key file is missing, or the database is not at this version's revision.
    NotFound
        There is no working account of that name.
    """
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database, database.write() as session:
        actor = choose_actor(session, as_name, now=now)
        yield Acting(session=session, actor=actor, now=now, settings=settings, database=database)


@contextmanager
def looking(asked: ViewRequest, as_name: str | None = None, *, now: datetime) -> Iterator[View]:
    """A view in the name of an account, whose audit entries are kept when the block ends.

    Raises
    ------
    MissingPart
        The key file is missing, or the database is not at this version's revision.
    NotFound
        There is no working account of that name, or no such community within what it may see.
    InvalidInput
        Several communities and none named, or a day in the future.
    """
    settings = Settings()
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        with database.read() as session, session.no_autoflush:
            yield open_view(session, actor, asked, caches=Caches(), now=now, tz=settings.tz)
            entries = [entry for entry in session.new if isinstance(entry, AuditEntry)]
            for entry in entries:
                session.expunge(entry)
        patiently(lambda: keep_entries(database, entries))


def patient_actor(database: Database, as_name: str | None, *, now: datetime) -> Actor:
    """As `choose_actor`, beside whoever writes.

    Only where the built-in account has to be made does this wait for others, as long as an import takes.

    Raises
    ------
    DatabaseBusy
        Others wrote for a quarter of an hour without a pause.
    """
    with database.read() as session:
        if as_name is not None or has_local_account(session):
            return choose_actor(session, as_name, now=now)

    def once() -> Actor:
        with database.write() as session:
            return choose_actor(session, as_name, now=now)

    return patiently(once, patience_s=LONG_PATIENCE_S)


def choose_actor(session: Session, as_name: str | None, *, now: datetime) -> Actor:
    """The actor behind ``--as NAME``, or the built-in account with the operating system's user noted."""
    if as_name is None:
        ensure_local_account(session, now=now)
        return local_actor(session, operating_user())
    account = find_account(session, as_name)
    actor = load_actor(session, account.id, now=now) if account else None
    if actor is None:
        raise NotFound(f"there is no working account {as_name!r}")
    return actor


def operating_user() -> str:
    """The operating system's name for who runs this, or the number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
