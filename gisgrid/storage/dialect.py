"""Where the SQL of SpatiaLite and PostGIS differs. Nothing else in the house asks which database it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from gisgrid.errors import MissingPart
from gisgrid.storage.types import UtcDateTime

Bounds = tuple[float, float, float, float]
"""minlon, minlat, maxlon, maxlat in EPSG:4326."""

SPATIALITE_TABLES: Final = frozenset(
    {"SpatialIndex", "KNN", "KNN2", "ElementaryGeometries", "sql_statements_log", "data_licenses"}
)
"""SpatiaLite's own tables that schema comparison must leave alone."""

_EXTRA_SRIDS: Final = (4490, 4548, 4549)
_FEW_KB: Final = 16 * 1024


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


def hold_few_pages(session: Session) -> None:
    """Let SQLite keep a quarter of the pages it may, for as long as this connection is open.

    Rows that come in bulk are written once: pages that are kept for them are only memory that is missing.
    """
    if is_sqlite(session):
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{_FEW_KB}")


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


def later(session: Session, moment: ColumnElement[Any], span: timedelta) -> ColumnElement[Any]:
    """A moment put off by a span in SQL; on SpatiaLite whole seconds, kept to the millisecond."""
    if not is_sqlite(session):
        return moment + sa.literal(span, sa.Interval())
    shift = f"{int(span.total_seconds()):+d} seconds"
    return func.strftime("%Y-%m-%d %H:%M:%f000", moment, shift, type_=moment.type)


def instant_of(session: Session, text: ColumnElement[Any]) -> ColumnElement[datetime]:
    """A moment told in ISO 8601 with its offset from UTC, as logs keep it, as a moment in SQL."""
    if not is_sqlite(session):
        return sa.cast(text, UtcDateTime())
    seconds = func.strftime("%Y-%m-%d %H:%M:%S", func.substr(text, 1, 19).concat(func.substr(text, -6)))
    # Its own clock has milliseconds: the digits of a second are as they were told.
    digits = sa.case((func.substr(text, 20, 1) == ".", func.substr(text, 21, 6)), else_="000000")
    return sa.type_coerce(seconds.concat(".").concat(digits), UtcDateTime())


def empty_tables(connection: Connection, tables: Sequence[str]) -> None:
    """Take every row out of tables, given with those that others point to first.

    On PostGIS everybody else waits until the transaction ends; on SpatiaLite readers go on with what was.
    """
    if not is_sqlite(connection):
        names = ", ".join(f'"{table}"' for table in tables)
        connection.execute(sa.text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(sa.text(f"TRUNCATE {names}"))
        return
    # Rows of one table may point to each other: whether anything points to nothing is seen at the end.
    connection.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
    for table in reversed(tables):
        connection.execute(sa.delete(sa.table(table)))


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Rows into a PostGIS table by one COPY, so that keys within the table are checked at its end."""
    names = ", ".join(f'"{column}"' for column in columns)
    dbapi: Any = connection.connection.dbapi_connection
    with dbapi.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def next_keys_after(connection: Connection, table: str) -> None:
    """Let numbered keys go on after the highest there is; SQLite does so by itself."""
    if is_sqlite(connection):
        return
    numbered = connection.execute(
        sa.text(
            "SELECT column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)"
            " FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = :table"
            " AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"
        ),
        {"table": table},
    ).all()
    for column, sequence in numbered:
        highest = sa.select(sa.func.max(sa.column(column))).select_from(sa.table(table)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 0) + 1, sa.false())))


def versions_of(connection: Connection) -> str:
    """The database program and its spatial part, with their versions, for people."""
    if is_sqlite(connection):
        lite, spatial = connection.execute(sa.text("SELECT sqlite_version(), spatialite_version()")).one()
        return f"SQLite {lite}, SpatiaLite {spatial}"
    server, spatial = connection.execute(
        sa.text("SELECT current_setting('server_version'), postgis_lib_version()")
    ).one()
    return f"PostgreSQL {server.partition(' ')[0]}, PostGIS {spatial}"


def bytes_of_database(connection: Connection) -> int:
    """How much room the database takes on its disk."""
    if is_sqlite(connection):
        pages = connection.scalar(sa.text("PRAGMA page_count")) or 0
        return int(pages * (connection.scalar(sa.text("PRAGMA page_size")) or 0))
    return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def forget_dropped_geometries(connection: Connection) -> None:
    """Take away what SpatiaLite keeps of geometry columns whose table was dropped with rows in it.

    Else a table of the same name made later would have a spatial index with rows of the former one.
    """
    if not is_sqlite(connection) or not sa.inspect(connection).has_table("geometry_columns"):
        return
    gone = sa.text(
        "SELECT f_table_name, f_geometry_column FROM geometry_columns WHERE NOT EXISTS"
        " (SELECT 1 FROM sqlite_master WHERE type = 'table' AND lower(name) = lower(f_table_name))"
    )
    for table, column in connection.execute(gone).all():
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS "idx_{table}_{column}"')
        for kept in ("_statistics", "_time", "_auth", "_field_infos", ""):
            name = sa.table(f"geometry_columns{kept}", sa.column("f_table_name"))
            connection.execute(sa.delete(name).where(name.c.f_table_name == table))


def metres_between(session: Session, geometry: Any, point: Any) -> ColumnElement[float]:
    """Metres along the ellipsoid from a point to the place of a geometry nearest to it, both in EPSG:4326.

    Nearest as the map is drawn, in degrees, on both databases: 0 within a polygon.
    """
    nearest = func.ST_ClosestPoint(geometry, point)
    if is_sqlite(session):  # it knows no nearest place of what holds the point
        outside = func.ST_Distance(nearest, point, 1, type_=sa.Float())
        return sa.case((func.ST_Intersects(geometry, point) == 1, 0.0), else_=outside)
    return func.ST_DistanceSpheroid(nearest, point, type_=sa.Float())
