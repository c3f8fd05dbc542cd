"""A phone without network: nothing that was typed or photographed is lost, whoever looks, whatever fails."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.cases.core.models import Case
from gisgrid.cases.core.store import log_of
from gisgrid.cases.photos.models import CasePhoto
from gisgrid.places.models import Household
from tests.browser.conftest import CHROMIUM
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_filing import LOST, OFFLINE, REFUSED, door, lose, services, written
from tests.browser.visiting import DEVICES, Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SOON_MS = 30_000
SAID = "已联系物业,\n楼道里的旧家具当场清走"


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three photos that are no two the same."""
    found = [tmp_path / f"{number}.jpg" for number in range(3)]
    for number, path in enumerate(found):
        Image.new("RGB", (2000, 1500), (40 + 60 * number, 120, 90)).save(path)
    return found


def reported(visit: Visitors, number: int, text: str) -> str:
    """The id of a new case at a building."""
    point = door(visit, number).footprint.representative_point()
    sent = {"lon": point.x, "lat": point.y, "category": "noise", "description": text}
    found: str = visit.site.app.test_client().post("/api/v1/cases", json=sent).json["id"]
    return found


def stored(session: Session, case_id: str) -> tuple[Case, list[str], int]:
    """A case, the steps in its log, and how many photos it has."""
    case = session.scalars(select(Case).where(Case.id == case_id)).one()
    photos = session.scalars(select(CasePhoto).where(CasePhoto.case_id == case_id)).all()
    return case, [line.action for line in log_of(session, case_id)], len(photos)


def on_case(visit: Visitors, case_id: str, name: str = "head", expected: tuple[str, ...] = OFFLINE) -> Page:
    page = visit.page(name, "phone", expected=expected, locale="zh-CN")
    visit.go(page, f"/cases/{case_id}")
    return page


def is_beside(page: Page, control: str, shown: str) -> bool:
    """Whether something stands within one screen of a control, below it."""
    tops = [page.locator(one).first.bounding_box() for one in (control, shown)]
    assert tops[0]
    assert tops[1]
    return 0 < tops[1]["y"] - tops[0]["y"] < 300


def test_closing_without_network_loses_neither_text_nor_photo(visit: Visitors, photos: list[Path]) -> None:
    case_id = reported(visit, 20, "楼道堆物")
    page = on_case(visit, case_id)
    page.context.set_offline(True)
    page.get_by_label("添加照片:处置后").set_input_files(photos[0])
    expect(page.locator(".photos .waiting-report img")).to_have_count(1)
    page.get_by_label("添加照片:处置后").set_input_files(photos[1])
    expect(page.locator(".photos .waiting-report img")).to_have_count(2)
    page.get_by_label("办理结果").fill(SAID)
    page.get_by_label("怎样告知当事人").select_option(label="电话")
    page.get_by_role("button", name="结案").tap()
    note = page.locator(".steps .waiting-report")
    expect(note).to_contain_text("还没有发出")
    expect(note).to_contain_text("楼道里的旧家具当场清走")
    assert is_beside(page, "[data-step=close]", ".steps .waiting-report")
    expect(page.get_by_label("办理结果")).to_have_value(SAID)
    expect(page.locator("#outbox-chip")).to_have_attribute("data-outbox", "3")
    keep_picture(page, "close-offline-phone")
    assert not scrolls_sideways(page)
    assert not too_small_for_a_thumb(page)
    with services(visit).database.read() as session:
        assert stored(session, case_id)[1:] == (["report"], 0)
    page.context.set_offline(False)
    expect(page.locator("#case .state")).to_have_text("已结案", timeout=SOON_MS)
    expect(page.locator("#outbox-chip")).to_be_hidden()
    with services(visit).database.read() as session:
        case, steps, count = stored(session, case_id)
        assert (case.result, case.feedback_channel, count) == (SAID, "phone", 2)
        assert steps == ["report", "photo", "photo", "close"]


def test_what_waits_for_a_case_is_there_after_the_page_was_left_and_goes_by_one_tap(
    visit: Visitors, photos: list[Path]
) -> None:
    case_id = reported(visit, 24, "夜里施工")
    page = on_case(visit, case_id)
    page.route("**/api/v1/cases/**", _no_line)
    page.get_by_label("办理结果").fill(SAID)
    page.get_by_label("怎样告知当事人").select_option(label="当面告知")
    page.get_by_role("button", name="结案").tap()
    expect(page.locator(".steps .waiting-report")).to_be_visible()
    visit.go(page, f"/cases/{case_id}")
    expect(page.locator(".steps .waiting-report")).to_contain_text("还没有发出")
    page.get_by_label("添加照片:处置后").set_input_files(photos[0])
    expect(page.locator(".photos .waiting-report img")).to_have_count(1)
    page.unroute("**/api/v1/cases/**")
    page.locator(".photos .waiting-report").get_by_role("button", name="现在再发").tap()
    expect(page.locator(".photo-list img")).to_have_count(1)
    page.locator(".steps .waiting-report").get_by_role("button", name="现在再发").tap()
    expect(page.locator("#case .state")).to_have_text("已结案")


