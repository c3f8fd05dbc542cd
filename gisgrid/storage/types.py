"""Column types: geometries as shapely objects with an enforced SRID, and instants in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import shapely
from geoalchemy2 import Geometry
from shapely.geometry.base import BaseGeometry
from sqlalchemy import BindParameter, ColumnElement, DateTime, Dialect, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from gisgrid.crs import STORED_SRID
from gisgrid.errors import InvalidInput, say


class FromWkb(FunctionElement[Any]):
    """``ST_GeomFromWKB(:wkb, srid)`` on both databases."""

    inherit_cache = True
    name = "from_wkb"

    def __init__(self, value: BindParameter[Any], srid: int) -> None:
        super().__init__(value)
        self.srid = srid


@compiles(FromWkb)
def _compile_from_wkb(element: FromWkb, compiler: SQLCompiler, **options: Any) -> str:
    return f"ST_GeomFromWKB({compiler.process(element.clauses, **options)}, {STORED_SRID})"


class Shape(Geometry):
    """A geometry column that takes and gives shapely objects in EPSG:4326, lon before lat.

    A geometry of another type, or one that carries another SRID, is refused before it reaches SQL.
    The database's own typed column refuses it a second time.
    """

    cache_ok = True

    def __init__(self, geometry_type: str = "GEOMETRY", srid: int = STORED_SRID, **options: Any) -> None:
        super().__init__(geometry_type=geometry_type, srid=srid, **options)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], bytes | None]:
        """Shapely object to WKB."""
        del dialect
        kind, srid = (self.geometry_type or "GEOMETRY").upper(), self.srid

        def process(value: Any) -> bytes | None:
            if value is None:
                return None
            _check_shape(value, kind, srid)
            result: bytes = shapely.to_wkb(value)
            return result

        return process

    def bind_expression(self, bindvalue: BindParameter[Any]) -> ColumnElement[Any]:
        """WKB to the database's own form."""
        return FromWkb(bindvalue, self.srid)

    def column_expression(self, col: ColumnElement[Any]) -> ColumnElement[Any]:
        """The database's own form to WKB."""
        return func.ST_AsBinary(col, type_=self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], BaseGeometry | None]:
        """WKB to a shapely object that carries its SRID."""
        del dialect, coltype
        srid = self.srid

        def process(value: Any) -> BaseGeometry | None:
            if value is None:
                return None
            geometry: BaseGeometry = shapely.set_srid(shapely.from_wkb(bytes(value)), srid)
            return geometry

        return process


def _check_shape(value: Any, kind: str, srid: int) -> None:
    if not isinstance(value, BaseGeometry):
        raise InvalidInput(say("a shapely geometry is needed, not {kind}", kind=type(value).__name__))
    if kind != "GEOMETRY" and value.geom_type.upper() != kind:
        raise InvalidInput(say("a {kind} is needed, not a {given}", kind=kind, given=value.geom_type))
    own = int(shapely.get_srid(value))
    if own not in (0, srid):
        raise InvalidInput(say("a geometry with SRID {srid} is needed, not {own}", srid=srid, own=own))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in both databases. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC; SQLite stores it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidInput("an instant needs its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
