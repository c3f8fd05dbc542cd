"""GeoJSON, read value by value: numbers and texts stay what they are in the file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from data.importers.readers.encodings import decoded
from data.importers.readers.geojson_pieces import LARGE, Cut, brackets, cut, is_utf8
from data.importers.readers.limits import (
    MOST_JSON_BYTES,
    MOST_NESTING,
    MOST_VERTICES_OF_ONE,
    check_bytes,
    check_size,
    check_vertex_sum,
    check_vertices,
    too_many_vertices,
)
from data.importers.readers.table import FileTable
from gisgrid.crs import Crs, parse_crs, stored_crs
from gisgrid.errors import Fault, InvalidInput, say

GEOMETRY: Final = "geometry"
_CRS84: Final = ("OGC", "CRS84")
_ARRAYS: Final = re.compile(rb"[\[\]]+")
_FEW: Final = 10_000


def read_geojson(path: Path, layer: str | None) -> FileTable:
    """A FeatureCollection or a single Feature; ids that are text become a column ``id`` if none is there.

    Raises
    ------
    InvalidInput
        The file is no JSON (perhaps cut off), no GeoJSON, nested too deep, has more features or vertices
        than are read, or a geometry in it can't be built.
    """
    del layer
    document, large = parsed(path)
    return large if large is not None else table_of_geojson(document, source=path.name)


def table_of_geojson(document: Any, *, source: str) -> FileTable:
    """The table of a document that was read; raises as `read_geojson`."""
    features, crs = _features(document, source=source)
    rows = _Rows(source)
    rows.add(features)
    return rows.table(crs)


@dataclass(slots=True)
class _Rows:
    """Features as columns and geometries, added some at a time."""

    source: str
    columns: dict[str, list[Any]] = field(default_factory=dict)
    ids: list[Any] = field(default_factory=list)
    shapes: list[np.ndarray[Any, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def add(self, features: list[dict[str, Any]]) -> None:
        """Some more features."""
        before = len(self.ids)
        rows = [feature.get("properties") or {} for feature in features]
        for name in dict.fromkeys(name for row in rows for name in row):
            self.columns.setdefault(name, [None] * before)
        for name, values in self.columns.items():
            values += [self._once(row.get(name)) for row in rows]
        self.ids += [feature.get("id") for feature in features]
        check_size(len(self.ids), len(self.columns), source=self.source)
        try:
            self.shapes.append(_geometries(features, first=before + 1, source=self.source))
        except InvalidInput as error:
            self.faults += error.faults

    def _once(self, value: Any) -> Any:
        """Equal texts are held once, as long as there are few of them."""
        if not isinstance(value, str):
            return value
        if len(self._known) < _FEW:
            return self._known.setdefault(value, value)
        return self._known.get(value, value)

    def table(self, crs: Crs) -> FileTable:
        """The table of all of them.

        Raises
        ------
        InvalidInput
            A geometry couldn't be read, is too large, or a property is called as that.
        """
        columns: dict[str, Any] = {}
        if "id" not in self.columns and any(isinstance(feature_id, str) for feature_id in self.ids):
            columns["id"] = pd.Series(self.ids, dtype=object)
        columns |= {name: pd.Series(values, dtype=object) for name, values in self.columns.items()}
        if GEOMETRY in columns:
            message = say("a property must not be called geometry")
            raise InvalidInput(message, file=self.source, field=GEOMETRY)
        if self.faults:
            raise InvalidInput(self.faults)
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(self.ids)))
        shapes = np.concatenate([np.empty(0, dtype=object), *self.shapes])
        check_vertices(shapes, source=self.source)
        geo = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs))
        return FileTable(frame=geo, has_geometry=True, crs=crs, source=self.source)


def _table_of_pieces(document: Cut, *, source: str) -> FileTable:
    """The table of a large document, of which no more than a few features stand in memory at a time."""
    head = _document(document.head, document.raw, 0, source=source)
    if not isinstance(head, dict) or head.get("type") != "FeatureCollection":
        raise InvalidInput(say("the file is no GeoJSON collection of features"), file=source)
    rows, faults = _Rows(source), list[Fault]()
    for place, piece in document.pieces():
        features = _document(piece, document.raw, place, source=source)
        faults += _no_features(features, first=len(rows.ids) + 1, source=source)
        if not faults:
            rows.add(features)
    if faults:
        raise InvalidInput(faults)
    if not document.is_whole:
        raise _cut_off(document.raw.count(b"\n") + 1, source=source)
    return rows.table(_stated_crs(head, source=source))


def _document(piece: bytes, raw: bytes, place: int, *, source: str) -> Any:
    try:
        return orjson.loads(piece)
    except orjson.JSONDecodeError as error:
        line = raw.count(b"\n", 0, place)
        raise _no_json(error, piece.decode(errors="replace"), source=source, line=line) from None


def _no_features(features: Sequence[Any], *, first: int, source: str) -> list[Fault]:
    return [
        Fault(message=say("this is no feature"), file=source, row=row)
        for row, feature in enumerate(features, first)
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict)
    ]


def _features(document: Any, *, source: str) -> tuple[list[dict[str, Any]], Crs]:
    kind = document.get("type") if isinstance(document, dict) else None
    features = (
        [document] if kind == "Feature" else document.get("features") if kind == "FeatureCollection" else None
    )
    if not isinstance(features, list):
        raise InvalidInput(say("the file is no GeoJSON collection of features"), file=source)
    faults = _no_features(features, first=1, source=source)
    if faults:
        raise InvalidInput(faults)
    return features, _stated_crs(document, source=source)


def parsed(path: Path) -> tuple[Any, FileTable | None]:
    """What a JSON file holds, once its size is checked and its brackets are counted; or its table at once.

    A large collection of features is read piece by piece and never stands in memory as a whole.

    Raises
    ------
    InvalidInput
        It is too large, nested too deep, or no JSON.
    """
    check_bytes(path, most=MOST_JSON_BYTES)
    raw = path.read_bytes()
    _check_brackets(raw, source=path.name)
    if len(raw) > LARGE:
        if not is_utf8(raw):
            raw = decoded(raw, source=path.name).encode()
        document = cut(raw.removeprefix(codecs.BOM_UTF8))
        if document is not None:
            return None, _table_of_pieces(document, source=path.name)
    try:
        # Bytes in UTF-8 are parsed as they are: a large file is not held twice.
        return orjson.loads(raw), None
    except orjson.JSONDecodeError:
        pass
    text = decoded(raw, source=path.name).removeprefix("\ufeff")
    try:
        return orjson.loads(text), None
    except orjson.JSONDecodeError as error:
        raise _no_json(error, text, source=path.name) from None


def _no_json(error: orjson.JSONDecodeError, text: str, *, source: str, line: int = 0) -> InvalidInput:
    """What is said of a text that is no JSON and begins after some lines of its file."""
    literal = re.match(r"-?(NaN|Infinity)|", text[error.pos : error.pos + 9])
    at = line + error.lineno
    if literal and literal[1]:
        message = say("{word} in line {line} is no number in JSON", word=literal[1], line=at)
        return InvalidInput(message, file=source)
    if "infinity" in error.msg:
        return InvalidInput(say("a number in line {line} is too large", line=at), file=source)
    return _cut_off(at, source=source)


def _cut_off(line: int, *, source: str) -> InvalidInput:
    message = say("the file is no JSON from line {line} on; it may be cut off", line=line)
    return InvalidInput(message, file=source)


def _check_brackets(raw: bytes, *, source: str) -> None:
    """Refuse what is nested too deep or has too many vertices before anything is built of it.

    Each position opens a bracket of its own, so brackets are a bound of vertices; those in texts don't
    count.
    """
    if raw.count(b"[") + raw.count(b"{") <= MOST_NESTING:
        return
    depth = opened = 0
    chunks = []
    for _places, marks in brackets(raw):
        if not len(marks):
            continue
        steps = np.where((marks == ord("[")) | (marks == ord("{")), 1, -1)
        levels = depth + np.cumsum(steps)
        chunks.append(marks.tobytes())
        if levels.max() > MOST_NESTING:
            message = say("brackets are nested deeper than {most} levels", most=MOST_NESTING)
            raise InvalidInput(message, file=source)
        depth = int(levels[-1])
        opened += int((marks == ord("[")).sum())
    check_vertex_sum(opened, source=source)
    _check_each(b"".join(chunks), source=source)


def _check_each(marks: bytes, *, source: str) -> None:
    """Refuse a geometry with too many vertices by its brackets: each ``[]`` between braces is a position."""
    for run in _ARRAYS.finditer(marks):
        count = marks.count(b"[]", *run.span())
        if count > MOST_VERTICES_OF_ONE:
            raise too_many_vertices(count, row=_row_at(marks, run.start()), source=source)


def _row_at(marks: bytes, place: int) -> int:
    """The row of the feature in whose brackets a place lies."""
    depth = row = 0
    is_listed = False
    for mark in marks[:place]:
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


def _geometries(features: list[dict[str, Any]], *, first: int, source: str) -> np.ndarray[Any, Any]:
    """Geometries of features, None where there is none."""
    texts = [_text(feature.get("geometry")) for feature in features]
    try:
        return np.asarray(shapely.from_geojson(np.array(texts, dtype=object)), dtype=object)
    except (shapely.errors.GEOSException, shapely.errors.ShapelyError):
        faults = [fault for row, text in enumerate(texts, first) if (fault := _fault(text, row, source))]
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
