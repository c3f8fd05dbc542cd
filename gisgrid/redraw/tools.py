"""The tools that redraw cells, asked for by an operation as it was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import shapely
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.editing import Delta, Ground, merge, paint, reshape, split
from gisgrid.redraw.ground import Base


def _paint(base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    return paint(ground, _numbers(base, op), text_of(op, "to"))


def _merge(_base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    grids = op.get("grids")
    if not isinstance(grids, list) or not all(isinstance(code, str) for code in grids):
        raise InvalidInput("name the grids to merge by their codes", field="grids")
    return merge(ground, grids, text_of(op, "keep"))


def _split(_base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    _refuse_cut(op)
    return split(ground, text_of(op, "grid"), _geometry(op, "line", "LineString"))


def _reshape(_base: Base, ground: Ground, op: Mapping[str, Any]) -> Delta:
    _refuse_cut(op)
    return reshape(ground, text_of(op, "grid"), _geometry(op, "polygon", "Polygon"))


def _refuse_cut(op: Mapping[str, Any]) -> None:
    if op.get("cut"):
        raise InvalidInput("cells are kept whole: draw without a cut", field="cut")


def _numbers(base: Base, op: Mapping[str, Any]) -> list[int]:
    cells = op.get("cells")
    if not isinstance(cells, list) or not cells:
        raise InvalidInput("name the cells by their ids", field="cells")
    unknown = [cell for cell in cells if cell not in base.numbers]
    if unknown:
        raise InvalidInput("a cell is not of this division", field="cells")
    return [base.numbers[cell] for cell in cells]


def text_of(op: Mapping[str, Any], name: str) -> str:
    """A field of an operation that must be a text with something in it."""
    value = op.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput("is needed", field=name)
    return value


def _geometry(op: Mapping[str, Any], name: str, kind: str) -> BaseGeometry:
    value: Any = op.get(name)
    try:
        found: BaseGeometry = from_geojson(value)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.GEOSException):
        found = shapely.Point()
    if found.geom_type != kind or found.is_empty:
        raise InvalidInput(say("a GeoJSON {kind} is needed", kind=kind), field=name)
    return found


TOOLS: Final[dict[str, Callable[[Base, Ground, Mapping[str, Any]], Delta]]] = {
    "paint": _paint,
    "merge": _merge,
    "split": _split,
    "reshape": _reshape,
}
