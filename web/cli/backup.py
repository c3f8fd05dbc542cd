"""``gisgrid backup`` and ``gisgrid restore``: the whole database into a file, and back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

import gisgrid.tables  # noqa: F401 - encrypted columns are looked for in the metadata
from gisgrid.access.actors import Actor
from gisgrid.access.erasures import list_beside
from gisgrid.access.keys.encryption import KeyRing, ensure_keys, load_keys, open_database
from gisgrid.access.models import Role
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.queries import present_images
from gisgrid.errors import MissingPart
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from gisgrid.storage.migrate import require_current
from gisgrid.upkeep.archive import opened as opened_archive
from gisgrid.upkeep.backup import back_up
from gisgrid.upkeep.restoration import CheckedBackup, Restoring, check_backup
from gisgrid.upkeep.restoration import restore as restore_here
from web.cli.actor import answering, as_option, choose_actor, opened, operating_user, patient_actor
from web.cli.output import json_option, print_result, progress


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@as_option
def backup(file: Path, *, as_json: bool, as_name: str | None) -> None:
    """Write the whole database to FILE, as it is at this moment, while the application goes on.

    Names and phones stay encrypted; the key file is not in it: keep a copy of that elsewhere.

    \b
    Example: gisgrid backup gisgrid-2026-11-24.zip
    """
    settings, now, begin = Settings(), datetime.now(UTC), time.monotonic()
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        with progress("backup") as report:
            manifest = back_up(database, actor, file, now=now, report=report)
        with database.read() as session:
            images = present_images(session)
    result = {
        "file": str(file),
        "rows": manifest.rows,
        "bytes": file.stat().st_size,
        "head": manifest.head,
        "content_hash": manifest.content,
        "seconds": round(time.monotonic() - begin, 1),
    }
    print_result(result, as_json=as_json)
    click.echo(f"key file: {settings.keys} is not in it: keep a copy elsewhere", err=True)
    if images:
        size = -(-sum(image.size for image in images) // 2**20)
        said = f"background images: {len(images)} are not in it ({size} MB): copy {settings.backgrounds} too"
        click.echo(said, err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="What is in the database now goes.")
@click.option("--without-names", is_flag=True, help="Without the key file: addresses without names.")
@click.option("--check", "only_check", is_flag=True, help="Read FILE to its end and change nothing.")
@json_option
@as_option
def restore(
    file: Path,
    *,
    replace: bool,
    without_names: bool,
    only_check: bool,
    as_json: bool,
    as_name: str | None,
) -> None:
    """Put the backup FILE into the database, all of it or nothing; it is checked to its end before.

    Whoever was erased since is erased again, and everybody has to log in anew.

    \b
    Example: gisgrid restore gisgrid-2026-11-24.zip --replace
    """
    settings, now, begin = Settings(), datetime.now(UTC), time.monotonic()
    with opened_archive(file) as archive, progress("restore") as report:
        ring = load_keys(settings.keys) if settings.keys.exists() else None
        checked = check_backup(archive, ring, report=lambda share: report(0.3 * share))
        if only_check:
            result = {
                "file": str(file),
                "rows": checked.manifest.rows,
                "head": checked.manifest.head,
                "content_hash": checked.manifest.content,
                "opens_with_key_file": not checked.shut,
            }
        else:
            keys = ring or _new_keys(settings, checked, without_names=without_names)
            database = open_database(settings.url, keys)
            try:
                with answering():
                    actor = _actor(database, as_name, now=now)
                    wish = Restoring(
                        erasures=list_beside(settings.keys),
                        zone=settings.tz,
                        operator=operating_user(),
                        replaces=replace,
                        without_names=without_names,
                    )
                    done = restore_here(
                        database,
                        actor,
                        archive,
                        checked,
                        wish,
                        now=now,
                        report=lambda share: report(0.3 + 0.7 * share),
                    )
                    lost = _without_tiles(database, settings)
            finally:
                database.close()
            for name in lost:
                said = f"background image {name}: its tiles are not here: copy them to {settings.backgrounds}"
                click.echo(said, err=True)
            result = {
                "file": str(file),
                "rows": done.rows,
                "head": done.head,
                "erased_again": done.erased_again,
                "names_lost": done.names_lost,
                "seconds": round(time.monotonic() - begin, 1),
            }
    print_result(result, as_json=as_json)


def _new_keys(settings: Settings, checked: CheckedBackup, *, without_names: bool) -> KeyRing:
    """Keys where there is no key file: only if nothing in the backup needs those it was sealed with."""
    if checked.has_sealed and not without_names:
        raise MissingPart(
            f"the key file {settings.keys.name} is missing: put the one back that belonged to this backup,"
            " or restore addresses alone with --without-names"
        )
    return ensure_keys(settings.keys)


def _actor(database: Database, as_name: str | None, *, now: datetime) -> Actor:
    """Who restores: into a database without tables only the command line's own account can."""
    if as_name is None:
        return Actor(name="local", role=Role.LOCAL, operator=operating_user())
    require_current(database)
    with database.read() as session:
        return choose_actor(session, as_name, now=now)


def _without_tiles(database: Database, settings: Settings) -> list[str]:
    """Names of background images whose tiles are not on this machine."""
    folder = ImageFolder(settings.backgrounds)
    with database.read() as session:
        return [image.name for image in present_images(session) if not folder.has(image.id)]
