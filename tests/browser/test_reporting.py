"""A case from the pin to its end: reported on a phone, seen in the list, closed with a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from shapely.geometry import shape
from sqlalchemy import select

from gisgrid.cases.photos.models import CasePhoto
from gisgrid.places.models import Building
from tests.browser.looking import axe_faults, click_map, scrolls_sideways
from tests.browser.visiting import Visitors, cases_saying, devices, keep_picture
from web.context import Services

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MARKET = (118.19578, 33.89736)
"""Longitude, latitude of a place in the demo that lies in a grid."""
OFFLINE = ("net::ERR_INTERNET_DISCONNECTED", "Failed to load resource")
UNREADABLE = "the server responded with a status of 422"
OUTSIDE = "the server responded with a status of 404"
NEAR_M = 15
SOME_METRES_DEG = 0.00006
"""About 6 m."""


def near_border_of(page: Page, grid: str) -> tuple[float, float, dict[str, Any]]:
    """A place in a grid, nearer than 15 m to its border with another grid, and what locating says of it."""
    shapes = page.request.get("/api/v1/areas", params={"level": "grid"}).json()["features"]
    outline = next(shape(one["geometry"]) for one in shapes if one["properties"]["code"] == grid)
    inside = outline.buffer(-SOME_METRES_DEG)
    rim = max(getattr(inside, "geoms", [inside]), key=lambda part: part.area).exterior
    for share in range(40):
        place = rim.interpolate(share / 40, normalized=True).coords[0]
        answer = page.request.get("/api/v1/locate", params={"lon": place[0], "lat": place[1]})
        found = answer.json() if answer.ok else {"areas": []}
        if any(area["code"] == grid for area in found["areas"]) and 1 < found["near_border_m"] < NEAR_M - 3:
            return place[0], place[1], found
    pytest.fail("no place near the border of this grid was found")


def own_grid(page: Page) -> str:
    """Code of the grid of the account that looks at a page."""
    code: str = page.request.get("/api/v1/me").json()["grids"][0]
    return code


@devices("phone", "desk")
def test_a_member_reports_a_case_and_closes_it(visit: Visitors, device: str) -> None:
    page = visit.open("/cases/new", "member01", device)
    lon, lat, place = near_border_of(page, own_grid(page))
    click_map(page, lon, lat)
    where = page.locator("#where")
    expect(where).to_contain_text("第1网格")
    expect(where).to_contain_text("离网格边界只有")
    expect(where.locator(".members")).to_contain_text(place["members"][0]["name"])
    keep_picture(page, f"pin-near-border-{device}")
    page.locator("#category").select_option(label="市容环境 · 暴露垃圾")
    page.locator("#description").fill(f"楼下垃圾没有清运 ({device})")
    page.get_by_role("button", name="上报").click()
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("已上报")
    expect(receipt).to_contain_text("第1网格")
    number = receipt.locator("dd").first.inner_text()
    keep_picture(page, f"receipt-{device}")
    assert not scrolls_sideways(page)
    visit.go(page, "/cases?mine=1&state=open")
    page.get_by_role("link", name=number).click()
    close_with_result(page, number, "已联系物业清运")


def close_with_result(page: Page, number: str, result: str) -> None:
    """On the page of the case, down to the log of its steps."""
    expect(page.locator("#case h1")).to_have_text(number)
    expect(page.locator("#case")).to_contain_text("离网格边界只有")
    page.get_by_role("button", name="开始处置").click()
    expect(page.locator("#case .state")).to_have_text("处置中")
    page.get_by_label("办理结果").fill(result)
    expect(page.get_by_label("怎样告知当事人")).to_have_value("")
    page.get_by_label("怎样告知当事人").select_option(label="当面告知")
    page.get_by_role("button", name="结案").click()
    expect(page.locator("#case .state")).to_have_text("已结案")
    expect(page.locator("#case .facts")).to_contain_text(result)
    expect(page.locator("#case .log li")).to_have_count(3)


@devices("phone", "desk")
def test_an_operator_keeps_a_call_to_the_hotline_with_its_class(visit: Visitors, device: str) -> None:
    page = visit.open("/cases/new", "staff", device)
    click_map(page, MARKET[0] - (2e-3 if device == "desk" else 3e-3), MARKET[1])
    kind, weight = page.get_by_label("热线类别"), page.get_by_label("轻重")
    expect(kind).to_be_hidden()
    page.get_by_label("来源").select_option(label="服务热线")
    weight.select_option(label="难事")
    kind.select_option(label="危及生命财产安全")
    expect(weight).to_have_value("emergency")
    kind.select_option(label="水电气热")
    expect(weight).to_have_value("hard")
    page.get_by_label("来源").select_option(label="网页上报")
    expect(kind).to_be_hidden()
    page.get_by_label("来源").select_option(label="12345 热线")
    expect(kind).to_have_value("")
    kind.select_option(label="水电气热")
    keep_picture(page, f"hotline-{device}")
    assert not scrolls_sideways(page)
    assert axe_faults(page) == []
    page.locator("#category").select_option("water_power")
    page.locator("#description").fill(f"停水 ({device})")
    page.get_by_role("button", name="上报", exact=True).click()
    number = page.locator(".receipt dd").first.inner_text()
    visit.go(page, "/cases?source=12345&state=open")
    page.get_by_role("link", name=number).click()
    expect(page.locator("#case .countdown")).to_contain_text("水电气热 · 24 小时")
    expect(page.locator("#case .facts")).to_contain_text("热线类别")


def test_a_place_outside_all_grids_can_still_be_reported(visit: Visitors) -> None:
    page = visit.open("/cases/new", "member01", expected=(OUTSIDE,))
    click_map(page, 118.21, 33.91)
    expect(page.locator("#where")).to_contain_text("不在任何网格内")
    page.locator("#category").select_option("noise")
    page.locator("#description").fill("河对岸的噪声")
    page.get_by_role("button", name="上报").click()
    expect(page.locator(".receipt")).to_contain_text("由社区人工分派")


def test_who_works_here_is_asked_too_whether_it_is_known(visit: Visitors) -> None:
    lon, lat = MARKET
    for turn in range(2):
        page = visit.open("/cases/new", "member01")
        click_map(page, lon + 2e-4, lat + 2e-4)
        page.locator("#category").select_option("noise")
        page.locator("#description").fill("夜里施工")
        page.get_by_role("button", name="上报", exact=True).click()
        if turn:
            page.get_by_role("button", name="我也反映").first.click()
            expect(page.locator(".receipt")).to_contain_text("2 人反映")
        else:
            another = page.get_by_role("button", name="我的是另一件")
            expect(page.locator(".receipt").or_(another)).to_be_visible()
            if another.is_visible():  # the demo has cases of its own here
                another.click()
            expect(page.locator(".receipt")).to_contain_text("已上报")


@devices("phone", "desk")
def test_a_phone_is_said_not_to_be_kept_with_who_says_the_same(visit: Visitors, device: str) -> None:
    unkept = "反映人电话不随“+1”保存,请另行记下。"
    another = "我的是另一件"
    place = (MARKET[0] - 6e-4, MARKET[1] - 6e-4)
    known = {"lon": place[0], "lat": place[1], "category": "noise", "description": "来电人说装修"}
    assert visit.site.app.test_client().post("/api/v1/cases", json=known).status_code == 201
    page = visit.page("staff", device)
    for phone in ("", PHONE):
        visit.go(page, "/cases/new")
        click_map(page, *place)
        page.locator("#category").select_option("noise")
        page.locator("#description").fill("来电人说装修")
        page.get_by_label("来源").select_option(label="服务热线")
        page.get_by_label("反映人电话").fill(phone)
        page.get_by_role("button", name="上报", exact=True).click()
        asked = page.get_by_role("button", name=another)
        expect(page.locator(".receipt").or_(asked)).to_be_visible()
        if not phone:
            expect(page.locator("#alike")).not_to_contain_text(unkept)
            asked.click()
            expect(page.locator(".receipt")).to_contain_text("已上报")
    expect(page.locator("#alike")).to_contain_text(unkept)
    keep_picture(page, f"same-phone-unkept-{device}")
    assert not scrolls_sideways(page)


def test_where_i_stand_becomes_the_pin(visit: Visitors) -> None:
    lon, lat = MARKET
    here = {"longitude": lon, "latitude": lat, "accuracy": 12}
    page = visit.page("member01", "phone", geolocation=here, permissions=["geolocation"])
    visit.go(page, "/cases/new")
    page.get_by_role("button", name="定位到我这里").tap()
    expect(page.locator("#where")).to_contain_text("位置在")
    refused = visit.open("/cases/new", "member01", "phone")
    refused.get_by_role("button", name="定位到我这里").tap()
    expect(refused.locator("#where")).to_contain_text("没有允许定位。请在图上点选位置,或搜索门牌。")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two photos, and between them a file that only begins like one: browsers let it through."""
    paths = [tmp_path / name for name in ("one.jpg", "broken.jpg", "three.jpg")]
    for shade, path in ((40, paths[0]), (200, paths[2])):
        Image.new("RGB", (2000, 1500), (shade, 120, 90)).save(path)
    paths[1].write_bytes(b"\xff\xd8\xff\xe0 no photo but for how it begins")
    return paths