def _no_line(route: Route) -> None:
    """What is asked for comes, what is sent doesn't arrive."""
    if route.request.method == "POST":
        route.abort("internetdisconnected")
    else:
        route.continue_()


def test_a_lost_answer_to_a_step_takes_it_once(visit: Visitors) -> None:
    case_id = reported(visit, 28, "噪声")
    page = on_case(visit, case_id, expected=(LOST, REFUSED))
    page.route("**/start?*", lose, times=1)
    page.get_by_role("button", name="开始处置").tap()
    expect(page.locator(".steps .waiting-report")).to_be_visible()
    with services(visit).database.read() as session:
        assert stored(session, case_id)[1] == ["report", "start"]
    page.locator(".steps .waiting-report").get_by_role("button", name="现在再发").tap()
    expect(page.locator("#case .state")).to_have_text("处置中")
    expect(page.locator(".waiting-report")).to_have_count(0)
    with services(visit).database.read() as session:
        assert stored(session, case_id)[1] == ["report", "start"]


def test_a_refusal_stands_beside_the_button_and_the_text_stays(visit: Visitors) -> None:
    case_id = reported(visit, 32, "噪声")
    page = on_case(visit, case_id, expected=(REFUSED,))
    page.get_by_label("办理结果").fill(SAID)
    page.get_by_label("怎样告知当事人").select_option(label="电话")
    client = visit.page("head", "desk", locale="en-US")
    visit.go(client, f"/cases/{case_id}")
    client.locator(".more-steps summary").click()
    client.locator("[data-step=void]").click()
    client.locator("#step-dialog textarea").fill("重复登记")
    client.locator("#step-dialog .primary").click()
    expect(client.locator("#case .state.void")).to_be_visible()
    page.get_by_role("button", name="结案").tap()
    alert = page.locator(".steps [role=alert]")
    expect(alert).to_be_visible()
    assert is_beside(page, "[data-step=close]", ".steps [role=alert]")
    expect(page.get_by_label("办理结果")).to_have_value(SAID)
    keep_picture(page, "close-refused-phone")
    page.reload()
    expect(page.locator("#case .state")).to_have_text("已作废")


def test_the_question_of_a_step_stays_until_it_was_taken(visit: Visitors) -> None:
    case_id = reported(visit, 36, "噪声")
    page = on_case(visit, case_id, expected=(*OFFLINE, REFUSED))
    page.locator(".more-steps summary").tap()
    page.locator("[data-step=extend]").tap()
    dialog = page.locator("#step-dialog")
    dialog.locator("[name=due]").fill("2020-01-01T08:00")
    dialog.locator("textarea").fill("等材料到货")
    dialog.get_by_role("button", name="延期").tap()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.locator("textarea")).to_have_value("等材料到货")
    page.context.set_offline(True)
    dialog.locator("[name=due]").fill("2099-01-01T08:00")
    dialog.get_by_role("button", name="延期").tap()
    expect(dialog).to_be_hidden()
    expect(page.locator(".steps .waiting-report")).to_contain_text("等材料到货")
    keep_picture(page, "extend-offline-phone")
    page.context.set_offline(False)
    expect(page.locator("#case .timeline li").first).to_contain_text("等材料到货", timeout=SOON_MS)


def test_what_is_being_written_stays_when_the_card_is_drawn_anew(visit: Visitors, photos: list[Path]) -> None:
    page = on_case(visit, reported(visit, 44, "噪声"), expected=())
    page.get_by_label("办理结果").fill(SAID)
    page.get_by_label("怎样告知当事人").select_option(label="电话")
    page.get_by_label("添加照片:处置后").set_input_files(photos[0])
    expect(page.locator(".photo-list img")).to_have_count(1)
    expect(page.get_by_label("办理结果")).to_have_value(SAID)
    page.reload()
    expect(page.get_by_label("办理结果")).to_have_value(SAID)
    expect(page.get_by_label("怎样告知当事人")).to_have_value("phone")


