"""Looking back: the slider, two divisions side by side, their figures, and bringing one back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.looking import (
    axe_faults,
    drawn_pixels,
    scrolls_sideways,
    table_cells,
    too_small_for_a_thumb,
)
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _total(page: Page, column: str) -> int:
    return sum(_number(row[column]) for row in table_cells(page).values())


def test_the_slider_goes_through_the_divisions_by_keyboard(visit: Visitors) -> None:
    page = visit.open("/history", "head")
    slider = page.get_by_role("slider", name="在历次划分之间拖动")
    expect(slider).to_have_attribute("aria-valuetext", "第 3 版 · 2019-07-01")
    assert len(table_cells(page)) == 20
    everybody = _total(page, "户数")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    visit.settle(page)
    expect(page.locator("#name-a")).to_have_text("第 2 版 · 2016-05-01")
    assert len(table_cells(page)) == 18
    page.keyboard.press("Home")
    visit.settle(page)
    expect(page.locator("#name-a")).to_have_text("第 1 版 · 2013-03-01")
    assert len(table_cells(page)) == 12
    assert _total(page, "户数") == everybody
    assert max(drawn_pixels(page)) > 20_000
    expect(page.locator("#rows-note")).to_have_text("边界 2013-03-01 · 人口 今日")
    assert "revision=1" in page.url
    again = visit.open(page.url.removeprefix(visit.site.url), "head")
    expect(again.locator("#name-a")).to_have_text("第 1 版 · 2013-03-01")


def test_figures_of_then_by_the_grids_of_then_or_of_now(visit: Visitors) -> None:
    page = visit.open("/history?revision=1", "head")
    today = _total(page, "户数")
    page.get_by_text("当日人口·当时网格").click()
    visit.settle(page)
    expect(page.locator("#rows-note")).to_have_text("边界 2013-03-01 · 人口 2013-03-01")
    then = _total(page, "户数")
    assert 0 < then < today
    page.get_by_text("当日人口·现行网格").click()
    visit.settle(page)
    expect(page.locator("#rows-note")).to_have_text("边界 现行 · 人口 2013-03-01")
    assert (len(table_cells(page)), _total(page, "户数")) == (20, then)


def test_two_divisions_stand_side_by_side(visit: Visitors) -> None:
    page = visit.open("/history", "head")
    line = page.locator("#timeline > li")
    expect(line).to_have_count(3)
    expect(line.nth(1)).to_contain_text("户数增加,调整为18个网格(示例)")
    expect(line.nth(1)).to_contain_text("新设:")
    line.nth(1).get_by_role("button", name="与现行对比").click()
    visit.settle(page)
    expect(page.locator("#name-a")).to_have_text("第 2 版 · 2016-05-01")
    expect(page.locator("#name-b")).to_have_text("第 3 版 · 2019-07-01")
    expect(page.locator(".leaflet-container:visible")).to_have_count(2)
    assert len([count for count in drawn_pixels(page) if count > 10_000]) >= 2
    rows = table_cells(page)
    assert len(rows) == 38
    assert all("→" in row["户数"] for row in rows.values())
    views = "() => document.querySelector('#map-b').getBoundingClientRect().width"
    assert page.evaluate(views) > 300
    keep_picture(page, "history-two")


@devices("phone", "desk")
def test_the_second_map_lists_the_names_it_has_no_room_for(visit: Visitors, device: str) -> None:
    """Every grid in view is written on each of both maps, or stands in the list of that map."""
    page = visit.page("head", device)
    page.add_init_script(LISTENING)
    visit.go(page, "/history?revision=2&other=3")
    page.wait_for_timeout(500)
    if device == "phone":
        page.locator("[data-toggle-panel]:visible").first.click()
    listed = page.locator("#left-out-b")
    expect(listed).to_be_visible()
    expect(listed).to_contain_text("第 3 版 · 2019-07-01图上写不下、用号码代替的:")
    keep_picture(page, f"history-left-out-{device}")
    numbers = [int(one) for one in listed.locator(".map-mark").all_inner_texts()]
    assert numbers == list(range(1, len(numbers) + 1))
    names = {one["properties"]["name"] for one in page.request.get(AREAS).json()["features"]}
    told = {one.split(" ", 1)[1].removeprefix("△ ") for one in listed.locator(".nowrap").all_inner_texts()}
    written = {one.removeprefix("△ ") for one in page.evaluate("window.writtenB")}
    assert told <= names
    assert not told & written
    assert told | written >= names
    page.locator("#other").select_option("")
    visit.settle(page)
    expect(listed).to_be_hidden()


AREAS = "/api/v1/areas?level=grid&revision=3"
LISTENING = """
window.writtenB = [];
const { fillText: plain, scale } = CanvasRenderingContext2D.prototype;
const isB = ({ canvas }) => canvas.closest?.("#map-b .leaflet-labels-pane");
CanvasRenderingContext2D.prototype.scale = function (...by) { // at the beginning of each drawing
  if (isB(this)) window.writtenB = [];
  return scale.apply(this, by);
};
CanvasRenderingContext2D.prototype.fillText = function (text, ...more) {
  if (isB(this)) window.writtenB.push(text);
  return plain.call(this, text, ...more);
};
"""


def test_one_is_brought_back_as_a_plan(visit: Visitors) -> None:
    page = visit.open("/history", "staff")
    page.get_by_role("button", name="恢复:第 2 版 · 2016-05-01").click()
    visit.settle(page)
    told = page.locator("#told")
    expect(told).to_contain_text("已生成恢复方案")
    expect(told).to_contain_text("18 个网格用新代码")
    link = told.get_by_role("link", name="打开方案")
    plan = str(link.get_attribute("href")).rpartition("=")[2]
    kept = page.request.get(f"/api/v1/plans/{plan}").json()
    assert (kept["state"], [edit["op"] for edit in kept["edits"]]) == ("open", ["restore"])
    link.click()
    visit.settle(page)
    expect(page.locator("#plan")).to_contain_text("恢复第2版")


def test_who_may_not_redraw_gets_no_button(visit: Visitors) -> None:
    page = visit.open("/history", "leader")
    expect(page.locator("#timeline > li")).to_have_count(3)
    expect(page.get_by_role("button", name="恢复")).to_have_count(0)
    expect(page.locator("[name=counts]")).to_have_count(0)
    other = visit.page("grid_leader01", expected=("status of 403",))
    assert other.goto("/history").status == 403  # type: ignore[union-attr] # a page answers


def test_a_member_may_look_and_do_nothing(visit: Visitors) -> None:
    page = visit.open("/history?revision=2&other=3", "member01")
    expect(page.locator("#timeline > li")).to_have_count(3)
    assert len(table_cells(page)) == 38
    expect(page.get_by_role("button", name="与现行对比")).to_have_count(2)
    expect(page.get_by_role("button", name="恢复")).to_have_count(0)


def test_what_was_withdrawn_and_what_changed_the_outline_stands_in_the_line(visit: Visitors) -> None:
    page = visit.page("head")

    def told(route: Route) -> None:
        answer = route.fetch()
        kept = answer.json()
        kept["rows"][0]["changes"]["outline"] = True
        row = {name: kept["rows"][0][name] for name in ("published_at", "effective_at", "reason", "by")}
        gone = {"withdrawn_at": "2026-11-20T08:00:00+08:00", "withdrawn_by": "head2"}
        kept["withdrawn"] = [{**row, **gone, "revision": 4, "withdrawn_reason": "等居民大会之后再定"}]
        route.fulfill(response=answer, json=kept)

    page.route("**/api/v1/revisions*", told)
    visit.go(page, "/history")
    line = page.locator("#timeline > li")
    expect(line).to_have_count(4)
    expect(line.nth(0)).to_contain_text("已撤回")
    expect(line.nth(0)).to_contain_text("撤回原因:等居民大会之后再定")
    expect(line.nth(0)).to_contain_text("head2 · 2026-11-20 08:00 撤回")
    expect(line.nth(0).get_by_role("button")).to_have_count(0)
    expect(line.nth(1).get_by_role("heading")).to_contain_text("△ 第 3 版")
    expect(line.nth(1)).to_contain_text("△ 社区边界有变")
    expect(line.nth(2).get_by_role("heading")).not_to_contain_text("△")


@devices("phone", "desk", "tall")
def test_it_can_be_used_at_a_desk_and_in_a_hand(visit: Visitors, device: str) -> None:
    page = visit.open("/history?revision=2&other=3", "head", device)
    if device != "desk":
        page.get_by_role("button", name="历次与对比").tap()
    expect(page.locator("#timeline")).to_be_visible()
    keep_picture(page, f"history-panel-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if device != "desk":
        assert not too_small_for_a_thumb(page)
