"""GeoJSON, read value by value: numbers and texts stay what they are in the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from data.importers.encodings import decoded
from data.importers.limits import (
    MOST_JSON_BYTES,
    MOST_NESTING,
    MOST_VERTICES_OF_ONE,
    check_bytes,
    check_size,
    check_vertex_sum,
    check_vertices,
    too_many_vertices,
)
from data.importers.table import Table
from gisgrid.crs import Crs, parse_crs, stored_crs
from gisgrid.errors import Fault, InvalidInput, say

GEOMETRY: Final = "geometry"
_CRS84: Final = ("OGC", "CRS84")
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))
_ARRAYS: Final = re.compile(rb"[\[\]]+")
_AT_ONCE: Final = 2**22


def read_geojson(path: Path, layer: str | None) -> Table:
    """A FeatureCollection or a single Feature; ids that are text become a column ``id`` if none is there.

    Raises
    ------
    InvalidInput
        The file is no JSON (perhaps cut off), no GeoJSON, nested too deep, has more features or vertices
        than are read, or a geometry in it can't be built.
    """
    del layer
    return table_of_geojson(json_document(path), source=path.name)


def table_of_geojson(document: Any, *, source: str) -> Table:
    """The table of a document that was read; raises as `read_geojson`."""
    features, crs = _features(document, source=source)
    rows = [feature.get("properties") or {} for feature in features]
    names: dict[str, None] = dict.fromkeys(name for row in rows for name in row)
    check_size(len(features), len(names), source=source)
    columns: dict[str, Any] = {}
    if "id" not in names and any(isinstance(feature.get("id"), str) for feature in features):
        columns["id"] = _column(feature.get("id") for feature in features)
    columns |= {name: _column(row.get(name) for row in rows) for name in names}
    if GEOMETRY in columns:
        raise InvalidInput(say("a property must not be called geometry"), file=source, field=GEOMETRY)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(features)))
    geometries = _geometries(features, source=source)
    check_vertices(geometries, source=source)
    geo = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometries, index=frame.index, crs=crs))
    return Table(frame=geo, has_geometry=True, crs=crs, source=source)


def _column(values: Any) -> pd.Series[Any]:
    return pd.Series(list(values), dtype=object)


def _features(document: Any, *, source: str) -> tuple[list[dict[str, Any]], Crs]:
    kind = document.get("type") if isinstance(document, dict) else None
    features = (
        [document] if kind == "Feature" else document.get("features") if kind == "FeatureCollection" else None
    )
    if not isinstance(features, list):
        raise InvalidInput(say("the file is no GeoJSON collection of features"), file=source)
    faults = [
        Fault(message=say("this is no feature"), file=source, row=row)
        for row, feature in enumerate(features, 1)
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict)
    ]
    if faults:
        raise InvalidInput(faults)
    return features, _stated_crs(document, source=source)


def json_document(path: Path) -> Any:
    """What a JSON file holds, once its size is checked and its brackets are counted.

    Raises
    ------
    InvalidInput
        It is too large, nested too deep, or no JSON.
    """
    check_bytes(path, most=MOST_JSON_BYTES)
    raw = path.read_bytes()
    _check_brackets(raw, source=path.name)
    try:
        # Bytes in UTF-8 are parsed as they are: a large file is not held twice.
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    text = decoded(raw, source=path.name).removeprefix("\ufeff")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        found = re.match(r"-?(NaN|Infinity)|", text[error.pos : error.pos + 9])
        if found and found[1]:
            message = say("{word} in line {line} is no number in JSON", word=found[1], line=error.lineno)
        elif "infinity" in error.msg:
            message = say("a number in line {line} is too large", line=error.lineno)
        else:
            message = say("the file is no JSON from line {line} on; it may be cut off", line=error.lineno)
        raise InvalidInput(message, file=path.name) from None


def _check_brackets(raw: bytes, *, source: str) -> None:
    """Refuse what is nested too deep or has too many vertices before anything is built of it.

    Each position opens a bracket of its own, so brackets are a bound of vertices; those in texts don't
    count.
    """
    if raw.count(b"[") + raw.count(b"{") <= MOST_NESTING:
        return
    depth = opened = 0
    brackets = _STRINGS.sub(b"", raw).translate(None, _NOT_BRACKETS)
    for start in range(0, len(brackets), _AT_ONCE):
        marks = np.frombuffer(brackets[start : start + _AT_ONCE], dtype=np.uint8)
        steps = np.where((marks == ord("[")) | (marks == ord("{")), 1, -1)
        levels = depth + np.cumsum(steps)
        if levels.max() > MOST_NESTING:
            message = say("brackets are nested deeper than {most} levels", most=MOST_NESTING)
            raise InvalidInput(message, file=source)
        depth = int(levels[-1])
        opened += int((marks == ord("[")).sum())
    check_vertex_sum(opened, source=source)
    _check_each(brackets, source=source)


def _check_each(brackets: bytes, *, source: str) -> None:
    """Refuse a geometry with too many vertices by its brackets: each ``[]`` between braces is a position."""
    for run in _ARRAYS.finditer(brackets):
        count = brackets.count(b"[]", *run.span())
        if count > MOST_VERTICES_OF_ONE:
            raise too_many_vertices(count, row=_row_at(brackets, run.start()), source=source)


def _row_at(brackets: bytes, place: int) -> int:
    """The row of the feature in whose brackets a place lies."""
    depth = row = 0
    is_listed = False
    for mark in brackets[:place]:
        if mark in b"]}":
            depth -= 1
            continue
        if depth == 1:
            is_listed = mark == ord("[")
        row += depth == 2 and is_listed and mark == ord("{")
        depth += 1
    return max(row, 1)


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
        message = say("the file names a CRS that is not known: {name}", name=str(name)[:80])
        raise InvalidInput(message, file=source, field="crs") from None
    return stored_crs() if crs.to_authority() == _CRS84 else crs


def _geometries(features: list[dict[str, Any]], *, source: str) -> np.ndarray[Any, Any]:
    """Geometries of features, None where there is none."""
    texts = [_text(feature.get("geometry")) for feature in features]
    try:
        return np.asarray(shapely.from_geojson(np.array(texts, dtype=object)), dtype=object)
    except (shapely.errors.GEOSException, shapely.errors.ShapelyError):
        faults = [fault for row, text in enumerate(texts, 1) if (fault := _fault(text, row, source))]
        raise InvalidInput(faults or say("a geometry can't be read"), file=source) from None


def _text(geometry: Any) -> str | None:
    try:
        return None if geometry is None else orjson.dumps(geometry).decode()
    except orjson.JSONEncodeError:
        return ""


def _fault(text: str | None, row: int, source: str) -> Fault | None:
    try:
        shapely.from_geojson(text)
    except (shapely.errors.GEOSException, shapely.errors.ShapelyError):
        return Fault(message=say("the geometry can't be read"), file=source, row=row, field=GEOMETRY)
    return None
