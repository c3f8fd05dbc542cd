"""Public facilities lie on every map that offers them: with their kinds and whom they serve."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gisgrid.areas.communities import touch
from gisgrid.cases.disputes.models import MediatorProfile
from gisgrid.labels.places import FACILITY_SERVES, FACILITY_SIGNS, FACILITY_TYPES
from gisgrid.people.core.need_models import NeedService
from gisgrid.places.models import Facility
from gisgrid.storage.base import new_id
from tests.browser.drawnwords import listen, written_words
from tests.browser.looking import axe_faults, click_map, on_screen, scrolls_sideways
from tests.browser.visiting import Visitors, keep_picture
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COLOUR = (0x5B, 0x4A, 0x8A)
LONG = "Zentrum" * 17


@pytest.fixture
def own(own_visitors: Visitors) -> Iterator[Visitors]:
    with own_visitors.watched() as visitors:
        yield visitors


def box_of(page: Page) -> Any:
    """The switch of the layer, its window opened."""
    page.locator("[data-map-tool=layers]").click()
    return page.locator(".map-popup [name=facilities]")


def facilities_of(page: Page) -> list[dict[str, Any]]:
    answer = page.request.get(f"{page.url.split('/maps/')[0]}/api/v1/facilities")
    features: list[dict[str, Any]] = answer.json()["features"]
    return features


def change(visit: Visitors, what: Callable[[Session], Any]) -> None:
    with services_of(visit.site.app).database.write() as session:
        communities = set(session.scalars(select(Facility.community_id)))
        what(session)
        touch(session, communities)


def colour_at(page: Page, x: float, y: float) -> tuple[int, ...]:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    scale = picture.width / page.viewport_size["width"]  # type: ignore[index]
    found: tuple[int, ...] = picture.getpixel((round(x * scale), round(y * scale)))  # type: ignore[assignment]
    return found


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_each_kind_has_its_letter_its_count_and_its_card(visit: Visitors, device: str) -> None:
    page = visit.open("/maps/territories", "head", device)
    box_of(page).check()
    features = facilities_of(page)
    counts = Counter(one["properties"]["type"] for one in features)
    assert len(counts) >= 3
    legend = page.locator("#legend")
    for code, count in counts.items():
        line = legend.locator("li", has_text=f"{FACILITY_SIGNS[code]}{FACILITY_TYPES[code]}")
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


@pytest.mark.parametrize("path", ["/maps/hotspots", "/redraw"])
def test_what_is_drawn_later_does_not_tint_the_squares(visit: Visitors, path: str) -> None:
    page = visit.open("/maps/territories", "head")
    (lon, lat) = facilities_of(page)[0]["geometry"]["coordinates"]
    visit.go(page, f"{path}?show=facilities&hide=labels&z=19&lon={lon}&lat={lat}")
    x, y = on_screen(page, lon, lat)
    assert colour_at(page, x + 5, y + 5) == pytest.approx(COLOUR, abs=2)  # a browser rounds as it likes


def test_several_at_one_place_are_one_square_with_their_number_and_all_on_its_card(own: Visitors) -> None:
    def put(session: Session) -> None:
        first = session.scalars(select(Facility).order_by(Facility.fid)).first()
        assert first is not None
        session.add(
            Facility(
                id=new_id(),
                community_id=first.community_id,
                type="red_post",
                name=LONG,
                office_phone="0527-12345678",
                position=first.position,
                cell_id=first.cell_id,
            )
        )

    change(own, put)
    page = own.open("/maps/territories?show=facilities", "head", "phone")
    features = facilities_of(page)
    (lon, lat) = features[0]["geometry"]["coordinates"]
    listen(page)
    click_map(page, lon, lat)
    assert "2" in {word.text for word in written_words(page)}
    expect(page.locator("#legend")).to_contain_text("数字:同一处有几个")
    card = page.locator(".leaflet-popup .facility")
    expect(card.locator("section")).to_have_count(2)
    expect(card).to_contain_text(LONG)
    assert card.locator("a.phone").get_attribute("href") == "tel:0527-12345678"
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    keep_picture(page, "facilities-several-phone")
    assert card.evaluate("(one) => one.scrollWidth <= one.parentElement.clientWidth")


def test_that_there_are_none_is_said(own: Visitors) -> None:
    def clear(session: Session) -> None:
        session.execute(update(MediatorProfile).values(facility_id=None))
        session.execute(delete(NeedService).where(NeedService.facility_id.is_not(None)))
        session.execute(delete(Facility))

    change(own, clear)
    page = own.open("/maps/territories?show=facilities", "head")
    expect(page.locator("#legend")).to_contain_text("没有登记公共设施")
    elders = own.open("/maps/elderly", "head")
    expect(elders.locator("#legend")).to_contain_text("其他公共设施")
