"""The register edited over HTTP: what was seen decides, what is sent twice is taken once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.storage.base import new_id
from tests import world
from tests.web.browsing import add_account, add_token, services_of


class Desk:
    """A household of two people that agreed to be registered and called, and a head with a token."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        found = services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            building = world.add_building(session, made, 0, 0)
            household = world.add_household(session, building, "101", consent="granted")
            people = [
                world.add_resident(session, household, date(1950, 1, 1), name=name)
                for name in ("示例甲", "示例乙")
            ]
            for purpose in ("registration", "contact"):
                answer = AnswerInput(purpose=purpose, status="granted", unasked=True)
                record_answer(made.view(session, now=found.clock()), household.id, answer, now=found.clock())
            self.household, self.building = household.id, building.id
            self.first, self.second = (person.id for person in people)
        add_account(app, "head", Role.HEAD, area_id=made.community)
        self.token = add_token(app, "head")

    def get(self, path: str) -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.token)

    def post(self, path: str, **body: Any) -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.token)

    def edit(self, field: str, value: Any, **seen: Any) -> Any:
        edits = [{"field": field, "value": value, **seen}]
        return self.post(f"persons/{self.first}/edits", edits=edits, reason="核对")


@pytest.fixture
def desk(app: OpenAPI) -> Desk:
    return Desk(app)


def test_a_head_reads_values_after_a_reason_alone(desk: Desk) -> None:
    masked = desk.get(f"persons/{desk.first}/fields")
    assert "示例甲" not in masked.text
    assert not masked.json["is_shown"]
    opened = desk.post(f"persons/{desk.first}/fields", reason="核对").json
    assert {row["field"]: row["value"] for row in opened["fields"]}["person.name"] == "示例甲"


def test_the_value_seen_or_its_digest_decides(desk: Desk) -> None:
    row = next(
        row
        for row in desk.post(f"persons/{desk.first}/fields", reason="核对").json["fields"]
        if row["field"] == "person.phone"
    )
    written = desk.edit("person.phone", "13800000001", base=row["base"]).json["fields"][0]
    assert written["became"] == "written"
    clash = desk.edit("person.phone", "13800000002", seen=None).json["fields"][0]
    assert clash["became"] == "clash"
    assert [waiting["id"] for waiting in desk.get("clashes").json["rows"]] == [clash["clash"]]
    settled = desk.post(f"clashes/{clash['clash']}/settle", takes_answer=True, reason="核对").json
    assert settled["state"] == "taken"
    assert desk.get("clashes").json["rows"] == []
    undone = desk.post(f"edits/{settled['change']}/undo", reason="核对")
    assert undone.json["fields"][0]["became"] == "written"
    again = desk.post(f"edits/{settled['change']}/undo", reason="核对")
    assert again.status_code == 409


def test_a_person_sent_twice_is_added_once(desk: Desk) -> None:
    new = {"id": new_id(), "birth_date": "1990-01-01", "residence_status": "resident", "name": "示例丙"}
    path = f"households/{desk.household}/persons"
    assert desk.post(path, **new, reason="核对").json == desk.post(path, **new, reason="核对").json
    assert desk.post(path, **{**new, "name": "示例丁"}, reason="核对").status_code == 409
    counts = desk.get(f"households/{desk.household}/fields").json["count"]
    assert counts["persons"] == 3


def test_all_faults_come_together_and_nothing_is_written(desk: Desk) -> None:
    edits = [
        {"field": "person.sex", "value": "x", "seen": None},
        {"field": "person.shoe", "value": "42", "seen": None},
        {"field": "person.name", "value": "示例戊"},
        {"field": "person.need.hardship", "value": {"since": "2026-01-01", "legal_basis": "x"}, "seen": None},
    ]
    answer = desk.post(f"persons/{desk.first}/edits", edits=edits)
    assert answer.status_code == 422
    fields = {fault["field"] for fault in answer.json["faults"]}
    assert fields == {"reason", "person.sex", "person.shoe", "person.name", "person.need.hardship"}
    assert "示例戊" not in desk.post(f"persons/{desk.first}/fields", reason="核对").text


def test_who_left_comes_back_and_a_birth_is_counted(desk: Desk) -> None:
    gone = desk.post(f"persons/{desk.second}/leave", day="2026-11-01", why="moved", reason="核对").json
    assert gone["count"]["persons"] == 1
    back = desk.post(f"persons/{desk.second}/come-back", reason="核对").json
    assert back["count"]["persons"] == 2
    born = {"id": new_id(), "day": "2026-11-20", "reason": "核对"}
    for _ in range(2):
        answer = desk.post(f"households/{desk.household}/births", **born).json
    assert answer["count"]["minors"] == 1


def test_a_door_is_added_as_an_address(desk: Desk) -> None:
    body = {"id": new_id(), "room": "909", "reason": "核对"}
    added = desk.post(f"buildings/{desk.building}/households", **body).json
    rows = {row["id"]: row for row in desk.get(f"buildings/{desk.building}/households").json["rows"]}
    assert rows[added["household"]]["consent"] is None
    assert len(rows) == 2
