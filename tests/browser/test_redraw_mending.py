"""A stroke that would tear a grid stays, the plots between marked and named: one press takes them along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.redrawing import Board, aim, grid_shapes, open_board, zoom_to
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def visit(own_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with own_visitors.watched() as visitors:
        yield visitors


def foretold(board: Board, op: dict[str, Any]) -> dict[str, Any] | None:
    """What a refused edit on today's grids could be instead, asked with the page's login."""
    token = board.page.evaluate("() => JSON.parse(document.getElementById('page-data').textContent).csrf")
    answer = board.page.request.post(
        "/api/v1/plans/foretell", data={"edit": op}, headers={"X-CSRFToken": token}
    )
    found: dict[str, Any] | None = answer.json().get("mend")
    return found


def leap(board: Board) -> tuple[str, str, list[str]]:
    """A grid, a plot with homes that it doesn't touch, and the one or two plots between, one with homes."""
    cells = board.cells()
    grids = grid_shapes(cells)
    for code in sorted(grids):
        ring = grids[code].buffer(0.0006)
        for key, cell in sorted(cells.items()):
            if cell["grid"] == code or not cell["households"] or not ring.intersects(cell["shape"]):
                continue
            if grids[code].distance(cell["shape"]) == 0:
                continue
            mend = foretold(board, {"op": "paint", "cells": [key], "to": code})
            plots = mend["plots"] if mend else []
            if 0 < len(plots) < 3 and any(plot["addresses"] for plot in plots):
                return code, key, [plot["id"] for plot in plots]
    raise AssertionError("every plot of the demo touches every grid")


def far_leap(board: Board) -> tuple[str, str, list[dict[str, Any]]]:
    """A grid, a plot with homes far from it, and the plots between, more than a sentence names."""
    cells = board.cells()
    grids = grid_shapes(cells)
    code = min(grids)
    for key, cell in sorted(cells.items(), key=lambda one: -grids[code].distance(one[1]["shape"])):
        mend = foretold(board, {"op": "paint", "cells": [key], "to": code}) if cell["households"] else None
        if mend and sum(len(plot["addresses"]) for plot in mend["plots"]) > 6:
            return code, key, mend["plots"]
    raise AssertionError("nothing is far away")


def stroke(board: Board, code: str, key: str, *, by: str = "mouse") -> None:
    """One dab of the fine brush on a plot, for a grid."""
    aim(board, code)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    x, y = board.at(board.cells()[key]["shape"])
    (board.drag if by == "mouse" else board.touch)((x, y), (x + 1, y + 1))
    board.wait()


def held(page: Page) -> Any:
    """The edit that waits on the page."""
    return page.evaluate('async () => (await import(scripts + "redraw/static/state.js")).state.held')


@devices("phone", "desk")
def test_a_stroke_that_leaps_stays_and_one_press_takes_the_plots_between(
    visit: Visitors, device: str
) -> None:
    board = open_board(visit, device=device)
    code, key, between = leap(board)
    before = {one: cell["grid"] for one, cell in board.cells().items()}
    zoom_to(board, [key, *between], 18)
    stroke(board, code, key, by="mouse" if device == "desk" else "touch")
    refused = board.page.locator("#refused")
    expect(refused).to_contain_text("会断成")
    expect(refused).to_contain_text("中间地块")
    assert held(board.page)["body"]["cells"] == [key]
    plots = held(board.page)["mend"]["plots"]
    assert [one["id"] for one in plots] == between
    for address in [one for plot in plots for one in plot["addresses"]]:
        expect(refused).to_contain_text(address)
    assert code not in refused.inner_text()
    legend = board.page.locator("#legend")
    for word in ("划过、还没有算数的地块", "中间的地块"):
        expect(legend).to_contain_text(word)
    keep_picture(board.page, f"redraw-torn-{device}")
    assert not axe_faults(board.page)
    if device == "phone":
        assert not too_small_for_a_thumb(board.page)
        assert not scrolls_sideways(board.page)
    board.page.get_by_role("button", name="补上中间地块").click()
    board.wait()
    expect(refused).to_be_hidden()
    after = {one: cell["grid"] for one, cell in board.cells().items()}
    assert {one for one in after if after[one] != before[one]} == {key, *between}
    assert board.steps() == 1
    expect(legend).not_to_contain_text("划过")
    keep_picture(board.page, f"redraw-mended-{device}")
    board.page.locator("#undo").click()
    board.wait()
    assert {one: cell["grid"] for one, cell in board.cells().items()} == before


def test_of_many_plots_between_each_is_named(board: Board) -> None:
    code, key, plots = far_leap(board)
    zoom_to(board, [key], 18)
    stroke(board, code, key)
    between = board.page.locator("#refused .between")
    more = between.locator("details")
    expect(more).to_contain_text("另有")
    more.locator("summary").click()
    told = between.inner_text()
    assert [one for plot in plots for one in plot["addresses"] if one not in told] == []
    assert not axe_faults(board.page)
    keep_picture(board.page, "redraw-torn-far-desk")
    board.page.get_by_role("button", name="在图上看").click()
    board.visit.settle(board.page)
    keep_picture(board.page, "redraw-torn-far-whole-desk")


