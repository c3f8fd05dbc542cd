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
    look_at,
    open_board,
    zoom_to,
)
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
NEAR_DEG = 1e-7


@pytest.fixture
def visit(redraw_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with redraw_visitors.watched() as visitors:
        yield visitors


def has_corner(board: Board, place: tuple[float, float]) -> bool:
    """Whether any cell of the open plan has a corner at a place."""
    xy = shapely.get_coordinates([cell["shape"] for cell in board.cells().values()])
    return bool((abs(xy - place).max(axis=1) < NEAR_DEG).any())


def union(cells: dict[str, dict[str, Any]]) -> Any:
    return shapely.coverage_union_all([cell["shape"] for cell in cells.values()])


def test_a_drag_of_a_corner_moves_the_border_of_both_grids(visit: Visitors) -> None:
    board = open_board(visit)
    before = board.cells()
    place = border_corner(before)
    look_at(board, *place, 19)
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


def test_a_finger_moves_a_corner_too(visit: Visitors) -> None:
    board = open_board(visit, device="phone")
    place = border_corner(board.cells())
    look_at(board, *place, 19)
    board.tool("移动边界")
    x, y = on_screen(board.page, *place)
    board.touch((x, y), (x + 8, y + 6), (x + 14, y + 8))
    board.wait()
    keep_picture(board.page, "redraw-corner-phone")
    assert not has_corner(board, place)


def test_a_corner_is_moved_by_keys_alone(visit: Visitors) -> None:
    board = open_board(visit)
    place = border_corner(board.cells())
    look_at(board, *place, 19)
    board.page.locator(".folium-map").focus()
    board.page.keyboard.press("7")
    expect(board.page.locator("[data-tool=move]")).to_have_attribute("aria-pressed", "true")
    for word in ("n", "Space", "ArrowRight", "ArrowDown"):
        board.page.keyboard.press(word)
    keep_picture(board.page, "redraw-corner-keys-desk")
    board.page.keyboard.press("Space")
    board.wait()
    assert [one["op"] for one in board.get(f"plans/{board.plan}")["edits"]] == ["move"]


def test_the_outline_has_no_corner_to_take(visit: Visitors) -> None:
    board = open_board(visit)
    ring = shapely.get_exterior_ring(union(board.cells()))
    place = shapely.get_coordinates(ring)[5].tolist()
    look_at(board, *place, 19)
    board.tool("移动边界")
    x, y = on_screen(board.page, *place)
    board.drag((x, y), (x + 30, y + 30))
    assert board.plan is None


def test_a_line_cuts_cells_where_that_is_asked(visit: Visitors) -> None:
    board = open_board(visit)
    before = board.cells()
    grids = grid_shapes(before)
    code = max(grids, key=lambda one: sum(cell["grid"] == one for cell in before.values()))
    west, south, east, north = grids[code].bounds
    board.tool("画线切分")
    aim(board, code)
    board.page.get_by_label("按线切开楼栋地块").check()
    middle = (west + east) / 2 + 0.00002
    board.drag(*(on_screen(board.page, middle, lat) for lat in (south - 0.0001, north + 0.0001)))
    board.page.get_by_role("button", name="完成").click()
    board.page.get_by_role("button", name="仍然切开").click()
    board.wait()
    keep_picture(board.page, "redraw-cut-desk")
    if board.page.locator("#refused").is_visible():
        assert board.plan is None, board.page.locator("#refused").inner_text()
        pytest.fail(board.page.locator("#refused").inner_text())
    after = board.cells()
    assert len(after) > len(before)
    assert union(after).symmetric_difference(union(before)).area < 1e-12


def test_a_plot_of_several_buildings_is_divided(visit: Visitors) -> None:
    board = open_board(visit)
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


def test_a_head_draws_another_outline_and_a_staff_has_no_such_tool(visit: Visitors) -> None:
    staff = open_board(visit)
    expect(staff.page.locator("[data-tool=outline]")).to_have_count(0)
    board = open_board(visit, "head")
    before = union(board.cells())
    west, _south, _east, north = before.bounds
    ring = shapely.get_exterior_ring(before)
    top = [
        ring.interpolate(ring.project(shapely.Point(west + share * 0.01, north))) for share in (0.35, 0.42)
    ]
    look_at(board, top[0].x, top[0].y, 17)
    board.tool("外边界")
    for lon, lat in (
        (top[0].x, top[0].y),
        (top[0].x, north + 0.0004),
        (top[1].x, north + 0.0004),
        (top[1].x, top[1].y),
    ):
        board.page.mouse.click(*on_screen(board.page, lon, lat))
    expect(board.page.locator("#hint-text")).to_contain_text("新的外边界")
    keep_picture(board.page, "redraw-outline-desk")
    board.page.keyboard.press("Enter")
    board.wait()
    expect(board.page.locator("#refused")).to_be_hidden()
    assert union(board.cells()).area > before.area


def test_painting_takes_only_from_the_grid_that_is_named(visit: Visitors) -> None:
    board = open_board(visit)
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


def test_cells_are_painted_with_the_keyboard_on_the_map(visit: Visitors) -> None:
    board = open_board(visit)
    cells = board.cells()
    target, (key,) = givable(cells)
    point = cells[key]["shape"].representative_point()
    look_at(board, point.x, point.y, 19)
    aim(board, target)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    board.page.locator(".folium-map").focus()
    for word in ("ArrowRight", "ArrowLeft", "Space", "Space"):
        board.page.keyboard.press(word)
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
