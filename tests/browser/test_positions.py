"""A household is placed by hand: by its address with a finger, by keys at a desk, and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import DEVICES, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def first_home(visit: Visitors) -> str:
    rows = visit.page("staff").request.get("/api/v1/completeness/gaps?step=verify").json()["rows"]
    return f"/households/{rows[0]['id']}/position"


def now_told(page: Page) -> str:
    return page.locator("#now").inner_text()


@pytest.mark.parametrize("device", DEVICES)
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
