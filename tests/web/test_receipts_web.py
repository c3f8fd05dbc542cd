"""Following, rating and reopening by a receipt code; what slows guessing and machines, and never a person."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.steps import take
from gisgrid.storage.engine import Database
from tests import world
from tests.stepping import close
from tests.web.browsing import Browser, add_account, services_of
from tests.web.conftest import Clock
from tests.world import LAT, LON, STEP
from web.security import machines

HERE = {
    "lon": LON + 0.5 * STEP,
    "lat": LAT + 0.5 * STEP,
    "category": "garbage",
    "description": "张示例倒垃圾",
}
STARS = {"speed": "5", "effect": "2", "reason": "没扫干净"}


class Desk:
    """A community, a neighbour at a browser, and what people there do with a case."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, self.found = app, services_of(app)
        with self.found.database.write() as session:
            self.made = world.found(session)
            self.member = world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.neighbour = Browser(app)
        answer = app.test_client().post("/api/v1/cases", json=HERE).json
        self.case, self.code, self.number = answer["id"], answer["receipt"], answer["number"]

    def ask(self, step: str = "", **form: str) -> Any:
        return self.neighbour.post(f"/receipt{step}", {"receipt": self.code, **form})

    def close(self) -> None:
        with self.found.database.write() as session:
            view = self.made.view(session, self.member, now=self.found.clock())
            close(view, self.case, "已派人清扫", now=self.found.clock())

    def state(self) -> str:
        with self.found.database.read() as session:
            return session.scalars(select(Case.state).where(Case.id == self.case)).one()


@pytest.fixture
def desk(app: OpenAPI) -> Desk:
    return Desk(app)


def test_the_course_is_told_without_names_and_texts(desk: Desk) -> None:
    with desk.found.database.write() as session:
        view = desk.made.view(session, desk.member, now=desk.found.clock())
        take(view, desk.case, CaseAction.ACCEPT, StepInput(reason="李示例不在家"), now=desk.found.clock())
    text = desk.ask().text
    assert "已受理,正在安排" in text
    assert desk.number in text
    for hidden in ("张示例", "李示例", desk.member.name, desk.case):
        assert hidden not in text
    assert "提交评价" not in text


def test_rated_and_opened_again(desk: Desk, clock: Clock) -> None:
    desk.close()
    assert "已派人清扫" in desk.ask().text
    missing = desk.ask("/rate", speed="5")
    assert missing.status_code == 422
    assert 'role="alert"' in missing.text
    assert "评价已收到" in desk.ask("/rate", **STARS).text
    assert desk.state() == "rated"
    again = desk.ask("/rate", **STARS)
    assert (again.status_code, desk.state()) == (409, "rated")
    clock.turn(days=40)
    assert desk.ask("/reopen", reason="").status_code == 422
    assert "重新办理" in desk.ask("/reopen", reason="没扫干净").text
    assert desk.state() == "accepted"


def test_well_rated_ones_are_opened_again_for_some_days(desk: Desk, clock: Clock) -> None:
    desk.close()
    desk.ask("/rate", speed="5", effect="4")
    assert "要求重新办理" in desk.ask().text
    clock.turn(days=15, seconds=1)
    assert "要求重新办理" not in desk.ask().text
    late = desk.ask("/reopen", reason="又脏了")
    assert (late.status_code, desk.state()) == (409, "rated")


def test_who_handles_cases_rates_none(desk: Desk) -> None:
    desk.close()
    add_account(desk.app, "staff", Role.STAFF)
    browser = Browser(desk.app)
    browser.log_in()
    assert "提交评价" not in browser.post("/receipt", {"receipt": desk.code}).text
    assert browser.post("/receipt/rate", {"receipt": desk.code, **STARS}).status_code == 403
    assert desk.state() == "closed"


def test_a_form_of_another_site_does_nothing(desk: Desk) -> None:
    desk.close()
    answer = desk.app.test_client().post("/receipt/rate", data={"receipt": desk.code, **STARS})
    assert (answer.status_code, desk.state()) == (400, "closed")


def test_no_log_and_no_address_holds_the_code(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = desk.ask()
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert desk.code not in caplog.text


def test_guessing_becomes_slow_and_asking_does_not(spatialite: Database, make_app: Any) -> None:
    desk = Desk(make_app(spatialite))
    token = desk.neighbour.token()
    client, base = desk.neighbour.client, {"Referer": "http://localhost/"}

    def ask(code: str) -> int:
        status: int = client.post(
            "/receipt", data={"csrf_token": token, "receipt": code}, headers=base
        ).status_code
        return status

    assert [ask(desk.code) for _ in range(12)] == [200] * 12
    assert [ask("7KQ2-M9TA-WX4P") for _ in range(12)] == [404] * 10 + [429] * 2
    assert ask(desk.code) == 429  # from there nobody learns whether the next guess was right


def test_what_only_machines_do_is_said_and_not_swallowed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def cases() -> int:
        with desk.found.database.read() as session:
            return session.scalar(select(func.count()).select_from(Case)) or 0

    def send(**more: str) -> Any:
        return desk.app.test_client().post("/api/v1/cases", json={**HERE, **more})

    trapped = send(website="buy.example")
    assert (trapped.status_code, trapped.json["faults"][0]["message"]) == (422, "这一格请留空")
    with desk.app.test_request_context():
        mark = machines.opening_mark()
    hasty = send(opened=mark)
    assert (hasty.status_code, "Retry-After" in hasty.headers) == (429, True)
    assert cases() == 1
    monkeypatch.setattr(machines, "LEAST_S", 0.0)
    assert send(opened=mark).status_code == 201
    assert send(opened="forged").status_code == 201
    assert cases() == 3


def test_one_device_reports_only_so_often(spatialite: Database, make_app: Any) -> None:
    desk = Desk(make_app(spatialite))
    token = desk.neighbour.token()
    headers = {"X-CSRFToken": token, "Referer": "http://localhost/"}
    answers = [desk.neighbour.client.post("/api/v1/cases", json=HERE, headers=headers) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 6 + [429]
    assert answers[-1].json["title"]
    assert int(answers[-1].headers["Retry-After"]) <= 60
    assert desk.app.test_client().post("/api/v1/cases", json=HERE).status_code == 201


def test_a_key_nobody_can_guess_is_good_from_another_address(desk: Desk) -> None:
    key = {"Idempotency-Key": "f" * 32}
    ids = [
        desk.app.test_client()
        .post("/api/v1/cases", json=HERE, headers=key, environ_base={"REMOTE_ADDR": address})
        .json["id"]
        for address in ("10.0.0.1", "10.0.0.2")
    ]
    assert ids[0] == ids[1]
    short = {"Idempotency-Key": "1"}
    others = [
        desk.app.test_client()
        .post("/api/v1/cases", json=HERE, headers=short, environ_base={"REMOTE_ADDR": address})
        .json["id"]
        for address in ("10.0.0.1", "10.0.0.2")
    ]
    assert others[0] != others[1]
