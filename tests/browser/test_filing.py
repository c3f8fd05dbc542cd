"""A report in three taps on a phone without login: photo, place, send; and what follows from it."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import local_actor
from gisgrid.access.models import Account
from gisgrid.areas.view import ViewRequest, open_view
from gisgrid.cases.core.models import Case
from gisgrid.cases.photos.models import CasePhoto
from gisgrid.places.models import Building
from tests.browser.looking import axe_faults, click_map, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, cases_saying, devices, keep_picture
from tests.conftest import NOW
from tests.stepping import close
from web.context import Services

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GPS = 0x8825
FAR_FROM_ALL = 400
"""A little beside each other, so that no test finds the report of another close by: steps of 60 m."""
OFFLINE = ("net::ERR_INTERNET_DISCONNECTED", "Failed to load resource")
LOST = "net::ERR_FAILED"
REFUSED = "the server responded with a status of 4"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo as a phone takes it, with the place in it."""
    exif = Image.Exif()
    exif.get_ifd(GPS).update({1: "N", 2: (33.0, 57.0, 30.5), 3: "E", 4: (118.0, 17.0, 1.5)})
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(path, exif=exif)
    return path


def services(visit: Visitors) -> Services:
    found: Services = visit.site.app.extensions["gisgrid"]
    return found


def door(visit: Visitors, number: int) -> Building:
    """One of the buildings of the demo."""
    with services(visit).database.read() as session:
        return session.scalars(select(Building).order_by(Building.fid).offset(number).limit(1)).one()


def middle(building: Building) -> tuple[float, float]:
    point = building.footprint.representative_point()
    return point.x, point.y


def standing_at(visit: Visitors, place: tuple[float, float], accuracy: float = 5, **more: Any) -> Page:
    """A phone that knows where it is, with the page open."""
    here = {"longitude": place[0], "latitude": place[1], "accuracy": accuracy}
    page = visit.page(None, "tall", geolocation=here, permissions=["geolocation"], **more)
    visit.go(page, "/report")
    return page


def sent_number(page: Page) -> tuple[str, str]:
    """Number and receipt code of what was just reported."""
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("已上报")
    return receipt.locator("dd").nth(0).inner_text(), receipt.locator("dd.code").inner_text()


def case_of(session: Session, number: str) -> Case:
    return session.scalars(select(Case).where(Case.number == number)).one()


def gap_after_icon(page: Page, heading: str) -> float:
    """How far the words of a heading stand from its icon, in pixels."""
    gap: float = page.locator(heading).evaluate(
        """(one) => {
            const words = document.createRange();
            words.selectNodeContents(one.lastChild);
            const icon = one.querySelector("svg").getBoundingClientRect();
            return words.getBoundingClientRect().left - icon.right;
        }"""
    )
    return gap


def lose(route: Route) -> None:
    """The server gets a request, and its answer never comes."""
    route.fetch()
    route.abort()


def send(page: Page) -> None:
    """Choose what is the matter, where nobody has yet, and send."""
    if not page.locator("[name=category]:checked").count():
        page.locator(".tile").first.tap()
    page.get_by_role("button", name="上报", exact=True).tap()


def another_matter(page: Page) -> None:
    """Go on where the demo has open cases close by."""
    other = page.get_by_role("button", name="我的是另一件,继续上报")
    expect(page.locator(".receipt, .choose .primary, .waiting-report").first).to_be_visible()
    if other.is_visible():
        other.tap()


def test_photo_place_send(visit: Visitors, photo: Path) -> None:
    building = door(visit, 40)
    page = standing_at(visit, middle(building))
    keep_picture(page, "filing-start-tall")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    assert not too_small_for_a_thumb(page)
    with page.expect_file_chooser() as chosen:
        page.get_by_text("拍照片").tap()  # first tap
    chosen.value.set_files(photo)
    expect(page.locator("#photos img")).to_have_count(1)
    page.get_by_role("button", name="定位到我这里").tap()  # second tap
    expect(page.locator("#where")).to_contain_text("位置在")
    visit.settle(page)
    keep_picture(page, "filing-filled-tall")
    page.locator(".tile").first.tap()  # third tap
    send(page)  # fourth tap
    another_matter(page)
    number, code = sent_number(page)
    keep_picture(page, "filing-receipt-tall")
    assert gap_after_icon(page, ".receipt h2") >= 4
    expect(page.get_by_role("link", name="查询进度")).to_have_count(1)
    with services(visit).database.read() as session:
        case = case_of(session, number)
        assert (case.datum, case.accuracy_m, case.source) == ("WGS-84", 5.0, "web")
        assert case.description
        kept = session.scalars(select(CasePhoto).where(CasePhoto.case_id == case.id)).one()
        assert max(kept.width, kept.height) == 1600
        jpeg = session.scalar(select(CasePhoto.picture).where(CasePhoto.id == kept.id))
    assert jpeg is not None
    assert dict(Image.open(BytesIO(jpeg)).getexif()) == {}
    page.get_by_role("link", name="查询进度").tap()
    expect(page.get_by_label("受理码")).to_have_value(code)
    assert code not in page.url


