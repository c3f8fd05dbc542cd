"""Another program holds SQLite's write lock: reading goes on, nothing of it is lost, reports wait."""

from __future__ import annotations

import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from gisgrid.access.keys.encryption import ensure_keys, open_database
from gisgrid.access.models import AuditEntry
from gisgrid.cases.core.models import Case
from gisgrid.storage.engine import Database
from tests.locking import foreign_writer
from tests.serving import Server, serving
from tests.web.test_slow_clients import Others, founded

READS = ("/api/v1/cases?community=C1", "/api/v1/households?q=1", "/", "/cases", "/healthz")
"""The first two leave a line in the trail each."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    founded(tmp_path).close()
    where = {"GISGRID_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}", "GISGRID_TRUSTED_PROXIES": "1"}
    with serving(tmp_path, "--workers", "2", **where) as found:
        yield found


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    database = open_database(
        sa.make_url(f"sqlite:///{folder / 'x.sqlite'}"), ensure_keys(folder / "keys.json")
    )
    yield database
    database.close()


def lines(folder: Path) -> Counter[str]:
    with opened(folder) as database, database.read() as session:
        counted = select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
        return Counter({row[0]: row[1] for row in session.execute(counted)})


class Beside:
    """Ten people who read and some who report while another program writes."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder, self.others = server, folder, Others(server)
        self.read: dict[str, list[float]] = {path: [] for path in READS}
        self.busy: list[float] = []
        self.keys: dict[str, int] = {}

    def view(self) -> None:
        for path in READS:
            begun = time.monotonic()
            status, text, _ = self.server.ask("GET", path, headers=self.others.head)
            self.read[path].append(time.monotonic() - begun)
            assert status == 200, (path, text)

    def report(self, number: int, *, until: float) -> None:
        """One report of a phone that sends again under the same key, as the page does."""
        phone = {"X-Forwarded-For": f"192.0.2.{number % 250}"}
        key = secrets.token_hex(16)
        token, cookie = self.server.form()
        while True:
            begun = time.monotonic()
            status, text, headers = self.server.report(token, cookie | phone, key)
            if status == 201:
                self.keys[key] = number
                return
            assert status == 503, text
            self.busy.append(time.monotonic() - begun)
            assert 0 < int(headers["Retry-After"]) <= 6
            assert begun < until
            time.sleep(int(headers["Retry-After"]))

    def all_for(self, seconds: float, *, readers: int, reports: int) -> None:
        before = lines(self.folder)
        with ThreadPoolExecutor(readers + reports) as pool:
            with foreign_writer(self.folder / "x.sqlite"):
                until = time.monotonic() + seconds
                asked = [pool.submit(self._look_until, until) for _ in range(readers)]
                told = [pool.submit(self.report, number, until=until + 20) for number in range(reports)]
                for one in asked:
                    one.result()
            for one in told:
                one.result()
        wanted = [len(self.read[path]) for path in READS[:2]]
        until = time.monotonic() + 20  # the server brings in what waits by itself
        while self._noted(before) != wanted and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(1)  # and brings in nothing twice
        assert self._noted(before) == wanted
        with opened(self.folder) as database, database.read() as session:
            assert session.scalar(select(func.count()).select_from(Case)) == reports == len(self.keys)

    def _noted(self, before: Counter[str]) -> list[int]:
        grown = lines(self.folder) - before
        return [grown["cases:list"], grown["households:find"]]

    def _look_until(self, until: float) -> None:
        while time.monotonic() < until:
            self.view()


def test_reading_goes_on_and_nothing_is_lost(server: Server, tmp_path: Path) -> None:
    beside = Beside(server, tmp_path)
    beside.all_for(7, readers=1, reports=3)
    # Without the spool two of the five pages wait five seconds in vain: not even one round would end in time.
    assert len(beside.read[READS[-1]]) >= 3, beside.read
    assert beside.busy


@pytest.mark.prove
def test_half_a_minute_of_a_foreign_writer(
    server: Server, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    beside = Beside(server, tmp_path)
    beside.all_for(30, readers=4, reports=40)
    for path, waited in beside.read.items():
        p95 = statistics.quantiles(waited, n=20)[-1]
        record_property(path, f"{len(waited)} answers, p95 {1000 * p95:.0f} ms, max {max(waited):.2f} s")
    told = f"{len(beside.keys)} kept, {len(beside.busy)} times 503, {max(beside.busy):.1f} s"
    record_property("reports", told)
    assert max(max(waited) for waited in beside.read.values()) <= 1
    assert max(beside.busy) <= 6
