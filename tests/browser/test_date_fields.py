"""Fields of days follow the language of the page, whatever language the browser came with."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize(
    ("lang", "locale", "month", "weekday"),
    [("zh", "en-US", "2026年3月", "一"), ("en", "zh-CN", "March 2026", "Mon")],
)
def test_a_day_is_chosen_in_the_language_of_the_page(
    visit: Visitors, lang: str, locale: str, month: str, weekday: str
) -> None:
    page = visit.page("head", "desk", locale=locale)
    visit.go(page, "/cases")
    if lang == "en":
        page.get_by_role("button", name="English").click()
        visit.settle(page)
    first = page.locator("#filters [name=from]")
    expect(first).to_have_attribute("type", "text")
    first.fill("2026/3/5")
    first.press("Tab")
    expect(first).to_have_value("2026-03-05")
    assert "from=2026-03-05" in page.url
    first.click()
    calendar = page.locator(".calendar")
    expect(calendar.locator("strong")).to_have_text(month)
    expect(calendar.locator("th").first).to_have_text(weekday)
    keep_picture(page, f"calendar-{lang}")
    calendar.locator("[data-day='2026-03-18']").click()
    expect(first).to_have_value("2026-03-18")
    expect(calendar).to_have_count(0)
    assert "from=2026-03-18" in page.url


def test_what_is_no_day_is_said_and_asks_for_nothing(visit: Visitors) -> None:
    page = visit.open("/cases", "head")
    field, total = page.locator("#filters [name=from]"), page.locator("#total").inner_text()
    for typed in ("03/25/2026", "2026-02-30", "2999-01-01"):
        field.fill(typed)
        field.press("Tab")
        assert not field.evaluate("field => field.validity.valid"), typed
        assert "from=" not in page.url
    assert page.locator("#total").inner_text() == total
    field.fill("")
    assert field.evaluate("field => field.validity.valid")


@devices("phone", "desk")
def test_the_calendar_goes_by_keyboard_and_thumb(visit: Visitors, device: str) -> None:
    page = visit.open("/cases?from=2026-01-31", "head", device)
    field = page.locator("#filters [name=from]")
    field.focus()
    field.press("ArrowDown")
    page.keyboard.press("PageDown")
    expect(page.locator("[data-day='2026-02-28']")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    keep_picture(page, f"calendar-{device}")
    box = page.locator(".calendar").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(field).to_have_value("2026-02-27")
    field.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator(".calendar")).to_have_count(0)
    expect(field).to_be_focused()
