"""Tools that redraw the cells themselves, by mouse, finger and keys; read back from the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from playwright.sync_api import expect

from tests.browser.looking import axe_faults, on_screen
from tests.browser.redrawing import (
    Board,
    aim,
    border_corner,
    givable,
    grid_shapes,
    open_board,
    view_of,
    zoom_to,
)
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NEAR_DEG = 1e-7


@pytest.fixture
def visit(own_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with own_visitors.watched() as visitors:
        yield visitors


def has_corner(board: Board, place: tuple[float, float]) -> bool:
    """Whether any cell of the open plan has a corner at a place."""
    xy = shapely.get_coordinates([cell["shape"] for cell in board.cells().values()])
    return bool((abs(xy - place).max(axis=1) < NEAR_DEG).any())


def union(cells: dict[str, dict[str, Any]]) -> Any:
    return shapely.coverage_union_all([cell["shape"] for cell in cells.values()])


def test_a_drag_of_a_corner_moves_the_border_of_both_grids(board: Board) -> None:
    before = board.cells()
    place = border_corner(before)
    view_of(board, *place, 19)
    board.tool("移动边界")
    x, y = on_screen(board.page, *place)
    board.page.mouse.move(x, y)
    board.page.mouse.down()
    board.page.mouse.move(x + 12, y + 8, steps=4)
    keep_picture(board.page, "redraw-corner-dragged-desk")
    board.page.mouse.up()
    board.wait()
    expect(board.page.locator("#refused")).to_be_hidden()
    after = board.cells()
    assert not has_corner(board, place)
    assert union(after).symmetric_difference(union(before)).area == 0
    board.page.keyboard.press("Control+z")
    board.wait()
    assert has_corner(board, place)
    assert board.page.evaluate("() => window.gisgrid.map.dragging.enabled()")


def test_a_corner_is_moved_by_keys_alone(board: Board) -> None:
    place = border_corner(board.cells())
    view_of(board, *place, 19)
    board.page.locator(".folium-map").focus()
    board.page.keyboard.press("7")
    expect(board.page.locator("[data-tool=move]")).to_have_attribute("aria-pressed", "true")
    for word in ("n", "Space", "ArrowRight", "ArrowDown"):
        board.page.keyboard.press(word)
    keep_picture(board.page, "redraw-corner-keys-desk")
    board.page.keyboard.press("Space")
    board.wait()
    assert [one["op"] for one in board.get(f"plans/{board.plan}")["edits"]] == ["move"]


def test_the_outline_has_no_corner_to_take(board: Board) -> None:
    ring = shapely.get_exterior_ring(union(board.cells()))
    place = shapely.get_coordinates(ring)[5].tolist()
    view_of(board, *place, 19)
    board.tool("移动边界")
    x, y = on_screen(board.page, *place)
    board.drag((x, y), (x + 30, y + 30))
    assert board.plan is None


def test_a_plot_of_several_buildings_is_divided(board: Board) -> None:
    before = board.cells()
    shared = board.page.evaluate(
        """async () => {
          const { state } = await import(scripts + "redraw/static/state.js");
          const { isShared } = await import(scripts + "redraw/static/places.js");
          return [...state.store.cells.values()].filter(isShared).map(({ id }) => id);
        }"""
    )
    board.tool("拆分地块")
    if not shared:
        key = next(key for key, cell in before.items() if cell["households"])
        zoom_to(board, [key])
        board.page.mouse.click(*board.at(before[key]["shape"]))
        expect(board.page.locator("#refused")).to_contain_text("不到两栋楼")
        return
    zoom_to(board, shared[:1], 18)
    board.page.mouse.click(*board.at(before[shared[0]]["shape"]))
    board.wait()
    after = board.cells()
    assert shared[0] not in after
    assert len(after) > len(before)


def test_painting_takes_only_from_the_grid_that_is_named(board: Board) -> None:
    cells = board.cells()
    target, (key,) = givable(cells)
    other = next(code for code in sorted(grid_shapes(cells)) if code not in {target, cells[key]["grid"]})
    zoom_to(board, [key], 18)
    aim(board, target)
    board.page.locator("#hint [name=from]").select_option(other)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    board.page.mouse.click(*board.at(cells[key]["shape"]))
    assert board.plan is None
    board.page.locator("#hint [name=from]").select_option(cells[key]["grid"])
    board.page.mouse.click(*board.at(cells[key]["shape"]))
    board.wait()
    assert board.cells()[key]["grid"] == target


def test_the_list_of_keys_opens_with_a_question_mark(visit: Visitors) -> None:
    board = open_board(visit, "head")
    board.page.locator(".folium-map").focus()
    board.page.keyboard.press("?")
    expect(board.page.get_by_role("dialog")).to_contain_text("移动边界")
    keep_picture(board.page, "redraw-help-desk")
    assert not axe_faults(board.page)
    board.page.keyboard.press("Escape")
    expect(board.page.get_by_role("dialog")).to_have_count(0)
