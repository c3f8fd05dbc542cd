"""An image of the ground under every map: chosen, made fainter, named, printed, and asked of nobody else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from data.backgrounds.make import ImageInput, make_image
from gisgrid.access.actors import Actor, local_actor
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import Caches, ViewRequest, open_view
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.service import ImageLabel, remove_image
from gisgrid.storage.base import new_id
from tests.browser.drawnwords import view_of
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.serving import Site
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture
from tests.conftest import NOW
from tests.data.backgrounds.images import transform_of, write_tiff
from web.context import Services

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
phone_first = devices("phone", "desk")

NAME, SOURCE = "2026 航拍", "测绘院"
RED = (214, 40, 60)
"""No layer of a map has this colour."""
MAPS = {
    "/maps/territories": "head",
    "/maps/hotspots": "leader",
    "/maps/elderly": "head",
    "/maps/completeness": "member01",
    "/maps/cases": "staff",
    "/redraw": "staff",
    "/history": "head",
    "/find": "member01",
    "/cases/new": "member01",
    "/my-grid": None,
    "/report": None,
}


def services(site: Site) -> Services:
    found: Services = site.app.extensions["gisgrid"]
    return found


@pytest.fixture(scope="module")
def photo(demo_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image of one colour over all of the demo community, shown to everybody; gone after this module."""
    found = services(demo_site)

    def who(session: Session) -> Actor:
        return local_actor(session, "tester")

    with found.database.read() as session:
        actor = who(session)
        code = visible_communities(session, actor, now=NOW)[0].code
        view = open_view(
            session, actor, ViewRequest(community=code), caches=Caches(), now=NOW, tz=found.settings.tz
        )
        west, south, east, north = view.division.outlines[view.community.id].bounds
    about = ((west + east) / 2, (south + north) / 2)
    side = int(1.6 * max(east - west, north - south) * 111_195 / 4)
    pixels = np.full((side, side, 3), RED, dtype=np.uint8)
    place = transform_of("EPSG:3857", side, side, side_m=4.0, about=about)
    file = write_tiff(
        tmp_path_factory.mktemp("photo") / "photo.tif", pixels, crs="EPSG:3857", transform=place
    )
    image_id, folder = new_id(), ImageFolder(found.settings.backgrounds)
    label = ImageLabel(name=NAME, attribution=SOURCE, is_public=True)
    given = ImageInput(file=file, name="photo.tif", label=label)
    make_image(found.database, who, given, folder, image_id=image_id, now=NOW)
    yield image_id
    with found.database.write() as session:
        remove_image(session, who(session), image_id, now=NOW)
    folder.drop(image_id)


def redness(page: Page) -> float:
    """How far the middle of the map is towards the colour of the image, from 0 to 1, by its pixels."""
    if page.locator("[data-map-tool=layers]").first.get_attribute("aria-expanded") == "true":
        page.locator("[data-map-tool=layers]").first.click()  # the list lies over the map
    picture = page.locator(".leaflet-container").first.screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    height, width = pixels.shape[:2]
    middle = pixels[height // 4 : height // 2, width // 4 : 3 * width // 4].reshape(-1, 3)
    return float(np.mean(middle[:, 0] - middle[:, 1]) / (RED[0] - RED[1]))


def choose(page: Page, name: str = NAME) -> None:
    if page.locator("[data-map-tool=layers]").get_attribute("aria-expanded") == "false":
        page.locator("[data-map-tool=layers]").click()
    page.locator(".background-choice select").select_option(label=name)


def make(page: Page, strength: int) -> None:
    page.locator(".background-choice input[type=range]").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }", strength
    )


@phone_first
@pytest.mark.usefixtures("photo")
def test_the_slider_makes_the_image_stronger_below_areas_and_streets(visit: Visitors, device: str) -> None:
    page = visit.open("/maps/territories", "head", device)
    view_of(page, zoom=16)
    visit.settle(page)
    before = redness(page)
    choose(page)
    found = []
    for strength in (0, 30, 60, 100):
        make(page, strength)
        visit.settle(page)
        page.wait_for_timeout(400)
        found.append(redness(page))
    choose(page)
    keep_picture(page, f"background-{device}")
    assert found[0] == pytest.approx(before, abs=0.02)
    assert found == sorted(found)
    assert found[3] > found[0] + 0.15  # the areas are drawn over it
    order = page.evaluate(
        "['background', 'base', 'overlay'].map((pane) => Number(getComputedStyle("
        "gisgrid.map.getPane(pane === 'overlay' ? 'overlayPane' : pane)).zIndex))"
    )
    assert order == sorted(order)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)
    assert not axe_faults(page)
    assert not scrolls_sideways(page)
    choose(page, "不显示背景图")
    visit.settle(page)
    page.wait_for_timeout(300)
    assert redness(page) == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize("path", MAPS)
def test_every_map_can_show_it_and_names_whom_it_is_from(visit: Visitors, photo: str, path: str) -> None:
    page = visit.open(path, MAPS[path])
    before = redness(page)
    expect(page.locator(".map-source")).to_be_hidden()
    choose(page)
    make(page, 100)
    visit.settle(page)
    page.wait_for_timeout(400)
    expect(page.locator(".map-source").first).to_have_text(f"背景图:{NAME}({SOURCE})")
    assert redness(page) > before + 0.1
    assert photo in page.url
    if page.locator("#legend").count():
        expect(page.locator("#legend")).to_contain_text(f"背景图:{NAME}({SOURCE})")
    keep_picture(page, f"background{path.replace('/', '-')}")
    page.evaluate("window.localStorage.removeItem('gisgrid-background')")