def test_the_photo_and_the_words_of_me_too_go_with_it(visit: Visitors, photos: list[Path]) -> None:
    building = door(visit, 48)
    first = reported(visit, 48, "水管漏水")
    page = visit.page("head", "phone", expected=OFFLINE, locale="zh-CN")
    for turn in range(2):
        visit.go(page, f"/report?b={building.code}")
        page.locator(".tile", has_text="噪声").first.tap()
        page.locator("#description").fill(f"楼上也听得见 {turn}")
        page.locator("#album").set_input_files(photos[turn])
        expect(page.locator("#photos img")).to_have_count(1)
        page.get_by_role("button", name="上报", exact=True).tap()
        expect(page.locator("#alike")).to_contain_text("是同一件事吗?")
        if turn:
            page.context.set_offline(True)
        page.locator("#alike button").first.tap()
        if not turn:
            expect(page.locator(".receipt")).to_contain_text("1 张照片已随这件事交给办理人")
    waits = page.locator(".waiting-report")
    expect(waits).to_contain_text("我也反映")
    expect(waits.locator("img")).to_have_count(1)
    keep_picture(page, "same-offline-phone")
    page.context.set_offline(False)
    expect(page.locator(".receipt")).to_contain_text("3 人反映", timeout=SOON_MS)
    with services(visit).database.read() as session:
        assert stored(session, first)[2] == 2
        said = [line.text for line in log_of(session, first) if line.action == "me_too"]
        assert said == ["楼上也听得见 0", "楼上也听得见 1"]


def test_a_verified_household_is_kept_without_network(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=OFFLINE, locale="zh-CN")
    visit.go(page, "/cases")
    rows = page.request.get("/api/v1/completeness/gaps", params={"step": "verify"}).json()["rows"]
    household = rows[0]["id"]
    with services(visit).database.read() as session:
        before = session.scalars(select(Household.last_verified_at).where(Household.id == household)).one()
    visit.go(page, f"/households/{household}")
    page.context.set_offline(True)
    page.get_by_role("button", name="已核实,无变化").tap()
    expect(page.locator("#verified .waiting-report")).to_contain_text("还没有发出")
    assert page.url.endswith(f"/households/{household}"), "no error page of the browser"
    keep_picture(page, "verified-offline-phone")
    page.context.set_offline(False)
    expect(page.locator("#verified .waiting-report")).to_have_count(0, timeout=SOON_MS)
    expect(page.locator("#verified")).to_contain_text("上次核实")
    with services(visit).database.read() as session:
        after = session.scalars(select(Household.last_verified_at).where(Household.id == household)).one()
    assert after
    assert after != before


def test_a_plain_form_without_network_stays_and_says_so_beside_its_button(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=OFFLINE, locale="zh-CN")
    visit.go(page, "/disputes/new")
    page.locator("#category").select_option(index=1)
    page.locator("#building").fill(door(visit, 3).address)
    page.locator("textarea").first.fill("两家为停车位争吵")
    page.context.set_offline(True)
    page.locator("main form .primary").tap()
    alert = page.locator("main form [role=alert], main form + * [role=alert]").first
    expect(alert).to_contain_text("网络不通,没有发出")
    expect(page.locator("#building")).not_to_have_value("")
    expect(page.locator("textarea").first).to_have_value("两家为停车位争吵")
    keep_picture(page, "plain-form-offline-phone")
    page.context.set_offline(False)
    alert.get_by_role("button", name="现在再发").tap()
    expect(page.locator("main")).to_contain_text("线索已记下")


def pending_report(visit: Visitors, page: Page, number: int, text: str) -> None:
    visit.go(page, f"/report?b={door(visit, number).code}")
    page.locator(".tile").first.tap()
    page.locator("#description").fill(text)
    visit.settle(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="上报", exact=True).tap()
    expect(page.locator(".waiting-report")).to_contain_text("还没有发出")


def test_a_pending_report_is_seen_on_every_page_and_before_logging_out(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=(*OFFLINE, "net::ERR_FAILED"), locale="zh-CN")
    visit.go(page, "/me")
    page.route("**/api/v1/cases?*", lambda route: route.abort("internetdisconnected"))
    pending_report(visit, page, 52, "断网时写的,还没发出")
    page.context.set_offline(False)
    for path in ("/", "/cases", "/maps/territories", "/find", "/me"):
        visit.go(page, path)
        expect(page.locator("#outbox-chip")).to_have_attribute("data-outbox", "1")
        expect(page.locator("#outbox-chip")).to_contain_text("1 条待发")
        assert not scrolls_sideways(page)
    page.locator("#outbox-chip").tap()
    expect(page.locator("#outbox-dialog .waiting-report")).to_contain_text("断网时写的,还没发出")
    keep_picture(page, "outbox-dialog-phone")
    assert not axe_faults(page)
    assert not too_small_for_a_thumb(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="退出登录").tap()
    dialog = page.locator("#outbox-dialog")
    expect(dialog).to_contain_text("还有 1 条没发出")
    keep_picture(page, "logout-unsent-phone")
    dialog.get_by_role("button", name="先不退出").tap()
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/me")
    page.unroute("**/api/v1/cases?*")
    page.locator("#outbox-chip").tap()
    dialog.get_by_role("button", name="现在再发").tap()
    expect(dialog.locator(".receipt")).to_contain_text("已上报")
    assert written(visit, "断网时写的,还没发出") == ["member01"]


