"""Clients that never finish what they begin hold nobody else up, and are let go after a while."""

from __future__ import annotations

import asyncio
import socket
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from gisgrid.access.accounts import NewAccount, create_account, set_password
from gisgrid.access.keys.encryption import ensure_keys, open_database
from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.storage import migrate
from gisgrid.storage.engine import Database
from tests import world
from tests.serving import Half, Server, begin, half_sent, is_closed, self_signed, serving
from tests.web.browsing import LOCAL, PASSWORD
from web.server.bodies import GRACE_S, Body, Message, Refused, RequestBodies

KINDS = (Half.HEAD, Half.BODY, Half.CHUNKS, Half.HANDSHAKE)


@pytest.fixture(params=[pytest.param("plain", marks=pytest.mark.prove), "tls"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A community with a head behind ``gisgrid serve``, which believes one proxy.

    With a certificate there are handshakes besides; without one it is asked in the long proofs.
    """
    database = founded(tmp_path)
    cert = self_signed(tmp_path) if request.param == "tls" else None
    where = {"GISGRID_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite'}", "GISGRID_TRUSTED_PROXIES": "1"}
    with serving(tmp_path, "--workers", "2", cert=cert, **where) as found:
        yield found
    database.close()


def founded(folder: Path) -> Database:
    """A community with a head, in a file."""
    keys = ensure_keys(folder / "keys.json")
    database = open_database(sa.make_url(f"sqlite:///{folder / 'x.sqlite'}"), keys)
    migrate.upgrade(database)
    with database.write() as session:
        area = world.found(session).community
        at = datetime.now(UTC)
        create_account(session, LOCAL, NewAccount(name="head", role=Role.HEAD, area_id=area), now=at)
        set_password(session, LOCAL, "head", PASSWORD, now=at)
    return database


class Others:
    """People who ask ordinary things meanwhile, and how long each waits."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.waited: dict[str, list[float]] = defaultdict(list)
        self.reported = 0
        self.head = self._log_in()

    def _log_in(self) -> dict[str, str]:
        token, cookie = self.server.form()
        sent = urlencode({"username": "head", "password": PASSWORD, "csrf_token": token})
        headers = cookie | {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= {"Referer": f"https://localhost:{self.server.port}/login"}
        status, _, told = self.server.ask("POST", "/login", sent, headers)
        assert status in (302, 303)
        cookies = [one.partition(";")[0] for one in told.get_all("Set-Cookie")]
        return {"Cookie": "; ".join(cookies)}

    def once(self, number: int) -> None:
        """One look at the health, at the start page, and one report from a phone of its own."""
        self._timed("healthz", lambda: self.server.ask("GET", "/healthz")[0] == 200)
        self._timed("start page", lambda: self.server.ask("GET", "/", headers=self.head)[0] == 200)
        phone = {"X-Forwarded-For": f"192.0.2.{number % 250}"}
        token, cookie = self.server.form()
        self._timed("report", lambda: self.server.report(token, cookie | phone)[0] == 201)
        self.reported += 1

    def _timed(self, what: str, ask: Callable[[], bool]) -> None:
        begun = time.monotonic()
        assert ask(), what
        self.waited[what].append(time.monotonic() - begun)

    def p95(self, what: str) -> float:
        return statistics.quantiles(self.waited[what], n=20)[-1]


def test_two_hundred_of_each_kind_hold_nobody_up(server: Server, tmp_path: Path) -> None:
    others = Others(server)
    kinds = KINDS if server.tls else KINDS[:3]
    for kind in kinds:
        with half_sent(server, kind, 200):
            for number in range(2):
                others.once(10 * kinds.index(kind) + number)
    for what, waited in others.waited.items():
        assert max(waited) <= 1, (what, waited)
    assert cases_in(tmp_path) == others.reported == 2 * len(kinds)


def cases_in(folder: Path) -> int:
    database = open_database(
        sa.make_url(f"sqlite:///{folder / 'x.sqlite'}"), ensure_keys(folder / "keys.json")
    )
    with database.read() as session:
        count = session.scalar(select(func.count()).select_from(Case)) or 0
    database.close()
    return count


@pytest.mark.prove
def test_a_minute_of_two_hundred_of_each_kind(
    server: Server, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each kind for a minute, begun again as soon as the server lets one go."""
    others, number = Others(server), 0
    for kind in KINDS if server.tls else KINDS[:3]:
        others.waited.clear()
        with Besiegers(server, kind, 200) as besiegers:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                others.once(number := number + 1)
                time.sleep(0.2)
        figures = {what: round(1000 * others.p95(what)) for what in others.waited}
        record_property(
            f"{kind}: p95 ms",
            f"{figures}, rounds {len(others.waited['report'])}, begun {besiegers.begun}",
        )
        assert max(figures.values()) <= 1000, (kind, figures)
    assert cases_in(tmp_path) == others.reported


class Besiegers:
    """So many half-sent requests at any time, whatever the server does about them."""

    def __init__(self, server: Server, half: Half, count: int) -> None:
        self.server, self.half = server, half
        self.over = threading.Event()
        self.begun = 0
        self.threads = [threading.Thread(target=self._hold, args=(count // 4,)) for _ in range(4)]

    def __enter__(self) -> Self:
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for one in self.threads:
            one.join()

    def _hold(self, count: int) -> None:
        held: list[socket.socket] = []
        while not self.over.wait(0.2):
            for one in [one for one in held if is_closed(one, 0)]:
                one.close()
                held.remove(one)
            while len(held) < count and not self.over.is_set():
                with suppress(OSError):
                    held.append(begin(self.server, self.half))
                    self.begun += 1
        for one in held:
            one.close()


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_sends_half_is_let_go(server: Server, kind: Half) -> None:
    """No connection is held for ever: a head 20 s, a handshake 10 s, a body that pauses 20 s."""
    if kind == Half.HANDSHAKE and server.tls is None:
        pytest.skip("without TLS there are no handshakes")
    with begin(server, kind) as client:
        assert is_closed(client, 30)


def test_a_trickle_of_a_body_is_let_go() -> None:
    """A byte now and then keeps no connection beyond the grace."""
    now = 0.0

    async def drop_by_drop() -> float:
        bodies, body = RequestBodies(asyncio.Event()), Body()
        loop = asyncio.get_running_loop()

        async def receive() -> Message:
            nonlocal now
            now += 5
            return {"type": "http.request", "body": b"x", "more_body": True}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "time", lambda: now)
            with pytest.raises(Refused) as told:
                await bodies.take(receive, body)
        bodies.let_go(body)
        assert told.value.status == 408
        return now

    with ThreadPoolExecutor(1) as pool:  # a browser test of the same run may have left a loop in this thread
        assert pool.submit(asyncio.run, drop_by_drop()).result() <= GRACE_S + 10