def test_a_code_on_the_door_brings_the_place(visit: Visitors) -> None:
    building = door(visit, 80)
    page = visit.page(None, "tall")
    visit.go(page, f"/report?b={building.code}")
    expect(page.locator("#choice")).to_contain_text(building.address)
    expect(page.locator("#address")).to_have_value(building.address)
    page.locator(".tile", has_text="路灯不亮").tap()
    send(page)
    another_matter(page)
    number, _code = sent_number(page)
    with services(visit).database.read() as session:
        case = case_of(session, number)
        assert (case.building_id, case.cell_id) == (building.id, building.cell_id)
        assert (case.address, case.category_code) == (building.address, "street_light")


def test_by_an_address_where_the_device_says_nothing(visit: Visitors) -> None:
    building = door(visit, 120)
    page = visit.page(None, "tall")
    visit.go(page, "/report")
    page.locator("#address").fill(building.address)
    page.locator("#addresses button").first.tap()
    expect(page.locator("#choice")).to_contain_text(building.address)
    elsewhere = door(visit, 125)
    visit.settle(page)
    page.locator(".filing .map-box").evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    click_map(page, *middle(elsewhere))
    expect(page.locator("#address")).to_have_value("")
    expect(page.locator("#where")).to_contain_text("位置在")


def near_a_border(page: Page, visit: Visitors) -> tuple[tuple[float, float], list[dict[str, Any]]]:
    """A place near the border of two grids with buildings of both around it."""
    for number in range(0, 480, 3):
        lon, lat = middle(door(visit, number))
        place = {"lon": lon, "lat": lat, "accuracy_m": 60}
        found = page.request.get("/api/v1/report/buildings", params=place).json()
        if found["is_doubtful"] and len({row["grid"] for row in found["rows"]}) > 1:
            return (lon, lat), found["rows"]
    pytest.fail("no place near the border of two grids was found")


def test_near_a_border_the_building_is_chosen(visit: Visitors) -> None:
    looking = visit.open("/report", None)
    place, rows = near_a_border(looking, visit)
    page = standing_at(visit, place, accuracy=60)
    page.get_by_role("button", name="定位到我这里").tap()
    expect(page.locator("#choice")).to_contain_text("是哪一栋楼?")
    other = next(row for row in rows if row["grid"] != rows[0]["grid"])
    keep_picture(page, "filing-border-tall")
    assert not too_small_for_a_thumb(page)
    page.locator("#choice").get_by_role("button", name=re.compile(f"^{re.escape(other['address'])}")).tap()
    expect(page.locator("#where")).to_contain_text(other["grid_name"])
    expect(page.locator("#choice")).to_contain_text(f"位置:{other['address']}")
    send(page)
    another_matter(page)
    number, _code = sent_number(page)
    expect(page.locator(".receipt")).to_contain_text(other["grid_name"])
    with services(visit).database.read() as session:
        case, building = case_of(session, number), session.get(Building, rows.index(other) + 1)
        chosen = session.scalars(select(Building).where(Building.id == other["id"])).one()
        assert (case.building_id, case.cell_id, case.accuracy_m) == (chosen.id, chosen.cell_id, 60.0)
        assert building is not None


def test_offline_nothing_is_lost_and_nothing_is_sent_twice(visit: Visitors, photo: Path) -> None:
    building = door(visit, 160)
    page = standing_at(visit, middle(building), expected=OFFLINE)
    page.locator("#photo").set_input_files(photo)
    expect(page.locator("#photos img")).to_have_count(1)
    page.get_by_role("button", name="定位到我这里").tap()
    expect(page.locator("#where")).to_contain_text("位置在")
    page.locator("#description").fill("断网时写的")
    visit.settle(page)
    page.context.set_offline(True)
    send(page)
    expect(page.locator(".waiting-report")).to_contain_text("还没有发出")
    keep_picture(page, "filing-offline-tall")
    page.context.set_offline(False)
    expect(page.locator(".receipt")).to_contain_text("已上报", timeout=30_000)
    visit.go(page, "/report")  # the code stands there until it was noted
    number, _code = sent_number(page)
    page.get_by_role("button", name="我已记下受理码").tap()
    expect(page.locator(".receipt")).to_have_count(0)
    with services(visit).database.read() as session:
        cases = cases_saying(session, "断网时写的")
        assert [case.number for case in cases] == [number]
        assert len(session.scalars(select(CasePhoto).where(CasePhoto.case_id == cases[0].id)).all()) == 1


