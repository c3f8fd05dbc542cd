"""One row as one line of JSON, and in a canonical form that tells nothing of the database it came from.

A line is an array in the order of the columns: text, numbers, booleans and null as JSON; days and instants
(UTC, microseconds) as ISO 8601; bytes and geometries (little-endian WKB) in base64; JSON as the text it was.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
import shapely

from gisgrid.errors import InvalidInput, say
from gisgrid.storage.content.forms import TableForm, ValueKind

Row = Sequence[Any]
"""Values of a row as the plain table gives them: bytes for geometries and sealed texts, text for JSON."""


def write_line(form: TableForm, row: Row) -> bytes:
    """A row as a line, with its line feed."""
    packed = [
        None if value is None else _PACK[column.kind](value)
        for column, value in zip(form.columns, row, strict=True)
    ]
    return orjson.dumps(packed, option=orjson.OPT_APPEND_NEWLINE)


def read_line(form: TableForm, line: bytes, *, number: int) -> list[Any]:
    """A row again, as the plain table takes it.

    Raises
    ------
    InvalidInput
        The line is no row of this table.
    """
    try:
        packed = orjson.loads(line)
        return [
            None if value is None else _UNPACK[column.kind](value)
            for column, value in zip(form.columns, packed, strict=True)
        ]
    except (ValueError, TypeError, AttributeError, binascii.Error, shapely.errors.ShapelyError):
        said = say("this is no row of the table {table}", table=form.name)
        raise InvalidInput(said, row=number, file=form.name) from None


def canonical(form: TableForm, row: Row) -> bytes:
    """A row in the form its digest is made from: by column name, numbers by repr, JSON with sorted keys."""
    named = {
        column.name: None if value is None else _CANON[column.kind](value)
        for column, value in zip(form.columns, row, strict=True)
    }
    return orjson.dumps(named, option=orjson.OPT_SORT_KEYS)


def little_endian(wkb: bytes) -> bytes:
    """WKB in the one byte order, whatever machine the database runs on."""
    if wkb[:1] == b"\x01":
        return wkb
    swapped: bytes = shapely.to_wkb(shapely.from_wkb(wkb), byte_order=1)
    return swapped


def _base64(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()


def _wkb_base64(value: Any) -> str:
    return _base64(little_endian(bytes(value)))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _number(value: float) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else repr(number)


def _same(value: Any) -> Any:
    return value


def _canonical_json(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_wkb(text: str) -> bytes:
    wkb = _from_base64(text)
    shapely.from_wkb(wkb)
    return wkb


def _from_json(text: str) -> str:
    json.loads(text)
    return text


def _exactly(*kinds: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError
        return value

    return check


_PACK: Final[dict[ValueKind, Callable[[Any], Any]]] = {
    ValueKind.TEXT: _same,
    ValueKind.INTEGER: int,
    ValueKind.NUMBER: _number,
    ValueKind.BOOLEAN: bool,
    ValueKind.DATE: date.isoformat,
    ValueKind.INSTANT: _instant,
    ValueKind.JSON: _same,
    ValueKind.BYTES: _base64,
    ValueKind.GEOMETRY: _wkb_base64,
}
_UNPACK: Final[dict[ValueKind, Callable[[Any], Any]]] = {
    ValueKind.TEXT: _exactly(str),
    ValueKind.INTEGER: _exactly(int),
    ValueKind.NUMBER: float,
    ValueKind.BOOLEAN: _exactly(bool),
    ValueKind.DATE: date.fromisoformat,
    ValueKind.INSTANT: datetime.fromisoformat,
    ValueKind.JSON: _from_json,
    ValueKind.BYTES: _from_base64,
    ValueKind.GEOMETRY: _from_wkb,
}
_CANON: Final[dict[ValueKind, Callable[[Any], Any]]] = {
    **_PACK,
    ValueKind.NUMBER: lambda value: repr(float(value)),
    ValueKind.JSON: _canonical_json,
}
