"""Legends say what is drawn: the ground, points of other lists, and both of two layers over one another."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageColor
from playwright.sync_api import expect

from layers.style import CONDITION
from tests.browser.drawnwords import view_of
from tests.browser.looking import drawn_pixels, on_screen
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GROUND = ("楼栋", "街道", "水面", "绿地")
SAID = {
    "/maps/hotspots": (),
    "/maps/elderly": ("步行不可达的老人家庭", "其他公共设施", "横条:老人"),
    "/maps/completeness": ("上门核实",),
    "/maps/cases": ("数字:聚在一处的件数", "超期"),
    "/redraw": ("网格边界", "地块之间的界线"),
    "/duties": ("有主责网格员",),
    "/find?q=北园": ("网格边界", "查找结果"),
}


@pytest.mark.parametrize("path", SAID)
def test_the_legend_names_everything_drawn(visit: Visitors, path: str) -> None:
    page = visit.open(path)
    keep_picture(page, f"legend{path.split('?', maxsplit=1)[0].replace('/', '-')}")
    for words in (*GROUND, *SAID[path]):
        expect(page.locator("#legend")).to_contain_text(words)


def test_the_start_page_of_a_member_explains_red_and_orange_points(visit: Visitors) -> None:
    page = visit.open("/", "member01", "phone")
    points = page.locator("#legend")
    expect(points).to_contain_text("我的网格")
    if page.locator("#own-grids").count():
        keep_picture(page, "legend-home-phone")
        expect(points).to_contain_text("楼栋")


def test_a_chosen_place_has_its_ring_in_the_legend(visit: Visitors) -> None:
    page = visit.open("/maps/elderly")
    expect(page.locator("#legend")).not_to_contain_text("选中的位置")
    page.locator("#uncovered .link").first.click()
    expect(page.locator("#legend")).to_contain_text("选中的位置")


@devices("desk", "phone")
def test_heat_with_grades_of_buildings_has_both_legends(visit: Visitors, device: str) -> None:
    page = visit.open("/maps/hotspots?layer=heat&overlay=renovation", "head", device)
    legend = page.locator("#legend")
    keep_picture(page, f"heat-and-grades-{device}")
    assert drawn_pixels(page, "canvas.leaflet-heatmap-layer")[0] > 0
    for words in ("楼栋房屋状况", "A 级", "案件密度"):
        expect(legend).to_contain_text(words)
    expect(legend).not_to_contain_text("区域名下的数字")
    visit.go(page, "/maps/hotspots?overlay=renovation&measure=rate")
    expect(page.locator("#legend")).to_contain_text("区域名下的数字:件/百户")
    expect(page.locator("#legend")).not_to_contain_text("案件密度")
    visit.go(page, "/maps/hotspots?layer=heat")
    expect(page.locator("#legend")).not_to_contain_text("A 级")


def test_grades_keep_the_colours_of_their_legend_over_the_heat(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots?layer=heat&overlay=renovation")
    box = ",".join(str(one) for one in page.evaluate("() => gisgrid.bounds"))
    found = page.request.get("/api/v1/buildings", params={"bbox": box}).json()["features"]
    for grade, colour in CONDITION.items():
        ring = next(
            one["geometry"]["coordinates"][0] for one in found if one["properties"]["condition"] == grade
        )
        lon, lat = (sum(point[axis] for point in ring[:-1]) / len(ring[:-1]) for axis in (0, 1))
        view_of(page, zoom=21, at=(lat, lon))
        visit.settle(page)
        x, y = on_screen(page, lon, lat)
        picture = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
        spots = [(round(y) + dy, round(x) + dx) for dx in (-45, 45) for dy in (-16, 16)]
        around: set[tuple[int, ...]] = {tuple(picture[spot]) for spot in spots}
        wanted = ImageColor.getrgb(colour)
        nearest = min(max(abs(a - b) for a, b in zip(one, wanted, strict=True)) for one in around)
        assert nearest < 20, (grade, around)
