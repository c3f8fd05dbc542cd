"""A member in the street: own grid and position first, doors that open cards, words beside the button."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import shape

from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_filing import LOST, REFUSED, door, middle
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def grid_of(visit: Visitors, name: str) -> tuple[float, float]:
    """A place inside a grid of the demo."""
    page = visit.page("head")
    shapes = page.request.get("/api/v1/areas", params={"level": "grid"}).json()["features"]
    point = next(shape(one["geometry"]) for one in shapes if one["properties"]["name"] == name)
    where = point.representative_point()
    return where.x, where.y


def bounds_of_all(visit: Visitors) -> list[float]:
    """West, south, east, north of what a head's map begins with: the whole community."""
    told = visit.page("head").request.get("/find").text()
    found = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', told, re.DOTALL)
    assert found
    bounds: list[float] = json.loads(found[1])["community"]["bounds"]
    return bounds


def stand_at(visit: Visitors, place: tuple[float, float], name: str = "member01", **more: Any) -> Page:
    here = {"longitude": place[0], "latitude": place[1], "accuracy": 8}
    return visit.page(name, "phone", geolocation=here, permissions=["geolocation"], **more)


def centre(page: Page) -> tuple[float, float]:
    found: list[float] = page.evaluate(
        "() => { const { lng, lat } = window.gisgrid.map.getCenter(); return [lng, lat]; }"
    )
    return found[0], found[1]


@pytest.mark.parametrize("path", ["/find", "/maps/territories", "/cases/new"])
def test_a_page_opens_on_the_own_grid_with_the_position_dot(visit: Visitors, path: str) -> None:
    own = grid_of(visit, "第1网格")
    page = stand_at(visit, own)
    visit.go(page, path)
    expect(page.locator(".leaflet-container")).to_have_attribute("data-here", f"{own[0]},{own[1]}")
    box = page.evaluate("() => window.gisgrid.bounds")
    west, south, east, north = box
    assert west <= own[0] <= east
    assert south <= own[1] <= north
    community = bounds_of_all(visit)
    assert (east - west) < (community[2] - community[0]) / 2
    keep_picture(page, f"street{path.replace('/', '-')}-phone")
    assert not scrolls_sideways(page)
    assert not too_small_for_a_thumb(page)


def test_the_search_box_is_focused(visit: Visitors) -> None:
    page = visit.open("/find", "member01", "phone")
    expect(page.locator("#search")).to_be_focused()


@pytest.mark.parametrize(
    ("grid", "said"),
    [("第1网格", r"您在第1网格,是您的网格。"), ("第2网格", r"您在第2网格,不是您的网格。网格员:.+。")],
)
def test_the_territory_map_tells_whether_i_stand_in_my_grid(visit: Visitors, grid: str, said: str) -> None:
    page = stand_at(visit, grid_of(visit, grid))
    visit.go(page, "/maps/territories")
    page.get_by_role("button", name="我在哪个网格").tap()
    expect(page.locator(".here-said")).to_have_text(re.compile(said))
    keep_picture(page, f"street-in-grid-{grid}-phone")
    assert not axe_faults(page)


def test_where_no_position_is_told_the_button_says_why(visit: Visitors) -> None:
    page = visit.open("/maps/territories", "member01", "phone")
    page.get_by_role("button", name="我在哪个网格").tap()
    expect(page.locator(".here-said")).to_contain_text("没有允许定位")


def test_a_door_of_the_own_grid_opens_its_card(visit: Visitors) -> None:
    page = visit.page("member01", "phone")
    visit.go(page, "/cases")
    grids = page.request.get("/api/v1/me").json()["grids"]

    def is_own(address: str) -> bool:
        found = page.request.get("/api/v1/report/addresses", params={"q": address}).json()["rows"]
        return bool(found) and found[0]["grid"] in grids

    building = next(one for one in (door(visit, number) for number in range(480)) if is_own(one.address))
    visit.go(page, f"/report?b={building.code}")
    expect(page.locator("#card h2")).to_have_text(building.address)
    expect(page.locator("#card")).to_contain_text("层数")
    keep_picture(page, "street-door-card-phone")
    page.get_by_role("link", name="在这栋楼上报").tap()
    expect(page.locator("#address")).to_have_value(building.address)
    expect(page.locator("#where")).to_contain_text("位置在")
    expect(page.locator("#source")).to_have_value("patrol")
    keep_picture(page, "street-report-phone")


def test_a_case_by_gps_shows_the_nearest_building(visit: Visitors) -> None:
    building = door(visit, 84)
    lon, lat = middle(building)
    sent = {"lon": lon, "lat": lat, "category": "noise", "description": "定位上报"}
    found = visit.site.app.test_client().post("/api/v1/cases", json=sent).json["id"]
    page = visit.open(f"/cases/{found}", "head", "phone")
    expect(page.locator("#case .facts")).to_contain_text(f"{building.address} 附近 0 米")
    keep_picture(page, "street-case-near-phone")


def test_the_start_page_shows_households_to_verify_and_elders(visit: Visitors) -> None:
    page = visit.open("/", "member01", "phone")
    verify = page.request.get("/api/v1/completeness/gaps", params={"step": "verify"}).json()
    section = page.locator("#to-verify")
    expect(section.locator(".count")).to_have_text(f"{verify['meta']['totals']['verify']} 户")
    expect(section.locator("li a").first).to_have_attribute("href", f"/households/{verify['rows'][0]['id']}")
    grids = page.request.get("/api/v1/me").json()["grids"]
    rows = page.request.get("/api/v1/coverage/elderly", params={"distance": 500}).json()["rows"]
    elders = sum(row["elders"] for row in rows if row["code"] in grids)
    expect(page.locator("#elders .count")).to_have_text(f"{elders} 人")
    section.scroll_into_view_if_needed()
    keep_picture(page, "street-home-phone")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    assert not too_small_for_a_thumb(page)


def test_what_is_missing_of_a_report_is_said_where_it_is_missing(visit: Visitors) -> None:
    page = visit.open("/cases/new", "member01", "phone")
    assert page.locator("#report :is(input, select)").first.get_attribute("id") == "photo"
    page.locator("#description").fill("没说在哪里")
    page.get_by_role("button", name="上报", exact=True).tap()
    expect(page.locator("#where [role=alert]")).to_contain_text("请先在图上点出位置")
    box = page.locator("#where [role=alert]").bounding_box()
    assert box
    assert 0 <= box["y"] <= 640 - box["height"]


def test_a_claim_that_fails_says_so_beside_its_button(visit: Visitors) -> None:
    place = grid_of(visit, "第2网格")
    sent = {"lon": place[0], "lat": place[1], "category": "noise", "description": "待认领"}
    number = visit.site.app.test_client().post("/api/v1/cases", json=sent).json["number"]
    page = visit.page("member01", "phone", expected=(LOST, REFUSED, "Failed to load resource"))
    visit.go(page, "/cases")
    line = page.locator("#pool li", has_text=number)
    page.locator("#pool summary").tap()
    page.route("**/claim?*", lambda route: route.abort("internetdisconnected"))
    line.get_by_role("button", name="认领").tap()
    expect(line.get_by_role("alert")).to_contain_text("网络不通")
