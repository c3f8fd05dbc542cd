"""The map of completeness: colours and table of the same figures, and the list of next steps."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.looking import drawn_pixels, table_cells
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_figures_stand_on_the_map_in_the_table_and_in_the_legend(visit: Visitors) -> None:
    page = visit.open("/maps/completeness", "head")
    rows = table_cells(page)
    assert len(rows) == 20
    assert {row["坐标"] for row in rows.values()} == {"100%"}
    assert max(drawn_pixels(page)) > 20_000
    counts = page.locator("#legend").inner_text()
    assert "180 天内核实" in counts
    page.get_by_label("看什么").select_option("case_share")
    visit.settle(page)
    expect(page.locator("#legend")).to_contain_text("案件:最近 365 天上报的。")
    page.get_by_label("层级").select_option("micro_grid")
    visit.settle(page)
    assert len(table_cells(page)) == 100
    keep_picture(page, "completeness")


def test_a_grid_narrows_the_list_and_a_press_notes_the_visit(own_visitors: Visitors) -> None:
    with own_visitors.watched() as visit:
        page = visit.open("/maps/completeness", "member01")
        step = page.locator("#gap-steps button").first
        before = int(step.inner_text().split()[-1])
        assert before > 0
        row = page.locator(".gap-list > li").first
        title = row.locator("button").first.inner_text()
        row.get_by_role("button", name="已核实,无变化").click()
        visit.settle(page)
        expect(step).to_have_text(f"上门核实 {before - 1}")
        expect(page.locator(".gap-list")).not_to_contain_text(f"{title}第")
        link = page.locator(".gap-list > li").first.get_by_role("link", name="登记与同意")
        link.click()
        expect(page.get_by_role("button", name="已核实,无变化")).to_be_visible()


def test_who_sees_counts_only_gets_no_list(visit: Visitors) -> None:
    page = visit.open("/maps/completeness", "leader")
    assert len(table_cells(page)) == 20
    expect(page.locator("#gaps")).to_have_count(0)
