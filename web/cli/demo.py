"""``gisgrid demo``: the demo community into an empty database."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from gisgrid.access.actors import Actor
from gisgrid.areas.communities import has_community
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from web.cli.actor import choose_actor, opened
from web.cli.output import json_option, print_result, progress

HOUSEHOLDS: Final = 9600
SEED: Final = 2026

Credentials = list[tuple[str, str, str]]


@click.command()
@click.option("--households", default=HOUSEHOLDS, show_default=True, help="More make several communities.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same demo.")
@json_option
def demo(households: int, seed: int, *, as_json: bool) -> None:
    """Load the invented demo community into an empty database.

    \b
    Example: gisgrid demo --households 9600
    """
    settings, now, begin = Settings(), datetime.now(UTC), time.monotonic()
    with opened(settings) as database:
        with database.write() as session:
            actor = choose_actor(session, None, now=now)
            if has_community(session):
                click.echo("The database holds a community already: nothing was changed.")
                return
        made = _load(database, actor, settings, now=now, size=(households, seed))
    path = settings.var / "demo-accounts.txt"
    write_accounts(path, made)
    result = {"households": households, "accounts": len(made), "seconds": round(time.monotonic() - begin, 1)}
    print_result({**result, "passwords": str(path)}, as_json=as_json)


def _load(
    database: Database, actor: Actor, settings: Settings, *, now: datetime, size: tuple[int, int]
) -> Credentials:
    # The generator is heavy to import: a database that is filled already must not wait for it.
    from data.demo.load.load import Wanted, load_demo  # noqa: PLC0415

    wanted = Wanted(households=size[0], seed=size[1], password=settings.demo_password)
    with progress("demo") as report:
        return load_demo(database, actor, wanted, now=now, report=report)


def write_accounts(path: Path, made: Credentials) -> None:
    """The accounts and their passwords, for the owner of the installation only."""
    lines = "".join(f"{name}\t{role}\t{password}\n" for name, role, password in made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"# name\trole\tpassword\n{lines}")
