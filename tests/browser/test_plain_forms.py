"""Plain forms whose line breaks off on the way, or whose server is busy: what was typed is there again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from gisgrid.storage.engine import sqlite_module
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_filing import OFFLINE, door, services
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SAID = "两家为停车位争吵,\n昨晚又吵到半夜"


def fill(visit: Visitors, page: Page, number: int) -> None:
    visit.go(page, "/disputes/new")
    page.locator("#category").select_option(index=1)
    page.locator("#building").fill(door(visit, number).address)
    page.locator("main textarea").first.fill(SAID)


def test_a_line_that_breaks_off_while_a_form_is_sent_loses_nothing(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=(*OFFLINE, "net::"), locale="zh-CN")

    def break_off(route: Route) -> None:
        if route.request.method == "POST":
            route.abort("internetdisconnected")
        else:
            route.continue_()

    fill(visit, page, 71)
    page.locator("#people").fill("某甲")
    key = page.locator("main [name=key]").input_value()
    page.route("**/disputes/new", break_off)
    with page.expect_event("requestfailed", lambda asked: asked.method == "POST"):
        page.locator("main form .primary").tap()
    page.unroute("**/disputes/new")
    visit.go(page, "/disputes/new")
    expect(page.locator("main textarea").first).to_have_value(SAID)
    expect(page.locator("#building")).not_to_have_value("")
    expect(page.locator("#category")).not_to_have_value("")
    expect(page.locator("#people")).to_have_value("")  # names are kept by no browser
    expect(page.locator("main [name=key]")).to_have_value(key)
    assert "某甲" not in page.evaluate("JSON.stringify({...sessionStorage})")
    expect(page.locator("main form + .beside, main form .beside")).to_contain_text("上次没有发出")
    keep_picture(page, "plain-form-back-phone")
    assert not axe_faults(page)
    assert not scrolls_sideways(page)
    page.locator("main form .primary").tap()
    expect(page.locator("main")).to_contain_text("线索已记下")
    visit.settle(page)
    visit.go(page, "/disputes/new")
    expect(page.locator("main textarea").first).to_have_value("")


def test_a_form_that_a_busy_server_sends_back_goes_by_one_tap(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=("503",), locale="zh-CN")
    fill(visit, page, 75)
    file = services(visit).database.engine.url.database
    assert file
    assert Path(file).exists()
    other = sqlite_module().connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        page.locator("main form .primary").tap()
        expect(page.locator("main")).to_contain_text("填写的内容没有丢")
    finally:
        other.execute("ROLLBACK")
        other.close()
    expect(page.locator("main .said").last).to_contain_text("昨晚又吵到半夜")
    keep_picture(page, "plain-form-busy-phone")
    assert not axe_faults(page)
    assert not too_small_for_a_thumb(page)
    page.get_by_role("button", name="现在再发").tap()
    expect(page.locator("main")).to_contain_text("线索已记下")
