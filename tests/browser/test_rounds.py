"""A round in a browser: drafted with a live count, opened, worked off from Today, closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_outward import judge, office, with_forms  # noqa: F401 - fixtures
from tests.browser.visiting import Visitors, devices

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HOSTILE = "入冬核实<img src=x onerror=alert(1)>"


def fill_in(page: Page, title: str) -> None:
    form = page.locator("#round-form")
    form.get_by_label("名称").fill(title)
    form.get_by_label("表单").select_option("household_check")
    form.get_by_label("截止日").fill("2026-12-20")
    form.get_by_label("法律依据").fill("核实通知(示例)")
    form.get_by_label("第2网格", exact=True).check()


@devices("tall", "desk")
def test_a_round_is_drafted_opened_and_closed(office: Visitors, device: str) -> None:  # noqa: F811
    head = office.open("/rounds", "head", device)
    title = f"{HOSTILE}{device}"
    fill_in(head, title)
    expect(head.locator("#round-count")).to_contain_text("今天 4")
    judge(head, "round-new", device)
    head.get_by_role("button", name="保存草稿").click()
    expect(head.get_by_role("heading", level=1)).to_contain_text(title)
    assert head.locator("img[src='x']").count() == 0
    head.get_by_role("button", name="启动").click()
    expect(head.locator("#progress")).to_be_visible()
    expect(head.locator("#progress tbody tr").first).to_contain_text("第2网格")
    judge(head, "round-running", device)
    head.get_by_role("button", name="结束轮次").click()
    expect(head.get_by_label("重新启动的理由")).to_be_visible()
    judge(head, "round-closed", device)


def test_a_round_without_an_end_says_so_and_keeps_nothing(office: Visitors) -> None:  # noqa: F811
    head = office.open("/rounds", "head", "desk", expected=("422",))
    before = head.locator("#rounds tbody tr").count()
    fill_in(head, "没有依据")
    form = head.locator("#round-form")
    form.get_by_label("截止日").fill("2026-11-01")
    form.get_by_role("button", name="保存草稿").click()
    expect(form.get_by_role("alert")).to_contain_text("截止日不能早于开始日")
    expect(form.get_by_label("名称")).to_have_value("没有依据")
    office.go(head, "/rounds")
    assert head.locator("#rounds tbody tr").count() == before


def test_members_see_the_round_in_their_work(office: Visitors) -> None:  # noqa: F811
    member = office.open("/work", "member01", "tall")
    group = member.locator(".work-group", has_text="核").first
    group.locator("summary").click()
    expect(group.get_by_text("冬季入户核实(示例)").first).to_be_visible()
    judge(member, "round-work", "tall")
