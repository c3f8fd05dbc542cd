"""Shapes in degrees laid out without a tear at the antimeridian, to be compared there and brought back.

A community across 180 degrees lies at both ends of the map: its areas touch each other in no number. Laid out
from a longitude where none of them lies, they are where they are on earth, with longitudes up to 540.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gisgrid.crs import Crs, FloatArray, stored_crs
from gisgrid.geometry.antimeridian import rows_across
from gisgrid.geometry.lattice import GeometryArray, as_array

_HALF: Final = 180.0
_WHOLE: Final = 360.0
_LEAST_GAP: Final = 1e-6
"""Degrees: what is nearer touches, as far as a map is concerned."""
_LATITUDES: Final = (-91.0, 91.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrolling:
    """From which longitude on shapes are laid out; nothing where they stand as they are."""

    west: float | None = None

    def lay_out(self, shapes: GeometryArray) -> GeometryArray:
        """Shapes with their longitudes from ``west`` on; parts that were cut at 180 degrees are one again."""
        if self.west is None:
            return shapes
        result = as_array(shapely.transform(shapes, self._shifted))
        moved = shapely.get_num_geometries(shapes) > 1
        for row in np.flatnonzero(moved).tolist():
            result[row] = _joined(result[row])
        return result

    def lay_back(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape with its longitudes from -180 to 180, cut in two where it goes across."""
        if self.west is None or shape.is_empty or shape.bounds[2] <= _HALF:
            return shape
        if shape.bounds[0] >= _HALF:
            return shapely.transform(shape, _back)
        bottom, top = _LATITUDES
        sides = (
            shapely.intersection(shape, shapely.box(-_WHOLE, bottom, _HALF, top)),
            shapely.transform(
                shapely.intersection(shape, shapely.box(_HALF, bottom, 2 * _WHOLE, top)), _back
            ),
        )
        wanted = shapely.get_dimensions(shape)
        parts = [part for side in sides for part in shapely.get_parts(side)]
        return _gathered([part for part in parts if shapely.get_dimensions(part) == wanted])

    def _shifted(self, xy: FloatArray) -> FloatArray:
        lon = xy[:, 0]
        return np.column_stack([np.where(lon < (self.west or 0.0), lon + _WHOLE, lon), xy[:, 1]])


def sheet_for(shapes: GeometryArray, crs: Crs) -> Unrolling:
    """How shapes are laid out so that none of them is torn: as they stand, unless some meet at 180 degrees.

    Shapes that cover the whole way round have no such place; they stay.
    """
    if not crs.is_geographic or not len(shapes):
        return Unrolling()
    parts = as_array(shapely.get_parts(shapes[shapely.is_geometry(shapes)]))
    spans = _spans(parts)
    gaps, starts = _gaps(spans)
    if not len(gaps) or gaps[-1] > _LEAST_GAP or gaps.max() <= _LEAST_GAP:
        return Unrolling()
    widest = int(np.argmax(gaps))
    west = starts[widest] + gaps[widest] / 2
    return Unrolling(west=float(west - _WHOLE if west >= _HALF else west))


def cut_at_antimeridian(shapes: GeometryArray) -> GeometryArray:
    """Shapes in degrees, each that goes across the antimeridian in one piece cut in two there."""
    result = shapes.copy()
    for row in rows_across(shapes):
        own = as_array([shapes[row]])
        sheet = sheet_for(own, stored_crs())
        result[row] = sheet.lay_back(sheet.lay_out(own)[0])
    return result


def _spans(parts: GeometryArray) -> FloatArray:
    """West and east of each part that lies on the map, shape (n, 2); of one across, east is beyond 180."""
    west, _south, east, _north = shapely.bounds(parts).T
    spans = np.stack([west, east], axis=1)
    for row in rows_across(parts):
        lon = shapely.get_coordinates(parts[row])[:, 0]
        spans[row] = lon[lon >= 0].min(), lon[lon < 0].max() + _WHOLE
    is_known = np.isfinite(spans).all(axis=1) & (spans[:, 0] >= -_HALF) & (spans[:, 1] < _HALF + _WHOLE)
    return np.asarray(spans[is_known], dtype=np.float64)


def _gaps(spans: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Longitudes without a part: how wide each gap is and where it begins, the one across 180 the last."""
    if not len(spans):
        return np.empty(0), np.empty(0)
    beyond = spans[spans[:, 1] > _HALF] - [_WHOLE, _WHOLE]
    every = np.concatenate([spans, beyond])
    west, east = np.clip(every, -_HALF, _HALF).T
    order = np.argsort(west)
    reach = np.maximum.accumulate(east[order])
    inner = west[order][1:] - reach[:-1]
    across = (west.min() + _HALF) + (_HALF - reach[-1])
    return np.append(np.maximum(inner, 0.0), across), np.append(reach[:-1], reach[-1])


def _joined(shape: BaseGeometry) -> BaseGeometry:
    """The parts of a polygon that touch along a line as one."""
    parts = as_array(shapely.get_parts(shape))
    if shapely.get_dimensions(shape) != 2 or not shapely.is_valid(parts).all():
        return shape
    return shapely.union_all(parts) if not shapely.is_valid(shape) else shape


def _gathered(parts: list[BaseGeometry]) -> BaseGeometry:
    """Parts of one dimension as one shape."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return shapely.Polygon()
    kind = int(shapely.get_dimensions(parts[0]))
    if kind == 0:
        return shapely.MultiPoint([part for part in parts if isinstance(part, shapely.Point)])
    if kind == 1:
        return shapely.MultiLineString([part for part in parts if isinstance(part, shapely.LineString)])
    return shapely.MultiPolygon([part for part in parts if isinstance(part, shapely.Polygon)])


def _back(xy: FloatArray) -> FloatArray:
    return np.column_stack([xy[:, 0] - _WHOLE, xy[:, 1]])
