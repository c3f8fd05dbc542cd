"""``gisgrid key``: a new key for names and phones, old ones taken out, and whether everything opens."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click

from gisgrid.settings import Settings
from gisgrid.upkeep.key_check import open_all
from gisgrid.upkeep.rekey import forget_old_keys, turn_keys
from web.cli.actor import as_option, opened, patient_actor
from web.cli.output import json_option, print_result, progress


@click.group()
def key() -> None:
    """Turn and check the keys that names and phones are encrypted with.

    \b
    Example: gisgrid key rotate
    """


@key.command()
@json_option
@as_option
def rotate(*, as_json: bool, as_name: str | None) -> None:
    """Make a new key and encrypt everything with it, while the application goes on.

    Broken off, it goes on where it stopped when it is called again. Old keys stay in the file, since backups
    made before need them; `gisgrid key forget` takes them out.

    \b
    Example: gisgrid key rotate
    """
    settings, now, begin = Settings(), datetime.now(UTC), time.monotonic()
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        with progress("key rotate") as report:
            done = turn_keys(database, actor, settings.keys, now=now, report=report)
    result = {
        "key": done.key,
        "is_new": done.is_new,
        "resealed": done.resealed,
        "old_keys": list(done.old_keys),
        "seconds": round(time.monotonic() - begin, 1),
    }
    print_result(result, as_json=as_json)
    if not done.is_new:
        click.echo("went on with a turning that was broken off: call it again for a new key", err=True)
    click.echo(f"key file: {settings.keys} has changed: copy it anew to where you keep it", err=True)


@key.command()
@json_option
@as_option
def check(*, as_json: bool, as_name: str | None) -> int:
    """Open everything that is encrypted with the key file, and count what doesn't open; 1 where anything is.

    \b
    Example: gisgrid key check
    """
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        with progress("key check") as report:
            outcome = open_all(database, actor, report=report)
    by_key = {str(number): count for number, count in outcome.opened.items()}
    result = {"key": outcome.key, "opened": sum(by_key.values()), "by_key": by_key, "shut": outcome.shut}
    print_result(result, as_json=as_json)
    for column, count in outcome.shut.items():
        click.echo(f"gisgrid: {count} in {column} don't open with the key file", err=True)
    return 1 if outcome.shut else 0


@key.command()
@click.confirmation_option(prompt="Backups made before the last rotation can then not be read. Go on?")
@json_option
@as_option
def forget(*, as_json: bool, as_name: str | None) -> int:
    """Take old keys out of the key file that nothing in the database needs; 1 where one must stay.

    \b
    Example: gisgrid key forget --yes
    """
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        gone, needed = forget_old_keys(database, actor, settings.keys, now=now)
    uses_of = {str(key): dict(uses) for key, uses in needed.items()}
    print_result({"forgotten": len(gone), "forgotten_keys": list(gone), "needed": uses_of}, as_json=as_json)
    for key, uses in uses_of.items():
        where = ", ".join(f"{count} in {column}" for column, count in sorted(uses.items()))
        click.echo(f"gisgrid: key {key} stays: {where}", err=True)
    return 1 if needed else 0
