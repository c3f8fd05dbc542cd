"""The three maps: drawn on a canvas, the same figures in a table, and a view that can be sent on."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import drawn_pixels, map_centre, table_cells
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEAST_DRAWN = 5000
"""Pixels: even a thin layer on the smallest map paints more."""

MAPS = {
    "/maps/hotspots": ("/api/v1/hotspots", {"件数": "count", "每百户": "rate", "户数": "households"}),
    "/maps/elderly": (
        "/api/v1/coverage/elderly",
        {"老人": "elders", "80 岁以上": "elders_80", "步行可达": "reached"},
    ),
    "/maps/territories": (
        "/api/v1/territories",
        {"户数": "households", "老人": "elders", "在办": "open_cases"},
    ),
}
each_map = pytest.mark.parametrize("path", MAPS)


def as_shown(row: dict[str, Any], key: str) -> str:
    """A figure as the table should write it."""
    if key in row["suppressed"]:
        return str(row["reason"])
    if row[key] is None:
        return "—"
    return f"{row[key]:,.1f}" if key == "rate" else f"{row[key]:,.0f}"


def key_of(row: dict[str, Any]) -> str:
    """The name of a row on the page: a member where there is one."""
    if "grids" not in row:
        return str(row["code"])
    return str(row["member_id"] or f"nobody:{','.join(row['grids'])}")


def answered_rows(page: Page, path: str, **parameters: str) -> list[dict[str, Any]]:
    """Rows of the API with the page's own login."""
    found: list[dict[str, Any]] = page.request.get(path, params=parameters).json()["rows"]
    return found


@each_map
def test_map_and_table_tell_the_same_and_open_again_from_their_address(visit: Visitors, path: str) -> None:
    page = visit.open(path)
    painted_on_canvas_and_explained(page, path)
    told_as_by_the_api(page, path)
    sorted_and_sent_as_a_file(page, path)
    opened_again_as_it_was(visit, page)


def painted_on_canvas_and_explained(page: Page, path: str) -> None:
    expect(page.locator(".leaflet-container")).to_have_count(1)
    assert max(drawn_pixels(page)) > LEAST_DRAWN
    assert max(drawn_pixels(page, ".leaflet-base-pane canvas")) > LEAST_DRAWN
    assert page.locator(".leaflet-tile").count() == 0
    for words in ("单位:", "边界", "2026-11-24", "记录"):
        expect(page.locator("#legend")).to_contain_text(words)
    if "hotspots" in path:
        expect(page.locator("#legend")).to_contain_text("2026-08-27 至 2026-11-24")


def told_as_by_the_api(page: Page, path: str) -> None:
    expect(page.locator("table")).to_have_count(1)
    api, columns = MAPS[path]
    period = {"from": "2026-08-27", "to": "2026-11-24"} if "hotspots" in path else {}
    rows = {key_of(row): row for row in answered_rows(page, api, **period)}
    shown = table_cells(page)
    assert shown.keys() == rows.keys()
    for key, cells in shown.items():
        assert {title: cells[title] for title in columns} == {
            title: as_shown(rows[key], figure) for title, figure in columns.items()
        }


def sorted_and_sent_as_a_file(page: Page, path: str) -> None:
    title = next(iter(MAPS[path][1]))
    head = page.locator("#rows thead th", has_text=title)
    for direction, turn in (("descending", -1), ("ascending", 1)):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", direction)
        figures = [int(cells[title].replace(",", "")) for cells in table_cells(page).values()]
        assert figures == sorted(figures, key=lambda figure, sign=turn: sign * figure)
    with page.expect_download() as started:
        page.get_by_role("link", name="下载表格").click()
    assert started.value.suggested_filename.endswith("-2026-11-24-head.csv")
    text = started.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(table_cells(page))


def opened_again_as_it_was(visit: Visitors, page: Page) -> None:
    page.locator("#rows thead button").nth(1).click()
    page.locator("#rows tbody tr").nth(3).locator(".row-button").click()
    chosen = page.locator("#rows tr[aria-selected=true]").get_attribute("data-key")
    expect(page.locator("#card h2")).to_be_visible()
    page.wait_for_timeout(600)  # until the map has come to rest
    seen, order = map_centre(page), list(table_cells(page))
    title = page.locator("#card h2").inner_text()
    visit.go(page, page.url.removeprefix(visit.site.url))
    assert map_centre(page) == pytest.approx(seen, abs=2e-5)
    assert list(table_cells(page)) == order
    expect(page.locator("#rows tr[aria-selected=true]")).to_have_attribute("data-key", str(chosen))
    expect(page.locator("#card h2")).to_have_text(title)


