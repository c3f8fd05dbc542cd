"""``gisgrid check``: what is wrong with areas that should tile, where, and the repair."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from shapely.geometry.base import BaseGeometry

from data.check import (
    AreaFile,
    CheckedAreas,
    FaultPlace,
    check_areas,
    fix_file,
    parent_shape,
    read_areas,
    write_areas,
    write_faults,
)
from gisgrid.geometry.faults import AreaRule
from gisgrid.geometry.repair import FixedAreas
from web.cli.check_database import run_check
from web.cli.output import json_option, print_result, progress

_SHOWN_PLACES: Final = 20
_SMALLEST_TOLD_M2: Final = 0.005

_path = click.Path(path_type=Path)


@click.command(
    epilog="Example: gisgrid check grids.geojson --parent community.geojson --faults faults.geojson"
)
@click.argument("areas", type=_path, required=False)
@click.option("--code", metavar="COL", help="Column with the areas' codes [default: code, if there].")
@click.option(
    "--crs", metavar="CRS", help="CRS of AREAS: an EPSG code, GCJ-02 or BD-09 [default: the file's]."
)
@click.option("--parent", type=_path, metavar="FILE", help="What the areas should fill.")
@click.option("--single", is_flag=True, help="An area in several parts is a fault.")
@click.option(
    "--faults", "faults_out", type=_path, metavar="OUT.geojson", help="Write the places of all faults."
)
@click.option("--fix", is_flag=True, help="Repair: overlaps and gaps under 20 m go to the longest border.")
@click.option("-o", "--output", type=_path, metavar="OUT", help="Where --fix writes (.geojson, .gpkg, .shp).")
@json_option
def check(  # noqa: PLR0913 - click hands over each option by its name
    areas: Path | None,
    code: str | None,
    crs: str | None,
    parent: Path | None,
    faults_out: Path | None,
    output: Path | None,
    *,
    single: bool,
    fix: bool,
    as_json: bool,
) -> int:
    """Check that AREAS tile: a count per rule and the places; exit 1 where any.

    Without AREAS the database is checked: tiling, owners, outlines, codes, and the cell of every object.
    """
    if fix != (output is not None):
        raise click.UsageError("--fix and -o OUT go together")
    if areas is None:
        if code or crs or parent or fix:
            raise click.UsageError("--code, --crs, --parent and --fix go with a file of areas")
        return run_check(faults_out=faults_out, single=single, as_json=as_json)
    source = read_areas(areas, crs=crs, code=code)
    whole = parent_shape(parent, source.crs) if parent is not None else None
    with progress("checking") as advance:
        checked = check_areas(source, parent=whole)
        advance(1.0)
    _print_faults(checked, single=single)
    if faults_out is not None:
        write_faults(checked, faults_out)
    result = {"areas": len(source.frame), "faults": checked.counts(), "places": checked.places()}
    if output is not None:
        checked, repair = _repair(source, whole, output)
        _print_repair(repair, checked, single=single)
        result |= repair
    print_result(result, as_json=as_json)
    return int(_is_faulty(checked, single=single))


def _repair(
    source: AreaFile, parent: BaseGeometry | None, output: Path
) -> tuple[CheckedAreas, dict[str, Any]]:
    """Write the repaired areas; gives what is left to find in them and what moved."""
    mended, fixed = fix_file(source, parent=parent)
    write_areas(mended, output)
    left = check_areas(mended, parent=parent)
    return left, _moved(source, fixed) | {"left": left.counts()}


def _is_faulty(checked: CheckedAreas, *, single: bool) -> bool:
    counts = checked.counts()
    if not single:
        counts.pop(AreaRule.MULTIPART)
    return any(counts.values())


def _print_faults(checked: CheckedAreas, *, single: bool) -> None:
    places = checked.places()
    for rule, count in checked.counts().items():
        note = " (no fault without --single)" if rule == AreaRule.MULTIPART and count and not single else ""
        click.echo(f"{rule}: {count}{note}")
        own = [place for place in places if place["rule"] == rule]
        for place in own[:_SHOWN_PLACES]:
            click.echo(f"  {_describe(place)}")
        if len(own) > _SHOWN_PLACES:
            click.echo(f"  … and {len(own) - _SHOWN_PLACES} more (--faults OUT.geojson has all)")


def _describe(place: FaultPlace) -> str:
    """One fault on one line: ``at 121.500000, 31.200000: 3.36 m², 2855 + 2868: …``."""
    where = "without a place" if place["lon"] is None else f"at {place['lon']:.6f}, {place['lat']:.6f}"
    size = (
        f"{place['m2']:,.4g} m², "
        if 0 < place["m2"] < 1
        else f"{place['m2']:,.1f} m², "
        if place["m2"]
        else ""
    )
    return f"{where}: {size}{' + '.join(place['areas'])}: {place['message']}"


def _moved(source: AreaFile, fixed: FixedAreas) -> dict[str, Any]:
    """Square metres that changed hands, in all and per area by code."""
    changes = np.stack([fixed.gained_m2, fixed.lost_m2, fixed.repaired_m2], axis=1)
    changed = [
        {"area": source.label(index)}
        | dict(zip(("gained_m2", "lost_m2", "repaired_m2"), changes[index].round(3).tolist(), strict=True))
        for index in np.flatnonzero((changes > _SMALLEST_TOLD_M2).any(axis=1)).tolist()
    ]
    return {"moved_m2": round(fixed.moved_m2, 3), "changed": changed}


def _print_repair(repair: dict[str, Any], left: CheckedAreas, *, single: bool) -> None:
    for area in repair["changed"]:
        sizes = f"gained {area['gained_m2']:,.2f} m², lost {area['lost_m2']:,.2f} m²"
        repaired = f", made valid {area['repaired_m2']:,.2f} m²" if area["repaired_m2"] else ""
        click.echo(f"  {area['area']}: {sizes}{repaired}")
    click.echo("after the repair:")
    _print_faults(left, single=single)
