"""What is settled for good: a death at the door, a steward's note, two who may be one person."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_people_pages import asked_of
from tests.browser.test_register import (  # noqa: F401 - a fixture
    at_home,
    judge,
    open_first_person,
    people,
)
from tests.browser.visiting import Visitors, devices

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@devices("tall", "desk")
def test_a_death_is_noted_at_the_door(people: Visitors, device: str) -> None:  # noqa: F811
    finger, _home = at_home(people, {"tall": 30, "desk": 31}[device], device)
    person = open_first_person(finger)
    name = person.get_attribute("data-person") or ""
    finger.press("去世", person)
    expect(person).to_contain_text("去世后不再列入住户和老人")
    finger.press("记为去世", person)
    expect(finger.page.locator("#toast")).to_contain_text("已记去世")
    expect(finger.page.locator(f"#register > .content > [data-person='{name}']")).to_have_count(0)
    left = asked_of(people, "SELECT count(*) FROM resident WHERE id = ? AND lived_to IS NOT NULL", name)
    assert left == "1"
    judge(finger, "register-died", device)


def test_two_who_may_be_one_person_are_settled(people: Visitors) -> None:  # noqa: F811
    page = people.open("/clashes", "head")
    lines = page.locator("#duplicates li:has(> .answers)")
    expect(lines.first).to_be_visible()
    count = lines.count()
    lines.first.get_by_role("button", name="不是同一个人").click()
    people.settle(page)
    expect(lines).to_have_count(count - 1)
    people.go(page, "/clashes")
    expect(lines).to_have_count(count - 1)
