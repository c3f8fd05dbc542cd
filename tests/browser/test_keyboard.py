"""Without a mouse: everything is reached, what has the focus is seen, and the search box obeys the arrows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_FOCUS = """() => {
  const one = document.activeElement;
  const shown = one.matches("[type=radio]") ? one.nextElementSibling : one; // the word beside it is drawn
  const style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  return {
    what: one.outerHTML.slice(0, 80), tag: one.tagName, id: one.id,
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width > 0,
  };
}"""


def walk(page: Page, steps: int) -> list[dict[str, object]]:
    """What has the focus after each press of Tab."""
    found = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        found.append(page.evaluate(_FOCUS))
    return found


def test_the_first_stop_skips_to_the_text(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", ["/maps/hotspots", "/cases/new", "/"])
def test_what_has_the_focus_is_seen(visit: Visitors, path: str) -> None:
    page = visit.open(path)
    stops = [stop for stop in walk(page, 30) if stop["tag"] != "BODY"]
    assert len({str(stop["what"]) for stop in stops}) > 12
    assert not [stop["what"] for stop in stops if not stop["seen"]]


def test_the_search_box_obeys_the_keyboard(visit: Visitors) -> None:
    page = visit.open("/find")
    page.locator("#search").focus()
    page.keyboard.type("柳岸新村 12")
    expect(page.locator("#search-results [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#search-results [aria-selected=true]")
    expect(chosen).to_have_count(1)
    title = chosen.locator("strong").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_have_text(title)
    page.locator("#search").focus()
    page.keyboard.type("1")
    expect(page.locator("#search-results")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search-results")).to_be_hidden()


def test_a_row_of_the_table_is_chosen_and_left_by_keys(visit: Visitors) -> None:
    page = visit.open("/maps/territories")
    page.locator("#rows .row-button").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card h2")).to_be_visible()
    expect(page.locator("#rows tr[aria-selected=true]")).to_have_count(1)
    page.locator("#card .card-close").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_hidden()
    expect(page.locator("#rows tr[aria-selected=true]")).to_have_count(0)