@each_map
def test_the_table_tells_a_leader_the_figures_of_the_api(visit: Visitors, path: str) -> None:
    told_as_by_the_api(visit.open(path, "leader"), path)


def test_period_level_and_category_live_in_the_address(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots")
    page.locator("[name=level]").select_option("micro_grid")
    page.get_by_role("button", name="近 30 天").click()
    page.get_by_text("案件类别").click()
    page.locator("#categories").get_by_text("噪声扰民", exact=False).click()
    visit.settle(page)
    assert {"level=micro_grid", "from=2026-10-26", "category=noise"} <= set(page.url.split("?")[1].split("&"))
    again = visit.open(page.url.removeprefix(visit.site.url))
    assert table_cells(again) == table_cells(page)


def test_a_leader_is_not_told_that_the_elders_of_a_past_day_are_few(visit: Visitors) -> None:
    """All counts of persons of a day that is over are withheld from leaders, large ones too."""
    page = visit.open("/maps/elderly?as_of=2026-10-15", "leader")
    assert {cells["老人"] for cells in table_cells(page).values()} == {"不显示"}
    told = page.locator("body").inner_text()
    assert "不显示" in page.locator("#legend").inner_text()
    assert not re.search(r"<5(?!\d)", told)
    assert "少于 5" not in told


def test_the_heat_map_is_painted(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots")
    page.get_by_text("热力图").click()
    visit.settle(page)
    heat = page.locator("canvas.leaflet-heatmap-layer")
    expect(heat).to_have_count(1)
    assert drawn_pixels(page, "canvas.leaflet-heatmap-layer")[0] > LEAST_DRAWN
    expect(page.locator("#legend")).to_contain_text("案件密度")


@pytest.mark.parametrize("path", ["/maps/hotspots?overlay=renovation", *MAPS])
def test_the_print_is_one_white_sheet(visit: Visitors, path: str) -> None:
    page = visit.open(f"{path}{'&' if '?' in path else '?'}print=1")
    page.emulate_media(media="print")
    keep_picture(page, f"print-{path.rsplit('/', 1)[-1].replace('?', '-')}")
    for hidden in ("header.top", "nav.rail", "#filters", ".print-bar"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in ("#print-title", "#legend", "#rows", ".print-foot"):
        expect(page.locator(shown)).to_be_visible()
    expect(page.locator(".print-foot")).to_contain_text("head")
    assert max(drawn_pixels(page)) > LEAST_DRAWN
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheet)) == 1
    width, height = map(float, re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet)[0])
    assert (width, height) == pytest.approx((595, 842), abs=2)


def test_the_interface_turns_english_and_stays_so(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots")
    page.get_by_role("button", name="English").click()
    visit.settle(page)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert "/maps/hotspots" in page.url
    frame = page.locator("nav.rail").inner_text() + page.locator("#panel header").inner_text()
    frame += page.locator("#rows thead").inner_text() + page.locator("#legend").inner_text()
    assert not re.search(r"[\u4e00-\u9fff]", frame), frame
    visit.go(page, "/cases")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_on_a_phone_the_panel_opens_with_legend_filters_and_table(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots", "leader", "phone")
    expect(page.locator("#legend")).to_be_visible()
    page.get_by_role("button", name="图例与表格").tap()
    expect(page.locator("#rows")).to_be_visible()
    expect(page.locator("#filters")).to_be_visible()
    keep_picture(page, "hotspots-panel-phone")
    page.get_by_role("button", name="收起面板").tap()
    expect(page.locator("#rows")).to_be_hidden()


@devices("phone", "desk", "tall")
def test_a_map_page_printed_as_it_stands_shows_the_whole_map_on_the_sheet(
    visit: Visitors, device: str
) -> None:
    page = visit.open("/maps/territories", "head", device)
    seen = page.evaluate("() => { const b = gisgrid.map.getBounds(); return b.toBBoxString(); }")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    sheet, box = page.evaluate(
        "() => ['.map-box', '.map-box .leaflet-container'].map("
        "(one) => { const at = document.querySelector(one).getBoundingClientRect();"
        " return [at.width, at.height]; })"
    )
    assert sheet[0] <= 704
    assert sheet == pytest.approx(box, abs=3)
    assert page.evaluate("() => gisgrid.map.getBounds().toBBoxString()") == seen


@devices("phone", "desk")
def test_the_list_of_cases_leads_to_its_map(visit: Visitors, device: str) -> None:
    page = visit.open("/cases?state=all", "head", device)
    page.get_by_role("link", name="在地图上看").click()
    expect(page).to_have_url(re.compile(r"/maps/cases\?.*state=all"))
    expect(page.locator("#filters input[name=state][value=all]")).to_be_checked()
    visit.settle(page)
