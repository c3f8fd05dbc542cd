"""Limits hold over threads and processes, and spare those who are not meant."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.storage.engine import Database, sqlite_module
from tests import world
from tests.serving import REPORT
from tests.web.browsing import Browser, services_of
from web.security.rate_limits import SCHEME, SqliteStorage

HITS = """
import sys
from web.security.rate_limits import SqliteStorage
storage = SqliteStorage(sys.argv[1])
print(*(storage.incr("key", 60) for _ in range(100)))
"""


def storage_in(folder: Path) -> SqliteStorage:
    return SqliteStorage(f"{SCHEME}://{folder / 'limits.sqlite'}")


def test_two_processes_count_together(tmp_path: Path) -> None:
    uri = f"{SCHEME}://{tmp_path / 'limits.sqlite'}"
    command = [sys.executable, "-c", HITS, uri]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    counts = [int(count) for process in running for count in process.communicate()[0].split()]
    assert sorted(counts) == list(range(1, 201))


def test_threads_count_together(tmp_path: Path) -> None:
    storage, counts = storage_in(tmp_path), []
    threads = [
        Thread(target=lambda: counts.extend(storage.incr("key", 60) for _ in range(50))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 201))


def test_a_window_ends_and_old_ones_are_cleared_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, start = storage_in(tmp_path), time.time()
    monkeypatch.setattr("web.security.rate_limits.time.time", lambda: start)
    assert [storage.incr("key", 60) for _ in range(3)] == [1, 2, 3]
    assert storage.get_expiry("key") == start + 60
    monkeypatch.setattr("web.security.rate_limits.time.time", lambda: start + 60)
    assert storage.get("key") == 0
    assert storage.incr("other", 60) == 1
    assert storage.get_expiry("key") == start + 60  # gone: the present instant
    assert storage.incr("key", 60) == 1
    storage.clear("key")
    assert (storage.get("key"), storage.check()) == (0, True)
    assert storage.reset() == 1


def test_passwords_are_tried_ten_times_a_minute_at_most(lite_browser: Browser) -> None:
    statuses = [lite_browser.log_in("someone", "wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert lite_browser.log_in("staff").status_code == 303
    answer = lite_browser.log_in("SOMEONE", "wrong")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert lite_browser.get("/login").status_code in {200, 302}


def test_only_trusted_proxies_name_the_address(
    spatialite: Database, make_app: Callable[..., OpenAPI]
) -> None:
    def tries(app: OpenAPI) -> list[int]:
        browser = Browser(app)
        addresses = [f"10.0.0.{number}" for number in range(11)]
        forms = [{"username": "x", "password": "wrong", "csrf_token": browser.token()} for _ in addresses]
        return [
            browser.client.post("/login", data=form, headers={"X-Forwarded-For": address}).status_code
            for form, address in zip(forms, addresses, strict=True)
        ]

    assert tries(make_app(spatialite, trusted_proxies=1)) == [401] * 11
    assert tries(make_app(spatialite)) == [401] * 10 + [429]


@pytest.mark.usefixtures("hasty")
def test_a_report_that_was_put_off_is_not_counted(lite_app: OpenAPI) -> None:
    """The sixth try within a minute was told "too often", though the server had asked for all of them."""
    with services_of(lite_app).database.write() as session:
        world.found(session)
    browser = Browser(lite_app)
    token = browser.token()
    cookie = browser.client.get_cookie("gisgrid")
    assert cookie

    def send(number: int) -> int:
        phone = Browser(lite_app)
        phone.client.set_cookie("gisgrid", cookie.value)
        headers = {"Referer": "http://localhost/", "X-CSRFToken": token, "Idempotency-Key": f"{number:032}"}
        return phone.client.post("/api/v1/cases", json=REPORT, headers=headers).status_code

    other = sqlite_module().connect(services_of(lite_app).database.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(5) as pool:
        for first in (0, 5):
            assert set(pool.map(send, range(first, first + 5))) == {503}
    other.execute("ROLLBACK")
    other.close()
    assert [send(number) for number in range(7)] == [201] * 6 + [429]
