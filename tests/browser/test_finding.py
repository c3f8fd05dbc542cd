"""Finding a home, a building or a case by typing what one knows; cases by how near they are."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import map_centre, on_screen, too_small_for_a_thumb
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

KINDS = ["address", "initials", "code", "number"]


def known(visit: Visitors, kind: str) -> tuple[str, str]:
    """What a person types, and the title of what must open."""
    sql = {
        "address": "SELECT std_address, std_address FROM household ORDER BY std_address LIMIT 1 OFFSET 700",
        "initials": "SELECT search_initials, address FROM building WHERE search_initials LIKE '%-101-'",
        "code": "SELECT code, address FROM building ORDER BY code LIMIT 1 OFFSET 30",
        "number": "SELECT number, number FROM case_file WHERE position IS NOT NULL ORDER BY number LIMIT 1",
    }[kind]
    with closing(sqlite3.connect(f"file:{visit.site.file}?mode=ro", uri=True)) as database:
        typed, title = database.execute(sql).fetchone()
    return str(typed).replace("-", "") if kind == "initials" else typed, title


def type_and_choose(page: Page, typed: str, title: str, device: str) -> None:
    """By keys and one press, as people do."""
    box = page.locator("#search")
    (box.tap if is_phone(device) else box.click)()
    box.press_sequentially(typed, delay=5)
    option = page.locator("#search-results [role=option]", has_text=title).first
    expect(option).to_be_visible()
    if is_phone(device):
        assert not too_small_for_a_thumb(page)
    (option.tap if is_phone(device) else option.click)()


def test_enter_opens_nothing_of_what_was_typed_before(visit: Visitors) -> None:
    """Quick hands: the text was changed and sent before the answer to it came."""
    first, _ = known(visit, "number")
    page = visit.open("/cases", "head")
    box = page.locator("#search")
    box.fill(first)
    expect(page.locator("#search-results [role=option]")).to_have_count(1)
    box.fill("柳岸 3-1-201")
    box.press("Enter")
    page.wait_for_url("**/find?**")
    visit.settle(page)
    assert page.locator("#search").input_value() == "柳岸 3-1-201"


@devices("phone", "desk", "tall")
@pytest.mark.parametrize("kind", KINDS)
def test_typing_opens_the_card_and_flies_there(visit: Visitors, kind: str, device: str) -> None:
    page = visit.open("/find", "head", device)
    typed, title = known(visit, kind)
    before = map_centre(page)
    type_and_choose(page, typed, title, device)
    expect(page.locator("#card h2")).to_have_text(title)
    found = page.request.get("/api/v1/households", params={"q": typed}).json()["results"]
    result = next(one for one in found if one["title"] == title)
    page.wait_for_timeout(500)  # until the map has come to rest
    assert map_centre(page)[2] >= max(18, before[2])
    x, y = on_screen(page, result["lon"], result["lat"])
    seen = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('.leaflet-container') !== null", [x, y]
    )
    assert seen, "the place lies outside the map or under the card"
    words, close = (
        page.locator("#card .facts").first.bounding_box(),
        page.locator(".card-close").bounding_box(),
    )
    assert words, "the card tells nothing"
    assert close, "the card can't be closed"
    assert close["y"] + close["height"] <= words["y"] + 1, "the button lies on the words"
    keep_picture(page, f"found-{kind}-{device}")


def test_a_home_can_be_found_from_the_start_page(visit: Visitors) -> None:
    page = visit.open("/", "member01", "phone")
    with closing(sqlite3.connect(f"file:{visit.site.file}?mode=ro", uri=True)) as database:
        (address,) = database.execute(
            "SELECT std_address FROM household WHERE std_address LIKE '园丁花园 1幢%' ORDER BY 1 LIMIT 1"
        ).fetchone()
    type_and_choose(page, address, address, "phone")
    expect(page.locator("#card h2")).to_have_text(address)
    assert "/find" in page.url
    visit.settle(page)
    keep_picture(page, "member-card-phone")


def test_a_building_opens_its_homes(visit: Visitors) -> None:
    page = visit.open("/find", "member01")
    type_and_choose(page, "园丁花园 1幢", "园丁花园 1幢", "desk")
    home = page.locator("#card .households button").first
    address = home.inner_text()
    home.click()
    expect(page.locator("#card h2")).to_have_text(address)


def test_a_head_sees_persons_after_giving_a_reason(visit: Visitors) -> None:
    page = visit.open("/find", "head")
    typed, title = known(visit, "address")
    type_and_choose(page, typed, title, "desk")
    expect(page.locator("#card .reason")).to_be_visible()
    page.locator("#reason").fill("上门走访")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("#card .people, #card .note").first).to_be_visible()
    expect(page.locator("#card .reason")).to_have_count(0)


def numbers(page: Page) -> list[str]:
    """Case numbers in the order of the list."""
    return page.locator("#cases th[scope=row] a").all_inner_texts()


def expected_order(page: Page, near: str) -> list[str]:
    """The same from the API."""
    asked = {"mine": "1", "state": "open", "near": near}
    return [row["number"] for row in page.request.get("/api/v1/cases", params=asked).json()["rows"]]


@devices("desk", "phone", "tall")
def test_my_open_cases_come_nearest_first(visit: Visitors, device: str) -> None:
    here = {"longitude": 118.2, "latitude": 33.9, "accuracy": 8}
    page = visit.page("staff", device, geolocation=here, permissions=["geolocation"])
    visit.go(page, "/cases?mine=1&state=open")
    page.get_by_role("button", name="离我最近").click()
    expect(page.locator("#cases small", has_text="m").last).to_be_visible()
    assert len(numbers(page)) > 1
    assert numbers(page) == expected_order(page, "118.2,33.9")


def test_without_leave_to_locate_they_are_sorted_from_the_maps_centre(visit: Visitors) -> None:
    page = visit.open("/maps/territories?z=17&lon=118.197&lat=33.904", "staff")
    page.evaluate("() => { window.gisgrid.map.panBy([40, 0], { animate: false }); }")
    lon, lat, _ = map_centre(page)
    visit.go(page, "/cases?mine=1&state=open")
    page.get_by_role("button", name="离我最近").click()
    expect(page.locator("#status")).to_contain_text("没有允许定位。已按离地图中心由近到远排列。")
    assert numbers(page) == expected_order(page, f"{lon:.5f},{lat:.5f}")
