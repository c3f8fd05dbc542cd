"""A household is placed by hand: by its address with a finger, by keys at a desk, and taken back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.visiting import Visitors, devices

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def first_home(visit: Visitors) -> str:
    rows = visit.page("staff").request.get("/api/v1/completeness/gaps?step=verify").json()["rows"]
    return f"/households/{rows[0]['id']}/position"


def now_told(page: Page) -> str:
    return page.locator("#now").inner_text()


@devices("phone", "desk", "tall")
def test_a_household_is_moved_by_keys_and_taken_back(visit: Visitors, device: str) -> None:
    page = visit.open(first_home(visit), "staff", device)
    expect(page.locator("#now dd").first).not_to_be_empty()
    before, save = now_told(page), page.locator("#save")
    expect(save).to_be_disabled()
    page.get_by_role("button", name="放在地图中央").press("Enter")
    expect(save).to_be_enabled()
    pin = page.locator(".leaflet-marker-icon.pin")
    pin.focus()
    at = pin.bounding_box()
    with page.expect_response(lambda answer: "/position/tried" in answer.url):
        pin.press("ArrowUp")
    moved = pin.bounding_box()
    assert at
    assert moved
    assert at["y"] - moved["y"] == pytest.approx(4, abs=1)
    expect(save).to_be_enabled()
    save.press("Enter")
    expect(page.locator("#where")).to_contain_text("已保存")
    back = page.get_by_role("button", name="撤回上一次")
    back.press("Enter")
    expect(page.locator("#changes")).to_contain_text("已撤回")
    expect(back).to_have_count(0)
    assert now_told(page) == before


@pytest.mark.parametrize("view", ["z=1&lon=0&lat=0", "z=9&lon=118.3&lat=33.9"])
def test_the_ground_is_asked_for_near_the_community_however_far_out_the_map_is(
    visit: Visitors, view: str
) -> None:
    boxes: list[list[float]] = []
    page = visit.page("staff")

    def note(asked: Request) -> None:
        found = parse_qs(urlsplit(asked.url).query).get("bbox")
        boxes.extend([[float(one) for one in found[0].split(",")]] if found else [])

    page.on("request", note)
    visit.go(page, f"{first_home(visit)}?{view}")
    expect(page.locator("#now dd").first).not_to_be_empty()
    west, south, east, north = page.evaluate(
        "() => JSON.parse(document.getElementById('page-data').textContent).community.bounds"
    )
    assert boxes
    for box in boxes:
        assert west - 0.051 <= box[0] < box[2] <= east + 0.051
        assert south - 0.051 <= box[1] < box[3] <= north + 0.051
