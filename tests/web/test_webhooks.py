"""Messages about cases go out of an outbox to a real server: signed, naming nobody, again after a failure."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select, text, update

from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.outbox_models import HookMessage, Webhook
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.webhooks import delivery
from gisgrid.cases.webhooks.addresses import Listed, read_listed
from gisgrid.cases.webhooks.delivery import MOST_ATTEMPTS, send_due, wait_after
from gisgrid.cases.webhooks.settings import HookInput, add_hook, stop_hook, try_hook
from gisgrid.errors import DatabaseBusy, InvalidInput, NotAllowed
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import NOW
from tests.web.browsing import Browser, add_account
from web.background import start_sending
from web.context import Services

PLACE = world.middle(0, 0)
PHONE = "19900000000"


class Robot:
    """A server that takes messages, and answers as it is told."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, certificate: Path | None = None) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.pause_s = 0.0
        robot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                robot.got.append((self.path, dict(self.headers), body))
                waiting = robot.answers
                status, answer, more = waiting.pop(0) if waiting else (200, b'{"errcode":0}', {})
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                for place in range(0, len(answer), 10 if robot.pause_s else max(1, len(answer))):
                    time.sleep(robot.pause_s)
                    self.wfile.write(answer[place : place + 10] if robot.pause_s else answer)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        if certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}/robot?key=very-secret"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def told(self, place: int = -1) -> str:
        return str(json.loads(self.got[place][2])["markdown"]["content"])


@pytest.fixture
def robot() -> Iterator[Robot]:
    found = Robot()
    yield found
    found.stop()


class Office:
    """The community with one address that gets messages, and a clock to turn."""

    def __init__(self, database: Database, robot: Robot) -> None:
        self.database, self.robot, self.now = database, robot, NOW
        with database.write() as session:
            self.world = world.found(session)
            view = self.world.view(session, now=NOW)
            self.listed: Listed = read_listed("127.0.0.1")
            self.hook, self.secret = add_hook(view, self.given(robot.url), now=NOW, listed=self.listed)

    def given(self, url: str, **more: Any) -> HookInput:
        told = {"label": "群", "site": "https://grid.example", "events": ["reported", "closed"], **more}
        return HookInput(url=url, **told)

    def report(self, category: str = "garbage") -> Case:
        command = ReportCase(
            lon=PLACE.x, lat=PLACE.y, category=category, description="张示例说路灯坏了", contact=PHONE
        )
        with self.database.write() as session:
            kept = report(
                session, self.world.actor, command, caches=self.world.caches, now=self.now, tz=world.TZ
            )
            return kept.case

    def send(self) -> int:
        return send_due(self.database, clock=lambda: self.now, tz=world.TZ, listed=self.listed)

    def outbox(self) -> list[HookMessage]:
        with self.database.read() as session:
            return list(session.scalars(select(HookMessage).order_by(HookMessage.at, HookMessage.id)))


@pytest.fixture
def office(database: Database, robot: Robot) -> Office:
    return Office(database, robot)


