"""The helper on the redraw page: asked, followed, looked at on the map, accepted, by mouse and by finger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.looking import axe_faults, drawn_pixels, scrolls_sideways, too_small_for_a_thumb
from tests.browser.redrawing import Board, open_board
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WORKING_MS = 240_000
"""How long a proposal may take on a busy machine before the test gives up."""


@pytest.fixture
def visit(own_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with own_visitors.watched() as visitors:
        yield visitors


def open_helper(visit: Visitors, device: str = "desk") -> Board:
    """The redraw page with the helper open."""
    board = open_board(visit, device=device)
    if device != "desk":
        board.page.locator(".open-panel").click()
    board.page.locator("#proposals summary").first.click()
    return board


def choose(page: Page, word: str) -> None:
    page.locator("#helpers").get_by_text(word, exact=True).click()


def begin(page: Page) -> None:
    page.locator("#helpers").get_by_role("button", name="开始计算").click()


def _is_asking(request: Request) -> bool:
    return request.method == "POST" and "/proposals" in request.url


def coloured(page: Page) -> int:
    """How many pixels of the preview are drawn."""
    return sum(drawn_pixels(page, ".leaflet-proposal-pane canvas"))


def test_borders_are_straightened_after_a_look_and_undone(visit: Visitors) -> None:
    board = open_helper(visit)
    page = board.page
    before = {key: cell["grid"] for key, cell in board.cells().items()}
    choose(page, "理顺边界")
    begin(page)
    expect(page.locator(".helpers-floor")).to_contain_text("可挪的空地块")
    accept = page.locator("#helpers-accept")
    expect(accept).to_be_enabled(timeout=WORKING_MS)
    expect(page.locator("#helpers-figures")).to_contain_text("内部边界")
    assert coloured(page) > 0
    assert {key: cell["grid"] for key, cell in board.cells().items()} == before, "only a person decides"
    accept.click()
    board.wait()
    expect(page.locator("#edits")).to_contain_text("采用方案助手的建议")
    after = board.cells()
    moved = [key for key in before if after[key]["grid"] != before[key]]
    assert moved
    assert not any(after[key]["households"] for key in moved)
    assert coloured(page) == 0
    page.locator("#undo").click()
    board.wait()
    assert {key: cell["grid"] for key, cell in board.cells().items()} == before


def test_a_balance_tells_its_floor_first_and_can_be_cancelled(visit: Visitors) -> None:
    board = open_helper(visit)
    page = board.page
    page.locator("#helpers [name=barriers]").select_option("never")
    page.locator("#helpers [name=start]").select_option("nothing")
    begin(page)
    expect(page.locator("#helpers-floor")).to_contain_text("最大偏差再好也不会低于")
    expect(page.get_by_role("button", name="改为").first).to_be_visible()
    assert axe_faults(page) == []
    keep_picture(page, "proposal-running-desk")
    page.locator("#helpers-cancel").click()
    expect(page.locator("#helpers")).to_be_visible()
    assert coloured(page) == 0
    assert board.steps() == 0


def test_what_is_drawn_meanwhile_makes_the_proposal_stale(visit: Visitors) -> None:
    board = open_helper(visit)
    page = board.page
    choose(page, "分微网格")
    page.locator("#helpers [name=parts]").fill("3")
    grid = page.locator("#helpers [name=grid]").input_value()
    begin(page)
    accept = page.locator("#helpers-accept")
    expect(accept).to_be_enabled(timeout=WORKING_MS)
    keep_picture(page, "proposal-micro-desk")
    page.evaluate(
        """async () => {
            const { edit } = await import(scripts + "redraw/static/plan/plan.js");
            const { gridList } = await import(scripts + "redraw/static/state.js");
            await edit({ op: "rename", area: gridList()[0].code, name: "改过名的网格" });
        }"""
    )
    expect(page.locator("#proposals")).to_contain_text("请重新计算")
    expect(accept).to_be_disabled()
    page.locator("#undo").click()
    board.wait()
    expect(accept).to_be_enabled()
    accept.click()
    board.wait()
    assert len({cell["micro_grid"] for cell in board.cells().values() if cell["grid"] == grid}) == 3


def test_scope_barriers_and_tolerance_are_chosen_and_the_curve_offers_others(visit: Visitors) -> None:
    board = open_helper(visit)
    page = board.page
    before = {key: cell["grid"] for key, cell in board.cells().items()}
    scope = sorted(set(before.values()))[:2]
    choose(page, "选定的网格")
    page.get_by_role("button", name="开始计算").click()
    expect(page.locator("#proposals [role=alert]")).to_contain_text("先勾选")
    for code in scope:
        page.locator(f"#helpers [name=scope_grids][value='{code}']").check()
    page.locator("#helpers [name=barriers]").select_option("avoid")
    page.locator("#helpers [name=barriers_from][value=water]").check()
    page.locator("#helpers [name=by]").select_option("norm")
    page.locator("#helpers [name=norm]").fill("470")
    page.locator(".finer summary").click()
    page.locator("#helpers [name=tolerance]").fill("5")
    page.locator("#helpers [name=seed]").fill("7")
    page.locator("#helpers [name=curve]").check()
    assert axe_faults(page) == []
    keep_picture(page, "proposal-wish-desk")
    expect(page.locator("#proposals [role=alert]")).to_have_count(0)
    with page.expect_request(_is_asking, timeout=WORKING_MS) as sent:
        begin(page)
    assert sent.value.post_data_json == {
        "kind": "balance",
        "start": "current",
        "few_changes": "balanced",
        "scope": scope,
        "norm": 470,
        "barriers": "avoid",
        "barriers_from": ["compounds", "water"],
        "tolerance": 0.05,
        "seed": 7,
        "curve": True,
    }
    expect(page.locator("#helpers-floor")).to_be_visible()
    rows = page.locator("#helpers-curve tbody tr")
    expect(rows).to_have_count(5, timeout=WORKING_MS)
    expect(rows.filter(has_text="5.0 %").filter(has_text="当前").first).to_be_visible()
    expect(page.get_by_role("img", name="容差与换网格户数")).to_be_visible()
    rows.first.scroll_into_view_if_needed()
    assert axe_faults(page) == []
    keep_picture(page, "proposal-curve-desk")
    page.get_by_role("button", name="选用容差 15.0 %").click()
    expect(rows.last).to_contain_text("当前", timeout=WORKING_MS)
    moved = int(rows.last.locator("td").first.inner_text().replace(",", ""))
    if moved:
        page.locator("#helpers-accept").click()
        board.wait()
    after = {key: cell["grid"] for key, cell in board.cells().items()}
    changed = {before[key] for key in before if after[key] != before[key]}
    assert changed <= set(scope)
    assert bool(changed) is bool(moved)


def test_locked_grids_are_left_out(visit: Visitors) -> None:
    board = open_helper(visit)
    page = board.page
    code = min(cell["grid"] for cell in board.cells().values())
    page.evaluate(
        """async (grid) => {
            const { edit } = await import(scripts + "redraw/static/plan/plan.js");
            await edit({ op: "lock", grid, locked: true });
        }""",
        code,
    )
    board.wait()
    expect(page.locator("#helpers")).to_contain_text("已锁定的不动")
    choose(page, "选定的网格")
    expect(page.locator(f"#helpers [name=scope_grids][value='{code}']")).to_have_count(0)
    expect(page.locator("#helpers [name=scope_grids]")).to_have_count(19)


@pytest.mark.parametrize("device", ["phone"])
def test_a_finger_does_it_too(visit: Visitors, device: str) -> None:
    board = open_helper(visit, device)
    page = board.page
    assert too_small_for_a_thumb(page) == []
    choose(page, "理顺边界")
    begin(page)
    accept = page.locator("#helpers-accept")
    expect(accept).to_be_visible(timeout=WORKING_MS)
    assert not scrolls_sideways(page)
    keep_picture(page, "proposal-phone")
    page.locator("#proposals").get_by_role("button", name="不采用").click()
    expect(page.locator("#helpers")).to_be_visible()
    assert board.steps() == 0
