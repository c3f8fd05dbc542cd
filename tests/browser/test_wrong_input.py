"""What people do wrong, and what a page owes them: said at once, at its place, with nothing lost."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.looking import scrolls_sideways
from tests.browser.visiting import Visitors, keep_picture
from tests.demo_files import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLACE = {"lon": 118.19578, "lat": 33.89736}
UNREADABLE = "照片读不出来,请用 JPEG、PNG 或 WebP 照片"


@pytest.fixture(params=["empty", "large"])
def no_photo(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file that is no photo though its name says so: of no byte, or of 8 MB."""
    path = tmp_path / f"{request.param}.jpg"
    path.write_bytes(b"" if request.param == "empty" else os.urandom(8 << 20))
    return path


def waits_nothing(page: Page) -> None:
    """Nothing is kept on the device."""
    assert page.locator("#outbox-chip").get_attribute("data-outbox") == "0"


@pytest.mark.parametrize(("name", "path"), [(None, "/report"), ("member01", "/cases/new")])
def test_a_file_that_is_no_photo_is_not_added_to_a_report(
    visit: Visitors, no_photo: Path, name: str | None, path: str
) -> None:
    page = visit.open(path, name, "phone")
    page.locator("#album").set_input_files(no_photo)
    expect(page.locator("#photo-notes")).to_contain_text(f"“{no_photo.name}”没有加上:{UNREADABLE}")
    expect(page.locator("#photos img")).to_have_count(0)


def test_a_file_that_is_no_photo_is_not_sent_to_a_case(visit: Visitors, no_photo: Path) -> None:
    sent = {**PLACE, "category": "litter", "description": "不是照片"}
    case = visit.site.app.test_client().post("/api/v1/cases", json=sent).json["id"]
    page = visit.open(f"/cases/{case}", "head", "phone")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    page.get_by_label("添加照片:处置前").set_input_files(no_photo)
    expect(page.locator(".photos .beside")).to_contain_text(f"“{no_photo.name}”没有加上:{UNREADABLE}")
    keep_picture(page, f"case-{no_photo.stem}-photo-phone")
    expect(page.locator(".waiting-report")).to_have_count(0)
    waits_nothing(page)
    assert not asked


def test_a_fault_of_a_form_is_said_at_its_field(visit: Visitors) -> None:
    page = visit.open("/accounts", "admin", "desk", expected=("422",))
    page.get_by_text("新建账号").first.click()
    page.locator("#name").fill("zhang.wei")
    page.locator("#new-role").select_option("staff")
    page.locator("#areas").fill("999999999999")
    page.locator("form.stacked button.primary").click()
    field = page.locator("#areas")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("没有这个编码的区域")
    expect(page.locator(".notice.bad")).to_contain_text("另加范围:区域编码(可以不填):没有这个编码的区域")
    keep_picture(page, "account-fault-desk")


def test_of_several_forms_the_one_that_was_sent_is_marked(visit: Visitors) -> None:
    """Each case of the queue has a field for its result: the fault comes to the one that was left blank."""
    page = visit.open("/cases/queue", "property01", "phone", expected=("422",))
    form = page.locator('form[action$="/errand_return"]').last
    page.locator("details summary").last.click()
    form.locator("textarea").fill("   ")
    where = form.get_attribute("action")
    form.get_by_role("button").click()
    page.wait_for_url(f"**{where}")
    again = page.locator(f'form[action="{where}"] textarea')
    expect(again).to_have_attribute("aria-invalid", "true")
    expect(again).to_be_focused()
    assert page.locator("[aria-invalid]").count() == 1


def test_a_form_whose_login_has_ended_keeps_what_was_typed_and_goes_after_a_new_one(visit: Visitors) -> None:
    page = visit.page("admin", "desk", expected=("401",), locale="zh-CN")
    visit.go(page, "/workers")
    page.locator("details summary").first.click()
    page.locator("form.stacked #name").fill("新来的同事")
    page.context.clear_cookies()
    page.locator("form.stacked button").click()
    alert = page.locator("main [role=alert]")
    expect(alert).to_contain_text("登录已过期,没有发出")
    expect(page.locator("form.stacked #name")).to_have_value("新来的同事")
    keep_picture(page, "plain-form-login-ended-desk")
    with page.context.expect_page() as opened:
        alert.get_by_role("link", name="登录").click()
    other = opened.value
    other.get_by_label("账号", exact=True).fill("admin")
    other.get_by_label("密码", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="登录").click()
    expect(other.locator("nav.rail")).to_be_attached()
    alert.get_by_role("button", name="现在再发").click()
    expect(page.locator("h1")).to_have_text("新来的同事")


def test_a_second_press_while_the_page_is_on_its_way_sends_nothing_more(visit: Visitors) -> None:
    page = visit.open("/workers", "admin", "desk")
    sent: list[str] = []

    def slowly(route: Route) -> None:
        sent.append(route.request.method)
        time.sleep(1.5)
        route.continue_()

    page.route("**/workers", slowly)
    page.locator("details summary").first.click()
    page.locator("form.stacked #name").fill("按了两次的人")
    page.locator("form.stacked button").evaluate(
        "(button) => { button.click(); setTimeout(() => button.click(), 800); }"
    )
    expect(page.locator("h1")).to_have_text("按了两次的人")
    assert sent == ["POST"]


