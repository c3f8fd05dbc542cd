"""Many report and handle at once, and the server is killed in the middle: nothing lost, nothing twice."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Self

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select, text

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case, CaseLog, IdempotencyKey
from gisgrid.cases.core.store import case_snapshot
from gisgrid.storage.engine import Database
from tests import world
from tests.browser.serving import keep_keys
from tests.cases_by_log import rebuilt
from tests.serving import COMMAND, Server, children_of, free_port, wait_for, wait_until
from tests.web.browsing import add_account, add_token

PATIENCE_S: Final = 120
STEPS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("accept", {}),
    ("start", {}),
    ("close", {"result": "已处理", "feedback": "phone"}),
)


class Line:
    """A connection of one person, who asks again until there is an answer."""

    def __init__(self, port: int, answers: Counter[int], lock: threading.Lock) -> None:
        self.port, self.answers, self.lock = port, answers, lock
        self.open: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self.open is not None:
            self.open.close()
        self.open = None

    def ask(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                status, said = self._once(path, json.dumps(body), headers)
            except (OSError, http.client.HTTPException):
                self.close()
            else:
                with self.lock:
                    self.answers[status] += 1
                if status != 503:  # busy: asked again
                    return status, json.loads(said)
            time.sleep(random.uniform(0.05, 0.3))
        raise AssertionError(f"no answer to {path}")

    def _once(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, bytes]:
        if self.open is None:
            self.open = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.open.request("POST", path, body, headers | {"Content-Type": "application/json"})
        answer = self.open.getresponse()
        return answer.status, answer.read()


class Rush:
    """A community, a real server of two workers on it, people who report and people who handle."""

    def __init__(self, app: OpenAPI, database: Database, folder: Path) -> None:
        self.database, self.folder, self.port = database, folder, free_port()
        keep_keys(folder)
        with database.write() as session:
            made = world.found(session)
        add_account(app, "citizen", Role.RESIDENT)
        self.reporting = add_token(app, "citizen")
        self.handling = []
        for number in range(1, 5):
            name, area = f"member{number}", made.areas[f"G{number}"]
            add_account(app, name, Role.MEMBER, area_id=area)
            self.handling.append(add_token(app, name))
        add_account(app, "head", Role.HEAD, area_id=made.community)
        self.handling.append(add_token(app, "head"))
        self.told: dict[str, dict[str, Any]] = {}
        self.answers: Counter[int] = Counter()
        self.lock, self.over = threading.Lock(), threading.Event()
        self.running = self.begin()

    def begin(self) -> subprocess.Popen[bytes]:
        url = self.database.engine.url.render_as_string(hide_password=False)
        environment = os.environ | {
            "GISGRID_DATABASE_URL": url,
            "GISGRID_KEY_FILE": str(self.folder / "keys.json"),
        }
        arguments = ["serve", "--port", str(self.port), "--workers", "2"]
        with (self.folder / "log").open("a") as log:
            running = subprocess.Popen(
                [*COMMAND, *arguments], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_for(Server(self.port))
        wait_until(lambda: len(children_of(running.pid)) == 2)  # a stop before that is no orderly one
        return running

    def kill(self) -> None:
        """The server and all its workers die at once, and it is begun again."""
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = self.begin()

    def stop(self) -> None:
        os.killpg(self.running.pid, signal.SIGTERM)
        assert self.running.wait(timeout=60) == 0

    def report(self, person: int, count: int) -> None:
        with self.line() as line:
            for number in range(count):
                key = f"{person}-{number}"
                lon, lat = world.middle(number % 4, person % 4).coords[0]
                body = {"lon": lon, "lat": lat, "category": "garbage", "description": key}
                status, told = line.ask("/api/v1/cases", body, self.reporting | {"Idempotency-Key": key})
                assert status == 201, told
                with self.lock:
                    self.told[key] = told

    def handle(self, person: int) -> None:
        chooser = random.Random(person)
        token = self.handling[person % len(self.handling)]
        with self.line() as line:
            while not self.over.is_set():
                with self.lock:
                    known = list(self.told.values())
                if not known:
                    time.sleep(0.05)
                    continue
                case = chooser.choice(known[-200:])
                for step, body in STEPS:
                    status, told = line.ask(f"/api/v1/cases/{case['id']}/{step}", body, token)
                    # Another was faster, or it lies in the grid of another member.
                    assert status in (200, 404, 409), told

    def line(self) -> Line:
        return Line(self.port, self.answers, self.lock)

    def all_at_once(self, reporters: int, handlers: int, count: int) -> None:
        each = count // reporters
        with ThreadPoolExecutor(reporters + handlers) as pool:
            busy = [pool.submit(self.handle, person) for person in range(handlers)]
            telling = [pool.submit(self.report, person, each) for person in range(reporters)]
            while len(self.told) < count // 2 and not all(one.done() for one in telling):
                time.sleep(0.01)
            self.kill()
            try:
                for one in telling:
                    one.result()
            finally:
                self.over.set()
            for one in busy:
                one.result()

    def assert_nothing_lost_or_twice(self, count: int) -> int:
        """Every report is kept once under the number that was told; gives how many cases were closed."""
        assert len(self.told) == count
        with self.database.read() as session:
            kept = dict(session.execute(select(Case.description, Case.number)).all())
            assert session.scalar(select(func.count()).select_from(Case)) == count
            assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == count
            assert kept == {key: told["number"] for key, told in self.told.items()}
            assert len(set(kept.values())) == count
            lines = select(CaseLog.case_id, CaseLog.action).group_by(CaseLog.case_id, CaseLog.action)
            assert not session.execute(lines.having(func.count() > 1)).all()
            for case in session.scalars(select(Case).order_by(Case.number).limit(500)):
                assert rebuilt(session, case.id) == case_snapshot(session, case)
            if not self.database.is_sqlite:
                asked = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                assert session.scalar(asked) == 0
            closed = select(func.count()).where(Case.state == "closed")
            return session.scalar(closed) or 0


def rush(app: OpenAPI, database: Database, folder: Path, *, people: tuple[int, int], count: int) -> Rush:
    found = Rush(app, database, folder)
    try:
        found.all_at_once(*people, count)
    except BaseException:
        os.killpg(found.running.pid, signal.SIGKILL)
        raise
    found.stop()
    log = (folder / "log").read_text()
    assert "Traceback" not in log, log[-2000:]
    assert not [status for status in found.answers if status >= 500 and status != 503], found.answers
    return found


def test_a_rush_and_a_kill_lose_nothing(app: OpenAPI, database: Database, tmp_path: Path) -> None:
    found = rush(app, database, tmp_path, people=(8, 3), count=120)
    assert found.assert_nothing_lost_or_twice(120) > 0


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_10000_reports_of_50_people_and_a_kill(
    app: OpenAPI,
    database: Database,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    began = time.perf_counter()
    found = rush(app, database, tmp_path, people=(40, 10), count=10_000)
    closed = found.assert_nothing_lost_or_twice(10_000)
    record_property("database", "spatialite" if database.is_sqlite else "postgis")
    record_property("reports", len(found.told))
    record_property("cases closed", closed)
    record_property("seconds", round(time.perf_counter() - began))
    record_property("answers", dict(sorted(found.answers.items())))
    assert closed > 100