def test_who_says_the_same_adds_one_and_reads_nothing_of_it(visit: Visitors) -> None:
    building = door(visit, 200)
    secret = "三单元张示例家门口"
    for turn in range(2):
        page = visit.page(None, "tall")
        visit.go(page, f"/report?b={building.code}")
        if turn == 0:
            page.locator("#description").fill(secret)
        send(page)
        if turn == 0:
            another_matter(page)
            number, _code = sent_number(page)
    expect(page.locator("#alike")).to_contain_text("是同一件事吗?")
    expect(page.locator("#alike")).to_contain_text("2026-11-24")
    assert secret not in page.locator("#alike").inner_text()
    assert number not in page.locator("#alike").inner_text()
    keep_picture(page, "filing-alike-tall")
    page.locator("#alike button").first.tap()
    expect(page.locator(".receipt")).to_contain_text("这件事已有 2 人反映")
    keep_picture(page, "filing-same-tall")
    code = page.locator(".receipt dd.code").inner_text()
    page.get_by_role("link", name="查询进度").first.tap()
    expect(page.get_by_label("受理码")).to_have_value(code)
    page.get_by_role("button", name="查询").tap()
    expect(page.locator(".followed")).to_contain_text("反映人数2")
    assert secret not in page.locator(".followed").inner_text()
    assert building.address not in page.locator(".followed").inner_text()
    keep_picture(page, "receipt-same-tall")
    assert not axe_faults(page)
    with services(visit).database.read() as session:
        assert len(cases_saying(session, secret)) == 1


def say_the_same_unheard(page: Page) -> None:
    """Say that the matter is known; the answer is lost on its way."""
    page.route("**/report/me-too?*", lose, times=1)
    send(page)
    page.locator("#alike button").first.tap()
    expect(page.locator(".waiting-report")).to_contain_text("还没有发出")


def test_a_lost_answer_to_saying_the_same_counts_once(visit: Visitors) -> None:
    building = door(visit, 180)
    page = visit.page("head", "tall", expected=(LOST, REFUSED), locale="zh-CN")
    visit.go(page, f"/report?b={building.code}")
    page.locator("#description").fill("同一件")
    send(page)
    another_matter(page)
    sent_number(page)

    visit.go(page, f"/report?b={building.code}")
    say_the_same_unheard(page)
    page.get_by_role("button", name="现在再发").tap()
    expect(page.locator(".receipt")).to_contain_text("这件事已有 2 人反映")
    with services(visit).database.read() as session:
        assert len(cases_saying(session, "同一件")) == 1


def test_who_changes_their_mind_after_a_lost_answer_reports_another_matter(visit: Visitors) -> None:
    building = door(visit, 440)
    page = visit.page("head", "tall", expected=(LOST, REFUSED), locale="zh-CN")
    visit.go(page, f"/report?b={building.code}")
    send(page)
    another_matter(page)
    sent_number(page)

    visit.go(page, f"/report?b={building.code}")
    say_the_same_unheard(page)
    page.get_by_role("button", name="不发了,删除").tap()
    page.get_by_role("button", name="确定删除").tap()
    visit.go(page, f"/report?b={building.code}")
    page.locator("#description").fill("另一件")
    send(page)
    page.get_by_role("button", name="我的是另一件,继续上报").tap()
    sent_number(page)


def test_what_cannot_be_added_to_a_known_case_any_more_is_reported_by_a_press(
    visit: Visitors, photo: Path
) -> None:
    """The case was closed while the phone had no network: words and photo are told anew, not lost."""
    building = door(visit, 460)
    page = visit.page("head", "tall", expected=(*OFFLINE, REFUSED), locale="zh-CN")
    visit.go(page, f"/report?b={building.code}")
    send(page)
    another_matter(page)
    number, _code = sent_number(page)
    visit.go(page, f"/report?b={building.code}")
    page.locator("#description").fill("后来补充的")
    page.locator("#album").set_input_files(photo)
    expect(page.locator("#photos img")).to_have_count(1)
    send(page)
    expect(page.locator("#alike")).to_contain_text("是同一件事吗?")
    page.context.set_offline(True)
    page.locator("#alike button").first.tap()
    expect(page.locator(".waiting-report")).to_contain_text("还没有发出")
    closed_case(visit, number)
    page.context.set_offline(False)
    page.get_by_role("button", name="作为新的一件上报").tap()
    expect(page.locator(".receipt")).to_contain_text("已上报")
    with services(visit).database.read() as session:
        (case,) = cases_saying(session, "后来补充的")
        assert len(session.scalars(select(CasePhoto).where(CasePhoto.case_id == case.id)).all()) == 1


