"""Rows of a layer in the CRS or datum that somebody asked for, with plain values, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import numpy as np
import shapely

from data.exporters.layer import Column, ColumnKind, Geometry, Layer, Row
from gisgrid.crs import Crs, Datum, FloatArray, is_for_maps, parse_crs, reproject, shift_datum, stored_crs
from gisgrid.errors import InvalidInput, Sentence, say
from gisgrid.geometry.lattice import GeometryArray

AT_ONCE: Final = 2_000
"""Rows that stand in memory together, however many a layer has."""
_LIST: Final = "、"

Move = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPart:
    """Some rows, and their shapes (missing ones are None) where the layer has any."""

    rows: list[dict[str, Any]]
    shapes: GeometryArray | None


@dataclass(kw_only=True)
class ExportSheet:
    """What is written: columns, parts that can be gone through once, and what their numbers mean.

    ``crs`` is None where the degrees are of GCJ-02 or BD-09, which no CRS code stands for. ``count`` and
    ``without_place`` (rows that a map can't show) are of the parts gone through so far.
    """

    layer: Layer
    columns: tuple[Column, ...]
    crs: Crs | None
    datum: Datum
    source: Iterator[RowPart]
    count: int = field(default=0)
    without_place: int = field(default=0)

    @property
    def parts(self) -> Iterator[RowPart]:
        """The parts; a layer without rows has one that is empty."""
        for part in self.source:
            self.count += len(part.rows)
            if part.shapes is not None:
                self.without_place += int(shapely.is_missing(part.shapes).sum())
            yield part

    @property
    def reference(self) -> str:
        """The CRS or datum in a word: ``EPSG:4548``, ``GCJ-02``."""
        if self.crs is None:
            return self.datum.value
        code = self.crs.to_epsg()
        return f"EPSG:{code}" if code else str(self.crs.name)


def sheet_of(layer: Layer, pairs: Iterable[Row], *, crs: str | None, at_once: int = AT_ONCE) -> ExportSheet:
    """Rows as they are written; shapes in ``crs``: an EPSG code, GCJ-02 or BD-09, by default EPSG:4326.

    The columns are those of the layer that any of the first rows has. Going through the parts raises
    ``InvalidInput`` where the CRS doesn't reach to where the rows lie.

    Raises
    ------
    InvalidInput
        The CRS is unknown, or none that maps are drawn in.
    """
    target, datum = parse_crs(crs) if crs else (stored_crs(), Datum.WGS84)
    if not is_for_maps(target):
        raise InvalidInput(say("no maps are drawn in the CRS {name}", name=target.name), field="crs")
    rows = iter(pairs)
    first = list(islice(rows, at_once))
    return ExportSheet(
        layer=layer,
        columns=_columns(layer, first),
        crs=target if datum == Datum.WGS84 else None,
        datum=datum,
        source=_parts(layer, first, rows, target=target, datum=datum, at_once=at_once),
    )


def _columns(layer: Layer, first: list[Row]) -> tuple[Column, ...]:
    if not first:
        return layer.columns
    present = {name for _shape, row in first for name in row}
    return tuple(column for column in layer.columns if column.name in present)


def _parts(
    layer: Layer, first: list[Row], rest: Iterator[Row], *, target: Crs, datum: Datum, at_once: int
) -> Iterator[RowPart]:
    """The first rows, then the rest."""
    piece = first
    while True:
        yield _part(layer, piece, target, datum)
        piece = list(islice(rest, at_once))
        if not piece:
            return


def _part(layer: Layer, pairs: list[Row], target: Crs, datum: Datum) -> RowPart:
    whole = {column.name for column in layer.columns if column.kind == ColumnKind.WHOLE}
    rows = [{name: _plain(raw, is_whole=name in whole) for name, raw in row.items()} for _shape, row in pairs]
    if layer.geometry is None:
        return RowPart(rows=rows, shapes=None)
    shapes = np.array([shape for shape, _ in pairs], dtype=np.object_)
    return RowPart(rows=rows, shapes=_uniform(_moved(shapes, target, datum), layer.geometry))


def _plain(value: Any, *, is_whole: bool) -> Any:
    """A list as one text; a count that came with gaps, and so as a fraction, as the whole number it is."""
    if isinstance(value, (list, tuple)):
        return _LIST.join(map(str, value))
    return int(value) if is_whole and isinstance(value, float) else value


def _moved(shapes: GeometryArray, target: Crs, datum: Datum) -> GeometryArray:
    if datum != Datum.WGS84:
        return _transformed(shapes, lambda lon, lat: shift_datum(lon, lat, Datum.WGS84, datum))
    if target == stored_crs():
        return shapes
    moved = _transformed(shapes, lambda lon, lat: reproject(lon, lat, stored_crs(), target))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise InvalidInput(_out_of_reach(target), field="crs")
    return moved


def _out_of_reach(target: Crs) -> Sentence:
    return say("the CRS {name} doesn't reach to this community", name=target.name)


def _transformed(shapes: GeometryArray, move: Move) -> GeometryArray:
    def both(pairs: FloatArray) -> FloatArray:
        return np.column_stack(move(pairs[:, 0], pairs[:, 1]))

    result: GeometryArray = shapely.transform(shapes, both)
    return result


def _uniform(shapes: GeometryArray, geometry: Geometry) -> GeometryArray:
    """Polygons and lines as their multi forms, so that a file has one type; points stay."""
    if geometry == Geometry.POINT:
        return shapes
    single, make = (
        (shapely.GeometryType.POLYGON, shapely.multipolygons)
        if geometry == Geometry.POLYGON
        else (shapely.GeometryType.LINESTRING, shapely.multilinestrings)
    )
    result = shapes.copy()
    for at in np.flatnonzero(shapely.get_type_id(shapes) == single):
        result[at] = make([shapes[at]])
    return result
