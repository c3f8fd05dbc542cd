"""The tools that redraw cells, asked for by an operation as it was sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

import shapely
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Conflict, InvalidInput, say
from gisgrid.geometry.edits import (
    Delta,
    Ground,
    divide,
    merge,
    move_vertex,
    paint,
    redraw_outline,
    release,
    reshape,
    split,
)
from gisgrid.geometry.lattice import as_array
from gisgrid.redraw.edits.assignment import assign_cells
from gisgrid.redraw.edits.overlay import relay
from gisgrid.redraw.ground.plan_ground import PlanGround
from gisgrid.redraw.ground.surroundings import refuse_taken

ALSO: Final = "also"
"""The field that names cells which go along with an edit, since they lie between."""
PAINT: Final = "paint"
OUTLINE: Final = "outline"
"""The edit that gives the community another outline: a right of its own."""
TRANSFER: Final = "transfer"
"""The edit that gives a whole grid to the community beside this one: the same right."""
_NAME_LIMIT: Final = 60
_MOST_POINTS: Final = {"split": 500, "reshape": 1_000, OUTLINE: 5_000}
"""A cut costs more with every stroke: what nobody draws by hand would keep all others waiting."""


def _paint(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    return paint(ground, _numbers(base, ground, op), text_of(op, "to"))


def _merge(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    grids = op.get("grids")
    if not isinstance(grids, list) or not all(isinstance(code, str) for code in grids):
        raise InvalidInput("name the grids to merge by their codes", field="grids")
    return merge(ground, grids, text_of(op, "keep"), also=_also(base, op))


def _split(_base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    line = _geometry(op, "line", "LineString")
    return split(ground, text_of(op, "grid"), line, cut=_flag(op, "cut"))


def _reshape(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    polygon = _geometry(op, "polygon", "Polygon")
    return reshape(ground, text_of(op, "grid"), polygon, cut=_flag(op, "cut"), also=_also(base, op))


def _move(_base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    return move_vertex(ground, _position(op, "from"), _position(op, "to"))


def _divide(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    number = base.number_of(text_of(op, "cell"), ground)
    return divide(ground, number, as_array(base.footprints_in(number, ground)))


def _outline(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    shape = _geometry(op, "polygon", "Polygon", "MultiPolygon")
    refuse_taken(shape, ground.outline, base.others)
    return redraw_outline(ground, shape, also=_also(base, op))


def _transfer(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> Delta:
    """Only what stands can be given away: the neighbour takes cells that are stored."""
    grid = text_of(op, "grid")
    cells = ground.grids.get(grid, ())
    same = base.ground.grids.get(grid) == cells and all(
        base.ground.land.cells[cell] == ground.land.cells[cell]
        and base.ground.owner[cell] == ground.owner[cell]
        for cell in cells
    )
    if cells and not same:
        raise Conflict(say("this plan has changed grid {grid}: publish that first", grid=grid))
    return release(ground, grid)


def _flag(op: Mapping[str, Any], name: str) -> bool:
    value = op.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInput("is true or false", field=name)
    return value


def _position(op: Mapping[str, Any], name: str) -> tuple[float, float]:
    value = op.get(name)
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
    ):
        raise InvalidInput("a position is [longitude, latitude]", field=name)
    return float(value[0]), float(value[1])


def _numbers(base: PlanGround, ground: Ground, op: Mapping[str, Any]) -> list[int]:
    cells = op.get("cells")
    if not isinstance(cells, list) or not cells or not all(isinstance(cell, str) for cell in cells):
        raise InvalidInput("name the cells by their ids", field="cells")
    return [base.number_of(cell, ground) for cell in cells]


def _also(base: PlanGround, op: Mapping[str, Any]) -> list[int]:
    """Cells that go along with an edit, by their ids; a cut may make them first."""
    cells = op.get(ALSO, [])
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise InvalidInput("name the cells by their ids", field=ALSO)
    numbers = [base.number_called(cell) for cell in cells]
    if any(number < 0 for number in numbers):
        raise InvalidInput("a cell is not of this division", field=ALSO)
    return numbers


def name_of(op: Mapping[str, Any]) -> str:
    """The name an operation gives: one line of up to 60 characters that can be seen."""
    name = text_of(op, "name").strip()
    if len(name) > _NAME_LIMIT or any(unicodedata.category(letter).startswith("C") for letter in name):
        raise InvalidInput(
            say("a name is one line of 1 to {most} characters", most=_NAME_LIMIT), field="name"
        )
    return name


def text_of(op: Mapping[str, Any], name: str) -> str:
    """A field of an operation that must be a text with something in it."""
    value = op.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput("is needed", field=name)
    return value


def _geometry(op: Mapping[str, Any], name: str, *kinds: str) -> BaseGeometry:
    value: Any = op.get(name)
    try:
        found: BaseGeometry = from_geojson(value)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.GEOSException):
        found = shapely.Point()
    if found.geom_type not in kinds or found.is_empty:
        raise InvalidInput(say("a GeoJSON {kind} is needed", kind=kinds[0]), field=name)
    most = _MOST_POINTS[str(op["op"])]
    if shapely.get_num_coordinates(found) > most:
        raise InvalidInput(say("at most {most} points can be drawn at once", most=most), field=name)
    return found


TOOLS: Final[dict[str, Callable[[PlanGround, Ground, Mapping[str, Any]], Delta]]] = {
    PAINT: _paint,
    "merge": _merge,
    "split": _split,
    "reshape": _reshape,
    "move": _move,
    "divide": _divide,
    OUTLINE: _outline,
    TRANSFER: _transfer,
    "assign": assign_cells,
    "restore": relay,
}
