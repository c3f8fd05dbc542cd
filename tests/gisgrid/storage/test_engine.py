"""The engine loads SpatiaLite safely, writers never lose a race, and geometries keep their SRID."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from shapely import LineString, Point
from sqlalchemy import func, literal, select, type_coerce

from gisgrid.errors import InvalidInput
from gisgrid.storage.engine import Database
from gisgrid.storage.types import Shape, UtcDateTime

OPEN_FIRST = """
import sys
from sqlalchemy import make_url, text
from gisgrid.storage.engine import Database
database = Database(make_url("sqlite:///" + sys.argv[1]))
with database.read() as session:
    assert session.scalar(text("SELECT spatialite_version()"))
import geopandas
from shapely import Point
frame = geopandas.GeoDataFrame({"name": ["幸福"]}, geometry=[Point(118.2, 33.9)], crs="EPSG:4326")
frame.to_file(sys.argv[2])
assert geopandas.read_file(sys.argv[2]).geometry.iloc[0].buffer(1).area > 3
"""


def test_geopackage_works_after_an_engine_was_opened_first(tmp_path: Path) -> None:
    """Loading SpatiaLite before the wheels' own GEOS ends in memory corruption; the engine prevents it."""
    command = [sys.executable, "-c", OPEN_FIRST, str(tmp_path / "a.sqlite"), str(tmp_path / "b.gpkg")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_concurrent_writers_lose_nothing(spatialite: Database) -> None:
    with spatialite.write() as session:
        session.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        session.execute(sa.text("INSERT INTO counter VALUES (0)"))

    def count() -> None:
        for _ in range(25):
            with spatialite.write() as session:
                n = session.scalar(sa.text("SELECT n FROM counter"))
                session.execute(sa.text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with spatialite.read() as session:
        assert session.scalar(sa.text("SELECT n FROM counter")) == 200


def test_geometry_comes_back_as_shapely_with_its_srid(database: Database) -> None:
    shape = Shape("POINT")
    with database.read() as session:
        found = session.scalar(select(type_coerce(literal(Point(118.5, 33.5), shape), shape)))
    assert found == Point(118.5, 33.5)
    assert shapely.get_srid(found) == 4326


@pytest.mark.parametrize(
    "value", ["POINT(1 2)", LineString([(0, 0), (1, 1)]), shapely.set_srid(Point(0, 0), 4548)]
)
def test_wrong_geometries_are_refused_before_sql(spatialite: Database, value: object) -> None:
    with spatialite.read() as session, pytest.raises(sa.exc.StatementError) as caught:
        session.scalar(select(func.ST_X(literal(value, Shape("POINT")))))
    assert isinstance(caught.value.orig, InvalidInput)


def test_instants_are_utc_whatever_zone_they_came_in(database: Database) -> None:
    instant = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    with database.read() as session:
        found = session.scalar(select(type_coerce(literal(instant, UtcDateTime()), UtcDateTime())))
    assert found == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def test_naive_instants_are_refused(spatialite: Database) -> None:
    with spatialite.read() as session, pytest.raises(sa.exc.StatementError, match="time zone"):
        session.scalar(select(literal(datetime(2026, 11, 24), UtcDateTime())))  # noqa: DTZ001 - the fault itself
