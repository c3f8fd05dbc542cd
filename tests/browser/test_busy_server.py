"""Beside another program that writes, what the server can not take is kept by the page and sent again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_filing import door, middle, written
from tests.browser.test_phone_offline import SAID, reported, services, stored
from tests.browser.test_reporting import fill_in
from tests.browser.visiting import Visitors, keep_picture
from tests.locking import foreign_writer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BUSY = ("the server responded with a status of 503",)
WAITED_MS = 20_000
SOON_MS = 60_000


def test_a_report_beside_another_writer_is_kept_and_sent_again(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=BUSY)
    visit.go(page, "/cases/new")
    fill_in(page, middle(door(visit, 300)), "别的程序占着数据库时写的")
    with foreign_writer(visit.site.file):
        page.get_by_role("button", name="上报", exact=True).click()
        expect(page.locator(".waiting-report")).to_contain_text("还没有发出", timeout=WAITED_MS)
        keep_picture(page, "report-busy-phone")
        assert written(visit, "别的程序占着数据库时写的") == []
    expect(page.locator(".receipt")).to_contain_text("已上报", timeout=SOON_MS)
    assert len(written(visit, "别的程序占着数据库时写的")) == 1


def test_a_step_beside_another_writer_is_kept_and_taken_once(visit: Visitors) -> None:
    case_id = reported(visit, 310, "占着时办结的")
    page = visit.page("head", "phone", expected=BUSY)
    visit.go(page, f"/cases/{case_id}")
    page.get_by_label("办理结果").fill(SAID)
    page.get_by_label("怎样告知当事人").select_option(label="电话")
    with foreign_writer(visit.site.file):
        page.get_by_role("button", name="结案").tap()
        expect(page.locator(".steps .waiting-report")).to_contain_text("还没有发出", timeout=WAITED_MS)
        expect(page.get_by_label("办理结果")).to_have_value(SAID)
    expect(page.locator("#case .state")).to_have_text("已结案", timeout=SOON_MS)
    with services(visit).database.read() as session:
        case, steps, _photos = stored(session, case_id)
        assert (case.result, case.feedback_channel, steps) == (SAID, "phone", ["report", "close"])
