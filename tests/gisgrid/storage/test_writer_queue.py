"""Few threads of a process wait for a foreign writer; among themselves all get their turn."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from gisgrid.access.models import Worker
from gisgrid.errors import DatabaseBusy
from gisgrid.storage.engine import Database, sqlite_module


def write_slowly(database: Database, seconds: float) -> float | None:
    """How long it took, or nothing where it was refused."""
    begun = time.monotonic()
    try:
        with database.write() as session:
            session.add(Worker(name="x"))
            session.flush()
            time.sleep(seconds)
    except DatabaseBusy:
        return None
    return time.monotonic() - begun


def test_many_writers_of_a_process_take_turns(spatialite: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(lambda _: write_slowly(spatialite, 0.2), range(8)))
    assert None not in took


def test_beside_a_foreign_writer_most_are_told_at_once(spatialite: Database) -> None:
    other = sqlite_module().connect(spatialite.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def try_to_write(_number: int) -> float:
        begun = time.monotonic()
        assert write_slowly(spatialite, 0) is None
        return time.monotonic() - begun

    with ThreadPoolExecutor(8) as pool:
        waited = list(pool.map(try_to_write, range(8)))
    other.execute("ROLLBACK")
    other.close()
    assert Counter(seconds < 3 for seconds in waited) == {True: 4, False: 4}
