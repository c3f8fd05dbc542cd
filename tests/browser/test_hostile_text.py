"""Names that try to run, in a real browser: nothing runs, no dialog opens, no map goes blank."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import make_url

from gisgrid.access.keys.encryption import open_database
from gisgrid.access.models import Role
from tests import hostile_world
from tests.browser.conftest import Receive
from tests.browser.looking import drawn_pixels
from tests.browser.serving import keep_keys
from tests.browser.visiting import Visitors, keep_picture, proved
from tests.conftest import KEYS, NOW
from tests.hostile_world import PAYLOADS, HostileWorld

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MAPS = ("/maps/hotspots", "/maps/elderly", "/maps/territories", "/maps/needs")
LOST = "the server responded with a status of 4"
"""Console lines of pages that are refused or not there."""

PROBE = """() => {
  const images = document.querySelectorAll("img[onerror], img[src='x']").length;
  return { hacked: window.hacked ?? null, images };
}"""


@pytest.fixture(scope="module")
def hostile(spatialite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, HostileWorld]:
    """A SpatiaLite file of the hostile community, with its keys beside it."""
    file = tmp_path_factory.mktemp("hostile") / "hostile.sqlite"
    shutil.copy(spatialite_template, file)
    keep_keys(file.parent)
    database = open_database(make_url(f"sqlite:///{file}"), KEYS)
    with database.write() as session:
        made = hostile_world.build(session, PAYLOADS, now=NOW)
    database.close()
    return file, made


@pytest.fixture(scope="module")
def hostile_visitors(receive: Receive, hostile: tuple[Path, HostileWorld]) -> Iterator[Visitors]:
    with receive(hostile[0]) as visitors:
        yield visitors


@pytest.fixture
def enter(hostile_visitors: Visitors) -> Iterator[Visitors]:
    with hostile_visitors.watched() as visitors:
        yield visitors


@pytest.fixture
def made(hostile: tuple[Path, HostileWorld]) -> HostileWorld:
    return hostile[1]


def assert_unharmed(page: Page) -> None:
    """Nothing ran and nothing was built from a text."""
    assert page.evaluate(PROBE) == {"hacked": None, "images": 0}


def assert_map_stands(page: Page) -> None:
    """The map is there, with its layer painted."""
    expect(page.locator(".leaflet-container")).to_have_count(1)
    assert max(drawn_pixels(page)) > 5000


@pytest.mark.parametrize("role", [Role.HEAD, proved(Role.MEMBER), proved(Role.LEADER)])
def test_maps_stand_and_their_cards_are_text(enter: Visitors, made: HostileWorld, role: Role) -> None:
    page = enter.page(made.accounts[role])
    for path in MAPS:
        enter.go(page, path)
        assert_map_stands(page)
        keep_picture(page, f"hostile-{role}-{path.rsplit('/', 1)[-1]}")
        for row in range(min(page.locator("#rows .row-button").count(), 3)):
            page.locator("#rows .row-button").nth(row).click()
            expect(page.locator("#card h2")).to_be_visible()
        hover_over(page)
        assert_unharmed(page)
    enter.go(page, "/maps/hotspots?overlay=renovation&print=1")
    assert_unharmed(page)


def hover_over(page: Page) -> None:
    """Move over the map, so that every tooltip is made once."""
    box = page.locator(".leaflet-container").bounding_box()
    assert box
    for share in (0.3, 0.4, 0.5, 0.6, 0.7):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])


@pytest.mark.parametrize("role", [Role.MEMBER, Role.RESIDENT, proved(Role.HEAD)])
def test_homes_and_cases_are_text(enter: Visitors, made: HostileWorld, role: Role) -> None:
    page = enter.page(made.accounts[role], expected=(LOST,))
    for path in (
        "/",
        "/me",
        "/cases?state=all",
        "/cases/new",
        *(f"/cases/{case}" for case in made.cases[:3]),
    ):
        enter.go(page, path)
        assert_unharmed(page)
    if role != Role.RESIDENT:
        enter.go(page, f"/find?q={quote('例园')}")
        for row in range(4):
            page.locator("#results button").nth(row).click()
            enter.settle(page)
        assert_unharmed(page)


def test_a_persons_card_is_text(enter: Visitors, made: HostileWorld) -> None:
    page = enter.open("/find", made.accounts[Role.MEMBER])
    page.locator("#name-search input").fill("</script>")
    page.get_by_role("button", name="查找").click()
    page.locator("#results button").first.click()
    expect(page.locator("#card .people li").first).to_be_visible()
    keep_picture(page, "hostile-card")
    assert_unharmed(page)


@pytest.mark.parametrize(
    "payload",
    ["".join(PAYLOADS), *map(proved, PAYLOADS[:2])],
    ids=["all", "markup", "literal"],
)
def test_what_somebody_types_is_text(enter: Visitors, payload: str) -> None:
    page = enter.page(None, expected=(LOST,))
    enter.go(page, "/receipt")
    page.locator("#receipt").fill(payload[:64])
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_unharmed(page)
    enter.go(page, "/report")
    page.locator("#description").fill(payload)
    enter.go(page, "/report")
    expect(page.locator("#description")).to_have_value(payload)
    enter.go(page, "/login")
    page.get_by_label("账号", exact=True).fill(payload)
    page.get_by_label("密码", exact=True).fill(payload)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_unharmed(page)
    enter.go(page, f"/{quote(payload, safe='')}")
    assert_unharmed(page)


def test_what_is_searched_for_is_text(enter: Visitors, made: HostileWorld) -> None:
    payload = "".join(PAYLOADS)
    page = enter.open(f"/find?q={quote(payload[:100])}", made.accounts[Role.HEAD], expected=(LOST,))
    assert_unharmed(page)
    page.locator("#search").fill(payload)
    expect(page.locator("#search-results")).to_be_visible()
    assert_unharmed(page)
    enter.go(page, f"/cases?state=all&text={quote(payload[:100])}")
    assert_unharmed(page)


def test_answers_opened_as_pages_stay_data(enter: Visitors, made: HostileWorld) -> None:
    page = enter.page(made.accounts[Role.HEAD])
    for path in ("areas", "territories", "basemap", "cases?state=all", "categories", "hotspots"):
        page.goto(f"/api/v1/{path}")
        assert_unharmed(page)
