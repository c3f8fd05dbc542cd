"""Today's work in a hand and at a desk: buildings, doors, a note, and what staff see by grid."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from data.forms.built_in.forms import built_in_forms
from gisgrid.access.actors import local_actor
from gisgrid.records.publication.built_in import install_forms
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, keep_picture
from tests.conftest import NOW
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def with_forms(own_visitors: Visitors) -> Visitors:
    """The demo with the forms that come with the program."""
    with services_of(own_visitors.site.app).database.write() as session:
        install_forms(session, local_actor(session, "tester"), built_in_forms(), now=NOW)
    return own_visitors


@pytest.fixture
def people(with_forms: Visitors) -> Iterator[Visitors]:
    with with_forms.watched() as visitors:
        yield visitors


@pytest.mark.parametrize("device", ["tall", "desk"])
def test_a_building_opens_its_doors_and_a_task_is_put_off(people: Visitors, device: str) -> None:
    page = people.open("/work", "member01", device)
    groups = page.locator(".work-group")
    expect(groups.first).to_be_visible()
    assert groups.first.get_attribute("class").endswith("late")  # type: ignore[union-attr]
    keep_picture(page, f"today-{device}")
    groups.first.locator("summary").focus()
    page.keyboard.press("Enter")
    task = groups.first.locator(".work-task").first
    ways = task.get_by_role("link", name=re.compile("去办理|看这栋楼"))
    expect(ways).to_have_attribute("href", re.compile("^/(households|buildings)/"))
    key = task.get_attribute("data-key")
    task.get_by_role("button", name="备注").click()
    people.settle(page)
    keep_picture(page, f"today-open-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if device != "desk":
        assert not too_small_for_a_thumb(page)
    task.get_by_label("原因").fill("家里没人,约好后天")
    task.get_by_label("推迟到").fill("2026-11-26")
    task.get_by_role("button", name="推迟一次").click()
    people.settle(page)
    expect(page.locator(f'[data-key="{key}"]')).to_have_count(0)


def test_staff_see_what_is_late_in_which_grid(people: Visitors) -> None:
    page = people.open("/work", "staff", "desk")
    table = page.locator("#overdue table")
    expect(table.locator("tbody tr").first).to_be_visible()
    keep_picture(page, "today-staff-desk")
    assert not scrolls_sideways(page)
    heads = table.locator("thead th").all_inner_texts()
    assert heads[:3] == ["网格", "超期", "没有人负责"]


def test_on_a_phone_what_is_late_is_a_card_for_each_grid(people: Visitors) -> None:
    page = people.open("/work", "head", "phone")
    card = page.locator("#overdue tbody tr").first
    expect(card).to_be_visible()
    expect(page.locator("#overdue thead")).to_be_hidden()
    expect(card.locator("td").first).to_have_text(re.compile(r"^超期 \d+$"))
    assert all(
        text[-1] != "0" or text[-2] != " " for text in card.locator("td:visible").all_inner_texts()[1:]
    )
    tops = [card.locator(part).bounding_box() for part in ("th", "td >> nth=0")]
    assert all(box and box["height"] < 60 for box in tops), "no word stands upright"
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    keep_picture(page, "today-late-phone")
