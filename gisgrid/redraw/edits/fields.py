"""Fields of edits: what they take, how programs are told of them, and what is said of any other value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import shapely
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry

from gisgrid.errors import Sentence, say

NAME_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class Needed:
    """The sentence for a field that is missing or of another kind."""

    sentence: Sentence


class Distinct:
    """Marks a list in which nothing may be named twice."""


class Untold:
    """Marks a field that the history of a plan doesn't show."""


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError(NEEDED.sentence)
    return text


def _line_of_text(text: str) -> str:
    name = _filled(text).strip()
    if len(name) > NAME_LIMIT or any(unicodedata.category(letter).startswith("C") for letter in name):
        raise ValueError(say("a name is one line of 1 to {most} characters", most=NAME_LIMIT))
    return name


def _drawn(most: int, *kinds: str) -> Callable[[Any], BaseGeometry]:
    """Read GeoJSON of some kinds with at most some points; a cut costs more with every one of them."""

    def read(value: Any) -> BaseGeometry:
        try:
            drawn: BaseGeometry = from_geojson(value)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.GEOSException):
            drawn = shapely.Point()
        if drawn.geom_type not in kinds or drawn.is_empty:
            raise ValueError(say("a GeoJSON {kind} is needed", kind=kinds[0]))
        if shapely.get_num_coordinates(drawn) > most:
            raise ValueError(say("at most {most} points can be drawn at once", most=most))
        return drawn

    return read


def _geojson(kind: str, coordinates: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
        "required": ["type", "coordinates"],
    }


NEEDED: Final = Needed(say("is needed"))
_LINE: Final = Needed(say("a GeoJSON {kind} is needed", kind="LineString"))
_RING: Final = Needed(say("a GeoJSON {kind} is needed", kind="Polygon"))
_CELLS: Final = Needed(say("name the cells by their ids"))
_GRIDS: Final = Needed(say("name the grids by their codes"))
_TO_MERGE: Final = Needed(say("name the grids to merge by their codes"))
_POSITION: Final = Needed(say("a position is [longitude, latitude]"))
_OWNERS: Final = Needed(say("is an object of cells and codes"))
_YES_OR_NO: Final = Needed(say("is true or false"))

_CODE: Final = {"type": "string", "minLength": 1}
_PAIR: Final = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
    "description": "[lon, lat]",
}
_PATH: Final = {"type": "array", "items": _PAIR, "minItems": 2}
_RINGS: Final = {"type": "array", "items": {**_PATH, "minItems": 4}, "minItems": 1}
_POLYGON: Final = _geojson("Polygon", _RINGS)
_POLYGONS: Final = _geojson("MultiPolygon", {"type": "array", "items": _RINGS, "minItems": 1})
_CODES: Final = WithJsonSchema({"type": "array", "items": _CODE, "minItems": 1})
_MAYBE: Final = WithJsonSchema({"anyOf": [_CODE, {"type": "null"}]})

Code = Annotated[str, AfterValidator(_filled), WithJsonSchema(_CODE), NEEDED]
Parent = Annotated[Code | None, _MAYBE, NEEDED, Untold()]
AreaTitle = Annotated[str, AfterValidator(_line_of_text), WithJsonSchema(_CODE), NEEDED]
Flag = Annotated[bool, _YES_OR_NO]
Cells = Annotated[list[str], Field(min_length=1), _CODES, _CELLS, Distinct(), Untold()]
Also = Annotated[list[str], _CODES, _CELLS, Distinct(), Untold()]
"""Cells that go along with an edit, since they lie between; a cut may make them first."""
MergedGrids = Annotated[list[str], _CODES, _TO_MERGE]
SomeGrids = Annotated[list[str] | None, _CODES, _GRIDS]
Position = Annotated[list[float], Field(min_length=2, max_length=2), WithJsonSchema(_PAIR), _POSITION]
Line = Annotated[
    BaseGeometry,
    PlainValidator(_drawn(500, "LineString")),
    WithJsonSchema(_geojson("LineString", _PATH)),
    _LINE,
    Untold(),
]
Ring = Annotated[
    BaseGeometry, PlainValidator(_drawn(1_000, "Polygon")), WithJsonSchema(_POLYGON), _RING, Untold()
]
Land = Annotated[
    BaseGeometry,
    PlainValidator(_drawn(5_000, "Polygon", "MultiPolygon")),
    WithJsonSchema({"anyOf": [_POLYGON, _POLYGONS]}),
    _RING,
    Untold(),
]
Owners = Annotated[
    dict[str, str],
    WithJsonSchema({"type": "object", "additionalProperties": _CODE, "minProperties": 1}),
    _OWNERS,
    Untold(),
]
Opens = Annotated[
    dict[str, str],
    WithJsonSchema({"type": "object", "additionalProperties": _CODE}),
    _OWNERS,
    Untold(),
]
