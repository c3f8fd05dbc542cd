"""Where the SQL of SpatiaLite and PostGIS differs. Nothing else in the house asks which database it is."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from gisgrid.errors import MissingPart

Bounds = tuple[float, float, float, float]
"""minlon, minlat, maxlon, maxlat in EPSG:4326."""

SPATIALITE_TABLES: Final = frozenset(
    {"SpatialIndex", "KNN", "KNN2", "ElementaryGeometries", "sql_statements_log", "data_licenses"}
)
"""SpatiaLite's own tables that schema comparison must leave alone."""

_EXTRA_SRIDS: Final = (4490, 4548, 4549)


def is_sqlite(bind: Session | Connection) -> bool:
    """Whether a session or connection talks to SpatiaLite."""
    connection = bind.connection() if isinstance(bind, Session) else bind
    return connection.dialect.name == "sqlite"


def prepare_spatial(connection: Connection) -> None:
    """Make an empty database spatial; does nothing where it already is.

    Raises
    ------
    MissingPart
        PostGIS is not installed, or SpatiaLite could not create its metadata.
    """
    if not is_sqlite(connection):
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS postgis"))
        return
    if sa.inspect(connection).has_table("spatial_ref_sys"):
        return
    # Inside our own transaction (0): SpatiaLite's own one is slow, and 1 fails without an exception.
    if connection.scalar(sa.select(func.InitSpatialMetaData(0, "WGS84_ONLY"))) != 1:
        raise MissingPart("SpatiaLite could not create its metadata in this file")
    for srid in _EXTRA_SRIDS:
        connection.scalar(sa.select(func.InsertEpsgSrid(srid)))


def in_bounds(session: Session, geometry: InstrumentedAttribute[Any], bounds: Bounds) -> ColumnElement[bool]:
    """Rows whose bounding box meets ``bounds``, by the spatial index.

    A plain spatial predicate on SpatiaLite scans the table: its R-tree must be asked by hand.
    """
    minx, miny, maxx, maxy = bounds
    if not is_sqlite(session):
        return geometry.op("&&")(func.ST_MakeEnvelope(minx, miny, maxx, maxy, 4326))
    table = geometry.class_.__table__
    names = ("pkid", "xmin", "xmax", "ymin", "ymax")
    index = sa.table(f"idx_{table.name}_{geometry.key}", *(sa.column(name) for name in names))
    hits = sa.select(index.c.pkid).where(
        index.c.xmin <= maxx, index.c.xmax >= minx, index.c.ymin <= maxy, index.c.ymax >= miny
    )
    condition: ColumnElement[bool] = table.c.fid.in_(hits)
    return condition


def local_day(session: Session, instant: Any, offset_hours: int) -> ColumnElement[Any]:
    """The calendar day of a UTC column in a zone of fixed offset, as text ``YYYY-MM-DD``."""
    if is_sqlite(session):
        return func.date(instant, f"{offset_hours:+d} hours")
    return func.to_char(instant + sa.text(f"interval '{offset_hours} hours'"), "YYYY-MM-DD")