def test_a_report_is_told_once_signed_and_without_persons(office: Office) -> None:
    case = office.report()
    assert office.robot.got == []  # the request that reports waits for nobody
    assert (office.send(), office.send()) == (1, 0)
    ((path, headers, body),) = office.robot.got
    assert path == "/robot?key=very-secret"
    told = office.robot.told()
    assert told.splitlines() == [
        f"**新案件 {case.number}**",
        "类别:garbage",
        "网格:第1网格",
        f"期限:{case.due_at.astimezone(world.TZ):%Y-%m-%d %H:%M}",
        f"[查看案件](https://grid.example/cases/{case.id})",
    ]
    assert json.loads(body)["msgtype"] == "markdown"
    assert "示例说" not in told
    assert PHONE not in told
    signed = headers["X-Gisgrid-Timestamp"].encode() + b"." + body
    expected = hmac.new(office.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Gisgrid-Signature"] == f"sha256={expected}"
    (row,) = office.outbox()
    assert (row.attempts, row.next_at, row.error) == (1, None, None)
    assert row.sent_at == NOW


def test_a_confidential_category_is_not_named(office: Office) -> None:
    office.report("dispute")
    assert office.send() == 1
    assert "dispute" not in office.robot.told()
    assert "类别:保密类别" in office.robot.told()


def test_what_is_rolled_back_is_never_sent(office: Office) -> None:
    command = ReportCase(lon=PLACE.x, lat=PLACE.y, category="garbage", description="x")
    with office.database.read() as session:  # whatever happens in it is rolled back
        report(session, office.world.actor, command, caches=office.world.caches, now=NOW, tz=world.TZ)
        assert session.scalar(select(func.count()).select_from(HookMessage)) == 1
    assert office.send() == 0
    assert office.robot.got == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, b"", {}), "HTTP 500"),
        ((200, b'{"errcode":93000,"errmsg":"x"}', {}), "errcode 93000"),
        ((302, b"", {"Location": "/elsewhere"}), "HTTP 302"),
    ],
)
def test_a_failure_is_tried_again_later(
    office: Office, answer: tuple[int, bytes, dict[str, str]], error: str
) -> None:
    office.robot.answers = [answer]
    office.report()
    assert office.send() == 0
    assert office.send() == 0  # not before its time
    assert len(office.robot.got) == 1  # no redirect is followed
    (row,) = office.outbox()
    assert (row.error, row.attempts, row.next_at) == (error, 1, NOW + wait_after(1))
    office.now += wait_after(1)
    assert office.send() == 1
    first, second = (headers["X-Gisgrid-Delivery"] for _path, headers, _body in office.robot.got)
    assert first == second


def test_who_never_answers_is_given_up(office: Office) -> None:
    office.report()
    office.robot.answers = [(503, b"", {})] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        assert office.send() == 0
        office.now += timedelta(hours=7)
    (row,) = office.outbox()
    assert (row.attempts, row.next_at) == (MOST_ATTEMPTS, None)
    assert row.given_up_at is not None
    assert office.send() == 0
    assert len(office.robot.got) == MOST_ATTEMPTS


def test_nobody_at_the_address_is_a_failure_too(office: Office) -> None:
    office.robot.server.shutdown()
    office.robot.server.server_close()
    office.report()
    assert office.send() == 0
    assert office.outbox()[0].error == "ConnectionError"


def test_what_died_over_and_over_while_being_sent_is_given_up(office: Office) -> None:
    office.report()
    with office.database.write() as session:
        session.execute(update(HookMessage).values(attempts=MOST_ATTEMPTS))
    assert office.send() == 0
    (row,) = office.outbox()
    assert (office.robot.got, row.next_at, row.given_up_at) == ([], None, NOW)


def test_who_answers_in_drops_is_not_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_LONGEST_S", 0.2)
    office.robot.pause_s = 0.1
    office.robot.answers = [(200, b" " * 200, {})]
    office.report()
    assert office.send() == 0
    assert office.outbox()[0].error == "timeout"


def test_messages_of_long_ago_leave_the_outbox(office: Office) -> None:
    office.report()
    assert office.send() == 1
    office.now += timedelta(days=91)
    office.report()
    assert office.send() == 1
    assert [row.at for row in office.outbox()] == [office.now]


