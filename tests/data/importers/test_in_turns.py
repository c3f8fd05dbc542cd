"""On SpatiaLite an import lets others write in between, and is there as a whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from data.importers.run import ImportStopped, ImportWatch
from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import open_database
from gisgrid.access.models import ImportChange, ImportRun, Role
from gisgrid.access.unfinished import importing_alone, mark_of
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.errors import DatabaseBusy
from gisgrid.imports.unfinished import settle_unfinished
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Household
from gisgrid.redraw.publication import publish
from gisgrid.storage import turns
from gisgrid.storage.engine import Database
from gisgrid.upkeep.backup import back_up, content_of
from tests import world
from tests.conftest import KEYS
from tests.importing import Desk

LOCAL = Actor(role=Role.LOCAL, operator="tests")
KEPT = (Case, CaseLog, Household, Resident, Consent, ImportRun, ImportChange)
HASHED = {table.__tablename__ for table in KEPT} | {"case_category", "area", "placement", "worker", "duty"}


@pytest.fixture
def desk(spatialite: Database, tmp_path: Path, now: datetime) -> Desk:
    return Desk(spatialite, tmp_path, now)


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn after every batch."""
    monkeypatch.setattr(turns, "HOLD_S", 0.0)


def cases(count: int, **more: str) -> list[dict[str, str]]:
    lon, lat = world.LON + world.STEP / 2, world.LAT + world.STEP / 2
    return [
        {
            "external_number": f"H{number}",
            "category": "garbage",
            "reported_at": f"2026-10-{1 + number % 28:02} 08:00",
            "lon": str(lon + number % 4 * world.STEP),
            "lat": str(lat),
            **more,
        }
        for number in range(count)
    ]


def homes(count: int) -> list[dict[str, str]]:
    return [
        {"地址": f"柳岸新村1幢1单元{1000 + number}室", "联系电话": "1", "登记同意": "同意"}
        for number in range(count)
    ]


def again(database: Database) -> Database:
    """The same file as another process opens it."""
    return open_database(database.engine.url, KEYS)


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in KEPT
        }


def hashes(database: Database) -> dict[str, str]:
    found = content_of(database).tables
    return {name: found[name] for name in HASHED & found.keys()}


class Onlooker(threading.Thread):
    """Another process that reads and writes while a file is imported."""

    def __init__(self, database: Database, now: datetime) -> None:
        super().__init__()
        self.other, self.now = again(database), now
        self.over = threading.Event()
        self.mark = mark_of(database.engine)
        self.seen: set[int] = set()
        self.between = 0
        """How often it wrote while the import stood between two of its turns."""

    def run(self) -> None:
        while not self.over.wait(0.02):
            with self.other.read() as session:
                self.seen.add(session.scalar(select(func.count()).select_from(Case)) or 0)
                self.seen.add(len(session.scalars(select(Case.number).join(CaseLog)).all()))
            with self.other.write() as session:
                session.execute(sa.update(ImportRun).where(ImportRun.id == "none").values(kind="x"))
                self.between += bool(self.mark and self.mark.exists())
        self.other.close()


def beside(desk: Desk, work: Callable[[], object]) -> Onlooker:
    found = Onlooker(desk.database, desk.now)
    found.start()
    try:
        work()
    finally:
        found.over.set()
        found.join()
    return found


def test_nobody_sees_any_of_it_before_all_of_it_is_there(desk: Desk) -> None:
    onlooker = beside(desk, lambda: desk.bring("cases", *cases(2500), crs="EPSG:4326"))
    assert counts(desk.database)["case_file"] == 2500
    assert onlooker.seen <= {0, 2500}
    assert onlooker.between >= 2
    mark = mark_of(desk.database.engine)
    assert mark
    assert not mark.exists()


@pytest.mark.parametrize("kind", ["cases", "households"])
def test_a_stopped_import_leaves_nothing_of_its_turns(desk: Desk, kind: str) -> None:
    desk.bring("cases", *cases(5), crs="EPSG:4326")
    before, rows = hashes(desk.database), cases(3000, address="x") if kind == "cases" else homes(3000)
    how = {"crs": "EPSG:4326"} if kind == "cases" else {}
    asked = iter([False] * 4)
    onlooker = Onlooker(desk.database, desk.now)
    onlooker.start()
    with pytest.raises(ImportStopped):
        desk.bring(kind, *rows, watch=ImportWatch(is_cancelled=lambda: next(asked, True)), **how)
    onlooker.over.set()
    onlooker.join()
    assert onlooker.seen <= {5}
    assert hashes(desk.database) == before


def test_one_that_is_killed_is_taken_back_by_whoever_comes_next(desk: Desk, now: datetime) -> None:
    desk.bring("cases", *cases(5), crs="EPSG:4326")
    before = hashes(desk.database)
    file = desk.file(*cases(3000))
    desk.database.close()
    command = [sys.executable, "-m", "tests.data.importers.killed_import", str(file)]
    command.append(str(desk.database.engine.url.database))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "kept some\n"
        with pytest.raises(DatabaseBusy), importing_alone(desk.database, patience_s=0):
            pass
        os.kill(running.pid, signal.SIGKILL)
    mark = mark_of(desk.database.engine)
    assert mark
    assert mark.exists()
    with desk.database.opened_for_writing() as session:  # without hiding
        assert (session.scalar(select(func.count()).select_from(Case)) or 0) > 5
    assert counts(desk.database)["case_file"] == 5
    assert settle_unfinished(desk.database, now=now) == 1
    assert not mark.exists()
    assert hashes(desk.database) == before


def test_a_backup_waits_and_publishing_is_refused(desk: Desk, tmp_path: Path, now: datetime) -> None:
    told: list[object] = []
    once = threading.Event()

    def view(done: int, _total: int) -> None:
        if done >= 1000 and not once.is_set():
            once.set()
            threads.append(threading.Thread(target=save))
            threads[0].start()

    def save() -> None:
        other = again(desk.database)
        told.append(back_up(other, LOCAL, tmp_path / "b.zip", now=now))
        other.close()

    threads: list[threading.Thread] = []
    desk.bring("cases", *cases(2500), crs="EPSG:4326", watch=ImportWatch(progress=view))
    threads[0].join()
    (manifest,) = told
    rows = {note.form.name: note.rows for note in manifest.tables}  # type: ignore[attr-defined]
    assert rows["case_file"] == 2500


def test_publishing_does_not_come_in_between(desk: Desk, now: datetime) -> None:
    mark = mark_of(desk.database.engine)
    assert mark
    with importing_alone(desk.database, patience_s=0):
        mark.touch()
        with desk.database.read() as session, pytest.raises(DatabaseBusy, match="being imported"):
            publish(desk.world.view(session, now=now), "any", "a reason", caches=desk.world.caches, now=now)
    mark.unlink()
