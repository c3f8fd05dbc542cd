"""For who goes from door to door: maps on the own grid, the card of a scanned door, cases by a building."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.web.test_pages import data_of
from tests.world import LAT, LON, STEP

REPORT = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}


@pytest.fixture
def member(app: OpenAPI) -> Browser:
    """Who serves G1, with a building there and one in G2."""
    with services_of(app).database.write() as session:
        made = world.found(session)
        world.add_household(session, world.add_building(session, made, 0, 0, number="1"), "101")
        world.add_building(session, made, 2, 0, number="9")
    add_account(app, "walker", Role.MEMBER, area_id=made.areas["G1"])
    add_account(app, "desk", Role.STAFF, area_id=made.areas["G1"])
    browser = Browser(app)
    browser.log_in("walker")
    return browser


def bounds_of(text: str) -> list[float]:
    found = re.search(r"bounds: (\[[^]]+\])", text)
    assert found
    bounds: list[float] = json.loads(found.group(1))
    return bounds


@pytest.mark.parametrize("path", ["/find", "/maps/territories", "/cases/new", "/report"])
def test_maps_of_a_member_open_on_the_own_grid(app: OpenAPI, member: Browser, path: str) -> None:
    text = member.get(path).text
    assert data_of(text)["grids"] == ["G1"]
    west, south, east, north = bounds_of(text)
    assert (west, south, east, north) == pytest.approx((LON, LAT, LON + 2 * STEP, LAT + 2 * STEP))
    desk = Browser(app)
    desk.log_in("desk")
    assert bounds_of(desk.get(path).text)[2] == pytest.approx(LON + 4 * STEP)


def test_a_door_of_ones_own_gives_the_card_of_its_building(member: Browser) -> None:
    scanned = member.get("/report?b=B00-1")
    assert scanned.status_code == 302
    asked = parse_qs(urlsplit(scanned.headers["Location"]).query)
    assert (asked["kind"], asked["q"]) == (["building"], ["柳岸新村1幢"])
    assert member.get(scanned.headers["Location"]).status_code == 200
    assert member.get(f"/api/v1/buildings/{asked['id'][0]}").json["address"] == "柳岸新村1幢"
    form = data_of(member.get("/cases/new?b=B00-1").text)["building"]
    assert isinstance(form, dict)
    assert form["id"] == asked["id"][0]


def test_a_door_of_another_grid_opens_the_report_as_for_everybody(app: OpenAPI, member: Browser) -> None:
    assert member.get("/report?b=B02-9").status_code == 200
    assert member.get("/report?b=nothing").status_code == 200
    desk = Browser(app)
    desk.log_in("desk")
    assert desk.get("/report?b=B00-1").status_code == 200


def test_a_case_by_its_position_alone_shows_the_nearest_building(member: Browser) -> None:
    sent = [
        {**REPORT, **more}
        for more in ({}, {"address": "东门"}, {"lon": LON + 1.2 * STEP, "lat": LAT + 1.95 * STEP})
    ]
    cards = []
    for body in sent:
        found = member.post_json("/api/v1/cases", body).json["id"]
        cards.append(member.get(f"/api/v1/cases/{found}").json)
    near = cards[0]["near_building"]
    assert near["address"] == "柳岸新村1幢"
    assert 0 <= near["distance_m"] <= 100
    assert [card["near_building"] for card in cards[1:]] == [None, None]
    assert cards[0]["address"] is None, "what nobody said is not written down"


def test_a_members_report_is_of_a_patrol_and_begins_with_the_camera(app: OpenAPI, member: Browser) -> None:
    text = member.get("/cases/new").text
    source = re.search(r'<select id="source".*?</select>', text, re.DOTALL)
    assert source
    assert re.findall(r'value="(\w*)"', source.group(0))[0] == "patrol"
    assert text.index('id="photo"') < text.index('id="where"') < text.index('id="category"')
    kept = member.post_json("/api/v1/cases", {**REPORT, "source": "patrol"})
    assert kept.status_code == 201
    with services_of(app).database.read() as session:
        assert session.scalars(select(Case.source)).one() == "patrol"
    desk = Browser(app)
    desk.log_in("desk")
    offered = re.search(r'<select id="source".*?</select>', desk.get("/cases/new").text, re.DOTALL)
    assert offered
    assert re.findall(r'value="(\w*)"', offered.group(0))[0] == "", "nothing is said for who is at a desk"


def test_a_visitor_does_not_speak_for_a_patrol(app: OpenAPI, member: Browser) -> None:
    refused = app.test_client().post("/api/v1/cases", json={**REPORT, "source": "patrol"})
    assert refused.status_code == 401
    assert member.get("/api/v1/cases").json["total"] == 0
