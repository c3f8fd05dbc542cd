"""``gisgrid cells``: a community's unit cells from its streets and buildings, as a new revision."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click
from shapely.geometry.base import BaseGeometry

from data.importers.kinds.areas import outline_of
from data.importers.readers.files import read_table
from gisgrid.areas.communities import choose_community
from gisgrid.geometry.cells import CellPlan
from gisgrid.positions.cell_assignment import PublishedCells, plan_cells, publish_plan
from gisgrid.settings import Settings
from web.cli.actor import as_option, choose_actor, opened
from web.cli.output import json_option, print_result, progress


@click.command()
@click.option("--community", metavar="CODE", help="Which community [default: the only one].")
@click.option(
    "--outline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Land of a community without areas [default: the hull of its buildings].",
)
@click.option("--crs", metavar="CRS", help="CRS of FILE: an EPSG code, GCJ-02 or BD-09.")
@json_option
@as_option
def cells(
    community: str | None, outline: Path | None, crs: str | None, *, as_json: bool, as_name: str | None
) -> None:
    """Make unit cells inside each lowest area; a community without areas gets one grid.

    What was left out, and why, is told. Grids stay as they are; every cell knows the ones it came from.

    \b
    Example: gisgrid cells --community 321302001001
    """
    land = _outline(outline, crs)
    begun = time.perf_counter()
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database:
        with database.write() as session:
            actor = choose_actor(session, as_name, now=now)
        with database.read() as session, progress("making cells") as advance:
            code = choose_community(session, actor, community, now=now).id
            made = plan_cells(session, actor, code, outline=land, at=now)
            advance(1.0)
        with database.write() as session:
            done = publish_plan(session, actor, made, at=datetime.now(UTC))
    _print(made.plan, done, seconds=time.perf_counter() - begun, as_json=as_json)


def _outline(path: Path | None, crs: str | None) -> BaseGeometry | None:
    return None if path is None else outline_of(read_table(path), crs=crs)


def _print(plan: CellPlan, done: PublishedCells, *, seconds: float, as_json: bool) -> None:
    for entry in plan.left_out:
        click.echo(f"  {entry.count} {entry.what}: {entry.why}")
    if done.revision is None:
        click.echo("the community has exactly these cells: nothing has changed")
    kinds = [kind.value for kind in plan.kind]
    result = {
        "cells": done.cells,
        "building_cells": kinds.count("building"),
        "block_cells": kinds.count("block") + kinds.count("area"),
        "revision": done.revision,
        "cells_replaced": done.replaced,
        "buildings": len(plan.building_cell),
        "buildings_in_a_cell": int((plan.building_cell >= 0).sum()),
        "objects_placed": done.placed.placed,
        "objects_moved": done.placed.changed_area,
        "objects_in_new_cells": done.placed.moved,
        "seconds": round(seconds, 2),
        "left_out": [{"what": entry.what, "why": entry.why, "count": entry.count} for entry in plan.left_out],
    }
    print_result(result, as_json=as_json)
