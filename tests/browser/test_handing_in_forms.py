"""A workbook of one's own: its faults by cell, a draft to be tried, published, filled; texts stay texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_filling_forms import home_to_check, question
from tests.browser.test_today import people, with_forms  # noqa: F401 - fixtures
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture
from tests.data.forms.books import write_form
from tests.hostile_world import PAYLOADS
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HOSTILE = " ".join(text for text in PAYLOADS if "${" not in text)
CHOICES = [
    {"list_name": "state", "name": "good", "label": "完好"},
    {"list_name": "state", "name": "bad", "label": PAYLOADS[2]},
]
SURVEY = [
    {"type": "select_one state", "name": "state", "label": "门锁", "required": "yes"},
    {"type": "text", "name": "remark", "label": HOSTILE, "hint": HOSTILE},
    {"type": "text", "name": "contact", "label": "联系电话", "register": "household.contact"},
    {"type": "deviceid", "name": "device"},
]
FAULTY = [
    {"type": "select_one state", "name": "state", "label": "门锁", "required": "perhaps"},
    {"type": "video", "name": "film", "label": "录像"},
    {"type": "text", "name": "1st", "label": "说明", "relevant": "selected((("},
]


def settings_of(code: str) -> list[Mapping[str, object]]:
    return [{"form_id": code, "form_title": "查门锁", "subject": "household", "purpose": "registration"}]


def hand_in(page: Page, file: Path) -> None:
    page.get_by_label("工作簿", exact=True).set_input_files(file)
    page.get_by_role("button", name="上传草稿").click()


def judge(page: Page, name: str, device: str) -> None:
    keep_picture(page, f"forms-{name}-{device}")
    assert page.evaluate("window.hacked ?? null") is None
    assert page.locator("img[src='x']").count() == 0
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)


def written(folder: Path, code: str, survey: Sequence[Mapping[str, object]]) -> Path:
    return write_form(folder / f"{code}.xlsx", survey, CHOICES, settings_of(code))


@devices("tall", "desk")
def test_a_workbook_is_mended_tried_published_and_filled(
    people: Visitors,  # noqa: F811
    tmp_path: Path,
    device: str,
) -> None:
    code = f"locks_{device}"
    page = people.open("/forms", "staff", device)
    people.last_watch().expected += ["the server responded with a status of 422"]
    hand_in(page, written(tmp_path, code, FAULTY))
    rows = page.locator("#hand-in tbody tr")
    expect(rows).to_have_count(4)
    cells = [row.locator("td").all_inner_texts()[:3] for row in rows.all()]
    assert cells == [
        ["survey", "2", "required"],
        ["survey", "3", "type"],
        ["survey", "4", "name"],
        ["survey", "4", "relevant"],
    ]
    judge(page, "faults", device)
    hand_in(page, written(tmp_path, code, SURVEY))
    expect(page.locator("#hand-in")).to_contain_text("第 1 版已存为草稿。")
    expect(page.locator("#hand-in li")).to_contain_text("设备信息")
    expect(page.locator(f'[data-code="{code}"]')).to_contain_text("查门锁")
    page.get_by_role("link", name="试填,再发布").click()
    people.settle(page)
    assert page.get_by_role("button", name="发布").count() == 0
    question(page, "门锁").get_by_text("完好").click()
    judge(page, "draft", device)
    assert not versions_published(people, code)
    publish(people, code, device)
    fill_and_correct(people, code, device)


def publish(people: Visitors, code: str, device: str) -> None:  # noqa: F811
    page = people.open(f"/forms/{code}", "head", device)
    page.get_by_role("button", name="发布", exact=True).click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("联系电话 → 登记项")
    judge(page, "publish", device)
    dialog.get_by_role("button", name="确定发布").click()
    expect(dialog).to_contain_text("请先核对")
    assert not versions_published(people, code)
    dialog.get_by_label("已逐项核对").check()
    dialog.get_by_role("button", name="确定发布").click()
    expect(page.locator("#versions")).to_contain_text("已发布")
    assert versions_published(people, code) == [1]


def fill_and_correct(people: Visitors, code: str, device: str) -> None:  # noqa: F811
    page = people.page("member01", device)
    people.go(page, f"/forms/{code}/fill?subject=household:{home_to_check(people)}")
    question(page, "门锁").get_by_text(PAYLOADS[2]).click()
    question(page, PAYLOADS[0]).locator("input, textarea").fill(HOSTILE)
    judge(page, "fill", device)
    page.locator("#fill-save").click()
    expect(page.locator(".fill-outcome")).to_contain_text("已保存。")
    record = record_of(people, code)
    assert json.loads(record.answers)["remark"] == HOSTILE
    people.go(page, f"/forms/{code}/fill?corrects={record.id}")
    expect(question(page, PAYLOADS[0]).locator("input, textarea")).to_have_value(HOSTILE)
    judge(page, "correct", device)


def versions_published(people: Visitors, code: str) -> list[int]:  # noqa: F811
    with services_of(people.site.app).database.read() as session:
        of_form = select(FormVersion.number).join(FieldForm, FieldForm.id == FormVersion.form_id)
        state = (FieldForm.code == code, FormVersion.state == "published")
        return list(session.scalars(of_form.where(*state)))


def record_of(people: Visitors, code: str) -> Record:  # noqa: F811
    with services_of(people.site.app).database.read() as session:
        return session.scalars(select(Record).where(Record.form_code == code)).one()


def test_a_draft_that_changes_a_form_says_what_it_changes_and_goes(
    people: Visitors,  # noqa: F811
    tmp_path: Path,
) -> None:
    page = people.open("/forms", "head", "desk")
    settings = [{"form_id": "stairs", "form_title": "查楼道", "subject": "building"}]
    hand_in(page, write_form(tmp_path / "a.xlsx", SURVEY[:1], CHOICES, settings))
    page.get_by_role("link", name="试填,再发布").click()
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("button", name="确定发布").click()
    expect(page.locator("#versions")).to_contain_text("已发布")
    people.go(page, "/forms")
    second = [{**SURVEY[0], "label": "楼道门锁"}, {"type": "integer", "name": "lamps", "label": "坏灯几盏"}]
    hand_in(page, write_form(tmp_path / "b.xlsx", second, CHOICES, settings))
    page.get_by_role("link", name="试填,再发布").click()
    people.settle(page)
    draft = page.locator('[data-version="2"]')
    expect(draft.locator(".changes")).to_contain_text("新增:坏灯几盏")
    expect(draft.locator(".changes")).to_contain_text("改动:楼道门锁(题目文字)")
    judge(page, "changes", "desk")
    draft.get_by_role("button", name="删去草稿").click()
    page.get_by_role("button", name="确定删去草稿").click()
    expect(draft).to_have_count(0)
    page.get_by_role("button", name="停止填写").click()
    page.get_by_role("button", name="确定停止填写").click()
    expect(page.locator("#versions")).to_contain_text("不再填写")