def test_nothing_is_chosen_before_somebody_does(visit: Visitors) -> None:
    page = visit.open(f"/report?b={door(visit, 300).code}", None, "phone")
    assert page.locator("input[type=radio]:checked").count() == 0
    page.get_by_role("button", name="上报", exact=True).tap()
    expect(page.locator("#what [role=alert]")).to_contain_text("请选择类别")
    keep_picture(page, "filing-no-category-phone")


def test_a_report_without_place_keeps_what_was_typed(visit: Visitors) -> None:
    page = visit.open("/report", None, "phone")
    page.locator("#description").fill("路灯不亮")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("请先定位")
    page.reload()
    visit.settle(page)
    expect(page.locator("#description")).to_have_value("路灯不亮")


def closed_case(visit: Visitors, number: str) -> None:
    """Somebody of the community closes it."""
    found = services(visit)
    with found.database.write() as session:
        view = open_view(
            session,
            local_actor(session, "tester"),
            ViewRequest(),
            caches=found.cache,
            now=NOW,
            tz=found.settings.tz,
        )
        close(view, case_of(session, number).id, "已派人修好", now=NOW)


def test_rated_low_and_opened_again_by_the_code(visit: Visitors) -> None:
    building = door(visit, 240)
    page = visit.page(None, "tall", expected=(REFUSED,))
    visit.go(page, f"/report?b={building.code}")
    send(page)
    another_matter(page)
    number, code = sent_number(page)
    closed_case(visit, number)
    visit.go(page, "/receipt")
    keep_picture(page, "receipt-ask-tall")
    page.get_by_label("受理码").fill("7KQ2-M9TA-WX4P")
    page.get_by_role("button", name="查询").tap()
    expect(page.get_by_role("alert")).to_contain_text("没有这个受理码")
    page.get_by_label("受理码").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="查询").tap()
    expect(page.locator(".state-now")).to_have_text("已办结")
    expect(page.locator(".followed")).to_contain_text("已派人修好")
    keep_picture(page, "receipt-closed-tall")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    assert not too_small_for_a_thumb(page)
    page.locator('[name="speed"][value="4"]').check(force=True)
    page.locator('[name="effect"][value="1"]').check(force=True)
    page.get_by_label("想说的话").fill("还是不亮")
    page.get_by_role("button", name="提交评价").tap()
    expect(page.get_by_role("status")).to_contain_text("评价已收到")
    expect(page.locator(".followed")).to_contain_text("速度 4 星,效果 1 星")
    page.get_by_label("哪里没有解决").fill("第二天又灭了")
    page.get_by_role("button", name="要求重新办理").tap()
    expect(page.locator(".state-now")).to_have_text("已受理,正在安排")
    keep_picture(page, "receipt-reopened-tall")
    assert code not in page.url
    with services(visit).database.read() as session:
        assert case_of(session, number).state == "accepted"


