"""``gisgrid report``: a map and its table as a PDF for A4, by right, with who printed it and when."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import render_template

from data.exporters.files import beside
from gisgrid.areas.view import ViewRequest
from gisgrid.days import day_of, period
from gisgrid.errors import InvalidInput, say
from gisgrid.settings import Settings
from web.app import create_app
from web.cli.actor import as_option, looking
from web.cli.output import json_option, print_result
from web.i18n import LANGUAGES, column_head
from web.pdf import pdf_of
from web.prints import REPORTS
from web.prints import report as made_of
from web.words.signs import signs_explained

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(epilog="Reports: " + ", ".join(REPORTS))
@click.argument("name")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as-of", type=DAY, metavar="DATE", help="As it was at the end of this day.")
@click.option("--community", metavar="CODE", help="Which community [default: the only one].")
@click.option("--from", "first", type=DAY, metavar="DATE", help="Cases reported since [default: a year].")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Cases reported until.")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0])
@json_option
@as_option
def report(  # noqa: PLR0913 - one argument per option
    name: str,
    out: Path,
    *,
    as_of: datetime | None,
    community: str | None,
    first: datetime | None,
    last: datetime | None,
    language: str,
    as_json: bool,
    as_name: str | None,
) -> None:
    """Print NAME to a PDF: hotspots, renovation, elderly, territories or indicators.

    \b
    Example: gisgrid report hotspots -o hotspots.pdf --from 2026-01-01
    """
    if name not in REPORTS:
        raise InvalidInput(
            say("no report {name}: there are {known}", name=name, known=", ".join(REPORTS)), field="name"
        )
    now = datetime.now(UTC)
    asked = ViewRequest(community=community, as_of=as_of.date() if as_of else None)
    app = create_app(Settings())
    cookie = {"Cookie": f"lang={language}"}
    with (
        closing(app.extensions["gisgrid"].database),
        beside(out) as file,
        app.test_request_context("/", headers=cookie),
        looking(asked, as_name, now=now) as view,
    ):
        days = (moment.date() if moment else None for moment in (first, last))
        span = period(*days, today=min(day_of(now, view.tz), view.when.day), tz=view.tz)
        paper = made_of(view, name, span, now=now)
        html = render_template(
            "cases/report_pdf.html",
            paper=paper,
            community=view.community,
            as_of=view.when.day.isoformat(),
            exact=view.actor.sees_exact_counts,
            printed_by=view.actor.operator or view.actor.name,
            printed_at=now.astimezone(view.tz).strftime("%Y-%m-%d %H:%M"),
            head=column_head,
            signs=signs_explained(),
        )
        file.write_bytes(pdf_of(html))
    print_result({"report": name, "rows": len(paper.rows), "out": out.name}, as_json=as_json)
