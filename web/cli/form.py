"""``gisgrid form``: a form of a community's own, from an XLSForm workbook."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from data.forms.handed_in import read_handed_in
from gisgrid.areas.view import Caches, ViewRequest, open_view
from gisgrid.records.publication.drafts import draft_form
from gisgrid.records.publication.release import publish_form
from gisgrid.settings import Settings
from web.cli.actor import as_option, choose_actor, opened
from web.cli.output import json_option, print_result


@click.group()
def form() -> None:
    """Forms of a community's own, from XLSForm workbooks.

    \b
    Example: gisgrid form add stairs.xlsx
    """


@form.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--community", metavar="CODE", help="Whose form it is [default: of the only one].")
@click.option("--publish", is_flag=True, help="Publish it at once; nothing is kept where that can't be.")
@json_option
@as_option
def add(file: Path, *, community: str | None, publish: bool, as_json: bool, as_name: str | None) -> None:
    """Keep the workbook FILE as the draft of its form, in the place of an earlier draft.

    Every fault is told by sheet, row and column, and then nothing is kept. A form that asks for personal data
    is published by somebody else than who drafted it: leave --publish out, a head does it on the page.

    \b
    Examples: gisgrid form add stairs.xlsx --community DC --publish
              gisgrid form add visit.xlsx --as li.na
    """
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database:
        handed_in = read_handed_in(file)
        with database.write() as session:
            actor = choose_actor(session, as_name, now=now)
            asked = ViewRequest(community=community)
            view = open_view(session, actor, asked, caches=Caches(), now=now, tz=settings.tz)
            version = draft_form(view, handed_in.file, now=now)
            if publish:
                publish_form(view, handed_in.file.tree.code, version.number, now=now)
            result = {
                "form": handed_in.file.tree.code,
                "version": version.number,
                "state": version.state,
                "remarks": [str(remark) for remark in handed_in.remarks],
            }
    for remark in handed_in.remarks:
        click.echo(f"left out: {remark}", err=True)
    print_result(result, as_json=as_json)
