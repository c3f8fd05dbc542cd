"""The page of time limits: new versions from a day on, own days, and a history that tells what changed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.actors import local_actor
from gisgrid.access.models import Role
from gisgrid.cases.core.limit_models import CalendarDay, LimitVersion
from gisgrid.cases.intake.service import ReportCase
from gisgrid.cases.intake.service import report as keep_case
from tests import world
from tests.web.browsing import Browser, add_account, services_of

RULES = {
    "severities.small.target.n": "30",
    "severities.small.target.u": "minute",
    "severities.small.deadline.n": "1",
    "severities.small.deadline.u": "clock",
    "severities.small.deadline.t": "07:30",
    "severities.big.deadline.n": "12",
    "severities.big.deadline.u": "continuous_hour",
    "severities.hard.deadline.n": "5",
    "severities.hard.deadline.u": "work_day",
    "severities.emergency.deadline.n": "2",
    "severities.emergency.deadline.u": "continuous_hour",
    "categories.garbage.deadline.n": "4",
    "categories.garbage.deadline.u": "work_hour",
    "categories.dispute.deadline.n": "",
    "categories.dispute.deadline.u": "work_hour",
    "hotline.emergency.n": "2",
    "hotline.emergency.u": "continuous_hour",
    "hotline.supply.n": "24",
    "hotline.supply.u": "continuous_hour",
    "hotline.general.n": "168",
    "hotline.general.u": "continuous_hour",
    "hotline.complex.n": "360",
    "hotline.complex.u": "continuous_hour",
    "hours.0.from": "09:00",
    "hours.0.to": "12:00",
    "hours.1.from": "14:00",
    "hours.1.to": "18:00",
    "hours.2.from": "",
    "hours.2.to": "",
    "holidays": "china",
    "claim_minutes": "45",
    "levels.owner": "60",
    "levels.community": "90",
    "levels.subdistrict": "120",
    "valid_from": "2026-11-24",
}


def versions(app: OpenAPI) -> list[dict]:
    with services_of(app).database.read() as session:
        return list(session.scalars(select(LimitVersion.rules).order_by(LimitVersion.number)))


def test_new_rules_are_a_version_and_the_page_tells_what_they_changed(app: OpenAPI, head: Browser) -> None:
    first = head.get("/settings/limits").text
    assert "次日 06:00" in first
    assert "还没有改过" in first
    assert head.post("/settings/limits", RULES).status_code == 303
    (rules,) = versions(app)
    assert rules["severities"]["small"] == {
        "target": {"amount": 30, "unit": "continuous_hour"},
        "deadline": {"days": 1, "at": "07:30"},
    }
    assert rules["severities"]["hard"] == {"target": None, "deadline": {"amount": 5, "unit": "work_day"}}
    assert rules["categories"] == {
        "garbage": {"target": None, "deadline": {"amount": 240, "unit": "work_hour"}}
    }
    assert rules["hours"] == [["09:00", "12:00"], ["14:00", "18:00"]]
    assert rules["levels"] == {"owner": 60, "community": 90, "subdistrict": 120}
    page = head.get("/settings/limits").text
    for told in (
        "第 1 版",
        "现行",
        "小事 · 红灯 次日 06:00 → 次日 07:30",
        "难事 · 红灯 7 天 → 5 工作日",
        "4 工作时",
        "用去 60% 时间提醒责任人,90% 告知社区,120% 上报街道并督办",
        "提醒责任人 75% → 60%;告知社区 100% → 90%;上报街道 150% → 120%",
    ):
        assert told in page, told


def test_what_was_saved_stands_in_the_form_and_saves_the_same_again(app: OpenAPI, head: Browser) -> None:
    head.post("/settings/limits", RULES)
    page = head.get("/settings/limits").text
    assert 'name="severities.small.target.n" type="number" min="0" max="999999" step="any" value="30"' in page
    head.post("/settings/limits", RULES | {"valid_from": "2026-12-01"})
    one, two = versions(app)
    assert one == two
    assert "待生效" in head.get("/settings/limits").text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"severities.big.deadline.n": "0"}, "大事 · 红灯"),
        ({"severities.big.deadline.n": "nan"}, "大事 · 红灯"),
        ({"severities.big.deadline.n": "1e400"}, "大事 · 红灯"),
        ({"severities.big.deadline.u": "fortnight"}, "大事 · 红灯"),
        ({"severities.hard.deadline.n": "1.5"}, "难事 · 红灯"),
        ({"severities.small.deadline.t": "99:00"}, "小事 · 红灯"),
        ({"hotline.general.n": "999999999"}, "一般诉求"),
        ({"hours.0.from": "13:00"}, "上班时间"),
        ({"hours.0.from": "", "hours.0.to": "", "hours.1.from": "", "hours.1.to": ""}, "上班时间"),
        ({"holidays": "mars"}, "节假日"),
        ({"levels.owner": "100"}, "提醒责任人"),
        ({"levels.owner": ""}, "提醒责任人"),
        ({"levels.owner": "60.5"}, "提醒责任人"),
        ({"levels.community": "60"}, "告知社区"),
        ({"levels.subdistrict": "99"}, "上报街道"),
        ({"valid_from": "2026-11-23"}, "从哪天起"),
        ({"valid_from": "soon"}, "从哪天起"),
    ],
)
def test_rules_that_can_not_be_are_refused_with_what_they_are_about(
    lite_app: OpenAPI, wrong: dict[str, str], told: str
) -> None:
    with services_of(lite_app).database.write() as session:
        made = world.found(session)
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("head")
    answer = browser.post("/settings/limits", RULES | wrong)
    assert answer.status_code == 422
    assert re.search(rf"<li[^>]*>{re.escape(told)}:", answer.text)
    assert versions(lite_app) == []


def test_own_days_are_added_and_deleted(app: OpenAPI, head: Browser) -> None:
    def days() -> list[tuple[date, bool]]:
        with services_of(app).database.read() as session:
            return [(one.day, one.is_work) for one in session.scalars(select(CalendarDay))]

    path = "/settings/limits/days"
    assert head.post(path, {"day": "2026-11-28", "works": "1", "name": "社区开放日"}).status_code == 303
    assert days() == [(date(2026, 11, 28), True)]
    assert "社区开放日 · 上班" in head.get("/settings/limits").text
    assert head.post(path, {"day": "tomorrow", "works": "0", "name": "x"}).status_code == 422
    assert head.post(path, {"day": "2026-11-29", "works": "0", "name": ""}).status_code == 422
    unsaid = head.post(path, {"day": "2026-11-29", "works": "", "name": "停电"})
    assert unsaid.status_code == 422
    assert "请选择这一天是上班还是休息" in unsaid.text
    assert 'value="停电"' in unsaid.text
    assert len(days()) == 1
    assert head.post(f"{path}/2026-11-28/drop").status_code == 303
    assert days() == []
    assert head.post(f"{path}/2026-11-28/drop").status_code == 404


def test_the_time_to_claim_is_a_rule_and_holds_for_new_cases(app: OpenAPI, head: Browser) -> None:
    assert head.post("/settings/limits", RULES | {"claim_minutes": "0"}).status_code == 422
    assert head.post("/settings/limits", RULES | {"claim_minutes": "half"}).status_code == 422
    assert head.post("/settings/limits", RULES).status_code == 303
    assert "认领时间 120 分钟 → 45 分钟" in head.get("/settings/limits").text
    report = {"lon": world.LON + world.STEP / 2, "lat": world.LAT + world.STEP / 2, "category": "garbage"}
    found = services_of(app)
    with found.database.write() as session:
        actor = local_actor(session, "tester")
        command = ReportCase(**report, description="rubbish")
        made = keep_case(
            session, actor, command, caches=found.cache, now=found.clock(), tz=found.settings.tz
        ).case
        assert made.claim_until - made.reported_at == timedelta(minutes=45)


def test_rules_are_read_and_set_by_programs_too(app: OpenAPI, head: Browser) -> None:
    first = head.get("/api/v1/limits").json
    assert first["versions"] == []
    assert first["rules"]["claim_minutes"] == 120
    assert first["rules"]["levels"] == {"owner": 75, "community": 100, "subdistrict": 150}
    rules = {**first["rules"], "claim_minutes": 30, "levels": {"owner": 50}}
    rules["categories"] = {"garbage": {"deadline": {"amount": 2, "unit": "work_day"}}}
    answer = head.post_json("/api/v1/limits", {"rules": rules})
    assert (answer.status_code, answer.json["rules"]["claim_minutes"]) == (200, 30)
    assert [one["number"] for one in answer.json["versions"]] == [1]
    assert answer.json["rules"]["severities"] == first["rules"]["severities"]
    assert answer.json["rules"]["levels"] == {"owner": 50, "community": 100, "subdistrict": 150}
    for wrong in (
        {"categories": {"nothing": {"deadline": {"amount": 1, "unit": "work_day"}}}},
        {"severities": {"big": {"deadline": {"amount": 1, "unit": "moon"}}}},
        {"hours": [["12:00", "09:00"]]},
        {"claim_minutes": 0},
        {"claim_minutes": "soon"},
        {"levels": {"owner": 100}},
        {"levels": {"owner": 80, "community": 80}},
        {"levels": {"street": 150}},
        {"levels": {"owner": 7.5}},
        {"severities": 5},
    ):
        assert head.post_json("/api/v1/limits", {"rules": wrong}).status_code == 422, wrong
    past = {"rules": {}, "valid_from": "2020-01-01T00:00:00+08:00"}
    assert head.post_json("/api/v1/limits", past).status_code == 422
    day = {"day": "2026-12-05", "is_work": True, "name": "集中走访"}
    assert head.post_json("/api/v1/limits/days", day).json["days"] == [day]
    assert len(versions(app)) == 1
