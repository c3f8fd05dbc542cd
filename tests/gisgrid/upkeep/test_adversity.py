"""A full disk, a locked database, two importers at once, a clock that goes back: a sentence, nothing lost."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from data.importers.prepare import ImportRequest, prepare
from data.importers.run import ImportWatch, run
from gisgrid.areas.view import Caches
from gisgrid.cases.core.models import Case
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import DatabaseBusy, NoSpace
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import back_up, content_of
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.conftest import KEYS
from tests.victims import PATIENCE_S, Bounded, Victims, everything_said
from tests.world import TZ


@pytest.fixture
def made(database: Database) -> world.World:
    with database.write() as session:
        made = world.found(session)
        for column in range(4):
            world.add_building(session, made, column, 0, number=str(column + 1))
    return made


def _homes(folder: Path, name: str, rooms: range) -> Path:
    path = folder / name
    rows = [f"柳岸新村{1 + room % 4}幢1单元{room}室" for room in rooms]
    path.write_text("address\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def _report(database: Database, made: world.World, now: datetime, number: int = 0) -> str:
    lon, lat = world.middle(number % 4, 1).coords[0]
    case = ReportCase(lon=lon, lat=lat, category="garbage", description=f"{number}")
    with database.write() as session:
        return report(session, made.actor, case, caches=Caches(), now=now, tz=TZ).case.id


def _count(database: Database, table: type[Case | Household]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def _assert_sound(database: Database, made: world.World, now: datetime) -> None:
    with database.read() as session:
        checked = check_database(session, made.actor, at=now + timedelta(days=1))
        assert not any(checked.counts().values())


def test_a_full_disk_ends_a_backup_with_a_sentence_and_keeps_the_last_one(
    postgis: Database, tmp_path: Path, now: datetime
) -> None:
    """On PostGIS, whose files another process writes: the bound is on the backup alone."""
    with postgis.write() as session:
        made = world.found(session)
    path = tmp_path / "b.zip"
    first = back_up(postgis, made.actor, path, now=now)
    victims = Victims(postgis, made.actor, KEYS)
    process, said = victims.begin("backup", now, Bounded(str(path), 2000))
    process.join(PATIENCE_S)
    assert str(everything_said(said)[0]) == "b.zip: the disk is full: nothing of the backup was kept"
    assert list(tmp_path.glob(".*.part")) == []
    with opened(path) as archive:
        assert archive.check().content == first.content


def test_a_full_disk_stops_writers_with_a_sentence_and_nothing_is_half(
    spatialite: Database, tmp_path: Path, now: datetime
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        for column in range(4):
            world.add_building(session, made, column, 0, number=str(column + 1))
    _report(spatialite, made, now)
    path = Path(spatialite.engine.url.database or "")
    file = _homes(tmp_path, "homes.csv", range(100, 3100))
    victims = Victims(spatialite, made.actor, KEYS)
    most = path.stat().st_size + 100_000
    process, said = victims.begin("import", now, Bounded(str(file), most))
    process.join(PATIENCE_S)
    told = everything_said(said)
    assert isinstance(told[1], NoSpace)
    assert str(told[1]) == "the database's disk is full or can't be written: nothing was changed"
    assert _count(spatialite, Household) == 0
    process, said = victims.begin("report", now, Bounded(None, most))
    process.join(PATIENCE_S)
    told = everything_said(said)
    reported = [one for one in told if isinstance(one, str) and one != "ended"]
    assert _count(spatialite, Case) == 1 + len(reported)
    assert isinstance(told[len(reported)], NoSpace)
    _assert_sound(spatialite, made, now)
    with spatialite.read() as session:
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    _report(spatialite, made, now + timedelta(hours=1), 1)  # with room again everything goes on
    assert _count(spatialite, Case) == 2 + len(reported)


def test_two_importers_at_once_bring_each_household_once(
    database: Database, made: world.World, tmp_path: Path, now: datetime
) -> None:
    files = [_homes(tmp_path, "a.csv", range(100, 300)), _homes(tmp_path, "b.csv", range(200, 400))]
    ready, faults = threading.Barrier(2), []

    def bring(file: Path) -> None:
        prepared = prepare(ImportRequest(kind="households", file=file, community="C1"), tz=TZ)
        ready.wait()
        try:
            run(database, lambda _session: made.actor, prepared, now=now, tz=TZ)
        except Exception as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=bring, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert _count(database, Household) == 300
    _assert_sound(database, made, now)


def test_a_locked_database_is_said_so_and_keeps_what_it_had(
    database: Database, made: world.World, tmp_path: Path, now: datetime
) -> None:
    _report(database, made, now)
    held = content_of(database)
    prepared = prepare(
        ImportRequest(kind="households", file=_homes(tmp_path, "a.csv", range(100, 110)), community="C1"),
        tz=TZ,
    )
    with database.engine.begin() as holder:
        tables = "LOCK TABLE household, building, case_file, community_state IN EXCLUSIVE MODE"
        holder.execute(sa.text("SELECT 1" if database.is_sqlite else tables))
        if database.is_sqlite:
            hasty = ImportWatch(patience_s=0)
            with pytest.raises(DatabaseBusy, match="nothing was kept"):
                run(database, lambda _session: made.actor, prepared, now=now, tz=TZ, watch=hasty)
            with pytest.raises(DatabaseBusy, match="try again shortly"):
                _report(database, made, now)
        assert content_of(database) == held  # who reads, and a backup, need not wait
        back_of = tmp_path / "b.zip"
        if not database.is_sqlite:
            back_up(database, made.actor, back_of, now=now)
    run(database, lambda _session: made.actor, prepared, now=now, tz=TZ)
    assert _count(database, Household) == 10


def test_a_clock_that_goes_back_loses_no_report_and_no_number(
    database: Database, made: world.World, tmp_path: Path, now: datetime
) -> None:
    jumps = [0, 3600, -7200, -86400 * 400, 86400 * 30, -1, 0]
    ids = [
        _report(database, made, now + timedelta(seconds=jump), number) for number, jump in enumerate(jumps)
    ]
    assert len(set(ids)) == len(jumps)
    with database.read() as session:
        numbers = session.scalars(select(Case.number)).all()
    assert len(set(numbers)) == len(jumps)
    _assert_sound(database, made, now + timedelta(days=60))
    earlier = now - timedelta(days=900)
    made_at = back_up(database, made.actor, tmp_path / "b.zip", now=earlier)
    with opened(tmp_path / "b.zip") as archive:
        assert archive.check() == made_at
