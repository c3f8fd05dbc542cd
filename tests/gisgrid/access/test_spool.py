"""Entries of reading are kept whoever else writes: in the trail, or in the spool until it can take them."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.access.spool import count_waiting, drain, keep_entries, spool_of
from gisgrid.errors import DatabaseBusy, NoSpace
from gisgrid.storage.engine import Database, sqlite_module
from gisgrid.upkeep.backup import back_up, content_of
from gisgrid.upkeep.copy import copy_database
from tests.conftest import KEYS
from tests.locking import foreign_writer

LOCAL = Actor(role=Role.LOCAL, operator="tests")


def entry(number: int, now: datetime, **more: object) -> AuditEntry:
    return AuditEntry(at=now, action="card:view", object_kind="household", object_id=f"h{number}", **more)


def kept(database: Database) -> dict[str | None, str | None]:
    with database.read() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == "card:view")).all()
        assert len({one.id for one in found}) == len(found)
        return {one.object_id: one.reason for one in found}


def test_an_entry_goes_into_the_trail_itself(database: Database, now: datetime) -> None:
    keep_entries(database, [entry(1, now, reason="visit")])
    assert kept(database) == {"h1": "visit"}
    assert count_waiting(database) == 0


def test_beside_a_writer_an_entry_waits_sealed_and_comes_in_once(spatialite: Database, now: datetime) -> None:
    with foreign_writer(spatialite.engine.url.database):
        begun = time.monotonic()
        keep_entries(spatialite, [entry(1, now, reason="a secret reason"), entry(2, now)])
        assert time.monotonic() - begun < 1
        assert count_waiting(spatialite) == 2
        with pytest.raises(DatabaseBusy):
            drain(spatialite)
    path = spool_of(spatialite.engine)
    assert path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"secret" not in path.read_bytes()
    assert kept(spatialite) == {}
    assert drain(spatialite) == 2
    assert drain(spatialite) == 0
    assert kept(spatialite) == {"h1": "a secret reason", "h2": None}


def test_an_entry_that_is_in_the_trail_already_is_not_doubled(spatialite: Database, now: datetime) -> None:
    """A process that ends between the two files leaves the entries in both."""
    with foreign_writer(spatialite.engine.url.database):
        keep_entries(spatialite, [entry(1, now)])
    path = spool_of(spatialite.engine)
    assert path
    before = path.read_bytes()
    assert drain(spatialite) == 1
    path.write_bytes(before)
    keep_entries(spatialite, [entry(2, now)])
    assert drain(spatialite) == 1
    assert kept(spatialite) == {"h1": None, "h2": None}
    assert count_waiting(spatialite) == 0


def test_an_account_that_a_restore_took_away_is_named(spatialite: Database, now: datetime) -> None:
    with foreign_writer(spatialite.engine.url.database):
        keep_entries(spatialite, [entry(1, now, account_id="0190-gone")])
    assert drain(spatialite) == 1
    with spatialite.read() as session:
        assert session.scalars(select(AuditEntry.operator)).one() == "account 0190-gone"


def test_backup_hash_and_copy_hold_what_waited(spatialite: Database, now: datetime, tmp_path: Path) -> None:
    with spatialite.write() as session:
        ensure_local_account(session, now=now)
    for number, take in enumerate(("hash", "backup", "copy")):
        with foreign_writer(spatialite.engine.url.database):
            keep_entries(spatialite, [entry(number, now)])
        assert count_waiting(spatialite) == 1
        if take == "hash":
            content_of(spatialite)
        elif take == "backup":
            back_up(spatialite, LOCAL, tmp_path / "b.zip", now=now)
        else:
            target = Database(sa.make_url(f"sqlite:///{tmp_path / 'copy.sqlite'}"))
            target.engine.dialect.gisgrid_keys = KEYS  # type: ignore[attr-defined]
            copy_database(spatialite, LOCAL, target, now=now)
            assert kept(target) == {"h0": None, "h1": None, "h2": None}
            target.close()
        assert f"h{number}" in kept(spatialite)
        assert count_waiting(spatialite) == 0


def test_nothing_is_lost_while_writers_come_and_go(spatialite: Database, now: datetime) -> None:
    over = threading.Event()

    def now_and_then() -> None:
        while not over.is_set():
            with foreign_writer(spatialite.engine.url.database):
                over.wait(0.4)
            time.sleep(0.05)

    writing = threading.Thread(target=now_and_then)
    writing.start()

    def read_some(first: int) -> None:
        for number in range(first, first + 10):
            keep_entries(spatialite, [entry(number, now)])

    readers = [threading.Thread(target=read_some, args=(first,)) for first in range(0, 40, 10)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    over.set()
    writing.join()
    drain(spatialite, patience_ms=5000)
    assert set(kept(spatialite)) == {f"h{number}" for number in range(40)}


def test_a_spool_that_cannot_be_written_refuses_the_answer(spatialite: Database, now: datetime) -> None:
    path = spool_of(spatialite.engine)
    assert path
    path.mkdir()
    with foreign_writer(spatialite.engine.url.database), pytest.raises(NoSpace):
        keep_entries(spatialite, [entry(1, now)])


_ASK = """
import sys
module = __import__(sys.argv[1])
other = module.connect(sys.argv[2], timeout=0, isolation_level=None)
try:
    other.execute("BEGIN IMMEDIATE")
except module.OperationalError as error:
    print(error)
"""


def test_looking_into_the_spool_leaves_the_lock_of_another_thread(
    spatialite: Database, now: datetime
) -> None:
    """Closing a file that was opened beside SQLite would take all locks of the process from it."""
    path, module = spool_of(spatialite.engine), sqlite_module()
    assert path
    with foreign_writer(spatialite.engine.url.database):
        keep_entries(spatialite, [entry(1, now)])
    mine = module.connect(path, isolation_level=None)
    mine.execute("BEGIN IMMEDIATE")
    assert count_waiting(spatialite) == 1
    ask = [sys.executable, "-c", _ASK, module.__name__, str(path)]
    assert subprocess.run(ask, capture_output=True, text=True, check=True).stdout == "database is locked\n"
    mine.close()
