"""Proposals over HTTP: asked for, followed, looked at, taken, and refused in the reader's language."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.redraw.proposals.worker import work
from tests import world
from tests.web.browsing import add_account, add_token, services_of


class Site:
    """A community whose grids are out of balance, with a plan and its drafter."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app, self.client = app, app.test_client()
        with services_of(app).database.write() as session:
            made = world.found(session)
            for row in range(4):
                for column in range(4):
                    compound = "西苑" if column < 2 else "东苑"
                    building = world.add_building(
                        session, made, column, row, compound=compound, number=str(4 * row + column + 1)
                    )
                    for room in range(row + 1):
                        world.add_household(session, building, f"10{room}")
            self.spot = world.cell_id(session, 2, 0)
        add_account(app, "drafter", Role.STAFF, area_id=made.community)
        self.headers = add_token(app, "drafter")
        self.plan = self.post("/api/v1/plans", {"name": "均衡"}).json["id"]
        self.path = f"/api/v1/plans/{self.plan}/proposals"

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body, headers=self.headers)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=self.headers)

    def finished(self, job: str) -> Any:
        """The proposal when its process has ended; whether a process ends is not this test's matter."""
        for _ in range(1200):
            found = self.get(f"{self.path}/{job}").json
            if found["state"] not in {"queued", "running"}:
                return found
            time.sleep(0.1)
        raise AssertionError(found)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proposals are worked out only when a test says so."""
    monkeypatch.setattr("gisgrid.redraw.proposals.processes.in_a_process", lambda _job, _url: None)


def test_a_cadre_asks_looks_takes_and_undoes(app: OpenAPI) -> None:
    site = Site(app)
    asked = site.post(site.path, {"start": "nothing", "tolerance": 0.1})
    assert asked.status_code == 202
    assert (asked.json["grids"], asked.json["floor"], asked.json["notes"]) == (4, 0, [])
    found = site.finished(asked.json["job"])
    assert (found["state"], found["progress"], found["is_stale"]) == ("done", 1.0, False)
    result = found["result"]
    assert sum(row["households"] for row in result["grids"]) == 40
    assert result["after"]["max_off"] < result["before"]["max_off"]
    assert {row["name"] for row in result["grids"]} <= {"第1网格", "第2网格", "第3网格", "第4网格"}
    taken = site.post(f"{site.path}/{asked.json['job']}/accept", {})
    assert taken.status_code == 200
    assert taken.json["plan"]["edits"][0]["op"] == "assign"
    assert {one["id"]: one["grid"] for one in taken.json["cells"]}.items() <= result["cells"].items()
    assert len(taken.json["cells"]) == result["moved_cells"]
    assert {"findings", "impact", "areas"} <= set(taken.json)
    undone = site.client.delete(f"/api/v1/plans/{site.plan}/edits/last", headers=site.headers)
    assert undone.json["impact"]["grids"] == []


@pytest.mark.usefixtures("here")
def test_what_waits_starts_when_somebody_looks(lite_app: OpenAPI) -> None:
    site = Site(lite_app)
    plans = [site.post("/api/v1/plans", {"name": str(number)}).json["id"] for number in range(2)]
    paths = [site.path, *(f"/api/v1/plans/{plan}/proposals" for plan in plans)]
    told = [site.post(path, {"kind": "tidy"}).json["job"] for path in paths]
    states = [site.get(f"{path}/{job}").json["state"] for path, job in zip(paths, told, strict=True)]
    assert states == ["running", "running", "queued"]
    work(services_of(lite_app).database, told[0])
    assert site.get(f"{paths[2]}/{told[2]}").json["state"] == "running"


@pytest.mark.usefixtures("here")
def test_cancelling_twice_is_no_harm_and_a_stale_one_says_so(lite_app: OpenAPI) -> None:
    site = Site(lite_app)
    job = site.post(site.path, {"grids": 5, "tolerance": 0.5}).json["job"]
    for _ in range(2):
        gone = site.client.delete(f"{site.path}/{job}", headers=site.headers)
        assert (gone.status_code, gone.json["state"]) == (200, "cancelled")
    job = site.post(site.path, {"grids": 5, "tolerance": 0.5}).json["job"]
    work(services_of(lite_app).database, job)
    fresh = site.get(f"{site.path}/{job}").json
    assert "G5" in set(fresh["result"]["cells"].values())
    paint = {"op": "paint", "cells": [site.spot], "to": "G1"}
    site.post(f"/api/v1/plans/{site.plan}/edits", paint)
    stale = site.get(f"{site.path}/{job}").json
    assert stale["is_stale"]
    assert "+1" in set(stale["result"]["cells"].values())
    refused = site.post(f"{site.path}/{job}/accept", {})
    assert refused.status_code == 409
    assert "重新计算" in refused.json["detail"]


@pytest.mark.usefixtures("here")
def test_what_can_not_be_is_said_before(lite_app: OpenAPI) -> None:
    site = Site(lite_app)
    refused = site.post(site.path, {"grids": 1, "barriers": "never"})
    assert refused.status_code == 422
    assert "界线把社区隔成 2 片" in refused.json["detail"]
    wide = site.post(site.path, {"grids": 3, "barriers": "never"}).json
    assert "界线围住" in wide["notes"][0]
    assert {one["grids"] for one in wide["suggestions"]} & {2, 4}
    second = site.post(site.path, {})
    assert second.status_code == 409
    for body in ({"grids": 0}, {"kind": "magic"}, {"barriers": "maybe"}, {"seed": -1}, {"what": 1}):
        assert site.post(site.path, body).status_code == 422


@pytest.mark.usefixtures("here")
def test_a_failed_one_says_why(lite_app: OpenAPI, clock: Any) -> None:
    site = Site(lite_app)
    job = site.post(site.path, {}).json["job"]
    clock.turn(seconds=31)
    found = site.get(f"{site.path}/{job}").json
    assert (found["state"], found["message"]) == ("failed", "计算中断了,请重新开始")
