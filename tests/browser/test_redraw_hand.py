"""Moving the map of redrawing while a tool is in hand: middle and right button, and a hand of its own."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import map_centre
from tests.browser.redrawing import Board
from tests.browser.visiting import keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_IN_HAND = """async () => {
  const { state } = await import(scripts + "redraw/static/state.js");
  return [state.line.length, state.target, state.plan?.id ?? null];
}"""


def middle_of(page: Page) -> tuple[float, float]:
    box = page.locator(".leaflet-container").first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def in_hand(page: Page) -> list[Any]:
    """Points of a line that is being drawn, the grid that takes, and the plan that was begun."""
    found: list[Any] = page.evaluate(_IN_HAND)
    return found


def drag(page: Page, button: str) -> None:
    x, y = middle_of(page)
    page.mouse.move(x, y)
    page.mouse.down(button=button)  # type: ignore[arg-type] # one of Playwright's words
    page.mouse.move(x + 60, y + 30, steps=4)
    page.mouse.move(x + 120, y + 60, steps=4)
    page.mouse.up(button=button)  # type: ignore[arg-type] # one of Playwright's words


def test_middle_and_right_button_and_a_hand_move_the_map_and_draw_nothing(board: Board) -> None:
    page = board.page
    for name, button in product(("paint", "rectangle", "split"), ("middle", "right")):
        page.locator(f"[data-tool={name}]").click()
        place = page.evaluate("() => gisgrid.map.containerPointToLatLng([200, 200])")
        drag(page, button)
        moved = page.evaluate(
            "(at) => { const p = gisgrid.map.latLngToContainerPoint(at); return [p.x, p.y]; }", place
        )
        assert moved == pytest.approx([320, 260], abs=1.5), (name, button)
        assert float(page.url.split("lon=")[1].split("&")[0]) == pytest.approx(map_centre(page)[0], abs=2e-5)
        expect(page.locator(f"[data-tool={name}]")).to_have_attribute("aria-pressed", "true")
        assert in_hand(page) == [0, None, None], (name, button)
    page.locator(".folium-map").focus()
    page.keyboard.press("h")
    expect(page.locator("[data-tool=hand]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#hint-text")).to_contain_text("拖动地图")
    keep_picture(page, "redraw-hand")
    before = map_centre(page)
    drag(page, "left")
    page.wait_for_timeout(700)
    assert map_centre(page)[:2] != pytest.approx(before[:2], abs=1e-5)
    assert in_hand(page) == [0, None, None]


def test_a_right_press_that_moves_nothing_still_chooses_the_grid_below(board: Board) -> None:
    board.page.mouse.click(*middle_of(board.page), button="right")
    assert in_hand(board.page)[1]


def test_every_tool_is_in_sight_at_a_small_desk(board: Board) -> None:
    """The hand had pushed what changes the outline out of a window of 1366 pixels."""
    assert board.page.viewport_size == {"width": 1366, "height": 768}
    hidden = board.page.locator("#tools").evaluate("(row) => row.scrollWidth - row.clientWidth")
    assert hidden <= 0
