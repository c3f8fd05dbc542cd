"""A confidential case comes in by every door: its words lie nowhere in the clear, and go where they may."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.outbox_models import HookEvent, HookMessage
from gisgrid.cases.webhooks.settings import HookInput, add_hook
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import NOW
from tests.lying import found_lying
from tests.web.browsing import Browser, add_account, add_token

WORDS = ["zaunstreit", "争执的原话"]
TEXT = " ".join(WORDS)
PLACE = world.middle(0, 0).coords[0]
REPORT = {"lon": PLACE[0], "lat": PLACE[1], "category": "dispute", "description": TEXT}


class Town:
    """A community with a building, a webhook, and people of several roles at browsers."""

    def __init__(self, app: OpenAPI, database: Database) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app, self.database = app, database
        with database.write() as session:
            self.made = world.found(session)
            world.add_building(session, self.made, 0, 0)
            view = self.made.view(session, now=NOW)
            events = tuple(event.value for event in HookEvent if event is not HookEvent.TEST)
            site = "https://grid.example"
            hook = HookInput(label="群", url="https://robot.example/send", site=site, events=events)
            add_hook(view, hook, now=NOW)
        self.browsers: dict[str, Browser] = {}
        for name, role in (("head", Role.HEAD), ("leader", Role.LEADER), ("evaluator", Role.EVALUATOR)):
            add_account(app, name, role, area_id=self.made.community)
            self.browsers[name] = Browser(app)
            assert self.browsers[name].log_in(name).status_code == 303

    def cases(self) -> list[Case]:
        with self.database.read() as session:
            return list(session.scalars(select(Case).order_by(Case.fid)))

    def take(self, case_id: str, step: str, **given: Any) -> None:
        answer = self.browsers["head"].post_json(f"/api/v1/cases/{case_id}/{step}", given)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def town(app: OpenAPI, database: Database) -> Town:
    return Town(app, database)


def test_every_door_and_every_step_leaves_nothing_in_the_clear(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = town.app.test_client()
    twice = [client.post("/api/v1/cases", json=REPORT, headers={"Idempotency-Key": "phone-1"}) for _ in "ab"]
    assert {answer.status_code for answer in twice} == {201}
    assert twice[0].json["id"] == twice[1].json["id"]
    sent = {"service_code": "dispute", "lat": PLACE[1], "long": PLACE[0], "description": TEXT}
    assert client.post("/open311/v2/requests.json", data={**sent, "first_name": "示例"}).status_code == 201
    pasted = {
        "category": "dispute",
        "description": TEXT,
        "address": "柳岸新村1幢",
        "key": "k",
        "contact": "1",
    }
    assert town.browsers["head"].post("/cases/paste/keep", pasted).status_code == 303
    assert town.browsers["head"].post_json("/api/v1/cases", REPORT).status_code == 201
    assert [case.description for case in town.cases()] == [TEXT] * 4
    first = town.cases()[0]
    town.take(first.id, "accept", reason=TEXT)
    town.take(first.id, "start", reason=TEXT)
    town.take(first.id, "close", result=TEXT)
    neighbour = Browser(town.app)
    stars = {"receipt": first.receipt, "speed": "1", "effect": "1", "reason": TEXT}
    assert neighbour.post("/receipt/rate", stars).status_code == 200
    assert neighbour.post("/receipt/reopen", {"receipt": first.receipt, "reason": TEXT}).status_code == 200
    assert found_lying(town.database, WORDS) == []
    assert not [word for word in WORDS if word in caplog.text]
    with town.database.read() as session:
        told = session.scalars(select(HookMessage)).all()
        assert {one.event for one in told} >= {"reported", "closed"}
        assert not [word for word in WORDS for one in told if word in str(one.facts)]


def test_who_may_reads_it_and_nobody_else(town: Town) -> None:
    answer = town.app.test_client().post("/api/v1/cases", json=REPORT)
    case_id = answer.json["id"]
    head, leader, evaluator = (town.browsers[name] for name in ("head", "leader", "evaluator"))
    assert head.get(f"/api/v1/cases/{case_id}").json["description"] == TEXT
    assert TEXT in head.get("/api/v1/exports/cases.csv").data.decode("utf-8-sig")
    key = add_token(town.app, "head")["Authorization"].removeprefix("Bearer ")
    asked = {"api_key": key, "service_code": "dispute"}
    told = town.app.test_client().get("/open311/v2/requests.json", query_string=asked).json
    assert [row["description"] for row in told] == [TEXT]
    nobody = Browser(town.app)
    paths = (
        *("/api/v1/cases", "/api/v1/cases?q=zaunstreit", f"/api/v1/cases/{case_id}", f"/cases/{case_id}"),
        *("/api/v1/exports/cases.csv", "/api/v1/cases/map", "/open311/v2/requests.json", "/cases", "/"),
    )
    for browser in (leader, evaluator, nobody):
        for path in paths:
            text = browser.get(path).get_data(as_text=True)
            assert not [word for word in WORDS if word in text.replace("q=zaunstreit", "")], path
    followed = nobody.post("/receipt", {"receipt": answer.json["receipt"]})
    assert followed.status_code == 200
    assert TEXT not in followed.text
    assert head.get("/api/v1/cases?q=zaunstreit").json["rows"] == []
