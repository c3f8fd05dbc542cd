"""Needs and who serves them, in one hand and at a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_register import (
    DEVICES,
    Finger,
    at_home,
    judge,
    open_first_person,
    people,  # noqa: F401 - a fixture
    place_of,
)
from tests.browser.visiting import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def allow(finger: Finger, purpose: str) -> None:
    """The household has agreed to a purpose, whatever the demo says of it."""
    button = finger.page.locator(f"#purpose-{purpose}").get_by_role("button", name="同意", exact=True)
    if button.count():
        button.click()
        finger.visitors.settle(finger.page)


@DEVICES
def test_a_need_is_noted_and_who_serves_it(people: Visitors, device: str) -> None:  # noqa: F811
    finger, _home = at_home(people, place_of(device, 26, 27), device)
    allow(finger, "sensitive_needs")
    person = open_first_person(finger)
    finger.press("登记需要", person)
    form = person.locator("form")
    kinds = form.locator("select")  # few kinds stand side by side, many in a list
    if kinds.count():
        kinds.select_option(label="无收入来源")
    else:
        finger.choose("无收入来源", form)
    finger.type(form.get_by_label("依据(文件或评估)"), "示例依据")
    finger.press("保存", form)
    need = finger.page.locator("details[open] .needs > ul > li", has_text="无收入来源")
    server = need.locator(".server")
    expect(server).to_contain_text("还没有人服务")
    finger.press("由谁服务", server)
    finger.choose("志愿者", server)
    finger.type(server.get_by_label("志愿者姓名(加密保存)"), "示例志愿者")
    judge(finger, "need-server-form", device)
    finger.press("保存", server)
    expect(server.locator(".who")).to_contain_text("志愿者 · 示例志愿者")
    judge(finger, "need-served", device)
    finger.press("不再服务", server)
    expect(server.locator(".who")).to_contain_text("还没有人服务")
    expect(server).to_contain_text("以前由谁服务")


def test_a_member_goes_from_a_need_to_the_plan_and_the_household(visit: Visitors) -> None:
    page = visit.open("/needs", "member01")
    rows = page.locator("#needs tbody tr")
    told = page.request.get("/api/v1/needs/unserved").json()
    expect(rows).to_have_count(min(told["total"], 50))
    expect(rows.first).to_contain_text(told["rows"][0]["address"])
    rows.first.locator("td a").click()
    expect(page.locator("#plan-needs .state").first).to_have_text("还没有人服务")
    expect(page.get_by_role("heading", level=1)).to_contain_text(told["rows"][0]["name"])
    plan = page.url
    page.get_by_role("link", name=told["rows"][0]["address"]).click()
    expect(page).to_have_url(f"{visit.site.url}/households/{told['rows'][0]['household']}")
    person = page.locator(f"#register [data-person='{told['rows'][0]['person']}']")
    person.locator("summary").first.click()
    person.get_by_role("link", name="照护计划").click()
    expect(page).to_have_url(plan)


def test_a_head_sees_numbers_and_after_a_reason_the_list(visit: Visitors) -> None:
    page = visit.open("/needs", "head", "phone")
    expect(page.locator("#needs")).to_have_count(0)
    page.get_by_label("写明理由后看到名单").fill("核对需要")
    page.get_by_role("button", name="查看名单").click()
    expect(page.locator("#needs tbody tr")).to_have_count(50)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_the_map_of_needs_tells_what_the_figures_say(visit: Visitors) -> None:
    page = visit.open("/maps/needs", "leader")
    rows = page.request.get("/api/v1/needs/figures").json()["rows"]
    expect(page.locator("#rows tbody tr")).to_have_count(len(rows))
    first = page.locator("#rows tbody tr").first
    expect(first).to_contain_text(rows[0]["name"])
    expect(first).to_contain_text(str(rows[0]["in_need"]) if rows[0]["in_need"] is not None else "不显示")
    expect(page.locator("#legend")).to_contain_text("帮扶截至 2026-09-30")
    assert page.locator("a[href='/needs']").count() == 0
