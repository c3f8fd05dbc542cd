"""What a table looks like to whoever carries rows: names and kinds of columns, the same on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

from gisgrid.crs import STORED_SRID
from gisgrid.storage.types import FromWkb, UtcDateTime


class ValueKind(StrEnum):
    """What a column holds, whatever a database calls it."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    JSON = "json"
    BYTES = "bytes"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class ColumnForm:
    """A column's name and kind."""

    name: str
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table's name and its columns, in the order in which rows carry their values."""

    name: str
    columns: tuple[ColumnForm, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


# The order matters: the first that fits decides.
_KINDS: Final[tuple[tuple[type[TypeEngine[Any]], ValueKind], ...]] = (
    (Geometry, ValueKind.GEOMETRY),
    (sa.JSON, ValueKind.JSON),
    (sa.Boolean, ValueKind.BOOLEAN),
    (sa.DateTime, ValueKind.INSTANT),
    (sa.Date, ValueKind.DATE),
    (sa.Integer, ValueKind.INTEGER),
    (sa.Numeric, ValueKind.NUMBER),
    (sa.Float, ValueKind.NUMBER),
    (sa.LargeBinary, ValueKind.BYTES),
    (sa.String, ValueKind.TEXT),
)


_AT_ONCE: Final = 500
_LARGE: Final = {"case_photo": 20, "record_photo": 20, "form_version": 20, "outward_form": 20}
"""Tables whose rows hold pictures or files."""


def rows_at_once(table: str) -> int:
    """How many rows of a table are held in memory at once."""
    return _LARGE.get(table, _AT_ONCE)


def form_of(table: Table) -> TableForm:
    """One table; an encrypted text is the bytes that lie in the row."""
    columns = (ColumnForm(str(column.name), kind_of(column.type)) for column in table.columns)
    return TableForm(str(table.name), tuple(columns))


def kind_of(type_: TypeEngine[Any]) -> ValueKind:
    """The kind of a column type.

    Raises
    ------
    TypeError
        Nobody has said yet how such values are carried.
    """
    inner = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    for known, kind in _KINDS:
        if isinstance(inner, known):
            return kind
    raise TypeError(f"no kind for the column type {type_!r}")


class _Plain(sa.types.UserDefinedType[Any]):
    """A value as the database stores it, in and out through a function or a cast of SQL."""

    cache_ok = True


class _Wkb(_Plain):
    """A geometry as WKB bytes on the way out."""

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Whatever form the database has, to WKB."""
        return sa.func.ST_AsBinary(column, type_=self)

    def bind_expression(self, bindvalue: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
        """WKB to the database's own form."""
        return FromWkb(bindvalue, STORED_SRID)


class _JsonText(_Plain):
    """JSON as the text that was stored, so that not even the order of its keys is lost."""

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """The text of it."""
        return sa.cast(column, sa.Text())


_TYPES: Final[dict[ValueKind, TypeEngine[Any]]] = {
    ValueKind.TEXT: sa.Text(),
    ValueKind.INTEGER: sa.BigInteger(),
    ValueKind.NUMBER: sa.Double(),
    ValueKind.BOOLEAN: sa.Boolean(),
    ValueKind.DATE: sa.Date(),
    ValueKind.INSTANT: UtcDateTime(),
    ValueKind.JSON: _JsonText(),
    ValueKind.BYTES: sa.LargeBinary(),
    ValueKind.GEOMETRY: _Wkb(),
}


@cache
def plain_table(form: TableForm) -> Table:
    """A table to select from and insert into, with values as they lie in the database.

    The same one each time, so that what was compiled for it serves again.
    """
    columns: Sequence[Column[Any]] = [Column(column.name, _TYPES[column.kind]) for column in form.columns]
    return Table(form.name, MetaData(), *columns)
