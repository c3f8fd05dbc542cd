"""GeoJSON, read value by value: numbers and texts stay what they are in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from data.importers.csv_text import decoded
from data.importers.table import Table
from gisgrid.crs import Crs, parse_crs, stored_crs
from gisgrid.errors import Fault, InvalidInput

GEOMETRY: Final = "geometry"
_CRS84: Final = ("OGC", "CRS84")


def read_geojson(path: Path, layer: str | None) -> Table:
    """A FeatureCollection or a single Feature; ids that are text become a column ``id`` if none is there.

    Raises
    ------
    InvalidInput
        The file is no JSON (perhaps cut off), no GeoJSON, or a geometry in it can't be built.
    """
    del layer
    features, crs = _features(path)
    rows = [feature.get("properties") or {} for feature in features]
    names: dict[str, None] = dict.fromkeys(name for row in rows for name in row)
    columns: dict[str, Any] = {}
    if "id" not in names and any(isinstance(feature.get("id"), str) for feature in features):
        columns["id"] = _column(feature.get("id") for feature in features)
    columns |= {name: _column(row.get(name) for row in rows) for name in names}
    if GEOMETRY in columns:
        raise InvalidInput("a property must not be called geometry", file=path.name, field=GEOMETRY)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(features)))
    geometries = _geometries(features, source=path.name)
    geo = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometries, index=frame.index, crs=crs))
    return Table(frame=geo, has_geometry=True, crs=crs, source=path.name)


def _column(values: Any) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


def _features(path: Path) -> tuple[list[dict[str, Any]], Crs]:
    try:
        document = orjson.loads(decoded(path.read_bytes(), source=path.name).removeprefix("\ufeff"))
    except orjson.JSONDecodeError as error:
        message = f"the file is no JSON from line {error.lineno} on; it may be cut off"
        raise InvalidInput(message, file=path.name) from None
    kind = document.get("type") if isinstance(document, dict) else None
    features = (
        [document] if kind == "Feature" else document.get("features") if kind == "FeatureCollection" else None
    )
    if not isinstance(features, list):
        raise InvalidInput("the file is no GeoJSON collection of features", file=path.name)
    faults = [
        Fault(message="this is no feature", file=path.name, row=row)
        for row, feature in enumerate(features, 1)
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict)
    ]
    if faults:
        raise InvalidInput(faults)
    return features, _stated_crs(document, source=path.name)


def _stated_crs(document: dict[str, Any], *, source: str) -> Crs:
    """The CRS of a ``crs`` member, as older files have it, else EPSG:4326."""
    member = document.get("crs")
    if member is None:
        return stored_crs()
    stated = member.get("properties", {}) if isinstance(member, dict) else {}
    name = stated.get("name") or stated.get("code") if isinstance(stated, dict) else None
    try:
        crs, _ = parse_crs(str(name or ""))
    except InvalidInput:
        message = f"the file names a CRS that is not known: {name}"
        raise InvalidInput(message, file=source, field="crs") from None
    return stored_crs() if crs.to_authority() == _CRS84 else crs


def _geometries(features: list[dict[str, Any]], *, source: str) -> np.ndarray[Any, Any]:
    """Geometries of features, None where there is none."""
    texts = [_text(feature.get("geometry")) for feature in features]
    try:
        return np.asarray(shapely.from_geojson(np.array(texts, dtype=object)), dtype=object)
    except (shapely.errors.GEOSException, shapely.errors.ShapelyError):
        faults = [fault for row, text in enumerate(texts, 1) if (fault := _fault(text, row, source))]
        raise InvalidInput(faults or "a geometry can't be read") from None


def _text(geometry: Any) -> str | None:
    return None if geometry is None else orjson.dumps(geometry).decode()


def _fault(text: str | None, row: int, source: str) -> Fault | None:
    try:
        shapely.from_geojson(text)
    except (shapely.errors.GEOSException, shapely.errors.ShapelyError):
        return Fault(message="the geometry can't be read", file=source, row=row, field=GEOMETRY)
    return None
