"""The workflow through the API: what a card offers, what a step needs, and the problems it answers with."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.cases.core.workflow import Requirement
from gisgrid.cases.intake.service import ReportCase, report
from tests import ROOT, world
from tests.web.browsing import add_account, add_token, services_of
from tests.world import LAT, LON, STEP


class Desk:
    """A case of grid G1, and people with a token each."""

    def __init__(self, app: OpenAPI, now: datetime) -> None:
        self.app, found = app, services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            self.member = world.add_actor(session, made, Role.MEMBER, "G1")
            self.other = world.add_actor(session, made, Role.MEMBER, "G2")
            place = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP}
            command = ReportCase(**place, category="garbage", description="垃圾")
            kept = report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ)
            self.case = kept.case.id
        add_account(app, "head", Role.HEAD, area_id=made.community)
        names = {"head": "head", "member": self.member.name, "other": self.other.name}
        self.headers = {who: add_token(app, name) for who, name in names.items()}

    def step(self, who: str, action: str, **body: Any) -> Any:
        path = f"/api/v1/cases/{self.case}/{action}"
        return self.app.test_client().post(path, json=body, headers=self.headers[who])

    def get(self, who: str, path: str) -> Any:
        return self.app.test_client().get(f"/api/v1/cases/{path}", headers=self.headers[who])


@pytest.fixture
def desk(app: OpenAPI, now: datetime) -> Desk:
    return Desk(app, now)


def test_a_card_offers_what_each_may_do_and_the_way_is_gone(desk: Desk) -> None:
    card = desk.get("head", desk.case).json
    assert {"accept", "dispatch", "close", "void"} <= set(card["actions"])
    told = {step["action"]: step["needs"] for step in card["steps"]}
    assert list(told) == card["actions"]
    assert (told["accept"], told["extend"], told["close"]) == ([], ["reason", "due"], ["result", "feedback"])
    assert (card["owner"], card["route"], card["repeated"]) == ("member示例", "grid", False)
    assert "void" not in desk.get("member", desk.case).json["actions"]
    people = desk.get("head", f"{desk.case}/people").json["rows"]
    assert people[0]["worker"] == desk.member.worker_id
    assert desk.step("head", "dispatch", handler=people[0]["worker"]).json["handler"] == "member示例"
    assert desk.step("member", "receipt").json["state"] == "receipted"
    assert desk.step("member", "start").json["state"] == "handling"
    assert desk.step("member", "finish", result="清理完毕").json["state"] == "feedback"
    assert desk.step("member", "close").status_code == 422, "the result is there, feedback is not"
    told = desk.step("member", "feedback", feedback="phone").json
    assert (told["feedback"], told["state"]) == ("phone", "feedback")
    closed = desk.step("member", "close", result="清理完毕").json
    assert (closed["state"], closed["resolution"]) == ("closed", "handled")
    assert closed["log"][1]["details"] == {"handler": "member示例"}
    assert closed["log"][-1]["who"] == "member示例"


def test_what_is_wrong_with_a_step_is_told_as_a_problem(desk: Desk) -> None:
    lacking = desk.step("head", "extend", reason=" ")
    assert (lacking.status_code, lacking.content_type) == (422, "application/problem+json")
    assert {fault["field"] for fault in lacking.json["faults"]} == {"reason", "due"}
    assert desk.step("head", "resume").status_code == 409
    assert desk.step("member", "void", reason="x").status_code == 403
    assert desk.step("other", "accept").status_code == 404
    assert desk.step("head", "dance").status_code == 422
    assert desk.step("head", "extend", reason="x", due="9999-12-31T23:59:59-12:00").status_code == 422
    assert desk.step("head", "assign").status_code == 403


def test_the_pool_is_the_branchs_and_who_gives_back_sees_it_no_more(desk: Desk) -> None:
    assert [row["id"] for row in desk.get("other", "pool").json["rows"]] == [desk.case]
    assert desk.get("head", "pool").json == {"rows": []}
    claimed = desk.step("other", "claim").json
    assert (claimed["state"], claimed["owner"]) == ("receipted", "member示例")
    back = desk.step("other", "return", reason="不顺路")
    assert (back.status_code, back.json["state"], back.json["actions"]) == (200, "returned", [])
    assert desk.get("other", desk.case).status_code == 404
    assert desk.get("head", "ownerless").json == {"rows": []}
    assert desk.get("head", "repeated").json == {"rows": []}


def test_a_step_sent_again_with_its_key_gets_the_same_answer(desk: Desk) -> None:
    key = {"Idempotency-Key": "f" * 32}
    client, path = desk.app.test_client(), f"/api/v1/cases/{desk.case}"
    headers = desk.headers["member"] | key
    first = client.post(f"{path}/close", json={"result": "清走了"}, headers=headers)
    again = client.post(f"{path}/close", json={"result": "清走了"}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json == first.json
    assert (first.json["feedback"], first.json["feedback_at"]) == (None, None)
    for body, action in (({"result": "别的"}, "close"), ({}, "start"), ({"reason": "x"}, "return")):
        refused = client.post(f"{path}/{action}", json=body, headers=headers)
        assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    long = client.post(f"{path}/start", json={}, headers=headers | {"Idempotency-Key": "x" * 121})
    assert (long.status_code, long.json["faults"][0]["field"]) == (422, "Idempotency-Key")


def test_who_gave_a_case_away_hears_the_same_again(desk: Desk) -> None:
    client, path = desk.app.test_client(), f"/api/v1/cases/{desk.case}/return"
    headers = desk.headers["other"] | {"Idempotency-Key": "e" * 32}
    desk.step("other", "claim")
    first = client.post(path, json={"reason": "不顺路"}, headers=headers)
    desk.step("head", "dispatch", handler=desk.member.worker_id)
    again = client.post(path, json={"reason": "不顺路"}, headers=headers)
    assert (first.status_code, first.json["state"]) == (200, "returned")
    assert (again.status_code, again.json) == (200, first.json)


@pytest.mark.parametrize("path", ["start", "close", "escalate", "photos"])
def test_what_another_wrote_is_no_step_of_mine(desk: Desk, path: str) -> None:
    body = {"written_by": "somebody", "result": "x", "reason": "x", "kind": "after", "photo": ""}
    refused = desk.step("member", path, **body)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json["faults"]] == ["written_by"]
    assert len(desk.get("head", desk.case).json["log"]) == 1


def test_the_page_asks_for_everything_that_a_step_may_need() -> None:
    source = (ROOT / "web" / "cases" / "static" / "steps.js").read_text(encoding="utf-8")
    fields = source.partition("const FIELDS = {")[2].partition("\n};")[0]
    assert set(re.findall(r"^  (\w+): ", fields, re.MULTILINE)) == {str(need) for need in Requirement}
