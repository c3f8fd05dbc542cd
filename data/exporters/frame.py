"""Rows of a layer in the CRS or datum that somebody asked for, with plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from data.exporters.layer import Column, Geometry, Layer, Row
from gisgrid.crs import Crs, Datum, FloatArray, parse_crs, reproject, shift_datum, stored_crs
from gisgrid.errors import InvalidInput, Sentence, say
from gisgrid.geometry.lattice import GeometryArray

_LIST = "、"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is written: columns, values by row, shapes (or none at all) and what their numbers mean.

    ``crs`` is None where the degrees are of GCJ-02 or BD-09, which no CRS code stands for.
    """

    layer: Layer
    rows: list[dict[str, Any]]
    shapes: GeometryArray | None
    crs: Crs | None
    datum: Datum

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that any row has, in the layer's order."""
        present = set().union(*self.rows) if self.rows else {column.name for column in self.layer.columns}
        return tuple(column for column in self.layer.columns if column.name in present)

    @property
    def without_place(self) -> int:
        """Rows that a map can't show."""
        return 0 if self.shapes is None else sum(shape is None for shape in self.shapes)


def sheet_of(layer: Layer, found: Sequence[Row], *, crs: str | None) -> Sheet:
    """Rows as they are written; shapes in ``crs``: an EPSG code, GCJ-02 or BD-09, by default EPSG:4326.

    Raises
    ------
    InvalidInput
        The CRS is unknown, or doesn't reach to where the rows lie.
    """
    target, datum = parse_crs(crs) if crs else (stored_crs(), Datum.WGS84)
    rows = [_plain(values) for _shape, values in found]
    shapes = None
    if layer.geometry is not None:
        shapes = _moved(np.array([shape for shape, _ in found], dtype=np.object_), target, datum)
        shapes = _uniform(shapes, layer.geometry)
    return Sheet(
        layer=layer, rows=rows, shapes=shapes, crs=target if datum == Datum.WGS84 else None, datum=datum
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _LIST.join(map(str, one)) if isinstance(one, (list, tuple)) else one
        for name, one in values.items()
    }


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


def _transformed(shapes: GeometryArray, move: Any) -> GeometryArray:
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
