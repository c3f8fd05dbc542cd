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
