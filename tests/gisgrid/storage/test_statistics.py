"""After much was written, PostGIS plans for what is there now and not for the few rows there were."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import back_up
from gisgrid.upkeep.copy import copy_database
from gisgrid.upkeep.restoration import Restoring, check_backup, restore
from tests import world
from tests.conftest import KEYS
from tests.importing import Desk

LOCAL = Actor(role=Role.LOCAL, operator="tests")


def _planned(database: Database, table: str) -> int:
    """For how many rows of a table a query is planned; -1 where nobody has looked yet."""
    with database.read() as session:
        found = session.execute(
            sa.text("SELECT reltuples FROM pg_class WHERE relname = :name"), {"name": table}
        )
        return int(found.scalar_one())


def _forget(database: Database, *tables: str) -> None:
    """As after a table was made."""
    with database.write() as session:
        for table in tables:
            session.execute(
                sa.text("UPDATE pg_class SET reltuples = -1 WHERE relname = :name"), {"name": table}
            )


def _rows(letter: str, count: int) -> list[dict[str, str]]:
    place = {"lon": str(world.LON + world.STEP / 2), "lat": str(world.LAT + world.STEP / 2)}
    told = {"category": "garbage", "reported_at": "2026-10-01 08:00", **place}
    return [{**told, "external_number": f"{letter}{number}"} for number in range(count)]


def test_many_imported_rows_are_looked_at(postgis: Database, tmp_path: Path, now: datetime) -> None:
    desk = Desk(postgis, tmp_path, now)
    _forget(postgis, "case_file")
    assert desk.bring("cases", *_rows("S", 999), crs="EPSG:4326").refused == 0
    assert _planned(postgis, "case_file") == -1
    assert desk.bring("cases", *_rows("T", 1001), crs="EPSG:4326").refused == 0
    assert _planned(postgis, "case_file") == 2000


def test_a_copy_and_a_restored_backup_are_looked_at(
    spatialite: Database, postgis: Database, tmp_path: Path, now: datetime
) -> None:
    Desk(spatialite, tmp_path, now)
    _forget(postgis, "building")
    copy_database(spatialite, LOCAL, postgis, now=now)
    assert _planned(postgis, "building") == 4
    _forget(postgis, "building")
    file = tmp_path / "backup.zip"
    back_up(spatialite, LOCAL, file, now=now)
    wish = Restoring(erasures=tmp_path / "erased.jsonl", zone=world.TZ, operator="tests", replaces=True)
    with opened(file) as archive:
        restore(postgis, LOCAL, archive, check_backup(archive, KEYS), wish, now=now)
    assert _planned(postgis, "building") == 4


def test_an_import_does_not_wait_for_who_looks_after_a_table(
    postgis: Database, tmp_path: Path, now: datetime
) -> None:
    desk = Desk(postgis, tmp_path, now)
    _forget(postgis, "case_file")
    with postgis.engine.connect() as other:
        other.execute(sa.text("LOCK TABLE case_file IN SHARE UPDATE EXCLUSIVE MODE"))  # as VACUUM does
        assert desk.bring("cases", *_rows("S", 1000), crs="EPSG:4326").refused == 0
        other.rollback()
    assert _planned(postgis, "case_file") == -1
