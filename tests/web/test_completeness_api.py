"""Completeness over HTTP: figures, the list of gaps, and noting that a household was verified."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import AuditEntry, Role
from tests import world
from tests.web.browsing import Browser, add_account, add_token, services_of


class Site:
    """A household in G1 verified long ago, one that refused, and one in G4; staff of G1 and a head."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        found = services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            near = world.add_building(session, made, 0, 0, number="1")
            far = world.add_building(session, made, 3, 3, number="2")
            homes = [
                world.add_household(session, near, "101"),
                world.add_household(session, near, "102", consent="refused"),
                world.add_household(session, far, "101"),
            ]
            for home in homes:
                home.last_verified_at = found.clock() - timedelta(days=300)
            self.old, self.refused, self.far = (home.id for home in homes)
        add_account(app, "head", Role.HEAD, area_id=made.community)
        add_account(app, "staff", Role.STAFF, area_id=made.areas["G1"])
        self.tokens = {name: add_token(app, name) for name in ("head", "staff")}

    def get(self, path: str, who: str = "head") -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.tokens[who])

    def verify(self, home: str, who: str = "staff") -> Any:
        path = f"/api/v1/households/{home}/verified"
        return self.app.test_client().post(path, headers=self.tokens[who])


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


def test_what_is_verified_leaves_the_list_and_counts(site: Site) -> None:
    before = {row["code"]: row for row in site.get("completeness").json["rows"]}
    assert (before["G1"]["verified_180"], before["G1"]["share_180"]) == (0, 0.0)
    assert [row["id"] for row in site.get("completeness/gaps", "staff").json["rows"]] == [site.old]
    assert {row["id"] for row in site.get("completeness/gaps").json["rows"]} == {site.old, site.far}
    answer = site.verify(site.old)
    assert answer.status_code == 200
    assert answer.json["verified_at"].startswith("2026-11-24T")
    assert site.get("completeness/gaps", "staff").json["rows"] == []
    after = {row["code"]: row for row in site.get("completeness").json["rows"]}
    assert (after["G1"]["verified_90"], after["G1"]["share_90"], after["G4"]["share_90"]) == (1, 50.0, 0.0)
    assert site.get(f"households/{site.old}", "staff").json["verified_at"] == "2026-11-24"
    with services_of(site.app).database.read() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "households:verify")).one()
        assert (kept.object_id, kept.fields) == (site.old, ["last_verified_at"])


def test_what_another_noted_at_the_door_is_not_noted_as_mine(site: Site) -> None:
    path = f"/api/v1/households/{site.old}/verified"
    client = site.app.test_client()
    refused = client.post(path, json={"written_by": "somebody"}, headers=site.tokens["staff"])
    assert (refused.status_code, refused.json["faults"][0]["field"]) == (422, "written_by")
    mine = client.post(path, json={"written_by": "staff"}, headers=site.tokens["staff"])
    assert mine.status_code == 200


def test_only_what_is_registered_and_in_the_own_grids_is_verified(site: Site) -> None:
    refused = site.verify(site.refused)
    assert (refused.status_code, refused.json["detail"]) == (409, "该户没有同意登记,没有可核实的资料")
    assert site.verify(site.far).status_code == 404
    assert site.verify(site.far, "head").status_code == 200


def test_it_is_told_by_level_by_day_and_as_a_table(site: Site) -> None:
    rows = site.get("completeness?level=community&as_of=2026-03-01").json["rows"]
    assert [(row["code"], row["households"], row["verified_90"]) for row in rows] == [("C1", 3, 3)]
    assert site.get("completeness?level=subdistrict").status_code == 422
    table = site.get("completeness.csv?level=grid").text.removeprefix("\ufeff")
    assert next(csv.reader(io.StringIO(table)))[:5] == [
        "code",
        "name",
        "parent",
        "households",
        "with_position",
    ]
    browser = Browser(site.app)
    browser.log_in("head")
    table = browser.get("/api/v1/completeness.csv?level=grid").text.removeprefix("\ufeff")
    heads, *lines = csv.reader(io.StringIO(table))
    assert heads == [
        "编码", "名称", "上级编码", "户数", "有坐标", "90 天内核实", "180 天内核实", "从未核实", "案件数",
        "有位置的案件", "有坐标占比", "90 天内核实占比", "180 天内核实占比", "案件有位置占比",
    ]  # fmt: skip
    assert [line[0] for line in lines] == ["G1", "G2", "G3", "G4"]
    browser.post("/language", {"lang": "en"})
    english = browser.get("/api/v1/completeness.csv?level=grid").text.removeprefix("\ufeff")
    assert next(csv.reader(io.StringIO(english)))[:5] == [
        "code", "Name", "code of the area above", "Households", "With a position",
    ]  # fmt: skip
    assert site.get("completeness/gaps?grid=G4").json["meta"]["totals"]["verify"] == 1
    assert site.get("completeness/gaps?step=position").json["rows"] == []
    assert site.get("completeness/gaps?step=nothing").status_code == 422


def test_one_press_on_the_page_of_a_household(site: Site) -> None:
    browser = Browser(site.app)
    browser.log_in("staff")
    shown = browser.get(f"/households/{site.old}").text
    assert "上次核实" in shown
    assert 'id="verified"' in shown
    assert 'id="verified"' not in browser.get(f"/households/{site.refused}").text
    done = browser.post(f"/households/{site.old}/verified", follow_redirects=True)
    assert "已核实。" in done.text
    assert site.get("completeness/gaps", "staff").json["rows"] == []
