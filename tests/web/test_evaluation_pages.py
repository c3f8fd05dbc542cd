"""Samples of closed cases on pages and over HTTP: drawn by a head, scored by an evaluator."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.intake.service import ReportCase, report
from tests import world
from tests.stepping import close
from tests.web.browsing import Browser, add_account, add_token, services_of
from tests.world import LAT, LON, STEP, TZ

OCTOBER = {"first_day": "2026-10-01", "last_day": "2026-10-31"}
SECRET, RESULT, CONTACT = "老李家门口堆物", "找到示例员甲处理", "0527-8765-4321"
FOUND = {"result": "partly", "score": 2, "note": "还剩一半"}


class Site:
    """Six cases closed in October in a building, two more of a confidential category; every role."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app = app
        with services_of(app).database.write() as session:
            made = world.found(session)
            building = world.add_building(session, made, 0, 0)
            world.add_resident(
                session,
                world.add_household(session, building, "101"),
                date(1950, 1, 1),
            )
            self.cases: list[Case] = []
            for number in range(8):
                at = datetime(2026, 10, 5 + number, 2, tzinfo=UTC)
                command = ReportCase(
                    lon=LON + 0.512345 * STEP,
                    lat=LAT + 0.512345 * STEP,
                    category="garbage" if number < 6 else "dispute",
                    description=SECRET,
                    contact=CONTACT,
                )
                case = report(session, made.actor, command, caches=made.caches, now=at, tz=TZ).case
                case.building_id, case.address = building.id, "柳岸新村1幢1单元101室"
                close(made.view(session, now=at), case.id, RESULT, now=at + timedelta(hours=1))
                self.cases.append(case)
            session.flush()
            session.expunge_all()
        names = {"outside": Role.EVALUATOR, "leader": Role.LEADER, "head": Role.HEAD, "staff": Role.STAFF}
        for name, role in names.items():
            add_account(app, name, role, area_id=made.community)
        self.tokens = {name: add_token(app, name) for name in names}

    def get(self, path: str, who: str) -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.tokens[who])

    def post(self, path: str, body: Any, who: str) -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.tokens[who])

    def draw(self, size: int = 4) -> str:
        answer = self.post("evaluations", {**OCTOBER, "size": size}, "head")
        assert answer.status_code == 200, answer.text
        return str(answer.json["id"])

    def browser(self, name: str) -> Browser:
        browser = Browser(self.app)
        assert browser.log_in(name).status_code == 303
        return browser


@pytest.fixture
def site(app: OpenAPI) -> Site:
    return Site(app)


def test_a_sample_goes_from_the_head_to_the_evaluator_and_back(site: Site) -> None:
    sample = site.draw(9)
    told = site.get(f"evaluations/{sample}", "outside").json
    assert (told["sample"]["population"], told["sample"]["size"], told["sample"]["drawn"]) == (6, 9, 6)
    assert "要求 9 件" in site.browser("outside").get(f"/evaluations/{sample}").text
    assert told["comparison"] is None
    assert [row["place"] for row in told["rows"]] == [1, 2, 3, 4, 5, 6]
    assert site.post(f"evaluations/{sample}/rows/2", FOUND, "outside").status_code == 200
    assert site.post(f"evaluations/{sample}/rows/2", {**FOUND, "score": 9}, "outside").status_code == 422
    assert site.post(f"evaluations/{sample}/rows/7", FOUND, "outside").status_code == 404
    assert site.post(f"evaluations/{sample}/rows/2", FOUND, "head").status_code == 403
    head = site.get(f"evaluations/{sample}", "head").json
    assert (head["comparison"]["checked"], head["comparison"]["score_mean"]) == (1, 2.0)
    assert head["comparison"]["rating_mean"] is None
    assert {row["case_id"] for row in head["rows"]} == {case.id for case in site.cases[:6]}
    leader = site.get(f"evaluations/{sample}", "leader").json
    assert leader["rows"] == []
    assert leader["comparison"] == head["comparison"]
    assert site.post("evaluations", {**OCTOBER, "size": 2}, "head").status_code == 409
    assert site.get("evaluations", "staff").status_code == 403


def test_no_answer_to_an_evaluator_leads_to_a_person_a_door_or_a_case(site: Site) -> None:
    sample = site.draw(6)
    site.post(f"evaluations/{sample}/rows/1", FOUND, "outside")
    words = {SECRET, RESULT, CONTACT, "101室", "1单元", "示例甲", "199-0000-0000"}
    words |= {word for case in site.cases for word in (case.id, case.number, case.receipt)}
    browser, answered = site.browser("outside"), 0
    for rule in sorted(str(rule) for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())):
        if rule.startswith("/static"):
            continue
        if rule.startswith(("/evaluations", "/api/v1/evaluations")):
            path = re.sub("<[^>]+>", sample, rule)
        else:
            path = re.sub("<[^>]+>", site.cases[0].id, rule)
        answer = browser.get(path)
        if answer.status_code == 200 and not rule.endswith("openapi.json"):
            answered += 1
            told = answer.text.replace(path, "")
            assert not [word for word in words if word in told], path
    assert answered > 5
    for path in ("cases", f"cases/{site.cases[0].id}", "exports/cases.csv", "indicators"):
        assert site.get(path, "outside").status_code in {403, 404}, path


def test_pages_draw_and_score_and_say_what_is_wrong(site: Site) -> None:
    head, outside = site.browser("head"), site.browser("outside")
    bad = head.post("/evaluations", {**OCTOBER, "size": "many"})
    assert bad.status_code == 422
    assert 'value="many"' in bad.text
    assert head.post("/evaluations", {**OCTOBER, "last_day": "2099-01-01", "size": "3"}).status_code == 422
    drawn = head.post("/evaluations", {**OCTOBER, "size": "3"})
    assert drawn.status_code == 303
    path = drawn.headers["Location"]
    again = head.post("/evaluations", {**OCTOBER, "size": "3"})
    assert again.status_code == 409
    assert "已经抽过样本" in again.text
    assert "柳岸新村1幢" in outside.get(path).text
    wrong = outside.post(f"{path}/rows/1", {"result": "solved", "score": "5", "note": "电话 0527-8765-4321"})
    assert wrong.status_code == 422
    assert "备注里不能写电话号码" in wrong.text
    assert "电话 0527-8765-4321</textarea>" in wrong.text
    right = outside.post(f"{path}/rows/1", {"result": "solved", "score": "5", "note": "干净"})
    assert (right.status_code, right.headers["Location"]) == (303, f"{path}#row-1")
    shown = head.get(path).text
    assert "干净" in shown
    assert "100.0%" in shown
    assert head.get("/evaluations/none").status_code == 404
    outside.post("/language", {"lang": "en"})
    assert "Partly solved" in outside.get(path).text


def test_what_is_shown_no_more_stands_as_a_dash(site: Site) -> None:
    sample = site.draw(2)
    first = site.get(f"evaluations/{sample}", "head").json["rows"][0]["case_id"]
    with services_of(site.app).database.write() as session:
        case = session.query(Case).filter(Case.id == first).one()
        case.category_code = "dispute"
    row = site.get(f"evaluations/{sample}", "outside").json["rows"][0]
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {"place": 1, "is_shown": False}
    assert "不再显示" in site.browser("outside").get(f"/evaluations/{sample}").text
    assert site.post(f"evaluations/{sample}/rows/1", FOUND, "outside").status_code == 404
