"""Staff redraw grids with mouse, finger and keys; what they did is read back from the API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.looking import axe_faults, on_screen, scrolls_sideways, too_small_for_a_thumb
from tests.browser.redrawing import Board, aim, givable, grid_shapes, open_board, publish, zoom_to
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_WIDTHS = "(all) => all.map((one) => one.getAttribute('width'))"


@pytest.fixture
def visit(own_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with own_visitors.watched() as visitors:
        yield visitors


def paint_one(board: Board) -> tuple[str, str, str]:
    """Paint one cell with the fine brush: the cell, its grid before, and its grid now."""
    cells = board.cells()
    target, (key,) = givable(cells)
    zoom_to(board, [key])
    aim(board, target)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    x, y = board.at(cells[key]["shape"])
    board.drag((x, y), (x + 1, y + 1))
    board.wait()
    return key, cells[key]["grid"], target


def test_a_drag_of_the_brush_gives_cells_to_a_grid_and_undo_gives_them_back(board: Board) -> None:
    key, before, target = paint_one(board)
    assert board.cells()[key]["grid"] == target
    impact = board.get(f"plans/{board.plan}/impact")
    assert {one["code"] for one in impact["grids"]} == {before, target}
    keep_picture(board.page, "redraw-painted-desk")
    board.page.keyboard.press("Control+z")
    board.wait()
    assert board.cells()[key]["grid"] == before
    board.page.keyboard.press("Control+y")
    board.wait()
    assert board.cells()[key]["grid"] == target


def test_the_list_of_edits_says_where_a_painted_cell_came_from(board: Board) -> None:
    key, before, target = paint_one(board)
    names = [
        board.page.locator(f"[name=target] option[value='{code}']").inner_text() for code in (before, target)
    ]
    wanted = board.page.evaluate(
        """async (key) => {
          const { state } = await import(scripts + "redraw/static/state.js");
          const { addressesOf } = await import(scripts + "redraw/static/places.js");
          return addressesOf(state.store.get(key))[0];
        }""",
        key,
    )
    last = board.page.locator("#edits li").first
    expect(last).to_contain_text(f"{names[0]} → {names[1]} · {wanted}")
    last.scroll_into_view_if_needed()
    keep_picture(board.page, "redraw-edits-desk")


def test_a_line_after_painting_splits_the_grid_it_crosses(board: Board) -> None:
    _key, source, target = paint_one(board)
    board.page.locator("[data-home]").click()
    board.visit.settle(board.page)
    before = board.cells()
    grids = grid_shapes(before)
    others = set(grids) - {source, target}
    code = max(sorted(others), key=lambda one: sum(cell["grid"] == one for cell in before.values()))
    chosen = board.page.locator("#hint [name=target]")
    board.tool("重画范围")
    expect(chosen).to_have_value("")
    board.tool("画线切分")
    expect(chosen).to_have_value("")
    west, south, east, north = grids[code].bounds
    board.drag(*(on_screen(board.page, (west + east) / 2, lat) for lat in (south, north)))
    keep_picture(board.page, "redraw-split-after-paint-desk")
    board.page.get_by_role("button", name="完成").click()
    board.wait()
    edits = board.get(f"plans/{board.plan}")["edits"]
    assert [(one["op"], one["summary"].get("grid")) for one in edits] == [("paint", None), ("split", code)]
    changed = {
        before[key]["grid"] for key, cell in board.cells().items() if cell["grid"] != before[key]["grid"]
    }
    assert changed == {code}
    board.tool("画笔")
    expect(chosen).to_have_value(target)


def test_a_drag_that_begins_in_a_grid_lets_that_grid_grow(board: Board) -> None:
    cells = board.cells()
    target, (key,) = givable(cells)
    zoom_to(board, [key])
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    own = [cell["shape"] for cell in cells.values() if cell["grid"] == target]
    beside = next(one for one in own if one.intersection(cells[key]["shape"]).length > 0)
    board.drag(board.at(beside), board.at(cells[key]["shape"]))
    board.wait()
    assert board.cells()[key]["grid"] == target


def test_a_hit_is_found_in_under_two_milliseconds(board: Board) -> None:
    took = board.page.evaluate(
        """async () => {
          const { state } = await import(scripts + "redraw/static/state.js");
          const cells = [...state.store.cells.values()];
          const start = performance.now();
          for (const { middle } of cells) if (state.store.at(middle) === null) throw new Error("missed");
          return (performance.now() - start) / cells.length;
        }"""
    )
    assert took < 2


def test_a_locked_grid_is_not_painted(board: Board) -> None:
    cells = board.cells()
    target, (key,) = givable(cells)
    board.tool("锁定")
    board.page.mouse.click(*board.at(cells[key]["shape"]))
    board.wait()
    assert board.get(f"plans/{board.plan}")["locks"] == [cells[key]["grid"]]
    board.tool("画笔")
    zoom_to(board, [key])
    aim(board, target)
    board.drag(board.at(cells[key]["shape"]), board.at(cells[key]["shape"]))
    assert board.cells()[key]["grid"] == cells[key]["grid"]


def test_what_is_refused_says_why_and_changes_nothing(board: Board) -> None:
    cells = board.cells()
    before = {one["id"] for one in board.get("plans")["rows"]}
    grids = grid_shapes(cells)
    target = min(grids)
    far = max(
        (key for key, cell in cells.items() if cell["grid"] != target),
        key=lambda one: cells[one]["shape"].distance(grids[target]),
    )
    aim(board, target)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    x, y = board.at(cells[far]["shape"])
    board.drag((x, y), (x + 1, y))
    board.wait()
    expect(board.page.locator("#refused")).to_be_visible()
    assert re.search("[\u4e00-\u9fff]", board.page.locator("#refused").inner_text())
    assert board.cells()[far]["grid"] == cells[far]["grid"]
    assert board.plan is None
    assert {one["id"] for one in board.get("plans")["rows"]} == before, "no empty plan stays behind"


def test_a_finger_paints_on_a_phone(visit: Visitors) -> None:
    board = open_board(visit, device="phone")
    cells = board.cells()
    target, (key,) = givable(cells)
    zoom_to(board, [key], 18)
    aim(board, target)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    x, y = board.at(cells[key]["shape"])
    board.touch((x, y), (x + 1, y + 1), (x, y))
    board.wait()
    keep_picture(board.page, "redraw-painted-phone")
    assert board.cells()[key]["grid"] == target
    board.page.get_by_role("button", name="方案与影响").click()
    keep_picture(board.page, "redraw-panel-phone")
    assert not too_small_for_a_thumb(board.page)
    assert not scrolls_sideways(board.page)
    assert not axe_faults(board.page)


def test_every_choice_of_the_brush_is_in_sight_on_a_phone(visit: Visitors) -> None:
    board = open_board(visit, device="phone")
    for name in ("target", "from"):
        expect(board.page.locator(f"#hint [name={name}]")).to_be_in_viewport(ratio=1)
    tools = board.page.locator("#tools")
    expect(tools).to_have_class(re.compile("more-after"))
    keep_picture(board.page, "redraw-brush-phone")
    tools.evaluate("(row) => row.scrollTo(row.scrollWidth, 0)")
    expect(tools).not_to_have_class(re.compile("more-after"))
    expect(tools).to_have_class(re.compile("more-before"))
    keep_picture(board.page, "redraw-tools-end-phone")
    assert not scrolls_sideways(board.page)


@devices("phone", "desk", "tall")
def test_the_foot_of_the_map_covers_none_of_it(visit: Visitors, device: str) -> None:
    board = open_board(visit, "head", device)
    page = board.page
    keep_picture(page, f"redraw-foot-{device}")
    for tool in ("paint", "split", "lock"):
        page.locator(f"[data-tool={tool}]").click()
        visit.settle(page)
        (land, foot) = (page.locator(one).bounding_box() for one in (".folium-map", "#hint"))
        assert land is not None
        assert foot is not None
        assert abs(land["y"] + land["height"] - foot["y"]) <= 1, tool
    south = min(cell["shape"].bounds[1] for cell in board.cells().values())
    west = min(cell["shape"].bounds[0] for cell in board.cells().values())
    page.reload()
    visit.settle(page)
    assert on_screen(page, west, south)[1] <= page.locator("#hint").bounding_box()["y"]


def test_the_next_step_stays_in_sight_on_a_phone(visit: Visitors) -> None:
    board = open_board(visit, device="tall")
    cells = board.cells()
    target, (key,) = givable(cells)
    zoom_to(board, [key], 18)
    aim(board, target)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    x, y = board.at(cells[key]["shape"])
    board.touch((x, y), (x + 1, y + 1))
    board.wait()
    board.page.get_by_role("button", name="方案与影响").click()
    submit = board.page.get_by_role("button", name="提交审核")
    for share in (0, 0.5, 1):
        board.page.locator("#panel").evaluate(
            "(one, share) => one.scrollTo(0, share * one.scrollHeight)", share
        )
        expect(submit).to_be_in_viewport(ratio=1)
        keep_picture(board.page, f"redraw-step-tall-{share}")
    assert not too_small_for_a_thumb(board.page)
    assert not axe_faults(board.page)
    submit.click()
    visit.settle(board.page)
    assert board.get(f"plans/{board.plan}")["state"] == "submitted"


def test_the_impact_tells_who_is_visited_and_shows_before_and_after(board: Board) -> None:
    _key, source, target = paint_one(board)
    move = board.get(f"plans/{board.plan}/impact")["moves"][0]
    assert (move["from"], move["to"]) == (source, target)
    panel = board.page.locator("#impact")
    if move["with_visitor"]:
        expect(panel).to_contain_text(f"有探访人 {move['with_visitor']} 人")
    grids = {one["code"]: one for one in board.get(f"plans/{board.plan}/impact")["grids"]}
    rows = panel.locator(".overview tbody tr")
    expect(rows).to_have_count(2)
    for row, code in zip(rows.all(), sorted(grids), strict=True):
        sides = [grids[code][when]["households"] for when in ("before", "after")]
        expect(row).to_contain_text(" → ".join(map(str, sides)))
        widths = [float(width) for width in row.locator("svg").first.locator("rect").evaluate_all(_WIDTHS)]
        assert (widths[0] < widths[1]) is (sides[0] < sides[1])


def test_what_the_server_says_of_a_conflict_stands_alone(board: Board) -> None:
    said = board.page.evaluate(
        """async () => {
          const { Problem, sentences } = await import(scripts + "static/js/fetch.js");
          const { authorOf } = await import(scripts + "static/js/words.js");
          const told = [{ detail: "方案已发布" }, {}].map((body) => sentences(new Problem(409, body)));
          return [...told, authorOf("local"), authorOf("staff")];
        }"""
    )
    assert said == [["方案已发布"], ["内容已被别人更新,请刷新后再试。"], "本机", "staff"]


def test_without_a_mouse_a_list_and_keys_do_the_same(board: Board) -> None:
    cells = board.cells()
    target, (key,) = givable(cells)
    page = board.page
    page.locator(".by-list summary").focus()
    page.keyboard.press("Enter")
    board.visit.settle(page)
    page.locator("[name=listed]").select_option(cells[key]["grid"])
    box = page.locator(f"#cell-{key}")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(f"#cell-{key}")).to_be_focused()
    page.locator("[name=list-target]").select_option(target)
    page.locator("#list-give").focus()
    page.keyboard.press("Enter")
    board.wait()
    assert board.cells()[key]["grid"] == target


def test_six_buildings_are_given_and_published_in_twelve_actions(visit: Visitors) -> None:
    board = open_board(visit)
    cells = board.cells()
    target, keys = givable(cells, count=6)
    zoom_to(board, keys)
    board.page.locator("#hint").get_by_text("细", exact=True).click()
    own = [cell["shape"] for cell in cells.values() if cell["grid"] == target]
    first = cells[keys[0]]["shape"]
    beside = next(one for one in own if one.intersection(first).length > 0)
    board.drag(board.at(beside), board.at(first))  # the grid in which a stroke begins is the one that takes
    board.wait()
    actions = len(["brush", "first building"])
    for key in keys[1:]:
        board.page.mouse.click(*board.at(cells[key]["shape"]))
        board.wait()
        actions += 1
    board.page.get_by_role("button", name="提交审核").click()
    visit.settle(board.page)
    judge = open_board(visit, "head", path="/redraw")
    judge.page.locator("#plan-choice").select_option(board.plan)
    visit.settle(judge.page)
    publish(judge, "就近服务")
    actions += len(["submit", "open", "dialog", "reason", "publish"])
    expect(judge.page.get_by_role("status")).to_contain_text("已发布")
    keep_picture(judge.page, "redraw-published-desk")
    after = judge.cells()
    assert judge.plan is None
    assert {after[key]["grid"] for key in keys} == {target}
    assert actions <= 12


def test_a_leader_looks_on_without_tools(visit: Visitors) -> None:
    board = open_board(visit, "leader")
    expect(board.page.locator("#tools")).to_have_count(0)
    expect(board.page.locator("#hint-text")).to_have_text("只能查看。")