def test_painting_on_completes_a_stroke_that_waits(board: Board) -> None:
    code, key, between = leap(board)
    zoom_to(board, [key, *between], 18)
    stroke(board, code, key)
    assert held(board.page)
    for one in between:
        stroke(board, code, one)
    expect(board.page.locator("#refused")).to_be_hidden()
    assert held(board.page) is None
    assert {board.cells()[one]["grid"] for one in (key, *between)} == {code}


def test_a_stroke_that_waits_is_dropped_by_its_button_by_escape_and_by_undo(board: Board) -> None:
    code, key, between = leap(board)
    zoom_to(board, [key, *between], 18)
    for way in ("button", "Escape", "Control+z"):
        stroke(board, code, key)
        assert held(board.page), way
        board.tool("矩形")
        board.tool("画笔")
        assert held(board.page), way
        if way == "button":
            board.page.get_by_role("button", name="放弃这一笔").click()
        else:
            board.page.locator(".folium-map").focus()
            board.page.keyboard.press(way)
        expect(board.page.locator("#refused")).to_be_hidden()
        assert held(board.page) is None
    assert board.plan is None


def test_buildings_picked_one_by_one_get_the_plots_between_too(board: Board) -> None:
    code, key, between = leap(board)
    zoom_to(board, [key, *between], 18)
    board.tool("逐栋划")
    board.page.mouse.click(*board.at(board.cells()[key]["shape"]))
    aim(board, code)
    board.page.get_by_role("button", name="完成").click()
    board.wait()
    board.page.get_by_role("button", name="补上中间地块").click()
    board.wait()
    assert {board.cells()[one]["grid"] for one in (key, *between)} == {code}
    picked = 'async () => (await import(scripts + "redraw/static/state.js")).state.picked.size'
    assert board.page.evaluate(picked) == 0


def test_grids_that_lie_apart_are_merged_over_the_plots_between(board: Board) -> None:
    grids = grid_shapes(board.cells())
    pairs = [
        (a, b) for a in sorted(grids) for b in sorted(grids) if a < b and grids[a].distance(grids[b]) > 0
    ]
    nearest = sorted(pairs, key=lambda pair: grids[pair[0]].distance(grids[pair[1]]))
    one, other, mend = next(
        (a, b, found)
        for a, b in nearest
        if (found := foretold(board, {"op": "merge", "grids": [a, b], "keep": a}))
    )
    board.page.locator("[data-home]").click()
    board.visit.settle(board.page)
    board.tool("合并")
    for code in (one, other):
        board.page.mouse.click(*board.at(grids[code]))
    board.page.get_by_role("button", name="完成").click()
    board.wait()
    expect(board.page.locator("#refused")).to_contain_text("中间地块")
    keep_picture(board.page, "redraw-torn-merge-desk")
    board.page.get_by_role("button", name="在图上看").click()
    board.visit.settle(board.page)
    keep_picture(board.page, "redraw-torn-merge-near-desk")
    board.page.get_by_role("button", name="补上中间地块").click()
    board.wait()
    cells = board.cells()
    assert other not in {cell["grid"] for cell in cells.values()}
    assert {cells[plot["id"]]["grid"] for plot in mend["plots"]} == {one}
    assert isinstance(grid_shapes(cells)[one], shapely.Polygon)
    assert board.steps() == 1


def test_a_rectangle_and_the_list_offer_the_plots_between_too(board: Board) -> None:
    code, key, between = leap(board)
    zoom_to(board, [key, *between], 18)
    board.tool("矩形")
    aim(board, code)
    x, y = middle_of(board, key)
    board.drag((x - 8, y - 8), (x + 8, y + 8))
    board.wait()
    assert held(board.page)["body"]["cells"] == [key]
    board.page.get_by_role("button", name="放弃这一笔").click()
    source = board.cells()[key]["grid"]
    board.page.locator(".by-list summary").click()
    board.visit.settle(board.page)
    board.page.locator("[name=listed]").select_option(source)
    board.page.locator(f"#cell-{key}").check()
    board.page.locator("[name=list-target]").select_option(code)
    board.page.locator("#list-give").click()
    board.wait()
    assert held(board.page)["body"]["cells"] == [key]
    board.page.get_by_role("button", name="补上中间地块").click()
    board.wait()
    assert {board.cells()[one]["grid"] for one in (key, *between)} == {code}


def middle_of(board: Board, key: str) -> tuple[float, float]:
    """Where the page thinks the middle of a plot is: what a rectangle must hold to take it."""
    found: list[float] = board.page.evaluate(
        """async (key) => {
          const { state } = await import(scripts + "redraw/static/state.js");
          const { frameOf } = await import(scripts + "redraw/static/view.js");
          const [x, y] = state.store.get(key).middle;
          const { scale, dx, dy } = frameOf(window.gisgrid.map);
          const box = window.gisgrid.map.getContainer().getBoundingClientRect();
          return [box.left + dx + x * scale, box.top + dy + y * scale];
        }""",
        key,
    )
    return found[0], found[1]