@devices("tall", "desk")
def test_before_and_after_on_the_card(visit: Visitors, photo: Path, device: str) -> None:
    lon, lat = middle(door(visit, 280))
    body = {"lon": lon, "lat": lat, "category": "litter", "description": f"处置照片 {device}"}
    sent = visit.site.app.test_client().post("/api/v1/cases", json=body).json
    page = visit.open(f"/cases/{sent['id']}", "head", device)
    for kind in ("处置前", "处置后"):
        page.get_by_label(f"添加照片:{kind}").set_input_files(photo)
        expect(page.locator(".photo-list").get_by_role("link", name=kind)).to_have_count(1)
    expect(page.locator(".photo-list img")).to_have_count(2)
    expect(page.locator("#case .timeline")).to_contain_text("添加照片")
    page.locator(".photos").scroll_into_view_if_needed()
    visit.settle(page)
    assert page.locator(".photo-list img").evaluate_all(
        "(all) => all.every((one) => one.naturalWidth === 320)"
    )
    keep_picture(page, f"case-photos-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)


def kept_offline(visit: Visitors, page: Page, building: Building, description: str, *, then: str) -> None:
    """A report without network that stays in the browser, which another takes before the line is back.

    The page is left while it is offline: one still open would send when the line is back, before or after
    whatever a test does next.
    """
    visit.go(page, f"/report?b={building.code}")
    page.locator("#description").fill(description)
    visit.settle(page)
    page.context.set_offline(True)
    send(page)
    expect(page.locator(".waiting-report")).to_contain_text("还没有发出")
    visit.hand_over(page, then)
    page.goto("about:blank")
    page.context.set_offline(False)


def written(visit: Visitors, description: str) -> list[str | None]:
    """Names of the accounts that reported the cases with a description."""
    with services(visit).database.read() as session:
        reporters = [case.reporter_id for case in cases_saying(session, description)]
        return [session.get_one(Account, one).name if one else None for one in reporters]


def test_what_the_server_refuses_is_sent_again_by_a_press_alone(visit: Visitors) -> None:
    page = visit.page("member01", "tall", expected=(*OFFLINE, REFUSED), locale="zh-CN")
    kept_offline(visit, page, door(visit, 480), "不收的", then="head")
    sent = []

    def refuse(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        answer = {"status": 422, "title": "no", "detail": "类别已停用", "faults": []}
        route.fulfill(status=422, content_type="application/problem+json", json=answer)

    page.route("**/api/v1/cases?*", refuse)
    visit.hand_over(page, "member01")
    visit.go(page, "/report")
    card = page.locator(".waiting-report")
    expect(card).to_contain_text("服务器没有接收:类别已停用")
    for _turn in range(3):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        visit.settle(page)
    assert len(sent) == 1
    page.unroute("**/api/v1/cases?*")
    card.get_by_role("button", name="现在再发").tap()
    sent_number(page)


def test_what_was_kept_goes_out_as_who_wrote_it(visit: Visitors) -> None:
    page = visit.page("member01", "tall", expected=(*OFFLINE, REFUSED), locale="zh-CN")
    kept_offline(visit, page, door(visit, 320), "网格员写的", then="head")
    visit.go(page, "/report")
    card = page.locator(".waiting-report")
    expect(card).to_contain_text("这份内容是 member01 写的")
    keep_picture(page, "filing-of-another-tall")
    assert not scrolls_sideways(page)
    assert not too_small_for_a_thumb(page)
    assert written(visit, "网格员写的") == []
    visit.hand_over(page, None)
    visit.go(page, "/report")
    expect(card.get_by_role("link", name="登录")).to_have_attribute("href", "/login?next=%2Freport")
    card.get_by_role("button", name="不发了,删除").tap()
    expect(card.get_by_role("alert")).to_contain_text("删除 member01 写的")
    keep_picture(page, "filing-forget-tall")
    card.get_by_role("button", name="留着").tap()
    visit.hand_over(page, "member01")
    visit.go(page, "/report")
    sent_number(page)
    assert written(visit, "网格员写的") == ["member01"]
    visit.hand_over(page, "head")
    visit.go(page, "/report")
    expect(page.locator("#report")).to_be_visible()
    expect(page.locator(".receipt")).to_have_count(0)  # the code is for who wrote it


def test_what_nobody_wrote_is_taken_over_by_a_press_alone(visit: Visitors) -> None:
    page = visit.page(None, "tall", expected=(*OFFLINE, REFUSED), locale="zh-CN")
    kept_offline(visit, page, door(visit, 360), "没有登录时写的", then="head")
    visit.go(page, "/cases/new")
    card = page.locator(".waiting-report")
    expect(card).to_contain_text("没有登录时写的")
    visit.settle(page)
    assert written(visit, "没有登录时写的") == []
    card.get_by_role("button", name="用我的账号 head 发出").tap()
    sent_number(page)
    assert written(visit, "没有登录时写的") == ["head"]


def test_a_page_whose_login_has_changed_sends_nothing(visit: Visitors) -> None:
    page = visit.page("member01", "tall", expected=(REFUSED,), locale="zh-CN")
    visit.go(page, f"/report?b={door(visit, 400).code}")
    page.locator("#description").fill("换了人还开着的页面")
    page.route(
        "**/api/v1/cases*",
        lambda route: route.continue_(post_data=route.request.post_data.replace('"member01"', '"member02"')),
    )  # as the server sees it when another has logged in since
    send(page)
    expect(page.locator(".waiting-report, .choose .primary").first).to_be_visible()
    if page.locator(".choose .primary").is_visible():
        page.locator(".choose .primary").tap()
    expect(page.locator(".waiting-report").get_by_role("link", name="刷新本页")).to_be_visible()
    assert written(visit, "换了人还开着的页面") == []
    page.unroute("**/api/v1/cases*")
    visit.go(page, "/report")
    sent_number(page)
    assert written(visit, "换了人还开着的页面") == ["member01"]
