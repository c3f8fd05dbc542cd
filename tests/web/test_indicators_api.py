"""Indicators over HTTP: tables and CSV of the same figures, lists behind numbers, definitions, ETags."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.indicators.formulas import INDICATORS
from tests import world
from tests.stepping import close
from tests.web.browsing import Browser, add_account, add_token, services_of
from tests.world import LAT, LON, STEP, TZ

DAYS = "from=2026-11-01&to=2026-11-30"


class Site:
    """Three cases of the day before yesterday: closed in time, closed late and open; a confidential one."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        found = services_of(app)
        start = found.clock() - timedelta(days=3)
        with found.database.write() as session:
            made = world.found(session)
            for category, column, hours in (
                ("garbage", 0.5, 20),
                ("garbage", 0.5, 30),
                ("garbage", 2.5, None),
                ("dispute", 2.5, 1),
            ):
                command = ReportCase(
                    lon=LON + column * STEP, lat=LAT + 0.5 * STEP, category=category, description="x"
                )
                kept = report(session, made.actor, command, caches=made.caches, now=start, tz=TZ)
                if hours:
                    view = made.view(session, now=start + timedelta(hours=hours))
                    close(view, kept.case.id, "x", now=start + timedelta(hours=hours))
        add_account(app, "head", Role.HEAD, area_id=made.community)
        add_account(app, "leader", Role.LEADER, area_id=made.community)
        self.tokens = {name: add_token(app, name) for name in ("head", "leader")}

    def get(self, path: str, who: str = "head", **headers: str) -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers={**self.tokens[who], **headers})


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


def test_a_table_its_csv_and_the_lists_behind_it_agree(site: Site) -> None:
    answer = site.get(f"indicators?{DAYS}").json
    rows = {row["code"]: row for row in answer["rows"]}
    assert (rows["G1"]["due"], rows["G1"]["closed"], rows["G1"]["closed_on_time"]) == (2, 2, 1)
    assert (rows["G1"]["closure"], rows["G1"]["on_time_closure"]) == (1.0, 0.5)
    assert rows["G2"]["closure"] == 0.5
    assert rows["G3"]["due"] == 0
    assert rows["G3"]["closure"] is None
    assert answer["meta"]["total"]["closure"] == 0.75
    told = site.get(f"indicators.csv?{DAYS}").text.removeprefix("\ufeff")
    table = {row["code"]: row for row in csv.DictReader(io.StringIO(told))}
    assert (table["G1"]["due"], table["G1"]["on_time_closure"], table["G3"]["closure"]) == ("2", "0.5", "")
    for code, row in rows.items():
        for count in ("due", "closed", "closed_late", "unclosed", "ended_on_spot"):
            behind = site.get(f"indicators/cases?{DAYS}&count={count}&code={code}").json
            assert behind["total"] == len(behind["rows"]) == row[count]
    whole = site.get(f"indicators/cases?{DAYS}&count=due").json
    assert whole["total"] == answer["meta"]["total"]["due"] == 4


def test_a_leader_gets_no_confidential_case(site: Site) -> None:
    answer = site.get(f"indicators?{DAYS}", "leader").json
    assert answer["meta"]["total"]["due"] == 3
    assert answer["meta"]["confidential_left_out"]
    assert site.get(f"indicators/cases?{DAYS}&count=due", "leader").json["total"] == 3
    secret = site.get("indicators?from=2026-07-01&to=2026-09-30&category=dispute", "leader")
    assert secret.status_code == 422
    assert site.get(f"indicators/cases?{DAYS}&count=due&category=dispute", "leader").status_code == 422


def test_months_departments_and_two_ways(site: Site) -> None:
    months = site.get("indicators?from=2026-10-15&to=2026-11-24&by=month").json["rows"]
    assert [(row["code"], row["due"]) for row in months] == [("2026-10", 0), ("2026-11", 4)]
    behind = site.get("indicators/cases?from=2026-10-15&to=2026-11-24&by=month&count=due&code=2026-11").json
    assert behind["total"] == 4
    assert site.get("indicators?from=2020-01-01&by=month").status_code == 422
    table = site.get(f"indicators/pivot?{DAYS}&by=category&count=reported").json
    grids = [one["code"] for one in table["columns"]]
    cells = {row["code"]: dict(zip(grids, row["cells"], strict=True)) for row in table["rows"]}
    assert cells["garbage"] == {"G1": 2, "G2": 1, "G3": 0, "G4": 0}
    assert cells["dispute"]["G2"] == 1
    told = site.get(f"indicators/pivot.csv?{DAYS}&by=category").text
    assert "第1网格" in told
    assert site.get(f"indicators/pivot?{DAYS}&count=nothing").status_code == 422
    assert site.get(f"indicators?{DAYS}&grid=G9").status_code == 404
    assert site.get(f"indicators?{DAYS}&by=sub_area&borders=then").status_code == 422
    then = site.get(f"indicators?{DAYS}&borders=then").json["rows"]
    assert {row["code"]: row["due"] for row in then} == {"G1": 2, "G2": 2}


def test_an_answer_is_not_sent_twice_but_follows_the_clock(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.get(f"indicators?{DAYS}")
    again = {"If-None-Match": first.headers["ETag"]}
    assert site.get(f"indicators?{DAYS}", **again).status_code == 304
    monkeypatch.setattr("web.indicators.api._minute", lambda: "later")
    assert site.get(f"indicators?{DAYS}", **again).status_code == 200


def test_definitions_stand_in_both_languages(site: Site, browser: Browser) -> None:
    found = site.get("indicators/definitions").json
    assert [one["code"] for one in found["indicators"]] == [one.code for one in INDICATORS]
    assert all(one["definition"] and one["source"] for one in found["indicators"])
    browser.log_in("head")
    head = browser.get(f"/api/v1/indicators.csv?{DAYS}").text.splitlines()[0]
    assert "按期结案率" in head
    browser.client.set_cookie("lang", "en")
    head = browser.get(f"/api/v1/indicators.csv?{DAYS}").text.splitlines()[0]
    assert "On-time closure rate" in head