def test_several_senders_send_each_message_once(office: Office) -> None:
    for _ in range(8):
        office.report()
    sent: list[int] = []

    def work() -> None:
        try:
            sent.append(office.send())
        except DatabaseBusy:
            sent.append(0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.send()
    numbers = [office.robot.told(place).splitlines()[0] for place in range(len(office.robot.got))]
    assert len(numbers) == len(set(numbers)) == 8


def test_a_stopped_address_is_forgotten_and_gets_nothing(office: Office) -> None:
    office.report()
    with office.database.write() as session:
        stop_hook(office.world.view(session, now=NOW), office.hook, now=NOW)
    office.report()
    assert office.send() == 0
    with office.database.read() as session:
        hook = session.scalars(select(Webhook)).one()
        assert (hook.url, hook.secret) == (None, None)
    assert [row.given_up_at for row in office.outbox()] == [NOW]


def test_address_and_secret_lie_sealed_and_in_no_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="gisgrid")
    office.report()
    office.send()
    office.robot.answers = [(500, b"", {})]
    office.report()
    office.send()
    with office.database.read() as session:
        raw = session.execute(text("SELECT url, secret FROM webhook")).one()
        assert b"very-secret" not in bytes(raw[0])
        assert office.secret.encode() not in bytes(raw[1])
        entries = session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "webhook")).all()
        assert entries == ["webhook:create"]
    logged = caplog.text + "".join(str(vars(one)) for one in caplog.records if one.name.startswith("gisgrid"))
    assert "webhook" in logged
    assert "very-secret" not in logged
    assert office.secret not in logged


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://a.example/x", "file:///etc/passwd", "javascript:alert(1)", "http://", "//a.example"),
        *("http://a b.example", "http://user:pw@a.example", "http://169.254.169.254/latest", "http://[::1"),
        *("http://2130706433/x", "http://10.0.0.1/x", "http://[::ffff:127.0.0.1]/x", "http://localhost/x"),
    ],
)
def test_only_addresses_of_the_web_are_taken(spatialite: Database, robot: Robot, url: str) -> None:
    office = Office(spatialite, robot)
    with spatialite.write() as session, pytest.raises(InvalidInput):
        add_hook(office.world.view(session, now=NOW), office.given(url), now=NOW)


def test_only_administrators_keep_addresses(spatialite: Database, robot: Robot) -> None:
    office = Office(spatialite, robot)
    with spatialite.write() as session:
        head = world.add_actor(session, office.world, Role.HEAD)
        view = office.world.view(session, head, now=NOW)
        for step in (
            lambda: add_hook(view, office.given("https://a.example"), now=NOW),
            lambda: stop_hook(view, office.hook, now=NOW),
            lambda: try_hook(view, office.hook, now=NOW),
        ):
            with pytest.raises(NotAllowed):
                step()


def test_the_page_keeps_tries_and_stops_an_address(
    make_app: Callable[..., OpenAPI], spatialite: Database, robot: Robot
) -> None:
    lite_app = make_app(spatialite, webhook_hosts="127.0.0.1")
    with spatialite.write() as session:
        world.found(session)
    add_account(lite_app, "admin", Role.ADMIN)
    admin = Browser(lite_app)
    admin.log_in("admin")
    form = {"label": "网格群", "url": robot.url, "site": "https://grid.example", "events": "reported"}
    assert admin.post("/webhooks", {**form, "url": "nothing"}).status_code == 422
    made = admin.post("/webhooks", form)
    assert made.status_code == 200
    with spatialite.read() as session:
        hook = session.scalars(select(Webhook)).one()
        secret, hook_id = hook.secret, hook.id
    assert secret is not None
    assert secret in made.text
    again = admin.get("/webhooks").text
    assert secret not in again
    assert "very-secret" not in again
    assert "127.0.0.1" in again
    assert admin.post(f"/webhooks/{hook_id}/try").status_code == 303
    found: Services = lite_app.extensions["gisgrid"]
    over = start_sending(found, every_s=0.05)
    try:
        for _ in range(200):
            if robot.got:
                break
            over.wait(0.05)
    finally:
        over.set()
    assert robot.told() == "**测试消息**"
    assert admin.post(f"/webhooks/{hook_id}/stop").status_code == 303
    assert admin.post(f"/webhooks/{hook_id}/try").status_code == 409
    with spatialite.read() as session:
        assert session.scalar(select(func.count()).select_from(HookMessage)) == 1
