"""Before buildings are cut it is said which; a head gives a whole grid to the community beside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shapely
from playwright.sync_api import Locator, expect

from tests.browser import neighbours
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.redrawing import Board, aim, crossing_line, draw_line, grid_shapes, open_board
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.usefixtures("beside"),
]


@pytest.fixture(scope="module")
def beside(own_visitors: Visitors) -> Visitors:
    """Visitors of a demo with another community in its east."""
    neighbours.found_beside(own_visitors.site)
    return own_visitors


@pytest.fixture
def visit(beside: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with beside.watched() as visitors:
        yield visitors


def cut_through_buildings(board: Board) -> tuple[str, Locator]:
    """A line through buildings of the largest grid, accepted; the grid and the dialog that asks."""
    cells = board.cells()
    grids = grid_shapes(cells)
    code = max(
        sorted(grid_shapes(cells)), key=lambda one: sum(cell["grid"] == one for cell in cells.values())
    )
    footprints = [
        shapely.geometry.shape(one["geometry"])
        for one in board.get("buildings")["features"]
        if one["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    ]
    line = crossing_line(grids[code], footprints)
    board.tool("画线切分")
    aim(board, code)
    board.page.get_by_label("按线切开楼栋地块").check()
    draw_line(board, line)
    board.page.get_by_role("button", name="完成").click()
    board.visit.settle(board.page)
    dialog = board.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return code, dialog


def test_a_cut_through_buildings_is_made_only_when_that_is_said_again(board: Board) -> None:
    before = board.cells()
    code, dialog = cut_through_buildings(board)
    addresses = {one["properties"]["address"] for one in board.get("buildings")["features"]}
    named = dialog.locator(".cut-grid li").all_inner_texts()
    assert addresses.intersection(named), "the buildings are called by their addresses"
    back = dialog.get_by_role("button", name="返回修改")
    expect(back).to_be_focused()
    keep_picture(board.page, "redraw-cut-asked-desk")
    assert not axe_faults(board.page)
    back.press("Enter")
    expect(dialog).to_have_count(0)
    expect(board.page.get_by_role("button", name="完成")).to_be_focused()
    assert board.plan is None, "nothing was sent"
    board.page.keyboard.press("Enter")
    expect(back).to_be_focused()
    board.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    board.page.get_by_role("button", name="完成").click()
    board.visit.settle(board.page)
    dialog.get_by_role("button", name="仍然切开").click()
    board.wait()
    assert [one["op"] for one in board.get(f"plans/{board.plan}")["edits"]] == ["split"]
    after = board.cells()
    assert len(after) > len(before)
    rules = board.get(f"plans/{board.plan}/findings")["rows"]
    assert code in {one["grid"] for one in rules if one["rule"] == "G07"}


def test_a_line_beside_the_buildings_asks_nothing(board: Board) -> None:
    before = grid_shapes(board.cells())
    code = max(sorted(before), key=lambda one: before[one].area)
    board.tool("画线切分")
    aim(board, code)
    draw_line(board, crossing_line(before[code], []))
    board.page.get_by_role("button", name="完成").click()
    board.wait()
    assert board.steps() == 1


def test_where_a_cut_lies_is_shown_on_the_map(visit: Visitors) -> None:
    board = open_board(visit, device="phone")
    _code, dialog = cut_through_buildings(board)
    assert not too_small_for_a_thumb(board.page)
    keep_picture(board.page, "redraw-cut-asked-phone")
    dialog.get_by_role("button", name="看位置").first.click()
    expect(dialog).to_have_count(0)
    visit.settle(board.page)
    assert board.page.evaluate("() => window.gisgrid.map.getZoom()") >= 18
    assert board.plan is None


def test_a_grid_goes_to_the_community_beside_by_mouse(visit: Visitors) -> None:
    board = open_board(visit, "head")
    row = next(one for one in board.get("plans/takers")["rows"] if one["code"] == neighbours.CODE)
    code = row["grids"][0]
    cells = board.cells()
    board.tool("整格划出")
    visit.settle(board.page)
    expect(board.page.locator("#hint-text")).to_contain_text("相邻社区")
    board.page.mouse.click(*board.at(grid_shapes(cells)[code]))
    keep_picture(board.page, "redraw-transfer-desk")
    board.page.get_by_role("button", name="选社区").click()
    dialog = board.page.get_by_role("dialog")
    expect(dialog).to_contain_text(neighbours.NAME)
    homes = sum(cell["households"] for cell in cells.values() if cell["grid"] == code)
    expect(dialog.locator(".facts")).to_contain_text(f"户数{homes}")
    expect(dialog.get_by_role("radio")).to_be_focused()
    keep_picture(board.page, "redraw-transfer-asked-desk")
    assert not axe_faults(board.page)
    dialog.get_by_role("button", name="划给对方").click()
    board.wait()
    gone = board.get(f"plans/{board.plan}/impact")["transfers"]
    assert [(one["grid"], one["to"], one["households"]) for one in gone] == [(code, neighbours.CODE, homes)]
    assert code not in {cell["grid"] for cell in board.cells().values()}
    expect(board.page.locator("#impact")).to_contain_text(neighbours.NAME)
    expect(board.page.locator("#edits")).to_contain_text(f"划给社区 {neighbours.NAME}")
    keep_picture(board.page, "redraw-transferred-desk")
    board.page.keyboard.press("Control+z")
    board.wait()
    assert board.get(f"plans/{board.plan}/impact")["transfers"] == []


def test_a_grid_goes_to_the_community_beside_by_keys_alone(visit: Visitors) -> None:
    board = open_board(visit, "head")
    code = board.get("plans/takers")["rows"][0]["grids"][-1]
    page = board.page
    page.locator(".folium-map").focus()
    page.keyboard.press("t")
    visit.settle(page)
    chosen = page.locator("#hint [name=giving]")
    chosen.focus()
    chosen.select_option(code)
    page.locator("#accept").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("radio")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#accept")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("radio")).to_be_focused()
    page.keyboard.press("Enter")
    board.wait()
    edits = board.get(f"plans/{board.plan}")["edits"]
    assert [(one["op"], one["summary"]["grid"]) for one in edits] == [("transfer", code)]


def test_of_two_communities_beside_none_is_chosen_beforehand(visit: Visitors) -> None:
    board = open_board(visit, "head")
    row = board.get("plans/takers")["rows"][0]
    other = row | {"code": "ZZZ", "name": "另一个社区"}
    board.page.route("**/plans/takers*", lambda route: route.fulfill(json={"rows": [other, row]}))
    board.tool("整格划出")
    visit.settle(board.page)
    board.page.mouse.click(*board.at(grid_shapes(board.cells())[row["grids"][0]]))
    board.page.get_by_role("button", name="选社区").click()
    dialog = board.page.get_by_role("dialog")
    expect(dialog.get_by_role("radio")).to_have_count(2)
    expect(dialog.locator("input:checked")).to_have_count(0)
    dialog.get_by_role("button", name="划给对方").click()
    expect(dialog).to_be_visible()
    assert board.plan is None
    dialog.locator("label", has_text=neighbours.NAME).click()
    dialog.get_by_role("button", name="划给对方").click()
    board.wait()
    gone = board.get(f"plans/{board.plan}/impact")["transfers"]
    assert [one["to"] for one in gone] == [neighbours.CODE]


def test_a_grid_in_the_middle_is_not_given_away(visit: Visitors) -> None:
    board = open_board(visit, "head", device="phone")
    grids = grid_shapes(board.cells())
    beside = set(board.get("plans/takers")["rows"][0]["grids"])
    board.tool("整格划出")
    visit.settle(board.page)
    x, y = board.at(grids[min(set(grids) - beside)])
    board.touch((x, y))
    expect(board.page.locator("#refused")).to_contain_text("不挨着别的社区")
    keep_picture(board.page, "redraw-transfer-refused-phone")
    assert not scrolls_sideways(board.page)
    assert board.plan is None


def test_a_staff_has_no_such_tool(visit: Visitors) -> None:
    board = open_board(visit)
    for tool in ("transfer", "outline"):
        expect(board.page.locator(f"[data-tool={tool}]")).to_have_count(0)
