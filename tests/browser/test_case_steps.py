"""The steps of a case on its page: buttons for what is allowed, questions in a dialog, the line of time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from shapely.geometry import shape

from tests.browser.looking import scrolls_sideways
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MARKET = (118.19578, 33.89736)


def reported(visit: Visitors, text: str, place: tuple[float, float] = MARKET) -> str:
    """The number of a new case."""
    sent = {"lon": place[0], "lat": place[1], "category": "noise", "description": text}
    number: str = visit.site.app.test_client().post("/api/v1/cases", json=sent).json["number"]
    return number


def opened(visit: Visitors, name: str, number: str, device: str) -> Page:
    page = visit.page(name, device)
    rows = page.request.get("/api/v1/cases", params={"q": number}).json()["rows"]
    visit.go(page, f"/cases/{next(row['id'] for row in rows if row['number'] == number)}")
    expect(page.locator("#case h1")).to_have_text(number)
    return page


@devices("phone", "desk")
def test_a_case_is_dispatched_suspended_and_closed_from_its_page(visit: Visitors, device: str) -> None:
    page = opened(visit, "head", reported(visit, f"楼道堆物 ({device})"), device)
    state, dialog = page.locator("#case .state"), page.locator("#step-dialog")
    page.locator("[data-step=accept]").click()
    expect(state).to_have_text("已受理")
    page.get_by_text("其他操作").click()
    page.locator("[data-step=dispatch]").click()
    expect(dialog.locator("option").first).to_have_text("按网格和专长自动选择")
    keep_picture(page, f"case-dispatch-{device}")
    dialog.get_by_role("button", name="派遣").click()
    expect(state).to_have_text("已派遣")
    page.get_by_text("其他操作").click()
    page.locator("[data-step=suspend]").click()
    dialog.locator("textarea").fill("等材料到货")
    dialog.get_by_role("button", name="挂账").click()
    expect(state).to_have_text("已挂账")
    expect(page.locator("#case .timeline li").first).to_contain_text("等材料到货")
    page.locator("[data-step=resume]").click()
    expect(state).to_have_text("已派遣")
    page.get_by_label("办理结果").fill("已清走")
    page.get_by_label("怎样告知当事人").select_option(label="电话")
    page.get_by_role("button", name="结案").click()
    expect(state).to_have_text("已结案")
    expect(page.locator("#case .facts")).to_contain_text("电话")
    keep_picture(page, f"case-steps-{device}")
    assert not scrolls_sideways(page)


@devices("desk", "phone")
def test_dispatching_stands_first_where_it_is_next_and_each_step_is_confirmed(
    visit: Visitors, device: str
) -> None:
    number = reported(visit, f"路灯不亮 ({device})", (MARKET[0] + 8e-4, MARKET[1]))
    page = opened(visit, "head", number, device)
    done, first = page.locator("#status .notice.good"), page.locator("#case .steps .buttons button").first
    page.locator("[data-step=accept]").click()
    expect(done).to_have_text(f"受理:已办好。{number} 现在已受理。")
    page.locator("[data-step=file]").click()
    expect(done).to_contain_text("现在已立案")
    expect(first).to_have_text("派遣")
    expect(first).to_have_class(re.compile("primary"))
    keep_picture(page, f"case-next-dispatch-{device}")
    first.click()
    dialog = page.locator("#step-dialog")
    dialog.get_by_label("查找人员").fill("第2网格")
    options = dialog.locator("select option")
    expect(options.nth(1)).to_contain_text("第2网格")
    expect(options.nth(1)).to_have_text(re.compile(r"在办 \d+ 件"))
    keep_picture(page, f"case-picker-{device}")
    dialog.get_by_label("查找人员").fill("没有这样的人")
    expect(options).to_have_text(["按网格和专长自动选择", "没有符合的人"])
    dialog.get_by_label("查找人员").fill("")
    expect(options.first).to_have_text("按网格和专长自动选择")
    dialog.get_by_role("button", name="派遣").click()
    expect(done).to_contain_text("现在已派遣")


def test_many_cases_of_the_list_are_dispatched_at_once(visit: Visitors) -> None:
    numbers = [
        reported(visit, f"乱停车 {index}", (MARKET[0], MARKET[1] + 2e-4 * index)) for index in range(3)
    ]
    page = visit.open("/cases?category=noise&order=reported", "head")
    for number in numbers[:2]:
        page.get_by_label(f"选中 {number}").check()
    expect(page.locator("#bulk")).to_contain_text("已选 2 件")
    keep_picture(page, "cases-bulk")
    page.locator("#bulk").get_by_role("button", name="派遣").click()
    page.locator("#step-dialog").get_by_role("button", name="派遣").click()
    expect(page.locator("#status .notice.good")).to_have_text("已派遣 2 件。")
    for number in numbers:
        row = page.locator("#cases tr", has_text=number)
        expect(row).to_contain_text("已派遣" if number in numbers[:2] else "已上报")
    assert not scrolls_sideways(page)


def test_the_list_is_filtered_and_ordered_and_the_map_counts_the_same(visit: Visitors) -> None:
    page = visit.open("/cases?mine=1", "member01")
    listed = page.locator("#total").inner_text()
    page.goto("/")
    visit.settle(page)
    assert page.locator("#todo .count").inner_text().split(" 件")[0] in listed
    visit.go(page, "/cases?mine=1")
    page.get_by_role("link", name="在地图上看").click()
    visit.settle(page)
    assert "mine=1" in page.url
    total = int("".join(re.findall(r"\d", listed)))
    found = page.request.get("/api/v1/cases/points", params={"mine": "true"}).json()
    assert found["total"] + found["unplaced"] == total
    expect(page.get_by_label("只看我的")).to_be_checked()


def test_a_member_claims_a_case_of_the_branch(visit: Visitors) -> None:
    page = visit.open("/cases", "member01", "phone")
    shapes = page.request.get("/api/v1/areas", params={"level": "grid"}).json()["features"]
    beside = next(shape(one["geometry"]) for one in shapes if one["properties"]["name"] == "第2网格")
    number = reported(visit, "夜里施工", beside.representative_point().coords[0])
    visit.go(page, "/cases")
    keep_picture(page, "case-pool")
    page.locator("#pool summary").tap()
    page.locator("#pool li", has_text=number).get_by_role("button", name="认领").tap()
    expect(page.locator("#case .state")).to_have_text("已签收")


def test_the_card_says_that_closing_waits_for_who_helps(visit: Visitors) -> None:
    number = reported(visit, "需要两个人办的事", (MARKET[0] + 4e-4, MARKET[1]))
    page = opened(visit, "head", number, "desk")
    page.locator("[data-step=accept]").click()
    expect(page.locator("#case .state")).to_have_text("已受理")
    expect(page.get_by_role("button", name="结案")).to_be_visible()
    page.locator(".more-steps summary").click()
    page.locator("[data-step=involve]").click()
    choice = page.locator("#step-dialog [name=worker]")
    expect(choice).to_have_value("")
    name = choice.locator("option").nth(1).inner_text().split(" · ")[0]
    choice.select_option(index=1)
    page.locator("#step-dialog .primary").click()
    expect(page.get_by_text(f"协办人办结后才能结案:{name}")).to_be_visible()
    expect(page.get_by_role("button", name="结案")).to_have_count(0)


def test_the_start_page_begins_with_what_is_longest_over_due(visit: Visitors) -> None:
    """Also where there is more than one page of open cases, of which the latest reported are the first."""
    page = visit.page("head")
    asked = {"mine": "1", "state": "open"}

    def found(**more: str) -> Any:
        return page.request.get("/api/v1/cases", params=asked | more).json()

    newest, late, due = found(), found(late="1"), found(order="due")
    assert newest["total"] > len(newest["rows"])
    first = due["rows"][0]
    assert first["id"] not in {row["id"] for row in newest["rows"]}
    visit.go(page, "/")
    count = late["total"]  # one more may have become late in between
    said = re.compile(f"^{newest['total']} 件,({count}|{count + 1}) 件超期$")
    expect(page.locator("#todo .count")).to_have_text(said)
    expect(page.locator("#todo li a").first).to_have_attribute("href", f"/cases/{first['id']}")


@devices("phone", "desk")
def test_the_list_shows_the_overdue_alone_and_takes_them_to_the_map(visit: Visitors, device: str) -> None:
    page = visit.open("/cases", "head", device)
    page.get_by_label("只看超期").check()
    expect(page.locator("#cases .countdown, #cases .load").first).to_contain_text("超期")
    visit.settle(page)
    rows = page.request.get("/api/v1/cases", params={"state": "open", "late": "1", "order": "due"}).json()[
        "rows"
    ]
    shown = page.locator("#cases a[href*='/cases/']").evaluate_all("all => all.map((one) => one.pathname)")
    assert shown == [f"/cases/{row['id']}" for row in rows]
    keep_picture(page, f"cases-late-{device}")
    assert not scrolls_sideways(page)
    page.get_by_role("link", name="在地图上看").click()
    expect(page.locator("#filters input[name=late]")).to_be_checked()
    visit.settle(page)