def test_a_pin_set_without_network_is_seen(visit: Visitors) -> None:
    page = visit.page("member01", "phone", expected=("ERR_INTERNET_DISCONNECTED",), locale="zh-CN")
    visit.go(page, "/cases/new")
    page.context.set_offline(True)
    box = page.locator(".leaflet-container").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + 150, box["y"] + 150)
    expect(page.locator(".leaflet-marker-pane .pin use")).to_be_attached()
    page.wait_for_function("document.querySelector('.pin use').getBBox().width > 0")
    keep_picture(page, "pin-offline-phone")


def test_the_first_case_stands_on_the_first_screen_of_a_phone(visit: Visitors) -> None:
    page = visit.open("/cases?mine=1&state=open", "member01", "phone")
    box = page.locator("#cases tbody tr").first.bounding_box()
    assert box
    assert box["y"] + 60 < 640 - 64  # above the tabs
    assert not page.get_by_label("开始日期").is_visible()
    page.get_by_text("筛选与排序").tap()
    page.get_by_label("开始日期").fill("2020-01-01")
    page.get_by_label("结束日期").fill("2020-01-02")
    page.get_by_label("排序").select_option("address")
    expect(page.locator("#cases")).to_contain_text("没有符合条件的案件")
    visit.go(page, page.url)
    expect(page.get_by_label("开始日期")).to_be_visible()  # a filter that holds is not hidden


def test_start_page_and_list_count_the_same_open_cases(visit: Visitors) -> None:
    """One of the demo's lies in no grid: the list shows it, so the start page counts it and says so."""
    page = visit.open("/", "head")
    total = page.request.get("/api/v1/cases?state=open").json()["total"]
    rows = page.request.get("/api/v1/territories").json()["rows"]
    outside = total - sum(row["open_cases"] for row in rows)
    tile = page.locator("#numbers .tile").nth(1)
    expect(tile.locator("strong")).to_have_text(str(total))
    assert outside > 0
    expect(tile).to_contain_text(f"其中 {outside} 件未归入网格")
    meta = page.request.get("/api/v1/hotspots?level=grid").json()["meta"]
    assert meta["unassigned"]
    expect(page.locator("#numbers .tile").first).to_contain_text("件未归入网格")


@pytest.mark.parametrize("name", ["leader", "head"])
def test_the_legend_of_the_map_of_cases_says_what_a_dot_is(visit: Visitors, name: str) -> None:
    page = visit.open("/maps/cases", name)
    legend = page.locator("#legend")
    expect(legend).to_contain_text("单件的圆点按轻重分大小")
    said = "地点只到微网格和 100 米方格"
    assert (said in legend.inner_text()) is (name == "leader")


def test_an_added_photo_is_said(visit: Visitors, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (640, 480), "#336699").save(path)
    sent = {**PLACE, "category": "litter", "description": "有照片"}
    case = visit.site.app.test_client().post("/api/v1/cases", json=sent).json["id"]
    page = visit.open(f"/cases/{case}", "head", "phone")
    page.get_by_label("添加照片:处置前").set_input_files(path)
    expect(page.locator("#status")).to_have_text("照片已加上。")
    expect(page.locator(".photo-list img")).to_have_count(1)


def test_a_page_of_the_list_that_is_no_more_is_the_last_one(visit: Visitors) -> None:
    page = visit.open("/cases?page=99", "head")
    last = -(-page.request.get("/api/v1/cases?state=open").json()["total"] // 50)
    expect(page.locator(".pager")).to_contain_text(f"第 {last} 页,共 {last} 页")
    assert page.locator("#cases tbody tr").count()


def test_a_resident_opens_the_own_report_from_the_start_page(visit: Visitors) -> None:
    page = visit.open("/", "resident01", "phone")
    sent = {**PLACE, "category": "litter", "description": "自己报的"}
    token = page.evaluate("JSON.parse(document.getElementById('page-data').textContent).csrf")
    answer = page.request.post("/api/v1/cases", data=sent, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    visit.go(page, "/")
    page.locator(".todo a").first.tap()
    expect(page.locator("#case h1")).to_have_text(answer.json()["number"])


def test_a_very_long_name_pushes_nothing_beside_the_edge(visit: Visitors) -> None:
    page = visit.open("/workers", "admin")
    page.locator("details summary").first.click()
    page.locator("form.stacked #name").fill("司马" * 40)
    page.locator("form.stacked button").click()
    expect(page.locator("h1")).to_have_text("司马" * 40)
    assert not scrolls_sideways(page)
    visit.go(page, "/workers?q=司马")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert not scrolls_sideways(page)


def test_a_leader_opens_the_plans_on_a_phone(visit: Visitors) -> None:
    """The sentence at the foot lay over the only button that leads to them."""
    page = visit.open("/redraw", "leader", "phone")
    page.locator(".open-panel").tap()
    expect(page.locator("#plan")).to_be_in_viewport()
