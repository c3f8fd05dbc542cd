"""What waits of one case goes in an order that loses nothing: photos before the step that ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_filing import LOST, OFFLINE, REFUSED, lose, services
from tests.browser.test_phone_offline import SAID, SOON_MS, on_case, photos, reported, stored
from tests.browser.visiting import Visitors, keep_picture

__all__ = ["photos"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHOTOS = "**/api/v1/cases/*/photos*"


def photograph(page: Page, photo: Path) -> None:
    page.get_by_label("添加照片:处置后").set_input_files(photo)
    expect(page.locator(".photos .waiting-report img")).to_have_count(1)


def close(page: Page) -> None:
    page.get_by_label("办理结果").fill(SAID)
    page.get_by_label("怎样告知当事人").select_option(label="电话")
    page.get_by_role("button", name="结案").tap()


def no_line(route: Route) -> None:
    route.abort("internetdisconnected")


def assert_whole(visit: Visitors, case_id: str) -> None:
    with services(visit).database.read() as session:
        case, steps, count = stored(session, case_id)
    assert (case.result, count, steps) == (SAID, 1, ["report", "photo", "close"])


def test_a_photo_that_waits_goes_before_the_step_that_ends_its_case(
    visit: Visitors, photos: list[Path]
) -> None:
    case_id = reported(visit, 13, "夜里施工")
    page = on_case(visit, case_id)
    page.route(PHOTOS, no_line, times=1)
    photograph(page, photos[0])
    close(page)
    expect(page.locator("#case .state")).to_have_text("已结案")
    expect(page.locator(".waiting-report")).to_have_count(0)
    expect(page.locator(".photo-list img")).to_have_count(1)
    assert_whole(visit, case_id)


def test_a_photo_taken_after_the_case_was_closed_without_network_goes_first(
    visit: Visitors, photos: list[Path]
) -> None:
    case_id = reported(visit, 17, "夜里施工")
    page = on_case(visit, case_id)
    page.context.set_offline(True)
    close(page)
    expect(page.locator(".steps .waiting-report")).to_be_visible()
    photograph(page, photos[0])
    page.context.set_offline(False)
    expect(page.locator("#case .state")).to_have_text("已结案", timeout=SOON_MS)
    expect(page.locator(".waiting-report")).to_have_count(0)
    assert_whole(visit, case_id)


def test_a_case_is_not_closed_while_its_photo_does_not_go(visit: Visitors, photos: list[Path]) -> None:
    case_id = reported(visit, 21, "夜里施工")
    page = on_case(visit, case_id)
    page.route(PHOTOS, no_line)
    photograph(page, photos[0])
    close(page)
    waits = page.locator(".steps .waiting-report")
    expect(waits).to_contain_text("还没有发出")
    expect(waits).to_contain_text("楼道里的旧家具当场清走")
    keep_picture(page, "close-behind-photo-phone")
    with services(visit).database.read() as session:
        assert stored(session, case_id)[1:] == (["report"], 0)
    page.unroute(PHOTOS)
    waits.get_by_role("button", name="现在再发").tap()
    expect(page.locator("#case .state")).to_have_text("已结案")
    assert_whole(visit, case_id)


def test_a_photo_the_server_refuses_is_said_and_the_next_press_closes(
    visit: Visitors, photos: list[Path]
) -> None:
    case_id = reported(visit, 25, "夜里施工")
    page = on_case(visit, case_id, expected=(*OFFLINE, LOST, REFUSED))
    page.route(PHOTOS, no_line, times=1)
    photograph(page, photos[0])
    page.route(PHOTOS, refuse)
    close(page)
    expect(page.locator(".steps [role=alert]")).to_contain_text("照片看不清")
    expect(page.locator(".photos .waiting-report")).to_contain_text("服务器没有接收")
    expect(page.get_by_label("办理结果")).to_have_value(SAID)
    keep_picture(page, "close-photo-refused-phone")
    page.get_by_role("button", name="结案").tap()
    expect(page.locator("#case .state")).to_have_text("已结案")
    expect(page.locator("#waits .waiting-report, .photos .waiting-report")).to_have_count(1)


def refuse(route: Route) -> None:
    fault = {"field": "photos", "message": "照片看不清"}
    route.fulfill(status=422, json={"status": 422, "title": "填写的内容有误", "faults": [fault]})


def test_a_lost_answer_to_the_photo_takes_it_once(visit: Visitors, photos: list[Path]) -> None:
    case_id = reported(visit, 29, "夜里施工")
    page = on_case(visit, case_id, expected=(*OFFLINE, LOST, REFUSED))
    page.route(PHOTOS, lose, times=1)
    photograph(page, photos[0])
    close(page)
    expect(page.locator("#case .state")).to_have_text("已结案")
    assert_whole(visit, case_id)


def test_who_leaves_a_page_that_alone_holds_a_photo_is_asked(visit: Visitors, photos: list[Path]) -> None:
    """In a browser that keeps nothing what was photographed is there as long as the page is."""
    page = on_case(visit, reported(visit, 33, "夜里施工"))
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no'); };")
    page.reload()
    page.route(PHOTOS, no_line)
    photograph(page, photos[0])
    with page.expect_event("dialog", lambda dialog: dialog.type == "beforeunload"):
        page.close(run_before_unload=True)
    visit.last_watch().dialogs.clear()  # it was dismissed: the page stays
    expect(page.locator(".photos .waiting-report img")).to_have_count(1)
    page.unroute(PHOTOS)
    page.locator(".photos .waiting-report").get_by_role("button", name="现在再发").tap()
    expect(page.locator(".photo-list img")).to_have_count(1)


def test_who_logs_out_is_told_of_what_can_not_be_read_too(visit: Visitors, photos: list[Path]) -> None:
    page = on_case(visit, reported(visit, 37, "夜里施工"))
    page.route(PHOTOS, no_line)
    photograph(page, photos[0])
    page.add_init_script("IDBObjectStore.prototype.get = () => { throw new DOMException('no'); };")
    visit.go(page, "/me")
    expect(page.locator("#outbox-chip")).to_contain_text("1 条待发")
    page.get_by_role("button", name="退出登录").tap()
    expect(page.locator("#outbox-dialog")).to_contain_text("还有 1 条没发出")
    expect(page.locator("#outbox-dialog")).to_contain_text("有一份内容现在读不出来")
    page.get_by_role("button", name="先不退出").tap()
    assert page.url.endswith("/me")
