"""How each edit of a plan is described to programs: its fields and what they mean."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gisgrid.access.models import DutyKind

Schema = dict[str, Any]

_CODE: Final[Schema] = {"type": "string", "minLength": 1}
_POSITION: Final[Schema] = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
    "description": "[lon, lat]",
}
_LINE: Final[Schema] = {"type": "array", "items": _POSITION, "minItems": 2}
_RINGS: Final[Schema] = {"type": "array", "items": {**_LINE, "minItems": 4}, "minItems": 1}
_FLAG: Final[Schema] = {"type": "boolean", "default": False}
_CODES: Final[Schema] = {"type": "array", "items": _CODE, "minItems": 1}
_ALSO: Final = "`also`: cells that go along, since they lie between."


def _geojson(kind: str, coordinates: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, "coordinates": coordinates},
        "required": ["type", "coordinates"],
    }


def _edit(op: str, says: str, needs: dict[str, Schema], **more: Schema) -> Schema:
    return {
        "title": op,
        "description": says,
        "type": "object",
        "properties": {"op": {"const": op}, **needs, **more},
        "required": ["op", *needs],
        "additionalProperties": False,
    }


def _of_area(op: str, says: str, needs: dict[str, Schema], **more: Schema) -> Schema:
    """An edit of one area, which both ``area`` and ``grid`` may name."""
    made = _edit(op, f"{says} The area is named by `area` or by `grid`.", needs, **more)
    made["properties"] |= {"area": _CODE, "grid": _CODE}
    made["anyOf"] = [{"required": ["area"]}, {"required": ["grid"]}]
    return made


_POLYGON: Final = _geojson("Polygon", _RINGS)
_MULTIPOLYGON: Final = _geojson("MultiPolygon", {"type": "array", "items": _RINGS, "minItems": 1})
_KINDS: Final = sorted(kind.value for kind in DutyKind if kind != DutyKind.BUILDING_STEWARD)
EDITS: Final[list[Schema]] = [
    _edit(
        "paint",
        "Gives cells to a grid or micro grid. 422 where all are there already, or one is named twice. Where "
        "a grid would fall apart, the problem's `mend` has the edit that takes the plots between along, if "
        "there is one: so of every tool.",
        {"cells": _CODES, "to": _CODE},
    ),
    _edit(
        "merge",
        f"Makes one of several grids, or micro grids. {_ALSO}",
        {"grids": _CODES, "keep": _CODE},
        also=_CODES,
    ),
    _edit(
        "split",
        "Parts a grid along a line: by cell borders, or with `cut` through cells.",
        {"grid": _CODE, "line": _geojson("LineString", _LINE)},
        cut=_FLAG,
    ),
    _edit(
        "reshape",
        f"Redraws a grid as a ring: by whole cells, or with `cut` through cells. {_ALSO}",
        {"grid": _CODE, "polygon": _POLYGON},
        cut=_FLAG,
        also=_CODES,
    ),
    _edit(
        "move", "Moves a border vertex within 1e-7 degrees of `from`.", {"from": _POSITION, "to": _POSITION}
    ),
    _edit("divide", "Divides a cell between its buildings.", {"cell": _CODE}),
    _edit(
        "outline",
        "Gives the community another outline; drawn by a head, approved by those above. `also`: cells that "
        "stay whole.",
        {"polygon": {"anyOf": [_POLYGON, _MULTIPOLYGON]}},
        also=_CODES,
    ),
    _edit(
        "transfer",
        "Gives a whole grid to the community beside this one, under an area there.",
        {"grid": _CODE, "to": _CODE},
        parent={"anyOf": [_CODE, {"type": "null"}]},
    ),
    _edit(
        "assign",
        "Gives many cells to areas at once, as an accepted proposal does; `opens`: new areas by a key, with "
        "the area each comes out of.",
        {"owners": {"type": "object", "additionalProperties": _CODE, "minProperties": 1}},
        opens={"type": "object", "additionalProperties": _CODE},
        by={"type": "string"},
    ),
    _edit(
        "restore",
        "Gives cells to micro grids as a revision had them: see `/revisions/{number}/restore`.",
        {"areas": {"type": "array", "items": {"type": "object"}}},
        revision={"type": "integer"},
    ),
    _of_area("rename", "Another name, one line of 1 to 60 characters.", {"name": _CODE}),
    _of_area(
        "lock",
        "Locks a grid against edits, or with `locked` false opens it.",
        {},
        locked={**_FLAG, "default": True},
    ),
    _of_area(
        "duty",
        "Gives somebody a duty; with `end` ends it; with `replace` in the place of who is primary.",
        {"worker": _CODE},
        kind={"enum": _KINDS, "default": DutyKind.GRID_MEMBER.value},
        primary=_FLAG,
        end=_FLAG,
        replace=_FLAG,
    ),
    _edit(
        "renumber",
        "Codes from west to east and north to south: of all grids, those below `parent`, or `grids`.",
        {},
        parent={"anyOf": [_CODE, {"type": "null"}]},
        grids=_CODES,
    ),
]
"""JSON Schema of every edit."""


class SentEdit(BaseModel):
    """One edit: `op` and its fields, no others. One that is refused changes nothing and says why."""

    model_config = ConfigDict(extra="allow", json_schema_extra=lambda schema: schema.update(oneOf=EDITS))

    op: str = Field(max_length=20)
