"""The real server with two workers: it answers, counts limits together, loses no report, and stops."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, make_url, select

from gisgrid.access.encryption import ensure_keys, open_database
from gisgrid.cases.models import Case
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests import world

COMMAND = [sys.executable, "-c", "from web.cli import main; main()"]
REPORT = {
    "lon": world.LON + world.STEP / 2,
    "lat": world.LAT + world.STEP / 2,
    "category": "garbage",
    "description": "rubbish",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A community in a file of its own."""
    found = open_database(make_url(f"sqlite:///{tmp_path / 'x.sqlite'}"), ensure_keys(tmp_path / "keys.json"))
    migrate.upgrade(found)
    with found.write() as session:
        world.found(session)
    yield found
    found.close()


class Server:
    """A running server and how to ask it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def form(self) -> tuple[str, dict[str, str]]:
        """A token of forms and the cookie it belongs to."""
        _, text, headers = self.ask("GET", "/login")
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found
        return found.group(1), {"Cookie": headers["Set-Cookie"].partition(";")[0]}


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[Server]:
    """``gisgrid serve`` with two workers."""
    assert database.is_sqlite
    port = free_port()
    environment = os.environ | {"GISGRID_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}"}
    arguments = ["serve", "--port", str(port), "--workers", "2"]
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen([*COMMAND, *arguments], env=environment, stdout=log, stderr=log)
        found = Server(port)
        try:
            wait_for(found)
            yield found
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=30) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def wait_for(server: Server, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if server.ask("GET", "/healthz")[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < end, "the server did not come up"
        time.sleep(0.2)


def test_two_workers_keep_one_limit_and_every_report(server: Server, database: Database) -> None:
    token, cookie = server.form()

    def try_password(_: int) -> int:
        sent = urlencode({"username": "staff", "password": "wrong", "csrf_token": token})
        headers = cookie | {"Content-Type": "application/x-www-form-urlencoded"}
        return server.ask("POST", "/login", sent, headers)[0]

    def report(number: int) -> tuple[int, str]:
        headers = cookie | {"Content-Type": "application/json", "X-CSRFToken": token}
        headers |= {"Idempotency-Key": f"key-{number % 4}"}
        status, text, _ = server.ask("POST", "/api/v1/cases", json.dumps(REPORT), headers)
        return status, json.loads(text).get("number", "")

    with ThreadPoolExecutor(8) as pool:
        tried = Counter(pool.map(try_password, range(40)))
        reported = list(pool.map(report, range(24)))
    assert tried == {401: 10, 429: 30}
    assert Counter(status for status, _ in reported) == {201: 6, 429: 18}
    with database.read() as session:
        kept = session.scalars(select(Case.number)).all()
        assert session.scalar(select(func.count()).select_from(Case)) == len(set(kept)) <= 4
    assert {number for status, number in reported if status == 201} == set(kept)


def serve_at(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "serve", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_in_use_is_told_in_one_sentence(host: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = serve_at("--host", host, "--port", port)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"gisgrid: port {port} of {host} is in use: stop what serves there, or choose another with --port\n"
    )


def test_an_address_of_another_machine_is_told_in_one_sentence() -> None:
    done = serve_at("--host", "192.0.2.1", "--port", str(free_port()))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "nothing can be served on port" in done.stderr
