"""Filling a form with a thumb: what is asked, what came filled in, what is wrong; the server agrees."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import date
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from gisgrid.forms.answers.checks import check_answers
from gisgrid.forms.limits import CHOICES, QUESTIONS, REPEAT_ROWS
from gisgrid.forms.tree_json import form_from_json
from tests.browser.form_filling import TODAY, asked, open_form, question, result, show_faults, tree_of
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture
from tests.gisgrid.forms.trees import VISIT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HOSTILE = '<img src=x onerror="window.hit=1">&amp;${drug}"\'</script>'
REQUIRED = ["call", "true"]
LONG = "很长的词" * 60 + "W" * 300


def judge(page: Page, name: str, device: str) -> None:
    """What an eye would check, with a picture for it."""
    keep_picture(page, f"form-{name}-{device}")
    assert not axe_faults(page)
    assert not scrolls_sideways(page)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)


def checked(page: Page, tree: dict[str, Any]) -> dict[str, Any]:
    """What the form gives; the server keeps exactly the same."""
    sent = result(page)
    assert not sent["faults"]
    kept = check_answers(
        form_from_json(tree),
        sent["answers"],
        today=date.fromisoformat(TODAY),
        is_granted=True,
        language="zh",
    )
    assert (kept.answers, kept.marks) == (sent["answers"], sent["marks"])
    return sent


@devices("tall", "desk")
def test_a_visit_is_filled_and_the_server_keeps_the_same(visit: Visitors, device: str) -> None:
    page = open_form(visit, VISIT, device)
    expect(question(page, "探访日期").get_by_role("textbox")).to_have_value(TODAY)
    expect(page.get_by_text("异常情况")).to_be_hidden()
    question(page, "探访方式").get_by_text("上门", exact=True).click()
    signs = question(page, "异常情况")
    signs.locator("summary").click()
    signs.get_by_text("无异常", exact=True).click()
    signs.get_by_text("跌倒", exact=True).click()
    expect(signs.locator(".fault")).to_have_text("“无异常”不能与其他同选")
    judge(page, "fault", device)
    signs.get_by_text("无异常", exact=True).click()
    expect(signs.locator(".fault")).to_be_empty()
    question(page, "在哪里跌倒").get_by_role("textbox").fill(" 卫生间 ")
    question(page, "心率").get_by_role("textbox").fill("72")
    question(page, "需求").get_by_text("助餐").click()
    expect(question(page, "由谁办理").locator(".option")).to_have_text(["社区食堂"])
    question(page, "由谁办理").get_by_text("社区食堂").click()
    expect(page.locator(".form-note:visible").last).to_contain_text("记录 上门:共")
    sent = checked(page, VISIT)
    assert sent["answers"]["pulse"] == 72
    assert sent["answers"]["fall_place"] == "卫生间"
    assert sent["answers"]["who"] == "canteen"
    assert sent["marks"] == {"met": True, "fell": True}
    question(page, "需求").get_by_text("助洁").click()
    question(page, "需求").get_by_text("助餐").click()
    assert "who" not in checked(page, VISIT)["answers"], "a choice that is hidden is none"
    question(page, "探访方式").get_by_text("没见到").click()
    assert set(checked(page, VISIT)["answers"]) == {"manner", "day", "met", "doses"}
    question(page, "探访方式").get_by_text("上门", exact=True).click()
    assert checked(page, VISIT)["answers"]["fall_place"] == "卫生间", "typed once is typed"


@devices("tall", "desk")
def test_faults_are_told_at_their_questions_and_the_first_has_the_focus(visit: Visitors, device: str) -> None:
    page = open_form(visit, VISIT, device)
    question(page, "探访日期").get_by_role("textbox").fill("")
    show_faults(page)
    expect(page.locator(".fault-summary li")).to_have_count(2)
    expect(question(page, "探访方式").locator(".options input").first).to_be_focused()
    judge(page, "faults", device)
    page.get_by_role("button", name="探访日期").click()
    expect(question(page, "探访日期").get_by_role("textbox")).to_be_focused()
    page.keyboard.type(TODAY)
    expect(page.locator(".fault-summary li")).to_have_count(1)
    question(page, "探访方式").get_by_text("上门", exact=True).click()
    expect(page.locator(".fault-summary")).to_be_hidden()
    show_faults(page)
    expect(question(page, "异常情况")).to_have_attribute("open", "")
    expect(question(page, "异常情况").locator(".options input").first).to_be_focused()
    page.evaluate(
        "form.show([{field: 'answers.pulse', message: '服务器不要'}, {field: 'day', message: '太早'}])"
    )
    expect(question(page, "心率").locator(".fault")).to_have_text("服务器不要")
    expect(page.locator(".fault-summary")).to_contain_text("太早")


def test_it_is_filled_with_keys_alone(visit: Visitors) -> None:
    page = open_form(visit, VISIT, "desk")
    question(page, "探访方式").locator(".options input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(question(page, "探访方式").locator("input:checked")).to_have_value("phone")
    expect(question(page, "探访方式").locator("input:checked")).to_be_focused()
    page.keyboard.press("Tab")
    expect(question(page, "探访日期").get_by_role("textbox")).to_be_focused()
    assert result(page)["answers"]["manner"] == "phone"


KNOWN = {
    "values": {
        "phone": {"value": "0527-8432 1000", "base": "b1", "confirmed_at": "2026-11-02", "is_fresh": True},
        "alone": {"value": "yes", "base": "b2", "confirmed_at": "2025-01-03", "is_fresh": False},
        "kind": {"value": None, "base": "b3", "confirmed_at": None, "is_fresh": False},
    },
    "rows": {
        "people": [
            {
                "_id": "person-1",
                "values": {
                    "name": {"value": "甲某", "base": "b4", "confirmed_at": "2026-11-02", "is_fresh": True}
                },
            }
        ]
    },
}
YES = {"yes": [{"name": "yes", "label": {"zh": "是"}}, {"name": "no", "label": {"zh": "不是"}}]}
HOME = tree_of(
    [
        asked("phone", "text", "联系电话", register="household.contact"),
        asked("alone", "select_one", "独居", choices="yes", required=REQUIRED),
        asked("kind", "text", "户别"),
        {
            "kind": "repeat",
            "name": "people",
            "label": {"zh": "家里的人"},
            "register": "household.persons",
            "items": [asked("name", "text", "姓名", register="person.name"), asked("job", "text", "工作")],
        },
    ],
    YES,
)


@devices("tall", "desk")
def test_what_is_known_is_folded_and_confirmed_by_one_press(visit: Visitors, device: str) -> None:
    page = open_form(visit, HOME, device, prefill=KNOWN)
    expect(page.locator(".form-known")).to_have_text("5 项里 3 项已带出")
    phone, alone = question(page, "联系电话"), question(page, "独居")
    expect(phone.locator(".known")).to_contain_text("2026-11-02 核对")
    expect(phone.get_by_role("textbox")).to_be_hidden()
    sent = result(page)
    assert sent["answers"] == {"phone": "0527-8432 1000", "people": [{"_id": "person-1", "name": "甲某"}]}
    assert sent["bases"] == {"phone": "b1", "kind": "b3", "person-1.name": "b4"}
    assert [fault["message"] for fault in sent["faults"]] == ["请确认:没有变化,还是有变化"]
    show_faults(page)
    expect(alone.get_by_role("button", name="没有变化")).to_be_focused()
    judge(page, "known", device)
    alone.get_by_role("button", name="没有变化").click()
    expect(page.locator(".fault-summary")).to_be_hidden()
    assert result(page)["answers"]["alone"] == "yes"
    assert result(page)["bases"]["alone"] == "b2"
    phone.get_by_role("button", name="有变化?").click()
    expect(phone.get_by_role("textbox")).to_be_focused()
    phone.get_by_role("textbox").fill("13812345678")
    alone.get_by_role("button", name="有变化?").click()
    alone.get_by_text("不是").click()
    expect(alone.locator(".known")).to_contain_text("原登记")
    sent = checked(page, HOME)
    assert (sent["answers"]["phone"], sent["answers"]["alone"]) == ("13812345678", "no")


def test_a_person_of_the_register_is_not_taken_out_and_a_new_one_has_an_id(visit: Visitors) -> None:
    page = open_form(visit, HOME, prefill=KNOWN)
    people = page.locator(".form-row")
    expect(people.first.get_by_role("button", name="删去")).to_have_count(0)
    page.get_by_role("button", name="添加一条").tap()
    expect(people.last.get_by_role("textbox").first).to_be_focused()
    page.keyboard.type("乙某")
    rows = result(page)["answers"]["people"]
    assert rows[0] == {"_id": "person-1", "name": "甲某"}
    assert rows[1]["name"] == "乙某"
    assert len(rows[1]["_id"]) == 36
    people.last.get_by_role("button", name="删去第 2 条").tap()
    expect(people).to_have_count(1)
    page.get_by_role("button", name="撤销").tap()
    assert result(page)["answers"]["people"] == rows


def test_what_somebody_refused_is_not_asked_in_that_row(visit: Visitors) -> None:
    closed = {"people": {"person-1": ["job"], "": ["name"]}}
    page = open_form(visit, HOME, prefill=KNOWN, closedRows=closed)
    people = page.locator(".form-row")
    expect(people.first.locator(".words:visible")).to_have_text(["姓名"])
    page.get_by_role("button", name="添加一条").tap()
    expect(people.last.locator(".words:visible")).to_have_text(["工作"])
    page.evaluate("window.form.result()")
    people.last.get_by_role("textbox").last.fill("木工")
    rows = result(page)["answers"]["people"]
    assert (rows[0], rows[1]["job"]) == ({"_id": "person-1", "name": "甲某"}, "木工")


def test_without_consent_only_what_needs_none_is_asked(visit: Visitors) -> None:
    page = open_form(visit, VISIT, isGranted=False)
    expect(page.locator(".question:visible")).to_have_count(2)
    question(page, "探访方式").get_by_text("上门", exact=True).tap()
    expect(page.locator(".question:visible")).to_have_count(2)
    page.evaluate("form.grant()")
    expect(question(page, "异常情况")).to_be_visible()
    assert result(page)["answers"]["manner"] == "door"


def test_a_repeat_has_fifty_rows_at_most(visit: Visitors) -> None:
    page = open_form(
        visit, tree_of([{"kind": "repeat", "name": "r", "items": [asked("a", "integer", "数")]}])
    )
    add = page.get_by_role("button", name="添加一条")
    for _row in range(REPEAT_ROWS):
        add.click()
    expect(add).to_be_disabled()
    expect(page.get_by_text("最多 50 条")).to_be_visible()
    page.locator(".form-row").nth(1).get_by_role("textbox").fill("12a")
    faults = result(page)["faults"]
    assert faults == [{"field": "answers.r[1].a", "message": "应为数字"}]
    show_faults(page)
    expect(page.locator(".form-row").nth(1).get_by_role("textbox")).to_be_focused()


def test_rows_follow_a_number_of_the_form(visit: Visitors) -> None:
    rows = {"kind": "repeat", "name": "r", "count": ["ref", "n"], "items": [asked("a", "text", "名")]}
    tree = tree_of([asked("n", "integer", "几个"), rows])
    page = open_form(visit, tree)
    question(page, "几个").get_by_role("textbox").fill("3")
    expect(page.locator(".form-row")).to_have_count(3)
    expect(page.get_by_role("button", name="添加一条")).to_have_count(0)
    assert len(checked(page, tree)["answers"]["r"]) == 3


@devices("tall", "desk")
def test_hostile_and_endless_labels_stay_texts(visit: Visitors, device: str) -> None:
    choices = {"c": [{"name": "a", "label": {"zh": HOSTILE}}, {"name": "b", "label": {"zh": LONG}}]}
    tree = tree_of(
        [
            asked("drug", "text", HOSTILE, hint={"zh": HOSTILE}),
            asked(
                "one", "select_one", LONG, choices="c", required=REQUIRED, required_message={"zh": HOSTILE}
            ),
            asked("told", "note", HOSTILE + LONG),
            {"kind": "group", "name": "g", "label": {"zh": LONG}, "items": [asked("x", "text", HOSTILE)]},
        ],
        choices,
    )
    page = open_form(visit, tree, device)
    question(page, "img").get_by_role("textbox").first.fill(HOSTILE)
    page.keyboard.press("Tab")
    show_faults(page)
    judge(page, "hostile", device)
    assert page.evaluate("window.hit") is None
    assert page.locator(".filled-form img").count() == 0


def test_a_filter_that_leaves_nothing_says_so(visit: Visitors) -> None:
    items = [
        asked("a", "select_one", "街道", choices="s"),
        asked("b", "select_one", "社区", choices="c", choice_filter=["=", ["column", "of"], ["ref", "a"]]),
    ]
    streets = [{"name": name, "label": {"zh": name}} for name in ("甲街", "乙街")]
    places = [{"name": "x", "label": {"zh": "甲一"}, "columns": {"of": "甲街"}}]
    tree = tree_of(items, {"s": streets, "c": places})
    page = open_form(visit, tree)
    question(page, "街道").get_by_text("甲街").tap()
    question(page, "社区").get_by_text("甲一").tap()
    question(page, "街道").get_by_text("乙街").tap()
    expect(question(page, "社区")).to_contain_text("没有选项可选")
    assert checked(page, tree)["answers"] == {"a": "乙街"}
    judge(page, "no-choices", "tall")


def test_two_thousand_choices_are_found_by_letters(visit: Visitors) -> None:
    choices = [{"name": f"n{at}", "label": {"zh": f"第{at}号"}} for at in range(CHOICES)]
    tree = tree_of([asked("many", "select_multiple", "哪些", choices="c")], {"c": choices})
    page = open_form(visit, tree)
    many = question(page, "哪些")
    expect(many.locator(".option")).to_have_count(20)
    many.get_by_role("searchbox").fill("1234")
    many.get_by_text("第1234号").tap()
    many.get_by_role("searchbox").fill("77")
    many.get_by_text("第77号").tap()
    expect(many.locator("input:checked")).to_have_count(2)
    assert checked(page, tree)["answers"] == {"many": ["n77", "n1234"]}
    judge(page, "many-choices", "tall")


def test_three_hundred_questions_answer_at_once(visit: Visitors) -> None:
    items = [
        asked(
            f"q{at}",
            "integer",
            f"第{at}题",
            **({"relevant": [">=", ["ref", f"q{at - 1}"], ["num", 0.0]]} if at else {}),
        )
        for at in range(QUESTIONS)
    ]
    page = open_form(visit, tree_of(items))
    expect(page.locator(".question:visible")).to_have_count(1)
    script = """async () => {
      const began = performance.now();
      for (let at = 0; at < 300; at += 1) {
        const field = document.querySelectorAll(".question input")[at];
        field.value = String(at);
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
      return (performance.now() - began) / 300;
    }"""
    spent = page.evaluate(script)
    expect(page.locator(".question:visible")).to_have_count(QUESTIONS)
    assert len(result(page)["answers"]) == QUESTIONS
    assert spent < 100, f"{spent:.0f} ms for one answer among {QUESTIONS} questions"


def large_photo(megabytes: int) -> bytes:
    """A JPEG of noise, as large as a good telephone makes them."""
    noise = np.random.default_rng(7).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
    kept = io.BytesIO()
    Image.fromarray(noise).save(kept, "JPEG", quality=98)
    assert len(kept.getvalue()) > megabytes * 1024 * 1024
    return kept.getvalue()


def test_a_large_photo_is_made_smaller_and_known_by_its_digest(visit: Visitors) -> None:
    page = open_form(visit, VISIT)
    photo = question(page, "现场照片")
    photo.locator("input").set_input_files(
        {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": large_photo(12)}
    )
    expect(photo.locator("img")).to_be_visible()
    question(page, "探访方式").get_by_text("没见到").tap()
    sent = checked(page, VISIT)
    digest = sent["answers"]["photo"]
    data = base64.b64decode(sent["photos"][digest])
    assert hashlib.sha256(data).hexdigest() == digest
    assert max(Image.open(io.BytesIO(data)).size) == 1600
    assert len(data) < 3 * 1024 * 1024
    judge(page, "photo", "tall")
    photo.locator("input").set_input_files({"name": "a.txt", "mimeType": "image/png", "buffer": b"no photo"})
    expect(photo).to_contain_text("没有加上")
    assert result(page)["answers"]["photo"] == digest
    photo.get_by_role("button", name="删去照片").tap()
    assert not result(page)["photos"]


def test_a_digest_is_worked_out_without_https_too(visit: Visitors) -> None:
    page = open_form(visit, VISIT)
    script = """async () => {
      const { digestOf, ownDigest } = await import(`${window.scripts}static/forms/digest.js`);
      const sizes = [0, 55, 56, 64, 1000003];
      const drawn = sizes.map((size) => Uint8Array.from({ length: size }, (_none, at) => (at * 7919) % 251));
      return Promise.all(drawn.map(async (bytes) => (await digestOf(bytes)) === ownDigest(bytes)));
    }"""
    assert page.evaluate(script) == [True] * 5


def test_a_position_is_taken_by_a_press_alone(visit: Visitors) -> None:
    place = {"latitude": 33.96, "longitude": 118.27, "accuracy": 25}
    page = open_form(visit, VISIT, context={"geolocation": place, "permissions": ["geolocation"]})
    question(page, "探访方式").get_by_text("没见到").tap()
    assert "place" not in result(page)["answers"]
    position = question(page, "当前位置")
    expect(position).to_contain_text("只取这一次")
    position.get_by_role("button", name="取当前位置").tap()
    expect(position).to_contain_text("精度 25 米")
    assert checked(page, VISIT)["answers"]["place"] == {"lon": 118.27, "lat": 33.96, "accuracy": 25}
    position.get_by_role("button", name="删去位置").tap()
    assert "place" not in result(page)["answers"]


@devices("tall", "desk")
def test_a_record_is_read_with_what_is_sensitive_folded(visit: Visitors, device: str) -> None:
    answers = {"manner": "door", "day": TODAY, "signs": ["fall"], "fall_place": "卫生间", "met": True}
    answers |= {"medicine": [{"drug": "维生素", "times": 3}], "phone": "0527-84321000"}
    page = open_form(visit, VISIT, device, readOnly=True, answers=answers)
    form = page.locator(".filled-form")
    expect(form).to_contain_text("卫生间")
    expect(form.get_by_text("跌倒", exact=True)).to_be_hidden()
    expect(form.locator("input, button")).to_have_count(0)
    judge(page, "read", device)


def test_english_labels_stand_in_english(visit: Visitors) -> None:
    page = open_form(visit, VISIT, "desk", language="en")
    expect(question(page, "Manner")).to_contain_text("At the door")
