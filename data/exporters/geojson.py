"""GeoJSON with every digit of the coordinates, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import shapely

from data.exporters.frame import ExportSheet
from data.exporters.origin import Origin
from gisgrid.crs import Datum, stored_crs


def write_geojson(out: Path, sheet: ExportSheet, origin: Origin) -> int:
    """One feature a line; a CRS other than EPSG:4326 stands in a ``crs`` member, as before RFC 7946.

    Degrees of GCJ-02 or BD-09 have a ``crs`` of null, which says that none may be assumed, and a ``datum``.
    """
    head = {"name": sheet.layer.name, **_reference(sheet), "export": origin.facts()}
    with out.open("wb") as file:
        file.write(b'{"type":"FeatureCollection",' + orjson.dumps(head)[1:-1] + b',"features":[')
        for at, feature in enumerate(_features(sheet)):
            file.write((b",\n" if at else b"\n") + feature)
        file.write(b"\n]}\n")
    return 0


def _features(sheet: ExportSheet) -> Iterator[bytes]:
    for part in sheet.parts:
        texts: list[str | None] = list(shapely.to_geojson(part.shapes)) if part.shapes is not None else []
        for row, text in zip(part.rows, texts, strict=True):
            yield _feature(sheet, row, text)


def _feature(sheet: ExportSheet, row: dict[str, Any], text: str | None) -> bytes:
    values = {column.name: _value(row.get(column.name)) for column in sheet.columns}
    shape = orjson.Fragment(text) if text is not None else None
    return orjson.dumps({"type": "Feature", "geometry": shape, "properties": values})


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _reference(sheet: ExportSheet) -> dict[str, Any]:
    if sheet.datum != Datum.WGS84:
        return {"crs": None, "datum": sheet.datum.value}
    if sheet.crs is None or sheet.crs == stored_crs():
        return {}
    code = sheet.crs.to_epsg()
    name = f"urn:ogc:def:crs:EPSG::{code}" if code else sheet.crs.to_wkt()
    return {"crs": {"type": "name", "properties": {"name": name}}}