@pytest.mark.usefixtures("photo")
def test_the_choice_is_kept_by_the_device_and_by_the_address(visit: Visitors) -> None:
    page = visit.open("/maps/territories", "head", color_scheme="light")
    choose(page)
    make(page, 45)
    address = page.url.removeprefix(visit.site.url)
    visit.go(page, "/maps/elderly")
    expect(page.locator(".map-source")).to_be_visible()
    other = visit.open(address, "staff", color_scheme="light")
    other.locator("[data-map-tool=layers]").click()
    expect(other.locator(".background-choice .strength")).to_have_text("45 %")
    expect(other.locator(".map-source")).to_be_visible()
    page.locator("[data-map-tool=layers]").click()
    page.locator(".background-choice select").select_option("")
    visit.go(page, "/maps/territories")
    expect(page.locator(".map-source")).to_be_hidden()


@pytest.mark.usefixtures("photo")
def test_the_legend_says_that_colours_shift_over_an_image(visit: Visitors) -> None:
    page = visit.open("/maps/territories", "head", color_scheme="light")
    expect(page.locator("#legend")).not_to_contain_text("以表中数字为准")
    choose(page)
    expect(page.locator("#legend .drawn")).to_contain_text("颜色叠在背景图上会有变化,以表中数字为准。")
    page.evaluate("window.localStorage.removeItem('gisgrid-background')")


@pytest.mark.usefixtures("photo")
def test_the_slider_is_moved_by_the_keyboard(visit: Visitors) -> None:
    page = visit.open("/maps/territories", "head", color_scheme="light")
    choose(page)
    slider = page.get_by_role("slider", name="深浅")
    slider.focus()
    for _time in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".background-choice .strength")).to_have_text("25 %")
    expect(slider).to_have_attribute("aria-valuetext", "25 %")
    page.keyboard.press("Home")
    expect(page.locator(".map-source")).to_be_hidden()


@pytest.mark.usefixtures("photo")
def test_the_print_shows_the_image_and_names_it(visit: Visitors) -> None:
    page = visit.open("/maps/territories", "head", color_scheme="light")
    choose(page)
    make(page, 100)
    page.locator('[data-view-link=\'{"print": "1"}\']').first.click()
    visit.settle(page)
    page.emulate_media(media="print")
    page.wait_for_timeout(500)
    keep_picture(page, "background-print")
    assert redness(page) > 0.2
    expect(page.locator("#legend")).to_contain_text(NAME)
    expect(page.locator(".map-source")).to_be_visible()


def test_without_an_image_there_is_nothing_to_choose(visit: Visitors, photo: str) -> None:
    found = services(visit.site)
    with found.database.write() as session:
        remove_image(session, local_actor(session, "tester"), photo, now=NOW)
    try:
        page = visit.open("/maps/territories", "head")
        page.locator("[data-map-tool=layers]").click()
        expect(page.locator(".background-choice")).to_have_count(0)
    finally:
        bring_back(found, photo, NOW)


def bring_back(found: Services, image_id: str, now: datetime) -> None:
    from gisgrid.backgrounds.service import bring_back_image

    folder = ImageFolder(found.settings.backgrounds)
    with found.database.write() as session:
        bring_back_image(session, local_actor(session, "tester"), image_id, folder, now=now)


@phone_first
def test_an_administrator_adds_one_on_the_page(visit: Visitors, tmp_path: Path, device: str) -> None:
    about = (0.0, 0.0)
    with services(visit.site).database.read() as session:
        actor = local_actor(session, "tester")
        community = visible_communities(session, actor, now=NOW)[0]
        found = services(visit.site)
        view = open_view(
            session,
            actor,
            ViewRequest(community=community.code),
            caches=Caches(),
            now=NOW,
            tz=found.settings.tz,
        )
        west, south, east, north = view.division.outlines[community.id].bounds
        about = ((west + east) / 2, (south + north) / 2)
    pixels = np.random.default_rng(2).integers(60, 200, (200, 300, 3), dtype=np.uint8)
    place = transform_of("EPSG:3857", 300, 200, side_m=2.0, about=about)
    file = write_tiff(tmp_path / "院墙.tif", pixels, crs="EPSG:3857", transform=place)
    page = visit.open("/backgrounds", "admin", device)
    keep_picture(page, f"backgrounds-empty-{device}")
    if page.locator("details.new-one:not([open])").count():
        page.locator(".new-one summary").click()
    page.locator("#file").set_input_files(file)
    page.locator("#name").fill(f"院墙 {device}")
    page.locator("#send-button").click()
    page.locator("#plan").wait_for(timeout=60_000)
    keep_picture(page, f"backgrounds-plan-{device}")
    page.locator("#start").click()
    page.locator("#done").wait_for(timeout=60_000)
    visit.go(page, "/backgrounds")
    image = page.locator(".background-image", has_text=f"院墙 {device}")
    expect(image.locator(".tile-picture img").first).to_be_visible()
    keep_picture(page, f"backgrounds-list-{device}")
    assert not axe_faults(page)
    assert not scrolls_sideways(page)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)
    image.locator("details.undo summary").click()
    image.locator("button.danger").click()
    visit.settle(page)
    expect(page.locator(".background-image", has_text=f"院墙 {device}")).to_contain_text("恢复")
