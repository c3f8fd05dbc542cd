"""Revisions over HTTP: scheduled, withdrawn, coming into force by the clock, restored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from tests import world
from tests.web.browsing import add_account, add_token, services_of
from tests.world import TZ


class Office:
    """A community with a head and somebody of the staff, and a clock that can be set."""

    def __init__(self, app: OpenAPI) -> None:
        self.app, found = app, services_of(app)
        self.now: datetime = found.clock()
        object.__setattr__(found, "clock", lambda: self.now)
        with found.database.write() as session:
            made = world.found(session)
            for grid in ("G1", "G2", "G3", "G4"):
                world.add_actor(session, made, Role.MEMBER, grid)
            world.add_household(session, world.add_building(session, made, 2, 0), "101")
            self.cell = world.cell_id(session, 2, 0)
        self.headers: dict[str, dict[str, str]] = {}
        for role in (Role.HEAD, Role.STAFF):
            add_account(app, role.value, role, area_id=made.community)
            self.headers[role.value] = add_token(app, role.value)

    def get(self, path: str, name: str = "staff") -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.headers[name])

    def post(self, path: str, body: dict[str, Any], name: str = "staff") -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.headers[name])

    def plan(self) -> str:
        """A plan that gives the one cell with a household to G1."""
        plan: str = self.post("plans", {"name": "plan"}).json["id"]
        edit = self.post(f"plans/{plan}/edits", {"op": "paint", "cells": [self.cell], "to": "G1"})
        assert edit.status_code == 200, edit.text
        return plan

    def homes(self, query: str = "") -> dict[str, int]:
        rows = self.get(f"areas?level=grid{query}").json["features"]
        return {row["properties"]["code"]: row["properties"]["households"] for row in rows}


@pytest.fixture
def office(app: OpenAPI) -> Office:
    app.config["RATELIMIT_ENABLED"] = False
    return Office(app)


def test_a_day_to_come_is_published_and_comes_by_the_clock(office: Office) -> None:
    plan = office.plan()
    day = office.now.astimezone(TZ).date() + timedelta(days=1)
    tag = office.get("areas?level=grid").headers["ETag"]
    past = office.post(f"plans/{plan}/publish", {"reason": "r", "effective": "2001-01-01"}, "head")
    assert (past.status_code, past.json["faults"][0]["field"]) == (422, "effective")
    done = office.post(f"plans/{plan}/publish", {"reason": "r", "effective": day.isoformat()}, "head")
    assert done.json["effective_at"] == f"{day}T00:00:00+08:00"
    early = office.post(f"plans/{office.plan()}/publish", {"reason": "r"}, "head")
    assert early.status_code == 409
    assert day.isoformat() in early.json["detail"]
    assert office.homes()["G1"] == 0
    assert office.get(f"areas?level=grid&as_of={day}").status_code == 422
    office.now += timedelta(days=1)
    assert office.homes()["G1"] == 1
    assert office.get("areas?level=grid").headers["ETag"] != tag
    assert office.get("revisions").json["rows"][0]["changes"]["changed"] == ["G1", "G2"]


def test_a_waiting_plan_is_withdrawn_and_published_again(office: Office) -> None:
    plan = office.plan()
    day = office.now.astimezone(TZ).date() + timedelta(days=1)
    office.post(f"plans/{plan}/publish", {"reason": "r", "effective": day.isoformat()}, "head")
    assert office.get(f"plans/{plan}").json["may"] == ["withdraw"]
    assert office.post(f"plans/{plan}/withdraw", {"reason": " "}).status_code == 422
    assert office.post(f"plans/{plan}/withdraw", {"reason": "too early"}).json["state"] == "approved"
    told = office.get("revisions").json
    assert [row["revision"] for row in told["rows"]] == [1]
    (gone,) = told["withdrawn"]
    assert (gone["revision"], gone["reason"], gone["by"]) == (2, "r", "head")
    assert (gone["withdrawn_by"], gone["withdrawn_reason"]) == ("staff", "too early")
    assert gone["withdrawn_at"] == office.now.astimezone(TZ).isoformat()
    assert gone["effective_at"] == f"{day}T00:00:00+08:00"
    assert office.get("areas?level=grid&revision=2").status_code == 404
    done = office.post(f"plans/{plan}/publish", {"reason": "now"})
    assert (done.status_code, done.json["revision"]) == (200, 3)
    assert office.homes()["G1"] == 1


def test_no_number_is_given_twice_however_often_one_withdraws(office: Office) -> None:
    plan, day = office.plan(), office.now.astimezone(TZ).date() + timedelta(days=1)
    for number in (2, 3, 4):
        done = office.post(f"plans/{plan}/publish", {"reason": "r", "effective": day.isoformat()}, "head")
        assert done.json["revision"] == number
        assert office.post(f"plans/{plan}/withdraw", {"reason": f"why {number}"}).status_code == 200
    rows = office.get("revisions").json["withdrawn"]
    assert [(row["revision"], row["withdrawn_reason"]) for row in rows] == [
        (4, "why 4"),
        (3, "why 3"),
        (2, "why 2"),
    ]


def test_a_revision_is_restored_as_a_plan(office: Office) -> None:
    assert office.post("revisions/1/restore", {}).status_code == 409
    assert office.post("revisions/9/restore", {}).status_code == 404
    office.post(f"plans/{office.plan()}/publish", {"reason": "r"}, "head")
    office.now += timedelta(days=1)
    assert office.homes()["G1"] == 1
    assert office.homes("&revision=1")["G1"] == 0
    answer = office.post("revisions/1/restore", {})
    assert answer.status_code == 201
    assert answer.json.keys() >= {"id", "revision", "name", "state", "reopened"}
    others = [office.post("revisions/1/restore", {}).json["name"] for _time in range(2)]
    assert others == [f"{answer.json['name']} 2", f"{answer.json['name']} 3"]
    assert office.post("revisions/1/restore", {"name": "mine"}).json["name"] == "mine"
    done = office.post(f"plans/{answer.json['id']}/publish", {"reason": "back"}, "head")
    assert done.status_code == 200, done.text
    office.now += timedelta(days=1)
    assert office.homes()["G1"] == 0


def test_what_is_written_stands_on_the_division_in_force(office: Office) -> None:
    """`revision` is for looking only: a plan made with it is an ordinary one."""
    office.post(f"plans/{office.plan()}/publish", {"reason": "r"}, "head")
    office.now += timedelta(days=1)
    plan = office.post("plans?revision=1", {"name": "plan"}).json
    assert plan["revision"] == 2
    edit = {"op": "paint", "cells": [office.cell], "to": "G2"}
    assert office.post(f"plans/{plan['id']}/edits?revision=1", edit).status_code == 200


def test_a_day_that_is_over_changes_nothing_about_what_is_written(office: Office) -> None:
    """Nobody writes into the past: a plan asked for as of a day before the first division is one of today."""
    today = office.post("plans", {"name": "today"}).json
    made = office.post("plans?as_of=2000-01-01", {"name": "then"})
    assert (made.status_code, made.json["revision"]) == (201, today["revision"])
    edit = {"op": "paint", "cells": [office.cell], "to": "G1"}
    assert office.post(f"plans/{made.json['id']}/edits?as_of=2000-01-01", edit).status_code == 200
    restored = [office.post(f"revisions/1/restore{query}", {}) for query in ("", "?as_of=2000-01-01")]
    assert restored[1].status_code == restored[0].status_code == 409  # it is the one in force
    assert restored[1].json == restored[0].json
