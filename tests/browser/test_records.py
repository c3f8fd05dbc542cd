"""What was noted of a household on its card and on the page of a record, in one hand and at a desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from gisgrid.people.core.models import Resident
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_today import people, with_forms  # noqa: F401 - fixtures
from tests.browser.test_visits import begin
from tests.browser.visiting import Visitors, keep_picture
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def judge(page: Page, name: str, device: str) -> None:
    keep_picture(page, f"{name}-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if device != "desk":
        assert not too_small_for_a_thumb(page)


def home_of(people: Visitors, person: str) -> str:  # noqa: F811
    with services_of(people.site.app).database.read() as session:
        return session.scalars(select(Resident.household_id).where(Resident.id == person)).one()


def test_a_visit_stands_on_the_card_and_opens(people: Visitors) -> None:  # noqa: F811
    finger, task, person = begin(people)
    finger.press("需要帮助", task)
    finger.tap(task.get_by_text("跌倒", exact=True))
    finger.press("保存", task)
    offer = task.get_by_role("link", name="上报案件")
    expect(offer).to_have_attribute("href", re.compile(r"^/cases/new\?b=.+record="))
    judge(finger.page, "visit-case", "tall")
    home = home_of(people, person)
    for device in ("tall", "desk"):
        page = people.open(f"/households/{home}", "member01", device)
        block = page.locator("#records")
        expect(block).to_contain_text("上次走访 0 天前")
        line = block.locator(".timeline li").first
        expect(line).to_contain_text("见到了")
        judge(page, "card-records", device)
        line.get_by_role("link").click()
        answers = page.locator("#answers")
        expect(answers).to_contain_text("有没有异常")
        answers.locator("summary").first.click()
        expect(answers).to_contain_text("跌倒")
        correct = page.get_by_role("link", name="更正")
        expect(correct).to_have_attribute("href", re.compile(r"/fill\?subject=person%3A.+corrects="))
        judge(page, "record", device)


@pytest.mark.parametrize("device", ["tall", "desk"])
def test_who_needs_help_gets_a_case_and_each_names_the_other(people: Visitors, device: str) -> None:  # noqa: F811
    finger, task, person = begin(people)
    finger.press("需要帮助", task)
    finger.tap(task.get_by_text("生病", exact=True))
    finger.press("保存", task)
    finger.tap(task.get_by_role("link", name="上报案件"))
    case_page = finger.page
    people.settle(case_page)
    expect(case_page.locator(".form-side")).to_contain_text("互相可查")
    judge(case_page, "case-of-visit", "tall")
    case_page.get_by_label("类别", exact=True).select_option("elder_help")
    case_page.get_by_label("情况说明").fill("老人生病,请卫生站上门")
    finger.tap(case_page.get_by_role("button", name="上报", exact=True))
    expect(case_page.locator(".receipt")).to_contain_text("已上报")
    number = case_page.locator(".receipt dd").first.inner_text()
    page = people.open(f"/households/{home_of(people, person)}", "member01", device)
    line = page.locator("#records .timeline li").first
    expect(line).to_contain_text(number)
    judge(page, "card-with-case", device)
    line.get_by_role("link", name="老人探访").click()
    case_link = page.locator("#record dl").get_by_role("link", name=number)
    expect(case_link).to_be_visible()
    judge(page, "record-with-case", device)
    case_link.click()
    back = page.locator("#case-records a").first
    expect(back).to_have_attribute("href", re.compile(r"^/records/"))
    judge(page, "case-with-record", device)
    back.click()
    expect(page.locator("#answers")).to_contain_text("有没有异常")


def test_a_head_gives_a_reason_and_takes_a_record_out(people: Visitors) -> None:  # noqa: F811
    page = people.open("/records", "head", "desk")
    expect(page.locator(".records-list li").first).to_contain_text("*")
    judge(page, "records", "desk")
    page.locator(".records-list a").first.click()
    expect(page.locator("#answers")).to_have_count(0)
    page.locator("#why").get_by_role("button", name="老人探访").click()
    expect(page.locator("#answers")).to_be_visible()
    page.locator("#redact summary").click()
    page.get_by_label("删去的原因").fill("误写")
    judge(page, "record-redact", "desk")
    page.get_by_role("button", name="删去内容").click()
    expect(page.locator("#record")).to_contain_text("内容已删去,不能恢复")
    expect(page.locator("#answers")).to_have_count(0)


@pytest.mark.parametrize("device", ["tall", "desk"])
def test_a_head_opens_the_visits_that_wait_by_a_reason(people: Visitors, device: str) -> None:  # noqa: F811
    page = people.open("/work", "head", device)
    waiting = page.locator("#visits")
    expect(waiting.locator("tbody tr").first).to_contain_text("网格")
    expect(waiting.locator(".visit-steps")).to_have_count(0)
    waiting.get_by_label("查看是哪些住户").fill("督办")
    waiting.get_by_role("button", name="查看", exact=True).click()
    steps = waiting.locator(".visit-steps").first
    expect(steps.locator("[aria-current=step]")).to_contain_text("要做")
    judge(page, "visits-of-head", device)
    waiting.get_by_role("link", name="五步走访").first.click()
    expect(page.locator("#why")).to_be_visible()


@pytest.mark.parametrize("device", ["tall", "desk"])
def test_records_are_listed_by_form(people: Visitors, device: str) -> None:  # noqa: F811
    page = people.open("/records", "staff", device)
    page.get_by_label("表单").select_option("visit5")
    people.settle(page)
    lines = page.locator(".records-list li")
    expect(lines.first).to_contain_text("五步走访")
    assert set(lines.locator("strong").all_inner_texts()) == {"五步走访"}
    judge(page, "records-list", device)


def test_counts_stand_by_area_and_by_month_and_small_ones_as_a_sign(people: Visitors) -> None:  # noqa: F811
    begin(people)
    page = people.open("/records/figures", "head", "desk")
    expect(page.locator("#rows tbody tr").first).to_contain_text("全社区")
    expect(page.locator("#over-time")).to_be_hidden()
    page.get_by_label("表单").select_option("elder_visit")
    told = page.request.get(f"/api/v1/records/figures?form=elder_visit&{page.url.split('?')[1]}").json()
    expect(page.locator("#rows tbody tr")).to_have_count(len(told["rows"]) + 1)
    expect(page.locator("#over-time h2")).to_contain_text("全社区 · 各月记录")
    expect(page.locator("#chart .bar-line")).to_have_count(12)
    expect(page.locator("#spans tbody tr")).to_have_count(12)
    row = page.locator("#rows tbody tr").nth(1)
    row.click()
    expect(page.locator("#over-time h2")).to_contain_text(row.locator("th").inner_text())
    judge(page, "record-figures", "desk")
    page.get_by_label("时段").select_option("own")
    page.get_by_label("开始日期").fill("2020-01-01")
    page.get_by_label("结束日期").fill("2020-01-02")
    expect(page.locator("#rows")).to_contain_text("这些日子没有记录")
    page = people.open("/records/figures?form=visit5&span=month", "leader", "tall")
    expect(page.locator("#rows tbody tr").nth(1)).to_contain_text("整季度结束后可见")
    judge(page, "record-figures", "tall")


def test_the_map_shows_the_same_records_by_their_places(people: Visitors) -> None:  # noqa: F811
    begin(people)
    for device in ("desk", "tall"):
        page = people.open("/records?form=elder_visit", "member01", device)
        listed = page.locator("#total").inner_text()
        page.locator("#as-map").click()
        page.wait_for_url("**/records/map?form=elder_visit*")
        if device == "tall":
            page.get_by_role("button", name="图例与表格").click()
        expect(page.locator("#legend")).to_contain_text("有记录的地方")
        told = page.request.get("/api/v1/records/places?form=elder_visit").json()
        assert listed == f"{told['total']} 条"
        expect(page.locator("#rows tbody tr")).to_have_count(len(told["rows"]))
        judge(page, "record-map", device)
        page.locator("#rows tbody tr button").first.click()
        expect(page.locator("#card .timeline li")).to_have_count(min(200, told["rows"][0]["records"]))
        page.locator("#as-list").click()
        expect(page.locator("#total")).to_have_text(listed)
