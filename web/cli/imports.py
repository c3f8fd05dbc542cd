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
            runs = list_imports(session, actor, now=now)
    for run in runs:
        click.echo(_line(run))
    if not runs:
        click.echo("nothing was imported yet")
    if as_json:
        print_result({"imports": [_describe(run) for run in runs]}, as_json=True)
    return 0


def _line(run: ListedImport) -> str:
    counts = ", ".join(f"{name} {run.counts[name]}" for name in _TOLD if name in run.counts)
    state = "taken back" if run.undone_at else "can be taken back" if run.can_undo else "stays"
    when = run.at.isoformat(timespec="seconds")
    return f"{run.id}  {when}  {run.who}  {run.kind}  {run.file_name}  {counts}  {state}"


def _describe(run: ListedImport) -> dict[str, object]:
    return {
        "id": run.id,
        "at": run.at.isoformat(),
        "who": run.who,
        "kind": run.kind,
        "community": run.community,
        "file": run.file_name,
        "sha256": run.sha256,
        "counts": dict(run.counts),
        "undone_at": run.undone_at.isoformat() if run.undone_at else None,
        "can_undo": run.can_undo,
    }
