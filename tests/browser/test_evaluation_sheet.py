"""A third party's score sheet in the street: filled in on a phone, corrected, and read by the head."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.looking import scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_an_evaluator_scores_a_case_on_a_phone(visit: Visitors) -> None:
    page = visit.open("/", "evaluator", "phone")
    page.get_by_role("link", name="第三方核查").click()
    page.locator("a.sample").first.click()
    row = page.locator(".sheet-rows > li", has_text="待核查").first
    place = row.get_attribute("id")
    form = row.locator("form.finding")
    form.get_by_text("部分解决", exact=True).click()
    form.get_by_text("2", exact=True).click()
    form.locator("textarea").fill("墙角还有残留")
    assert not scrolls_sideways(page)
    assert not too_small_for_a_thumb(page)
    keep_picture(page, "evaluation-filled-phone")
    form.get_by_role("button", name="保存").click()
    row = page.locator(f"#{place}")
    expect(row.locator("summary")).to_contain_text("部分解决 2")
    expect(page).to_have_url(re.compile(f"#{place}$"))
    row.locator("summary").click()
    expect(row.locator("textarea")).to_have_value("墙角还有残留")
    row.get_by_text("已解决", exact=True).click()
    row.get_by_role("button", name="更正").click()
    expect(page.locator(f"#{place} summary")).to_contain_text("已解决 2")
    head = visit.open(urlsplit(page.url).path, "head")
    expect(head.locator(f"#{place} summary")).to_contain_text("已解决 2")
    assert head.locator("form.finding").count() == 0
