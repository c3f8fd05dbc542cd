"""Public facilities lie on every map that offers them: with their kinds and whom they serve."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gisgrid.labels.places import FACILITY_SERVES, FACILITY_SIGNS, FACILITY_TYPES
from tests.browser.looking import axe_faults, click_map, scrolls_sideways
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def box_of(page: Page) -> Any:
    """The switch of the layer, its window opened."""
    page.locator("[data-map-tool=layers]").click()
    return page.locator(".map-popup [name=facilities]")


def facilities_of(page: Page) -> list[dict[str, Any]]:
    answer = page.request.get(f"{page.url.split('/maps/')[0]}/api/v1/facilities")
    features: list[dict[str, Any]] = answer.json()["features"]
    return features


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_each_kind_has_its_letter_its_count_and_its_card(visit: Visitors, device: str) -> None:
    page = visit.open("/maps/territories", "head", device)
    box_of(page).check()
    features = facilities_of(page)
    counts = Counter(one["properties"]["type"] for one in features)
    assert len(counts) >= 3
    legend = page.locator("#legend")
    for code, count in counts.items():
        line = legend.locator("li", has_text=f"{FACILITY_SIGNS[code]} {FACILITY_TYPES[code]}")
        expect(line.locator(".count")).to_have_text(str(count))
    page.keyboard.press("Escape")
    geometry, properties = features[0]["geometry"], features[0]["properties"]
    click_map(page, *geometry["coordinates"])
    card = page.locator(".leaflet-popup .facility")
    kind = properties["type"]
    for words in (
        properties["name"],
        FACILITY_TYPES[kind],
        FACILITY_SERVES[kind],
        properties["address"] or "",
    ):
        expect(card).to_contain_text(words)
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    keep_picture(page, f"facilities-{device}")
    assert not axe_faults(page)
    assert not scrolls_sideways(page)
    box_of(page).uncheck()
    expect(legend).not_to_contain_text("党群服务中心")


def test_every_map_offers_the_layer_to_whom_sees_areas(visit: Visitors) -> None:
    for path in ("/maps/hotspots", "/maps/completeness", "/duties", "/find", "/redraw", "/history"):
        page = visit.open(path, "head")
        expect(box_of(page)).not_to_be_checked()
    elders = visit.open("/maps/elderly", "head")
    expect(box_of(elders)).to_be_checked()
    visitor = visit.open("/report", None)
    expect(box_of(visitor)).to_have_count(0)
