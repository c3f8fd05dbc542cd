"""``gisgrid imports``: what was imported, by whom, when, and what can still be taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click

from gisgrid.imports.undo import ListedImport, list_imports
from gisgrid.settings import Settings
from web.cli.actor import as_option, opened, patient_actor
from web.cli.output import json_option, print_result

_TOLD: Final = ("new", "updated", "refused")


@click.command("imports")
@json_option
@as_option
def imports(*, as_json: bool, as_name: str | None) -> int:
    """List imports, the newest first: id, when, who, kind, file, counts, and whether it can be taken back.

    Example: gisgrid imports
    """
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        with database.read() as session:
            found = list_imports(session, actor, now=now)
    for one in found:
        click.echo(_line(one))
    if not found:
        click.echo("nothing was imported yet")
    if as_json:
        print_result({"imports": [_describe(one) for one in found]}, as_json=True)
    return 0


def _line(one: ListedImport) -> str:
    counts = ", ".join(f"{name} {one.counts[name]}" for name in _TOLD if name in one.counts)
    state = "taken back" if one.undone_at else "can be taken back" if one.can_undo else "stays"
    when = one.at.isoformat(timespec="seconds")
    return f"{one.id}  {when}  {one.who}  {one.kind}  {one.file_name}  {counts}  {state}"


def _describe(one: ListedImport) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "who": one.who,
        "kind": one.kind,
        "community": one.community,
        "file": one.file_name,
        "sha256": one.sha256,
        "counts": dict(one.counts),
        "undone_at": one.undone_at.isoformat() if one.undone_at else None,
        "can_undo": one.can_undo,
    }
