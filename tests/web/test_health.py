"""``/healthz`` costs next to nothing, since monitors and proxies ask it all day."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gisgrid.access.keys.encryption import open_database
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests.conftest import KEYS
from tests.web.browsing import Browser


def test_health_costs_at_most_two_milliseconds(browser: Browser) -> None:
    assert browser.get("/healthz").status_code == 200
    spent = []  # by this thread: a server of another test may run in the same process
    for _ in range(60):
        begun = time.thread_time()
        browser.get("/healthz")
        spent.append(time.thread_time() - begun)
    assert min(spent) <= 0.002, "the least is what it costs: the others wait for the processor's other work"


def test_a_database_is_asked_one_thing(database: Database) -> None:
    assert migrate.is_current(database)
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert migrate.is_current(database)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
    assert len([one for one in asked if not one.startswith(("BEGIN", "PRAGMA busy_timeout"))]) == 1


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    empty = open_database(sa.make_url(f"sqlite:///{tmp_path / 'x.sqlite'}"), KEYS)
    assert not migrate.is_current(empty)
    empty.close()