def test_who_logs_out_all_the_same_finds_it_again(visit: Visitors) -> None:
    page = visit.page("member02", "phone", expected=(*OFFLINE, "net::ERR_FAILED"), locale="zh-CN")
    page.route("**/api/v1/cases?*", lambda route: route.abort("internetdisconnected"))
    pending_report(visit, page, 56, "退出前没发出")
    page.context.set_offline(False)
    visit.go(page, "/me")
    page.get_by_role("button", name="退出登录").tap()
    page.get_by_role("button", name="留在这台设备里,退出登录").tap()
    page.wait_for_url("**/login*")
    expect(page.locator("#outbox-chip")).to_contain_text("1 条待发")
    visit._states.pop("member02", None)  # that login has ended


@pytest.mark.timeout(300)
def test_an_unreadable_entry_hides_none_of_the_others(
    visit: Visitors, browser: Browser, tmp_path: Path
) -> None:
    """A file of the browser's own database is damaged on the disk, as a dying phone does it."""
    profile = tmp_path / "profile"
    options: dict[str, Any] = {**DEVICES["phone"], "base_url": visit.site.url, "locale": "zh-CN"}
    launch: dict[str, Any] = {"executable_path": str(CHROMIUM), "args": ["--no-sandbox", "--disable-gpu"]}
    noisy = tmp_path / "noise.jpg"
    Image.effect_noise((2000, 1500), 90).convert("RGB").save(noisy)

    def opened() -> tuple[Any, Page]:
        context = browser.browser_type.launch_persistent_context(str(profile), **options, **launch)
        context.set_default_timeout(SOON_MS)
        return context, context.pages[0]

    context, page = opened()
    page.route("**/api/v1/cases?*", lambda route: route.abort("internetdisconnected"))
    for count, (number, text, shot) in enumerate(((60, "大照片", noisy), (64, "小的一条", None)), start=1):
        page.goto(f"/report?b={door(visit, number).code}")
        expect(page.locator(".waiting-report")).to_have_count(count - 1)  # it pushes the tiles down
        page.locator(".tile").first.tap()
        page.locator("#description").fill(text)
        if shot:
            page.locator("#album").set_input_files(shot)
            expect(page.locator("#photos img")).to_have_count(1)
        page.get_by_role("button", name="上报", exact=True).tap()
        other = page.get_by_role("button", name="我的是另一件,继续上报")
        kept = page.locator(".filing-page > .waiting-report")
        expect(other.or_(kept).first).to_be_visible()
        if other.is_visible():
            other.tap()
        expect(page.locator(".waiting-report")).to_have_count(count)
    context.close()
    large = [one for one in profile.rglob("*") if one.is_file() and ".indexeddb.blob" in str(one)]
    assert large, "the browser keeps large values as files of their own"
    for one in large:
        one.unlink()
    context, page = opened()
    try:
        page.goto("/report")
        expect(page.locator("#outbox")).to_contain_text("有一份内容现在读不出来")
        expect(page.locator("#outbox .receipt")).to_contain_text("已上报", timeout=SOON_MS)
        keep_picture(page, "outbox-unreadable-phone")
        expect(page.locator("#outbox-chip")).to_have_attribute("data-outbox", "1")
    finally:
        context.close()
        shutil.rmtree(profile, ignore_errors=True)
    assert written(visit, "小的一条") == [None]


def test_what_is_kept_is_written_durably(visit: Visitors) -> None:
    page = visit.page(None, "phone", expected=OFFLINE, locale="zh-CN")
    page.add_init_script(
        """const open = IDBDatabase.prototype.transaction;
        window.modes = [];
        IDBDatabase.prototype.transaction = function (...given) {
          const made = open.apply(this, given);
          if (made.mode === "readwrite") window.modes.push(made.durability);
          return made;
        };"""
    )
    pending_report(visit, page, 68, "要写牢")
    assert set(page.evaluate("window.modes")) == {"strict"}
