"""Cases that come by the hotline: who may say so, of which class they are, and by when they fall due."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from gisgrid.cases.deadlines.limits import hours
from gisgrid.cases.deadlines.rule_versions import add_version
from gisgrid.cases.deadlines.rulebook import DEFAULT, HotlineClass
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.web.conftest import Clock
from tests.world import LAT, LON, STEP, World

HERE = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "停水"}
STRICT = replace(DEFAULT, hotline={**DEFAULT.hotline, HotlineClass.SUPPLY: hours(6)})


@pytest.fixture
def made(app: OpenAPI) -> World:
    with services_of(app).database.write() as session:
        return world.found(session)


@pytest.fixture
def operator(app: OpenAPI, made: World) -> Browser:
    add_account(app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(app)
    assert browser.log_in("head", stay="1").status_code == 303
    return browser


def sent(browser: Browser, **more: Any) -> Any:
    return browser.post_json("/api/v1/cases", {**HERE, **more})


LASTS = {
    "emergency": timedelta(hours=2),
    "supply": timedelta(hours=24),
    "general": timedelta(days=7),
    "complex": timedelta(days=15),
}


def test_a_case_of_the_hotline_falls_due_by_its_class(operator: Browser, clock: Clock) -> None:
    for source, word in itertools.product(("hotline", "12345"), LASTS):
        answer = sent(operator, source=source, hotline_class=word, severity="small")
        assert answer.status_code == 201
        assert datetime.fromisoformat(answer.json["deadline"]) == clock.now + LASTS[word], (source, word)
        card = operator.get(f"/api/v1/cases/{answer.json['id']}").json
        assert card["source"] == source
        assert (card["limit"]["by"], card["limit"]["hotline"]) == ("hotline", word)


def test_an_emergency_is_one_whatever_its_class(operator: Browser, clock: Clock) -> None:
    for word in ("general", "emergency"):
        case = sent(operator, source="12345", hotline_class=word, severity="emergency").json
        assert datetime.fromisoformat(case["deadline"]) == clock.now + timedelta(hours=2), word
        limit = operator.get(f"/api/v1/cases/{case['id']}").json["limit"]
        assert (limit["by"], limit["hotline"]) == ("severity", word)


def test_new_limits_hold_for_new_cases_alone(
    app: OpenAPI, operator: Browser, made: World, clock: Clock
) -> None:
    first = sent(operator, source="hotline", hotline_class="supply").json
    with services_of(app).database.write() as session:
        view = made.view(session, now=clock.now)
        add_version(view, STRICT, valid_from=clock.now + timedelta(minutes=30), now=clock.now)
    begun = clock.now
    clock.turn(hours=1)
    second = sent(operator, source="hotline", hotline_class="supply").json
    rows = {row["id"]: row for row in operator.get("/api/v1/cases").json["rows"]}
    ends = [datetime.fromisoformat(rows[one["id"]]["deadline"]) for one in (first, second)]
    assert ends == [begun + timedelta(hours=24), begun + timedelta(hours=7)]


def test_a_case_without_a_class_goes_by_its_urgency(operator: Browser, clock: Clock) -> None:
    answer = sent(operator, source="hotline", severity="big").json
    assert datetime.fromisoformat(answer["deadline"]) == clock.now + timedelta(hours=24)
    card = operator.get(f"/api/v1/cases/{answer['id']}").json
    assert (card["limit"]["by"], card["limit"]["hotline"]) == ("severity", None)


def test_phones_that_are_told_to_the_hotline_are_masked(app: OpenAPI, operator: Browser) -> None:
    sent(operator, source="12345", description="停水,请联系 19900000000")
    with services_of(app).database.read() as session:
        assert session.scalars(select(Case.description)).one() == "停水,请联系 199********"


def test_a_class_for_another_channel_is_refused_in_one_sentence(app: OpenAPI, operator: Browser) -> None:
    for source in ({}, {"source": "web"}):
        answer = sent(operator, hotline_class="general", **source)
        assert answer.status_code == 422
        (fault,) = answer.json["faults"]
        assert (fault["field"], fault["message"]) == ("hotline_class", "只有来自热线的案件才填热线类别")
    with services_of(app).database.read() as session:
        assert session.scalars(select(Case)).all() == []


def test_a_word_that_is_no_class_or_channel_is_refused(operator: Browser) -> None:
    for wrong in ({"source": "hotline", "hotline_class": "soon"}, {"source": "letter"}):
        answer = sent(operator, **wrong)
        assert answer.status_code == 422
        assert len(answer.json["faults"]) == 1


@pytest.mark.usefixtures("made")
def test_a_visitor_does_not_speak_for_the_hotline(app: OpenAPI) -> None:
    answer = app.test_client().post("/api/v1/cases", json={**HERE, "source": "hotline"})
    assert answer.status_code in (401, 403)
    with services_of(app).database.read() as session:
        assert session.scalars(select(Case)).all() == []


def test_the_same_key_with_another_class_is_another_report(operator: Browser) -> None:
    body = {**HERE, "source": "hotline", "hotline_class": "general"}
    key = {"Idempotency-Key": "k1"}
    first, again = (operator.post_json("/api/v1/cases", body, **key) for _ in range(2))
    assert first.json["id"] == again.json["id"]
    other = operator.post_json("/api/v1/cases", {**body, "hotline_class": "complex"}, **key)
    assert other.status_code == 409


def test_the_form_offers_the_hotline_and_its_classes(app: OpenAPI, operator: Browser) -> None:
    page = operator.get("/cases/new").text
    for word in ("服务热线", "12345 热线", "危及生命财产安全", "水电气热", "一般诉求", "疑难诉求"):
        assert word in page
    assert 'name="hotline_class"' in page
    assert 'name="hotline_class"' not in app.test_client().get("/report").text
