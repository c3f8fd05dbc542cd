"""``gisgrid export``: a layer or table as a file, by right, as of a day, in a CRS or datum."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from data.exporters.files import beside, form_of
from data.exporters.layer import ExportRequest
from data.exporters.layers import LAYERS, layer_named
from data.exporters.run import Ask
from data.exporters.run import export as write
from gisgrid.areas.models import Level
from gisgrid.areas.view import ViewRequest
from gisgrid.days import day_of, period
from web.cli.actor import as_option, looking
from web.cli.output import json_option, print_result

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(epilog="Layers: " + ", ".join(LAYERS))
@click.argument("layer")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as-of", type=DAY, metavar="DATE", help="As it was at the end of this day.")
@click.option("--crs", metavar="CRS", help="An EPSG code, GCJ-02 or BD-09 [default: EPSG:4326].")
@click.option("--level", type=click.Choice([level.value for level in Level]), default=Level.GRID.value)
@click.option("--community", metavar="CODE", help="Which community [default: the only one].")
@click.option("--from", "first", type=DAY, metavar="DATE", help="Cases reported since.")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Cases reported until.")
@click.option("--titles", is_flag=True, help="Chinese titles and words in CSV and XLSX.")
@json_option
@as_option
def export(  # noqa: PLR0913 - one argument per option
    layer: str,
    out: Path,
    *,
    as_of: datetime | None,
    crs: str | None,
    level: str,
    community: str | None,
    first: datetime | None,
    last: datetime | None,
    titles: bool,
    as_json: bool,
    as_name: str | None,
) -> None:
    """Write LAYER to OUT: .geojson, .gpkg, .shp, .zip (a shapefile), .csv or .xlsx.

    \b
    Example: gisgrid export buildings buildings.gpkg --crs EPSG:4548
    """
    wanted, now = layer_named(layer), datetime.now(UTC)
    form_of(out.name, has_shapes=wanted.geometry is not None)
    asked = ViewRequest(community=community, as_of=as_of.date() if as_of else None)
    with beside(out) as file, looking(asked, as_name, now=now) as view:
        span = None
        if first or last:
            days = (moment.date() if moment else None for moment in (first, last))
            span = period(*days, today=day_of(now, view.tz), tz=view.tz)
        wish = ExportRequest(now=now, level=Level(level), period=span)
        written = write(view, Ask(layer=wanted, wish=wish, crs=crs, in_chinese=titles), file)
    print_result({"layer": layer, **asdict(written), "out": out.name}, as_json=as_json)
