"""What a plan changes is seen: by who reviews it, between two plans, in its log; and it can be taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import axe_faults, on_screen, scrolls_sideways, too_small_for_a_thumb
from tests.browser.redrawing import Board, edit, givable, given_plan, open_board, publish, sent
from tests.browser.test_redraw_plans import drawn
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def visit(own_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with own_visitors.watched() as visitors:
        yield visitors


def ink(page: Page, pane: str) -> int:
    """How many dots of the picture in a pane are drawn."""
    found: int = page.evaluate(
        """(pane) => {
          const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let dots = 0;
          for (let at = 3; at < data.length; at += 4) if (data[at] > 60) dots += 1;
          return dots;
        }""",
        pane,
    )
    return found


def is_in_view(board: Board, shape: Any) -> bool:
    """Whether a shape (EPSG:4326) lies on the map that is seen."""
    box = board.page.locator(".folium-map").bounding_box()
    assert box is not None
    west, south, east, north = shape.bounds
    corners = [on_screen(board.page, x, y) for x, y in ((west, south), (east, north))]
    return all(
        box["x"] <= x <= box["x"] + box["width"] and box["y"] <= y <= box["y"] + box["height"]
        for x, y in corners
    )


def moved(board: Board, plan: str) -> list[dict[str, Any]]:
    """The plots that a plan moves, with their grids."""
    rows = board.get(f"plans/{plan}/changes")["plots"]["features"]
    return [one["properties"] for one in rows]


@devices("desk", "phone")
def test_going_to_a_plan_draws_what_it_changes_and_zooms_there(visit: Visitors, device: str) -> None:
    plan = given_plan(visit, count=2)
    author = Board(visit.page("staff"), visit)
    assert sent(author, f"plans/{plan}/submit", {}).ok
    plots = moved(author, plan)
    notices = visit.open("/notices", "head")
    notices.get_by_role("button", name=re.compile("去看")).first.click()
    visit.settle(notices)
    assert f"plan={plan}" in notices.url
    board = open_board(visit, "head", device, path=f"/redraw?plan={plan}")
    cells = board.cells()
    assert len(plots) == 2
    assert all(is_in_view(board, cells[plot["id"]]["shape"]) for plot in plots)
    assert board.page.evaluate("() => window.gisgrid.map.getZoom()") >= 16
    assert ink(board.page, "changes") > 300
    keep_picture(board.page, f"redraw-review-{device}")
    if device == "phone":
        board.page.get_by_role("button", name="方案与影响").click()
    lines = board.page.locator("#changes .pairs li")
    assert lines.count() == len({(plot["from"], plot["to"]) for plot in plots})
    lines.first.scroll_into_view_if_needed()
    for plot in plots:
        for side in ("from", "to"):
            assert plot[side] not in board.page.locator("#panel").inner_text()
    keep_picture(board.page, f"redraw-review-panel-{device}")
    assert not axe_faults(board.page)
    if device == "phone":
        assert not too_small_for_a_thumb(board.page)
        assert not scrolls_sideways(board.page)
        return
    lines.first.get_by_role("button").click()
    visit.settle(board.page)
    expect(lines.first.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    board.page.locator("#show-changes").uncheck()
    assert ink(board.page, "changes") == 0


def test_comparing_is_drawn_zooms_there_and_follows_both_plans(visit: Visitors) -> None:
    first, other = given_plan(visit), given_plan(visit, count=2)
    second = open_board(visit, path=f"/redraw?plan={other}")
    page = second.page
    page.locator(".plan-list summary").click()
    for plan in (first, other):
        page.locator(f"#compare-{plan}").check()
    visit.settle(page)
    said = page.locator(".compare")
    expect(said).to_contain_text("1 处地块归属不同")
    expect(page.locator(".compare table")).to_be_visible()
    assert ink(page, "compare") > 300
    assert ink(page, "changes") == 0
    differing = second.get("plans/compare", a=first, b=other)
    cells = second.cells()
    assert all(is_in_view(second, cells[row["id"]]["shape"]) for row in differing["cells"])
    said.scroll_into_view_if_needed()
    keep_picture(page, "redraw-compare-drawn-desk")
    assert not axe_faults(page)
    page.locator("#undo").click()
    second.wait()
    visit.settle(page)
    expect(said).to_contain_text("0 处地块归属不同")
    # Somebody else draws on the other plan meanwhile.
    target, keys = givable(second.cells(first))
    edit(second, f"plans/{first}/edits", {"op": "paint", "cells": keys, "to": target})
    page.wait_for_timeout(3100)
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    visit.settle(page)
    expect(said).to_contain_text("1 处地块归属不同")
    page.locator(".compare").scroll_into_view_if_needed()


def test_comparing_on_a_phone(visit: Visitors) -> None:
    first, second = given_plan(visit), given_plan(visit, count=2)
    board = open_board(visit, device="phone", path=f"/redraw?plan={second}")
    board.page.get_by_role("button", name="方案与影响").click()
    board.page.locator(".plan-list summary").click()
    for plan in (first, second):
        board.page.locator(f"#compare-{plan}").check()
    visit.settle(board.page)
    board.page.locator(".compare").scroll_into_view_if_needed()
    keep_picture(board.page, "redraw-compare-panel-phone")
    assert not too_small_for_a_thumb(board.page)
    assert not scrolls_sideways(board.page)
    assert not axe_faults(board.page)
    board.page.keyboard.press("Escape")
    board.page.evaluate("() => document.querySelector('[data-toggle-panel]')?.click()")
    visit.settle(board.page)
    keep_picture(board.page, "redraw-compare-map-phone")


def test_who_drew_a_submitted_plan_takes_it_back_and_goes_on(visit: Visitors) -> None:
    board = drawn(visit)
    board.page.get_by_role("button", name="提交审核").click()
    visit.settle(board.page)
    expect(board.page.locator("#hint-text")).to_contain_text("先收回")
    keep_picture(board.page, "redraw-submitted-desk")
    board.page.get_by_role("button", name="收回方案").click()
    visit.settle(board.page)
    expect(board.page.locator("#plan [role=status]")).to_contain_text("已收回")
    expect(board.page.locator("#edits")).to_contain_text("收回")
    assert board.get(f"plans/{board.plan}")["state"] == "open"
    expect(board.page.get_by_role("button", name="提交审核")).to_be_visible()
    notices = visit.open("/notices", "head")
    expect(notices.locator("main")).to_contain_text("收回了方案")


def test_the_log_of_a_restored_plan_says_what_was_done_and_names_people(visit: Visitors) -> None:
    plan = given_plan(visit)
    assert sent(Board(visit.page("staff"), visit), f"plans/{plan}/submit", {}).ok
    judge = open_board(visit, "head", path=f"/redraw?plan={plan}")
    publish(judge, "并近邻楼栋")
    made = edit(judge, "revisions/1/restore", {})
    plan = made.get("id") or made["plan"]["id"]
    worker = judge.get("workers", kind="grid_member")["rows"][0]
    rows = judge.get("cells", plan=plan)["features"]
    code = min(one["properties"]["grid"] for one in rows)
    duty = {"op": "duty", "area": code, "worker": worker["id"], "kind": "grid_member", "primary": True}
    edit(judge, f"plans/{plan}/edits", {**duty, "replace": True})
    shown = open_board(visit, "head", path=f"/redraw?plan={plan}")
    log = shown.page.locator("#edits")
    expect(log).to_contain_text("恢复第 1 版的划分")
    expect(log).to_contain_text(worker["name"])
    assert "[object" not in shown.page.locator("#panel").inner_text()
    assert worker["id"] not in shown.page.locator("#panel").inner_text()
    assert code not in shown.page.locator("#panel").inner_text()
    log.scroll_into_view_if_needed()
    keep_picture(shown.page, "redraw-restored-log-desk")
