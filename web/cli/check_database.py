"""``gisgrid check`` without a file: what the database holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import orjson

from data.check import representative_position
from gisgrid.errors import InvalidInput
from gisgrid.settings import Settings
from gisgrid.upkeep.checks import DatabaseChecked, StoredRule, check_database
from web.cli.actor import opened, patient_actor
from web.cli.output import print_result

_SHOWN: Final = 20


def run_check(*, faults_out: Path | None, single: bool, as_json: bool) -> int:
    """Check the installation's database and print a count per rule with places; 1 where any is broken."""
    now = datetime.now(UTC)
    with opened(Settings()) as database:
        actor = patient_actor(database, None, now=now)
        with database.read() as session:
            checked = check_database(session, actor, at=now)
    places = _places(checked)
    _print(checked, places, single=single)
    if faults_out is not None:
        _write(checked, places, faults_out)
    result = {
        "communities": checked.communities,
        "areas": checked.areas,
        "cells": checked.cells,
        "objects": checked.objects,
        "faults": checked.counts(),
        "places": places,
    }
    print_result(result, as_json=as_json)
    counts = checked.counts()
    if not single:
        counts.pop(StoredRule.MULTIPART)
    return int(any(counts.values()))


def _places(checked: DatabaseChecked) -> list[dict[str, Any]]:
    places = []
    for fault in checked.faults:
        lon, lat = representative_position(fault.place)
        places.append(
            {
                "rule": fault.rule.value,
                "areas": list(fault.areas),
                "lon": lon,
                "lat": lat,
                "m2": round(fault.area_m2, 4),
                "message": fault.message,
            }
        )
    return places


def _print(checked: DatabaseChecked, places: list[dict[str, Any]], *, single: bool) -> None:
    for rule, count in checked.counts().items():
        note = " (no fault without --single)" if rule == StoredRule.MULTIPART and count and not single else ""
        click.echo(f"{rule}: {count}{note}")
        own = [place for place in places if place["rule"] == rule]
        for place in own[:_SHOWN]:
            where = "" if place["lon"] is None else f"at {place['lon']:.6f}, {place['lat']:.6f}: "
            click.echo(f"  {where}{' + '.join(place['areas'])}: {place['message']}")
        if len(own) > _SHOWN:
            click.echo(f"  … and {len(own) - _SHOWN} more (--faults OUT.geojson has all)")


def _write(checked: DatabaseChecked, places: list[dict[str, Any]], path: Path) -> None:
    """The faults' places with rule, areas and message as GeoJSON in EPSG:4326."""
    if path.suffix.lower() not in (".geojson", ".json"):
        raise InvalidInput("faults are written as GeoJSON: end the name in .geojson", file=str(path))
    features = [
        {
            "type": "Feature",
            "properties": place,
            "geometry": None if fault.place.is_empty else fault.place.__geo_interface__,
        }
        for fault, place in zip(checked.faults, places, strict=True)
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY))
