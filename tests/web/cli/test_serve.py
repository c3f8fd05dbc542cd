"""The real server with two workers: it answers, counts limits together, loses no report, and stops."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, make_url, select

from gisgrid.access.keys.encryption import open_database
from gisgrid.cases.core.models import Case
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import KEYS
from tests.demo_files import key_file_text
from tests.serving import COMMAND, REPORT, Server, children_of, free_port, serving, wait_until
from web.assets import static_root
from web.cli.root import gisgrid, run


@pytest.fixture
def database(spatialite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A community in a file of its own."""
    shutil.copy(spatialite_template, tmp_path / "x.sqlite")
    (tmp_path / "keys.json").write_text(key_file_text(KEYS))
    found = open_database(make_url(f"sqlite:///{tmp_path / 'x.sqlite'}"), KEYS)
    with found.write() as session:
        world.found(session)
    yield found
    found.close()


@pytest.fixture
def where(database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a server on that file."""
    assert database.is_sqlite
    return {"GISGRID_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}"}


@pytest.fixture
def server(where: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    """``gisgrid serve`` with two workers."""
    with serving(tmp_path, "--workers", "2", **where) as found:
        yield found


def test_two_workers_keep_one_limit_and_every_report(server: Server, database: Database) -> None:
    token, cookie = server.form()

    def try_password(number: int) -> int:
        sent = urlencode({"username": "staff", "password": "wrong", "csrf_token": token})
        headers = cookie | {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"X-Forwarded-For": f"192.0.2.{number}"}  # of no proxy that is trusted
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


@contextmanager
def taken_port() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield str(taken.getsockname()[1])


def in_use(port: str, host: str) -> str:
    return (
        f"gisgrid: port {port} of {host} is in use: stop what serves there, or choose another with --port\n"
    )


def test_a_port_in_use_is_told_by_the_process_in_one_sentence() -> None:
    with taken_port() as port:
        command = [*COMMAND, "serve", "--host", "127.0.0.1", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", in_use(port, "127.0.0.1"))


@pytest.fixture
def serve_at(
    where: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, str], tuple[int, str, str]]:
    """``gisgrid serve`` as far as it doesn't become the server: its exit code and what it wrote."""

    def become(*_words: object) -> None:
        raise AssertionError("it would serve")

    monkeypatch.setattr("os.execve", become)
    for name, value in where.items():
        monkeypatch.setenv(name, value)

    def serve(host: str, port: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return run(gisgrid, ["serve", "--host", host, "--port", port]), *capsys.readouterr()

    return serve


def test_a_port_of_localhost_in_use_is_told_in_one_sentence(serve_at: Any) -> None:
    with taken_port() as port:
        assert serve_at("localhost", port) == (1, "", in_use(port, "localhost"))


def test_an_address_of_another_machine_is_told_in_one_sentence(serve_at: Any) -> None:
    code, out, err = serve_at("192.0.2.1", str(free_port()))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "nothing can be served on port" in err


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_workers_fall_and_are_renewed_and_every_request_is_answered(
    server: Server, database: Database
) -> None:
    wait_until(lambda: len(children_of(server.pid)) == 2)  # the first answers before the second is there
    before = children_of(server.pid)
    os.kill(min(before), signal.SIGKILL)
    for _ in range(20):
        assert server.ask("GET", "/healthz")[0] == 200
    wait_until(lambda: len(children_of(server.pid)) == 2)
    assert len(children_of(server.pid) & before) == 1
    before = children_of(server.pid)
    os.kill(server.pid, signal.SIGHUP)
    end = time.monotonic() + 60
    while children_of(server.pid) & before or len(children_of(server.pid)) != 2:
        assert server.ask("GET", "/healthz")[0] == 200
        assert time.monotonic() < end
    answers_are_those_of_the_application(server)
    a_body_in_chunks_is_taken_as_a_whole_one(server, database)


def test_who_was_taken_just_before_a_worker_ends_is_answered(where: dict[str, str], tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", **where) as found:
        (worker,) = children_of(found.pid)
        with found.raw() as connection:
            time.sleep(0.2)
            os.kill(worker, signal.SIGTERM)
            time.sleep(0.2)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        wait_until(lambda: not is_alive(worker))
        wait_until(lambda: len(children_of(found.pid)) == 1)


def test_a_parent_that_is_killed_hard_leaves_no_worker_behind(where: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, "--workers", "2", port=port, ends=-signal.SIGKILL, **where) as found:
        workers = children_of(found.pid)
        os.kill(found.pid, signal.SIGKILL)
    wait_until(lambda: not any(is_alive(pid) for pid in workers))
    with serving(tmp_path, "--workers", "1", port=port, **where) as found:
        assert found.ask("GET", "/healthz")[0] == 200


def test_a_trusted_proxy_names_addresses_and_what_runs_is_finished_at_the_end(
    where: dict[str, str], database: Database, tmp_path: Path
) -> None:
    with (
        ThreadPoolExecutor(1) as pool,
        serving(tmp_path, "--workers", "1", GISGRID_TRUSTED_PROXIES="1", **where) as found,
    ):
        assert tried(found, "X-Forwarded-For") == {401: 12}
        assert tried(found, "X_Forwarded_For") == {401: 10, 429: 2}
        token, cookie = found.form()
        with database.write() as session:  # a report waits for the one who writes
            session.connection()
            reported = pool.submit(found.report, token, cookie)
            time.sleep(1)
            assert not reported.done()
            os.kill(found.pid, signal.SIGTERM)
            time.sleep(1)
        assert reported.result()[0] == 201
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def tried(server: Server, name: str) -> Counter[int]:
    """Passwords tried from a dozen addresses, as a header says that a proxy may have set."""
    token, cookie = server.form()
    sent = urlencode({"username": "nobody", "password": "wrong", "csrf_token": token})
    headers = cookie | {"Content-Type": "application/x-www-form-urlencoded"}
    asked = [headers | {name: f"192.0.2.{number}"} for number in range(1, 13)]
    return Counter(server.ask("POST", "/login", sent, one)[0] for one in asked)


def answers_are_those_of_the_application(server: Server) -> None:
    status, text, headers = server.ask("GET", f"{static_root()}/static/favicon.svg")
    assert (status, int(headers["Content-Length"])) == (200, len(text.encode()))
    assert "Server" not in headers
    again = server.ask(
        "GET", f"{static_root()}/static/favicon.svg", headers={"If-None-Match": headers["ETag"]}
    )
    assert (again[0], again[1]) == (304, "")
    head = server.ask("HEAD", "/login")
    assert (head[0], head[1]) == (200, "")
    assert server.ask("GET", "/%E5%8F%B7%FF?q=%E4%B8%AD")[0] == 404
    assert server.ask("POST", "/api/v1/cases", b"x" * (17 * 1024 * 1024), form_headers(server))[0] == 413


def form_headers(server: Server) -> dict[str, str]:
    token, cookie = server.form()
    return cookie | {"X-CSRFToken": token, "Content-Type": "application/json"}


def a_body_in_chunks_is_taken_as_a_whole_one(server: Server, database: Database) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    whole = json.dumps(REPORT).encode()
    pieces = (whole[at : at + 7] for at in range(0, len(whole), 7))
    connection.request("POST", "/api/v1/cases", pieces, form_headers(server), encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, bool(answer.read())) == (201, True)
    for _ in range(3):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_stop_of_the_whole_group_while_workers_begin_is_an_orderly_one() -> None:
    script = (
        "import socket, time; from web.server.parent import Parent;"
        "raise SystemExit(Parent(socket.socket(), lambda saying: time.sleep(60), workers=2).run())"
    )
    with subprocess.Popen([sys.executable, "-c", script], start_new_session=True) as running:
        wait_until(lambda: len(children_of(running.pid)) == 1)
        time.sleep(0.5)  # the worker has its own signals by then
        os.killpg(running.pid, signal.SIGTERM)
        assert running.wait(timeout=60) == 0
