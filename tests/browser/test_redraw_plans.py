"""Plans on the page: people and names in them, findings that are mended, publishing, waiting, comparing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.redrawing import Board, given_plan, open_board, publish
from tests.browser.visiting import Visitors, keep_picture
from tests.conftest import NOW

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def visit(own_visitors: Visitors) -> Iterator[Visitors]:
    """Visits of one test; it fails at the end on outside requests, console errors and page errors."""
    with own_visitors.watched() as visitors:
        yield visitors


def drawn(visit: Visitors) -> Board:
    """The page of a plan by staff that gives a cell to the neighbour."""
    return open_board(visit, path=f"/redraw?plan={given_plan(visit)}")


def test_a_grid_gets_another_name_and_another_member(board: Board) -> None:
    row = board.page.locator("table#rows tbody tr").first
    row.locator("button, td, th").first.click()
    code = row.get_attribute("data-key")
    form = board.page.locator("#rename")
    form.get_by_label("网格名称").fill("河边网格")
    form.get_by_role("button", name="改名").click()
    board.wait()
    expect(board.page.locator("#grid h2")).to_have_text("河边网格")
    board.page.locator(".duty summary").click()
    board.visit.settle(board.page)
    kind, worker = board.page.locator("#grid [name=kind]"), board.page.locator("[name=worker]")
    expect(kind).to_have_value("")  # whose place is taken is said by who redraws
    expect(worker.locator("option")).to_have_count(1)
    kind.select_option("grid_member")
    board.visit.settle(board.page)
    values = worker.locator("option").evaluate_all("(all) => all.map((one) => one.value).filter(Boolean)")
    worker.select_option(values[-1])
    board.page.get_by_role("button", name="由他负责").click()
    board.wait()
    keep_picture(board.page, "redraw-duty-desk")
    edits = board.get(f"plans/{board.plan}")["edits"]
    assert [one["op"] for one in edits] == ["rename", "duty"]
    duties = board.get(f"plans/{board.plan}/impact")["duties"]
    assert (code, values[-1], "begin") in {(one["area"], one["worker"], one["change"]) for one in duties}


def test_a_finding_opens_the_tool_that_mends_it(visit: Visitors) -> None:
    board = drawn(visit)
    fix = board.page.locator("#findings .fix").first
    expect(fix).to_be_visible()
    fix.click()
    pressed = board.page.locator("#tools [aria-pressed=true], #grid:not([hidden]) details[open]")
    expect(pressed.first).to_be_visible()
    keep_picture(board.page, "redraw-fix-desk")


def test_codes_are_given_anew_only_when_somebody_asks(visit: Visitors) -> None:
    board = drawn(visit)
    board.page.locator("#renumbering summary").click()
    board.page.get_by_role("button", name="按位置重新编号").click()
    board.wait()
    ops = [one["op"] for one in board.get(f"plans/{board.plan}")["edits"]]
    assert ops[-1] == "renumber" or board.page.locator("#refused").is_visible()


def test_a_plan_waits_for_its_day_and_is_withdrawn(visit: Visitors) -> None:
    board = drawn(visit)
    plan = board.plan
    board.page.get_by_role("button", name="提交审核").click()
    visit.settle(board.page)
    judge = open_board(visit, "head", path=f"/redraw?plan={plan}")
    judge.page.get_by_role("button", name="发布…").click()
    dialog = judge.page.get_by_role("dialog")
    expect(dialog).to_contain_text("留存")
    keep_picture(judge.page, "redraw-publish-desk")
    assert not axe_faults(judge.page)
    dialog.get_by_role("button", name="先不发布").click()
    publish(judge, "春节后再换", (NOW + timedelta(days=9)).date().isoformat())
    expect(judge.page.get_by_role("status")).to_contain_text("将于")
    keep_picture(judge.page, "redraw-waiting-desk")
    expect(judge.page.get_by_role("status").get_by_role("link", name="交接单")).to_have_attribute(
        "href", re.compile(f"/redraw/plans/{plan}/handover")
    )
    assert judge.page.request.get(f"/redraw/plans/{plan}/handover").ok
    assert judge.page.request.get("/history").ok
    expect(judge.page.locator("#plan-choice option:checked")).to_contain_text("生效")
    judge.page.get_by_label("撤回理由").fill("日子不对")
    judge.page.get_by_role("button", name="撤回", exact=True).click()
    visit.settle(judge.page)
    expect(judge.page.get_by_role("status")).to_contain_text("已撤回")
    assert judge.get(f"plans/{plan}")["state"] == "approved"


def test_everything_of_a_plan_can_be_reached_with_a_thumb(visit: Visitors) -> None:
    plan = given_plan(visit)
    board = open_board(visit, device="phone", path=f"/redraw?plan={plan}")
    expect(board.page.locator("#undo")).to_be_in_viewport()
    keep_picture(board.page, "redraw-plan-phone")
    board.page.get_by_role("button", name="方案与影响").click()
    board.page.locator(".plan-list summary").click()
    keep_picture(board.page, "redraw-plans-phone")
    assert not too_small_for_a_thumb(board.page)
    assert not scrolls_sideways(board.page)
    assert not axe_faults(board.page)
