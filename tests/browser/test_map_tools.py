"""The tools of a map: layers to switch, measuring, the whole screen; and the hand on the map of redrawing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect
from pyproj import Geod

from tests.browser.drawnwords import listen, view_of, written_words
from tests.browser.looking import drawn_pixels, map_centre, too_small_for_a_thumb
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EARTH = Geod(ellps="WGS84")
PLACES = ["/maps/territories", "/redraw", "/find"]
desk_first = devices("desk", "phone")


def tool(page: Page, name: str) -> None:
    page.locator(f"[data-map-tool={name}]").click()


def base_pixels(page: Page) -> int:
    return max(drawn_pixels(page, ".leaflet-base-pane canvas"))


@desk_first
def test_layers_are_switched_and_stay_so_in_the_address(visit: Visitors, device: str) -> None:
    page = visit.open("/maps/territories", "head", device)
    view_of(page, zoom=17)
    visit.settle(page)
    whole = base_pixels(page)
    tool(page, "layers")
    keep_picture(page, f"layers-{device}")
    if is_phone(device):
        assert not too_small_for_a_thumb(page)
    for layer in ("buildings", "streets"):
        page.locator(f".map-popup [name={layer}]").uncheck()
        page.wait_for_timeout(300)
        now = base_pixels(page)
        assert now < whole
        whole = now
    page.locator(".map-popup [name=labels]").uncheck()
    listen(page)
    assert not written_words(page)
    page.locator(".map-popup [name=facilities]").check()
    expect(page.locator("#legend")).to_contain_text("党群服务中心")
    expect(page.locator("#legend")).not_to_contain_text("楼栋")
    for said in ("hide=buildings", "hide=streets", "hide=labels", "show=facilities"):
        assert said in page.url
    again = visit.open(page.url.removeprefix(visit.site.url), "head", device)
    tool(again, "layers")
    for layer in ("buildings", "streets", "labels"):
        expect(again.locator(f".map-popup [name={layer}]")).not_to_be_checked()
    expect(again.locator(".map-popup [name=facilities]")).to_be_checked()
    assert base_pixels(again) == pytest.approx(whole, rel=0.05)
    listen(again)
    assert not written_words(again)


def test_facilities_hidden_on_the_map_of_elders_leave_its_legend(visit: Visitors) -> None:
    page = visit.open("/maps/elderly")
    expect(page.locator("#legend")).to_contain_text("服务站")
    tool(page, "layers")
    page.locator(".map-popup [name=facilities]").uncheck()
    expect(page.locator("#legend")).not_to_contain_text("服务站")
    assert max(drawn_pixels(page, ".leaflet-circles-pane canvas")) == 0


def test_the_whole_screen_is_the_map_with_its_panel(visit: Visitors) -> None:
    page = visit.open("/maps/hotspots")
    tool(page, "full")
    expect(page.locator(".map-page:fullscreen")).to_be_visible()
    expect(page.locator("[data-map-tool=full]")).to_have_attribute("aria-pressed", "true")
    tool(page, "full")
    expect(page.locator(":fullscreen")).to_have_count(0)


def figures(page: Page) -> list[float]:
    text = page.locator(".measured").inner_text().replace(",", "")
    return [float(one) for one in re.findall(r"([0-9.]+) ?(?:米|公里|平方米|亩|公顷)", text)]


@pytest.mark.parametrize("path", PLACES)
@desk_first
def test_length_and_area_are_those_on_the_ground(visit: Visitors, path: str, device: str) -> None:
    page = visit.open(path, "head", device)
    before = page.url.split("area=")[0]
    tool(page, "measure")
    box = page.locator(".leaflet-container").first.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    at = [(middle[0] + dx, middle[1] + dy) for dx, dy in ((-60, 120), (40, 120), (40, 165))]
    for x, y in at:
        if is_phone(device):
            page.touchscreen.tap(x, y)
        else:
            page.mouse.click(x, y)
        page.wait_for_timeout(400)
    places = page.evaluate(
        "(at) => at.map(([x, y]) => { const { map } = gisgrid; const box = map.getContainer()"
        ".getBoundingClientRect(); const p = map.containerPointToLatLng([x - box.x, y - box.y]);"
        " return [p.lng, p.lat]; })",
        at,
    )
    keep_picture(page, f"measure{path.replace('/', '-')}-{device}")
    lons, lats = zip(*places, strict=True)
    length, (area, _around) = EARTH.line_length(lons, lats), EARTH.polygon_area_perimeter(lons, lats)
    told = figures(page)
    assert told[0] == pytest.approx(length, abs=0.2)
    assert told[1] == pytest.approx(abs(area), rel=2e-3)
    assert told[2] == pytest.approx(abs(area) * 15 / 10_000, rel=2e-3, abs=0.01)
    assert told[3] == pytest.approx(abs(area) / 10_000, rel=2e-3, abs=0.001)
    assert page.url.split("area=")[0].split("?")[0] == before.split("?")[0]
    assert "area=" not in page.url
    tool(page, "measure")
    expect(page.locator(".measured")).to_be_hidden()


def test_measuring_by_keyboard(visit: Visitors) -> None:
    page = visit.open("/maps/territories")
    page.locator("[data-map-tool=measure]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    first = map_centre(page)
    for way in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(way)
        page.wait_for_timeout(600)
        page.keyboard.press("Space")
    told = figures(page)
    last = map_centre(page)
    assert len(told) == 4
    assert told[0] > EARTH.line_length(first[:1] + last[:1], first[1:2] + last[1:2])
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert not figures(page)
    page.keyboard.press("Escape")
    expect(page.locator(".map-popup")).to_be_hidden()
    expect(page.locator("[data-map-tool=measure]")).to_be_focused()


places = st.lists(
    st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02)), min_size=2, max_size=12, unique=True
)


def test_lengths_and_areas_agree_with_a_geodesic_library(visit: Visitors) -> None:
    page = visit.open("/maps/territories")

    @settings(max_examples=40, deadline=None)
    @given(lon=st.floats(75, 130), lat=st.floats(4, 53), shifts=places)
    def check(lon: float, lat: float, shifts: list[tuple[float, float]]) -> None:
        ring = [[lon + dx, lat + dy] for dx, dy in shifts]
        length, area = page.evaluate(
            "async (ring) => { const told = await import(scripts + 'static/js/geodesy.js');"
            " return [told.lengthOf(ring), told.areaOf(ring)]; }",
            ring,
        )
        lons, lats = zip(*ring, strict=True)
        assert length == pytest.approx(EARTH.line_length(lons, lats), rel=1e-4, abs=0.01)
        size = max(lats) - min(lats), max(lons) - min(lons)
        # A geodesic between places of one latitude bulges poleward by L**3 * tan(latitude) / 12 R in area.
        slack = 1e-3 * size[0] * size[1] * 1.3e10 + length**3 / (8 * EARTH.a)
        wanted = abs(EARTH.polygon_area_perimeter(lons, lats)[0]) if len(ring) > 2 else 0
        assert area == pytest.approx(wanted, rel=1e-3, abs=slack + 1)

    check()
