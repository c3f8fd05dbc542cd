"""People of a redraw over HTTP: duties, warnings, notices, sheets as page and CSV, comparing, the norm."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Account, Role, Worker
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of


class Site:
    """Four grids with members, a drafter, a judge, and staff that holds the second grid."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            members = [world.add_actor(session, made, Role.MEMBER, f"G{number}") for number in (1, 2, 3, 4)]
            near = world.add_actor(session, made, Role.STAFF, "G2")
            building = world.add_building(session, made, 2, 0)
            for room in ("101", "102"):
                home = world.add_household(session, building, room)
                world.add_resident(session, home, date(1940, 1, 1), name="=示例乙")
            self.cell = world.cell_id(session, 2, 0)
            self.workers = [one.worker_id for one in members]
            near_account = session.get(Account, near.account_id)
            first = session.get(Account, members[0].account_id)
            assert near_account is not None
            assert first is not None
            near_account.name, first.name = "near", "first"
        for name, role in (("drafter", Role.STAFF), ("judge", Role.HEAD)):
            add_account(app, name, role, area_id=made.community)
        self.tokens = {name: add_token(app, name) for name in ("drafter", "judge", "near", "first")}
        self.client = app.test_client()

    def get(self, path: str, who: str = "drafter") -> Any:
        return self.client.get(f"/api/v1/{path}", headers=self.tokens[who])

    def post(self, path: str, body: dict[str, Any], who: str = "drafter") -> Any:
        return self.client.post(f"/api/v1/{path}", json=body, headers=self.tokens[who])

    def painted(self, name: str = "调整") -> str:
        plan = str(self.post("plans", {"name": name}).json["id"])
        answer = self.post(f"plans/{plan}/edits", {"op": "paint", "cells": [self.cell], "to": "G1"})
        assert answer.status_code == 200, answer.text
        return plan


@pytest.fixture
def site(lite_app: OpenAPI) -> Site:
    return Site(lite_app)


def test_a_person_is_chosen_and_the_grid_changes_hands(site: Site) -> None:
    rows = site.get("workers?kind=grid_member").json["rows"]
    assert {row["id"] for row in rows} == set(site.workers)
    plan = site.post("plans", {"name": "换人"}).json["id"]
    op = {"op": "duty", "area": "G1", "worker": site.workers[1], "kind": "grid_member", "primary": True}
    answer = site.post(f"plans/{plan}/edits", op)
    stop = next(row for row in answer.json["findings"]["rows"] if row["rule"] == "G09")
    assert (stop["level"], stop["fix"]) == ("block", {"tool": "duty", "grid": "G1"})
    assert "2 名主责网格员" in stop["message"]
    refused = site.post(f"plans/{plan}/publish", {"reason": "换人"}, "judge")
    assert (refused.status_code, "主责" in refused.json["detail"]) == (409, True)
    site.client.delete(f"/api/v1/plans/{plan}/edits/last", headers=site.tokens["drafter"])
    answer = site.post(f"plans/{plan}/edits", op | {"replace": True})
    assert {row["change"] for row in answer.json["impact"]["duties"]} == {"begin", "end"}
    assert site.post(f"plans/{plan}/publish", {"reason": "换人"}, "judge").status_code == 200
    found = {row["id"]: row["primary"] for row in site.get("workers").json["rows"]}
    assert found[site.workers[1]] == ["G1", "G2"]
    strange = site.post(f"plans/{plan}/edits", {"op": "duty", "area": "G1"})
    assert strange.status_code in {409, 422}


def test_warnings_are_named_and_kept_with_the_reason(site: Site) -> None:
    plan = site.painted()
    refused = site.post(f"plans/{plan}/publish", {"reason": "就近", "accepts": []}, "judge")
    assert refused.status_code == 409
    assert "G08 (G2)" in refused.json["detail"]
    accepts = ["G09", {"rule": "G08", "grid": "G2"}]
    assert (
        site.post(f"plans/{plan}/publish", {"reason": "就近", "accepts": accepts}, "judge").status_code == 200
    )
    notes = site.get(f"plans/{plan}").json["notes"]
    assert notes[-1]["text"] == "就近"
    assert [one["message"] for one in notes[-1]["accepted"]] == ["第2网格 没有住户"]


