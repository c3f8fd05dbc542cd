"""An administrator at a desk and on a phone: accounts, duties on the map, settings; a member's PIN."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, devices, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def admins(own_visitors: Visitors) -> Iterator[Visitors]:
    with own_visitors.watched() as visitors:
        yield visitors


def test_a_click_on_the_map_shows_and_changes_who_serves(admins: Visitors) -> None:
    page = admins.open("/duties", "admin", "desk")
    box = page.locator(".leaflet-container").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    page.wait_for_url("**/duties?*area=*")
    admins.settle(page)
    serving = page.locator("#serving")
    before = serving.locator(".duty").count()
    assert before >= 1
    serving.locator("#worker").select_option(index=3)
    serving.locator("#kind").select_option("specialist")
    serving.get_by_role("button", name="保存").click()
    admins.settle(page)
    expect(page.locator("#serving .duty")).to_have_count(before + 1)
    expect(page.locator("#history")).to_contain_text("专员")
    keep_picture(page, "duties-desktop")
    assert not axe_faults(page)


def test_a_one_time_password_is_shown_once(admins: Visitors) -> None:
    page = admins.open("/accounts?q=org01", "admin", "desk")
    keep_picture(page, "accounts-desktop")
    page.locator("#accounts a").first.click()
    admins.settle(page)
    page.get_by_role("button", name="重置密码").click()
    expect(page.locator("code.secret")).to_be_visible()
    keep_picture(page, "account-desktop")
    assert not axe_faults(page)
    page.goto(page.url.rsplit("/", 1)[0])
    admins.settle(page)
    expect(page.locator("code.secret")).to_have_count(0)


def test_a_member_sets_a_pin_on_the_phone(admins: Visitors) -> None:
    page = admins.open("/me", "member02", "phone")
    for field in ("pin", "pin_again"):
        page.locator(f"#{field}").fill("40291736")
    keep_picture(page, "pin-phone")
    assert not too_small_for_a_thumb(page)
    page.get_by_role("button", name="设置 PIN").tap()
    admins.settle(page)
    expect(page.locator("#pin-change")).to_contain_text("正在保持登录")
    assert not scrolls_sideways(page)


@devices("phone", "desk")
def test_who_is_told_when_is_set_and_a_wrong_order_is_named(admins: Visitors, device: str) -> None:
    page = admins.open("/settings/limits", "admin", device, expected=("422",))
    owner, community = page.get_by_label("提醒责任人"), page.get_by_label("告知社区")
    set_before = (owner.input_value(), community.input_value())
    community.fill("40")
    owner.fill("60")
    page.get_by_role("button", name="保存为新版本").click()
    admins.settle(page)
    expect(page.locator(".notice.bad")).to_contain_text("告知社区:告知社区要晚于提醒责任人,早于上报街道")
    assert (owner.input_value(), community.input_value()) == ("60", "40")
    community.fill("90" if set_before[1] == "100" else "95")
    page.get_by_role("button", name="保存为新版本").click()
    admins.settle(page)
    expect(page.locator("#now")).to_contain_text("用去 60% 时间提醒责任人,9")
    expect(page.locator("#versions li").first).to_contain_text(f"告知社区 {set_before[1]}% → 9")
    keep_picture(page, f"limits-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if device == "phone":
        assert not too_small_for_a_thumb(page)


@devices("desk", "tall")
@pytest.mark.parametrize("path", ["/cases", "/maps/cases"])
def test_the_level_that_is_reached_stands_with_the_countdown(
    admins: Visitors, path: str, device: str
) -> None:
    page = admins.open(path, "head", device)
    rows = page.request.get("/api/v1/cases/points" if "maps" in path else "/api/v1/cases").json()["rows"]
    reached = [row["level"] for row in rows if row["level"] and row["state"] not in ("closed", "rated")]
    assert reached
    words = {"owner": "提醒责任人", "community": "告知社区", "subdistrict": "上报街道"}
    text = f"{reached[0]['percent']}% {words[reached[0]['of']]}"
    expect(page.locator("main .load small", has_text=text).first).to_be_attached()
    keep_picture(page, f"level{path.replace('/', '-')}-{device}")
    assert not axe_faults(page)
