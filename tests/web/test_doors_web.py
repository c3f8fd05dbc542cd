"""Signs for doors lead to the building they hang on; "my grid" tells everybody who serves, no more."""

from __future__ import annotations

import re

import pytest
import segno
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from tests import world
from tests.web.browsing import Browser, add_account, services_of
from tests.web.test_pages import data_of
from tests.world import LAT, LON, STEP


@pytest.fixture
def staff(app: OpenAPI) -> Browser:
    with services_of(app).database.write() as session:
        made = world.found(session)
        world.add_actor(session, made, Role.MEMBER, "G1")
        for number in ("1", "2"):
            world.add_household(session, world.add_building(session, made, 0, 0, number=number), "101")
        world.add_building(session, made, 2, 0, number="9")
    add_account(app, "staff", Role.STAFF, area_id=made.community)
    browser = Browser(app)
    browser.log_in()
    return browser


def test_each_building_of_the_grid_has_its_sign(staff: Browser) -> None:
    text = staff.get("/doors?grid=G1").text
    assert text.count('class="door-sign"') == 2
    assert re.findall(r"<h2>([^<]+)</h2>", text) == ["柳岸新村1幢", "柳岸新村2幢"]
    code = segno.make("http://localhost/report?b=B00-1", error="m", micro=False)
    assert code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None) in text
    assert "柳岸新村9幢" in staff.get("/doors?grid=G2").text
    assert "style=" not in text


def test_a_sign_opens_the_report_at_its_building(app: OpenAPI, staff: Browser) -> None:
    visitor = app.test_client()
    building = data_of(visitor.get("/report?b=B00-1").text)["building"]
    assert isinstance(building, dict)
    assert (building["address"], building["grid"]) == ("柳岸新村1幢", "G1")
    assert LON < building["lon"] < LON + STEP
    assert LAT < building["lat"] < LAT + STEP
    gone = visitor.get("/report?b=B77-1")
    assert gone.status_code == 200
    assert data_of(gone.text)["building"] is None
    assert "这个二维码" in gone.text
    del staff


def test_my_grid_is_open_to_all_and_names_no_resident(app: OpenAPI, staff: Browser) -> None:
    visitor = app.test_client()
    page = visitor.get("/my-grid")
    assert page.status_code == 200
    found = visitor.get("/api/v1/report/addresses", query_string={"q": "柳岸新村2幢101"}).json["rows"]
    assert [set(row) for row in found] == [
        {"id", "code", "address", "lon", "lat", "grid", "grid_name", "distance_m"}
    ]
    place = {"lon": found[0]["lon"], "lat": found[0]["lat"]}
    told = visitor.get("/api/v1/locate", query_string=place).json
    assert [member["name"] for member in told["members"]] == ["member示例"]
    del staff
