"""``gisgrid assign``: the code of the area of each point of a file, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from data.assign import ENDINGS, AssignOptions
from data.assign import assign as assign_files
from web.cli.output import json_option, print_result, progress

_EXAMPLE: Final = """\b
Example:
  gisgrid assign cases.csv grids.geojson -o cases_by_grid.csv --x lon --y lat --crs EPSG:4326
"""
_SHOWN: Final = 20
FILE: Final = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLE)
@click.argument("points", type=FILE)
@click.argument("areas", type=FILE)
@click.option("-o", "--output", "out", type=FILE, required=True, help="CSV, Parquet, GeoPackage or GeoJSON.")
@click.option("--x", metavar="COL", help="Column of the points with longitude or easting.")
@click.option("--y", metavar="COL", help="Column of the points with latitude or northing.")
@click.option("--crs", help="CRS of the points: an EPSG code, GCJ-02 or BD-09; overrides the file.")
@click.option("--areas-crs", help="CRS of the areas, likewise.")
@click.option("--code", metavar="COL", help="Column of the areas with their code; default: code.")
@click.option("--layer", help="Layer of the points, where a file has several.")
@click.option("--areas-layer", help="Layer of the areas, where a file has several.")
@json_option
def assign(points: Path, areas: Path, out: Path, *, as_json: bool, **said: str | None) -> None:
    """Give each point of POINTS the code of the area of AREAS that contains it.

    OUT has all rows and columns of POINTS in their order, then area_code (empty outside all areas)
    and on_border (exactly on the boundary of an area that covers the point). On several areas the
    lowest code by length and text is taken. Points are brought to the CRS of the areas; where one
    file is in GCJ-02 or BD-09, say so: no file tells. Rows without a usable position are kept. Areas of
    one code count as one area; which codes those are is printed.
    """
    if out.suffix.lower() not in ENDINGS:
        message = f"must end in {', '.join(ENDINGS)}"
        raise click.BadParameter(message, param_hint="--output")
    with progress("assign") as advance:
        result = assign_files(points, areas, out=out, options=AssignOptions(**said), progress=advance)
    summary = asdict(result)
    codes = summary.pop("joined")
    if codes:
        click.echo(f"joined_codes: {_listed(codes)}")
    print_result({**summary, "joined": len(codes), "joined_codes": codes}, as_json=as_json)


def _listed(codes: Mapping[str, int]) -> str:
    """Codes that several areas bear, with how many."""
    named = [f"{code} ({count} areas)" for code, count in list(codes.items())[:_SHOWN]]
    more = len(codes) - _SHOWN
    return ", ".join(named) + (f" and {more} more codes" if more > 0 else "")