def test_the_neighbour_is_told_on_the_start_page_and_in_the_api(site: Site) -> None:
    plan = site.painted("并楼")
    assert site.post(f"plans/{plan}/submit", {"text": ""}).status_code == 200
    rows = site.get("notices", "near").json
    assert rows["unread"] == 1
    assert rows["rows"][0]["message"] == "drafter 提交了方案「并楼」,涉及您负责的网格 第2网格"
    assert site.get("notices").json == {"rows": [], "unread": 0}
    browser = Browser(site.app)
    add_password(site.app, "near")
    browser.log_in("near")
    page = browser.get("/").text
    assert "并楼" in page
    assert 'class="badge"' in page
    notice = rows["rows"][0]["id"]
    opened = browser.post(f"/notices/{notice}/read", {})
    assert opened.headers["Location"].endswith(f"/redraw?community=C1&plan={plan}")
    assert 'class="badge"' not in browser.get("/").text
    assert browser.get("/api/v1/notices?unread=true").json["rows"] == []


def add_password(app: OpenAPI, name: str) -> None:
    """A password for an account that has none yet."""
    from gisgrid.access.accounts import set_password
    from tests.web.browsing import LOCAL, PASSWORD

    found = services_of(app)
    with found.database.write() as session:
        set_password(session, LOCAL, name, PASSWORD, now=found.clock())


def test_sheets_are_a_page_a_table_and_a_print(site: Site) -> None:
    plan = site.painted()
    assert site.get(f"plans/{plan}/handover", "first").status_code == 404
    site.post(f"plans/{plan}/publish", {"reason": "就近"}, "judge")
    own = site.get(f"plans/{plan}/handover", "first").json["sheets"]
    assert [sheet["worker"] for sheet in own] == [site.workers[0]]
    table = site.get(f"plans/{plan}/handover.csv", "first")
    assert table.data.startswith("\ufeff".encode())
    assert "'=示例乙" in table.text
    heads, *lines = csv.reader(io.StringIO(table.text.removeprefix("\ufeff")))
    assert heads[:7] == ["member", "direction", "with", "from", "to", "kind", "address"]
    assert {line[1] for line in lines} == {"takes"}
    browser = Browser(site.app)
    add_password(site.app, "first")
    browser.log_in("first")
    table = browser.get(f"/api/v1/plans/{plan}/handover.csv")
    heads, *lines = csv.reader(io.StringIO(table.text.removeprefix("\ufeff")))
    assert heads[:7] == ["网格员", "移交或接收", "对方网格员", "原网格", "新网格", "类别", "地址"]
    assert {line[1] for line in lines} == {"接收"}
    homes = [home for part in own[0]["takes"] for block in part["buildings"] for home in block["households"]]
    assert homes
    assert all(home["room"] == home["room"].strip() for home in homes)
    page = browser.get(f"/redraw/plans/{plan}/handover").text
    assert "接收" in page
    assert "=示例乙" in page
    assert "交出人签字" in browser.get(f"/redraw/plans/{plan}/handover?print=1").text
    assert browser.get("/redraw/plans/none/handover").status_code == 404


def test_two_plans_side_by_side(site: Site) -> None:
    one, other = site.painted("甲"), site.post("plans", {"name": "乙"}).json["id"]
    found = site.get(f"plans/compare?a={one}&b={other}").json
    assert found["cells"] == [{"id": site.cell, "a": "G1", "b": "G2"}]
    rows = {row["code"]: row for row in found["grids"]}
    assert (rows["G1"]["a"]["households"], rows["G1"]["b"]["households"]) == (2, 0)
    assert site.get(f"plans/compare?a={one}&b={one}").status_code == 422
    assert site.get(f"plans/compare?a={one}&b=none").status_code == 404


def test_the_norm_is_the_communitys_own(site: Site) -> None:
    assert site.get("norm").json["ok_to"] == 500
    wrong = {"ok_from": 9, "ok_to": 2, "high_to": 3, "per_member": 4}
    assert site.post("norm", wrong, "judge").status_code == 422
    norm = {"ok_from": 1, "ok_to": 1, "high_to": 1, "per_member": 4}
    assert site.post("norm", norm, "judge").status_code == 200
    rows = site.get(f"plans/{site.painted()}/findings").json["rows"]
    assert "超过一名网格员 1 户的上限" in str(rows)


def test_nobody_is_on_the_list_without_a_worker(site: Site) -> None:
    with services_of(site.app).database.read() as session:
        names = set(session.scalars(select(Worker.name)))
    assert {row["name"] for row in site.get("workers").json["rows"]} <= names
