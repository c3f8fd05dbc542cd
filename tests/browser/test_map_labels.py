"""Words on maps: buildings have their numbers near by, and a name without room is found by its number."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawnwords import Word, listen, view_of, written_words
from tests.browser.test_filing import door, middle
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MAPS = ["/maps/hotspots", "/maps/elderly", "/maps/territories", "/redraw", "/find"]
SMALL_PX = 11
"""The letters of buildings' numbers; those of names and their figures are larger."""


def features_of(page: Page, path: str, **parameters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.request.get(path, params={**parameters}).json()["features"]
    return found


def numbers_of_buildings(page: Page) -> set[str]:
    found = features_of(page, "/api/v1/buildings")
    return {re.sub(r".*?(\d+)幢$", r"\1", one["properties"]["address"]) for one in found}


def apart(words: list[Word]) -> bool:
    straight = [one for one in words if not one.is_turned]
    return not any(one.overlaps(other) for one, other in combinations(straight, 2))


@pytest.mark.parametrize("path", MAPS)
def test_buildings_have_their_numbers_from_near_and_no_word_lies_on_another(
    visit: Visitors, path: str
) -> None:
    page = visit.open(path)
    listen(page)
    view_of(page, zoom=17)
    visit.settle(page)
    words = written_words(page)
    numbers = numbers_of_buildings(page)
    near = [at for at, one in enumerate(words) if one.height == SMALL_PX and one.text in numbers]
    assert len(near) > 20
    assert apart(words)
    names = {one["properties"]["name"] for one in features_of(page, "/api/v1/areas", level="grid")}
    assert all(at < near[0] for at, one in enumerate(words) if one.text in names)
    view_of(page, zoom=16)
    visit.settle(page)
    far = [one for one in written_words(page) if one.height == SMALL_PX and one.text in numbers]
    assert not far


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/report", None),
        ("/my-grid", None),
        ("/report", "resident01"),
        ("/duties", "admin"),
        ("/maps/cases", "leader"),
        ("/maps/completeness", "head"),
        ("/history", "head"),
        ("/cases/new", "member01"),
        ("/", "steward01"),
    ],
)
def test_whoever_looks_at_whichever_map_sees_the_numbers(
    visit: Visitors, path: str, name: str | None
) -> None:
    """Also who sees nothing of buildings but what stands on their walls."""
    page = visit.open(path, name)
    listen(page)
    lon, lat = middle(door(visit, 84))
    view_of(page, zoom=17, at=(lat, lon))
    visit.settle(page)
    numbers = [one for one in written_words(page) if one.height == SMALL_PX and one.text.isdecimal()]
    assert len(numbers) > 10
    keep_picture(page, f"numbers{path.replace('/', '-')}-{name or 'nobody'}")


@pytest.mark.parametrize("path", ["/maps/elderly", "/maps/hotspots?level=micro_grid", "/history", "/duties"])
@devices("desk", "phone")
def test_a_name_left_out_stands_as_a_number_that_the_table_explains(
    visit: Visitors, path: str, device: str
) -> None:
    page = visit.open(f"{path}{'&' if '?' in path else '?'}print=1", "head", device)
    keep_picture(page, f"left-out{path.split('?', maxsplit=1)[0].replace('/', '-')}-{device}")
    rows = page.locator("#rows tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.querySelectorAll('th .map-mark')].map((one) => one.innerText))"
    )
    marks = [int(one) for row in rows for one in row]
    beside = [int(one) for one in page.locator(".left-out .map-mark").all_inner_texts()]
    assert marks
    assert sorted(marks + beside) == list(range(1, len(marks) + len(beside) + 1))
    listen(page)
    words = {one.text for one in written_words(page)}
    assert {str(one) for one in marks} <= words
    column = "map((row) => row.querySelector('th').innerText.replace(/^[0-9\\s]+/, ''))"
    if path == "/maps/elderly":
        named = page.locator("#rows tbody tr").evaluate_all(
            f"(rows) => rows.filter((row) => !row.querySelector('th .map-mark')).{column}"
        )
        assert set(named) <= words
        assert len(named) + len(marks) == page.locator("#rows tbody tr").count()
    expect(page.locator(".left-out")).to_contain_text("号码")


def test_nearer_the_names_find_room_and_the_numbers_go(visit: Visitors) -> None:
    page = visit.open("/maps/elderly?print=1")
    assert page.locator("#rows .map-mark").count() > 5
    view_of(page, zoom=20)
    expect(page.locator(".map-mark")).to_have_count(0)
    expect(page.locator(".left-out")).to_be_hidden()