def photos_of(visit: Visitors, description: str) -> list[list[int]]:
    """Longer and shorter side of the photos of each case with a description."""
    with visit.site.app.extensions["gisgrid"].database.read() as session:
        cases = cases_saying(session, description)
        return [
            [one.width for one in session.scalars(select(CasePhoto).where(CasePhoto.case_id == case.id))]
            for case in cases
        ]


def fill_in(page: Page, place: tuple[float, float], description: str) -> None:
    click_map(page, *place)
    page.locator("#category").select_option("noise")
    page.locator("#description").fill(description)


def send_another_matter(page: Page) -> None:
    """Send, also where cases close by are known."""
    page.get_by_role("button", name="上报", exact=True).click()
    another = page.get_by_role("button", name="我的是另一件")
    expect(page.locator(".receipt, .waiting-report").or_(another).first).to_be_visible()
    if another.is_visible():
        another.click()


@devices("tall", "desk")
def test_photos_of_who_works_here_and_one_that_is_none(
    visit: Visitors, files: list[Path], device: str
) -> None:
    page = visit.open("/cases/new", "member01", device, expected=(UNREADABLE,))
    said = f"夜里有噪声,有照片 {device}"
    fill_in(page, (MARKET[0] - 6e-4, MARKET[1] + 3e-4), said)
    page.locator("#album").set_input_files([*files, files[0]])
    expect(page.locator("#photos img")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_text("每次上报最多 3 张照片")
    page.locator("#photos").scroll_into_view_if_needed()
    keep_picture(page, f"new-photos-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    send_another_matter(page)
    expect(page.locator(".receipt")).to_contain_text("已上报")
    expect(page.locator(".receipt").get_by_role("alert")).to_have_text(
        "照片 2 没有收下:照片读不出来,请用 JPEG、PNG 或 WebP 照片。其余内容已上报。"
    )
    keep_picture(page, f"new-photo-refused-{device}")
    assert not scrolls_sideways(page)
    assert photos_of(visit, said) == [[1600, 1600]]
    page.get_by_role("link", name="打开案件").click()
    expect(page.locator(".photo-list img")).to_have_count(2)


def test_who_works_here_loses_nothing_offline(visit: Visitors, files: list[Path]) -> None:
    page = visit.page("member01", "tall", expected=OFFLINE)
    visit.go(page, "/cases/new")
    fill_in(page, (MARKET[0] - 12e-4, MARKET[1] + 3e-4), "断网时网格员写的")
    page.locator("#photo").set_input_files(files[0])
    expect(page.locator("#photos img")).to_have_count(1)
    visit.settle(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator(".waiting-report")).to_contain_text("还没有发出")
    keep_picture(page, "new-offline-tall")
    page.context.set_offline(False)
    expect(page.locator(".receipt")).to_contain_text("已上报", timeout=30_000)
    assert photos_of(visit, "断网时网格员写的") == [[1600]]


PHONE = "199-0000-1111"
LEFT_IN_BROWSER = """async () => {
    const open = indexedDB.open("gisgrid-outbox", 1);
    await new Promise((resolve) => { open.onsuccess = resolve; });
    const all = open.result.transaction("reports").objectStore("reports").getAll();
    await new Promise((resolve) => { all.onsuccess = resolve; });
    return JSON.stringify([all.result, { ...sessionStorage }, { ...localStorage }]);
}"""


def test_the_phone_of_a_caller_is_kept_with_the_case_and_never_on_the_device(visit: Visitors) -> None:
    page = visit.page("member01", "tall", expected=OFFLINE)
    visit.go(page, "/cases/new")
    fill_in(page, (MARKET[0] - 18e-4, MARKET[1] + 3e-4), "来电人说夜里施工")
    page.get_by_label("反映人电话").fill(PHONE)
    page.get_by_label("反映人电话").scroll_into_view_if_needed()
    keep_picture(page, "new-phone-tall")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    send_another_matter(page)
    expect(page.locator(".receipt")).to_contain_text("已上报")
    page.get_by_role("link", name="打开案件").click()
    expect(page.locator("#case .facts")).to_contain_text(PHONE)
    visit.go(page, "/cases/new")
    fill_in(page, (MARKET[0] - 24e-4, MARKET[1] + 3e-4), "断网时来电人说的")
    page.get_by_label("反映人电话").fill(PHONE)
    visit.settle(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator(".waiting-report")).to_contain_text(
        "反映人电话不会留在这台设备上,发出时不带,请另行记下。"
    )
    keep_picture(page, "new-phone-offline-tall")
    left = page.evaluate(LEFT_IN_BROWSER)
    assert "断网时来电人说的" in left
    assert PHONE not in left
    page.context.set_offline(False)
    expect(page.locator(".receipt")).to_contain_text("已上报", timeout=30_000)
    with visit.site.app.extensions["gisgrid"].database.read() as session:
        kept = [
            case.reporter_contact
            for said in ("来电人说夜里施工", "断网时来电人说的")
            for case in cases_saying(session, said)
        ]
    assert kept == [PHONE, None]


def test_what_was_typed_comes_back(visit: Visitors) -> None:
    page = visit.open("/cases/new", "member01")
    fill_in(page, MARKET, "还没写完")
    page.locator("#severity").select_option("big")
    page.reload()
    expect(page.locator("#category")).to_have_value("noise")
    expect(page.locator("#description")).to_have_value("还没写完")
    expect(page.locator("#severity")).to_have_value("big")
    expect(page.locator("#where")).to_contain_text("位置在")


@devices("phone", "desk")
def test_a_known_building_decides_the_grid_so_no_border_is_warned_of(visit: Visitors, device: str) -> None:
    page = visit.open("/cases/new", "staff", device)
    home = building_near_border(visit, page)
    where, warning = page.locator("#where"), "离网格边界只有"
    box = page.locator("#search")
    box.click()
    box.fill(home.code or "")
    page.locator("#search-results [role=option]", has_text=home.address).first.click()
    expect(where).to_contain_text("位置在")
    expect(where).not_to_contain_text(warning)
    keep_picture(page, f"pin-building-near-border-{device}")
    page.reload()
    expect(where).to_contain_text("位置在")  # what was chosen comes back with its building
    expect(where).not_to_contain_text(warning)
    page.locator("#category").select_option("noise")
    page.locator("#description").fill(f"楼里装修 ({device})")
    expect(page.get_by_label("来源")).to_have_value("")  # nothing is said before somebody does
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator("form [role=alert]")).to_contain_text("请选择来源")
    page.get_by_label("来源").select_option(label="网页上报")
    page.get_by_role("button", name="上报", exact=True).click()
    another = page.get_by_role("button", name="我的是另一件")
    expect(page.locator(".receipt").or_(another)).to_be_visible()
    if another.is_visible():
        another.click()
    expect(page.locator(".receipt")).to_contain_text("已上报")
    services: Services = visit.site.app.extensions["gisgrid"]
    with services.database.read() as session:
        (case,) = cases_saying(session, f"楼里装修 ({device})")
        assert (case.building_id, case.cell_id) == (home.id, home.cell_id)

    visit.go(page, f"/report?b={home.code}")
    expect(where).to_contain_text("位置在")
    expect(where).not_to_contain_text(warning)
    pin = page.locator(".leaflet-marker-icon.pin")
    pin.focus()
    pin.press("ArrowRight")  # a bare pin now
    expect(where).to_contain_text(warning)


def building_near_border(visit: Visitors, page: Page) -> Building:
    """A building of the demo whose point lies in its own grid, within metres of another grid."""
    services: Services = visit.site.app.extensions["gisgrid"]
    with services.database.read() as session:
        found = session.scalars(
            select(Building).where(Building.code.is_not(None)).order_by(Building.fid)
        ).all()
    for one in found:
        point = one.footprint.centroid
        answer = page.request.get("/api/v1/locate", params={"lon": point.x, "lat": point.y})
        if answer.ok and answer.json()["near_border_m"] < NEAR_M - 3:
            return one
    pytest.fail("no building of the demo lies near a border")
