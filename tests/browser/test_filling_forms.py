"""Forms filled on pages: from Today to a kept record, a line that breaks, a no, a correction, a choice."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from gisgrid.people.core.models import Consent
from gisgrid.records.core.record_models import Record, RecordField, RecordPhoto
from gisgrid.records.core.rules import FieldBecame
from gisgrid.storage.base import new_id
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_today import people, with_forms  # noqa: F401 - fixtures
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CHECK = "/forms/household_check/fill"


def judge(page: Page, name: str, device: str) -> None:
    keep_picture(page, f"fill-{name}-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)


def open_task(people: Visitors, form: str, device: str, subject: str = "subject") -> Page:  # noqa: F811
    """A task of a form (about a subject, or the first), opened from Today by pressing what fills it."""
    page = people.open("/work", "member01", device)
    link = page.locator(f'.work-task a[href^="/forms/{form}/fill?"][href*="{subject}"]').first
    page.locator(".work-group", has=link).first.locator("summary").click()
    link.click()
    people.settle(page)
    expect(page.locator("#fill-save")).to_be_visible()
    return page


def home_to_check(people: Visitors) -> str:  # noqa: F811
    """A household that waits to be checked in a round, of whose people the register knows something."""
    request = people.page("member01", "tall").request
    rows = request.get("/api/v1/work").json()["rows"]
    homes = [row["subject"]["id"] for row in rows if row["form"] == "household_check" and row["round"]]
    path = "/api/v1/subjects/household/{}/prefill?form=household_check"
    return next(home for home in homes if knows_old(request.get(path.format(home)).json()))


def knows_old(begun: dict[str, Any]) -> bool:
    """Whether something of the register stands in a form that nobody confirmed for long."""
    fields = [field for row in begun["rows"].get("persons", []) for field in row["values"].values()]
    return any(field["value"] and not field["is_fresh"] for field in fields)


def subject_of(page: Page) -> tuple[str, str]:
    """Kind and id of whom a fill page is about."""
    kind, subject = parse_qs(urlsplit(page.url).query)["subject"][0].split(":")
    return kind, subject


def records_about(people: Visitors, subject: str, form: str) -> list[Record]:  # noqa: F811
    """Records of a form about somebody or something that came with a task or correct one, the newest last."""
    with services_of(people.site.app).database.read() as session:
        keys = (Record.household_id, Record.resident_id, Record.building_id)
        about = [
            session.scalars(select(Record).where(key == subject, Record.form_code == form)) for key in keys
        ]
        return sorted((row for rows in about for row in rows), key=lambda row: row.received_at)


def question(page: Page, label: str) -> Locator:
    return page.locator(".question:visible", has=page.locator(".words", has_text=label)).first


def confirm_all(page: Page) -> int:
    """Press "nothing changed" wherever something old stands; how often that was."""
    keep = page.locator(".known .primary:visible")
    count = 0
    while keep.count():
        keep.first.click()
        count += 1
    return count


@devices("tall", "desk")
def test_a_task_of_today_is_filled_to_a_kept_record(people: Visitors, device: str) -> None:  # noqa: F811
    household = home_to_check(people)
    page = open_task(people, "household_check", device, household)
    query = parse_qs(urlsplit(page.url).query)
    task = query["task"][0]
    question(page, "结果").get_by_text("见到").click()
    judge(page, "known", device)
    expect(page.locator(".form-known")).to_contain_text("已带出")
    assert confirm_all(page) > 0
    page.locator("#fill-save").dblclick()
    expect(page.locator(".fill-outcome")).to_contain_text("已保存。")
    expect(page.locator(".fill-outcome")).to_contain_text("项与登记一致,已确认")
    judge(page, "saved", device)
    record = records_about(people, household, "household_check")[-1]
    assert (record.task_key, json.loads(record.answers)["outcome"]) == (task, "met")
    assert record.round_id == query["round"][0]
    assert task == f"round:{record.round_id}|{household}"
    with services_of(people.site.app).database.read() as session:
        became = set(session.scalars(select(RecordField.became).where(RecordField.record_id == record.id)))
    assert FieldBecame.CONFIRMED in became
    expect(page.get_by_role("link", name="返回")).to_have_attribute("href", "/work")
    following = page.get_by_role("link", name=re.compile("^下一项"))
    assert household not in (following.get_attribute("href") or "")
    people.go(page, "/work")
    expect(page.locator(f'[data-key="{task}"]')).to_have_count(0)


def test_a_line_that_breaks_loses_nothing_and_keeps_one_record(people: Visitors) -> None:  # noqa: F811
    page = open_task(people, "household_check", "tall")
    people.last_watch().expected += ["records", "Failed to load resource"]
    _, household = subject_of(page)
    before = len(records_about(people, household, "household_check"))
    question(page, "结果").get_by_text("见到").click()
    photo = question(page, "门口照片")
    photo.locator("input").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(photo.locator("img")).to_be_visible()

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/v1/records?*", lose_answer, times=1)
    page.locator("#fill-save").click()
    expect(page.locator("#fill .notice.bad")).to_be_visible()
    assert question(page, "结果").get_by_label("见到").is_checked()
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator(".fill-outcome")).to_contain_text("已保存。")
    records = records_about(people, household, "household_check")
    assert len(records) == before + 1
    with services_of(people.site.app).database.read() as session:
        photos = select(RecordPhoto.question).where(RecordPhoto.record_id == records[-1].id)
        assert session.scalars(photos).all() == ["photo"]


def break_line(page: Page, *, has_arrived: bool) -> None:
    """The next record is sent over a line that breaks, before it arrived or before its answer came."""

    def break_off(route: Route) -> None:
        if has_arrived:
            route.fetch()
        route.abort()

    page.route("**/api/v1/records?*", break_off, times=1)


@pytest.mark.parametrize(("has_arrived", "is_reloaded"), [(True, False), (True, True), (False, False)])
def test_a_change_after_a_broken_line_is_no_second_record(
    people: Visitors,  # noqa: F811
    *,
    has_arrived: bool,
    is_reloaded: bool,
) -> None:
    page = open_task(people, "household_check", "tall")
    people.last_watch().expected += ["records", "Failed to load resource"]
    _, household = subject_of(page)
    before = len(records_about(people, household, "household_check"))
    question(page, "结果").get_by_text("没人").click()
    break_line(page, has_arrived=has_arrived)
    page.locator("#fill-save").click()
    expect(page.locator("#fill .notice.bad")).to_be_visible()
    if is_reloaded:
        page.reload()
        people.settle(page)
    question(page, "结果").get_by_text("空置").click()
    page.locator("#fill-save").click()
    expect(page.locator(".fill-outcome")).to_contain_text("已保存。")
    expect(page.locator("#fill-follows")).to_have_count(int(has_arrived))
    if has_arrived and not is_reloaded:
        judge(page, "follows", "tall")
    *_, newest = records = records_about(people, household, "household_check")[before:]
    assert len(records) == 1 + has_arrived
    assert json.loads(newest.answers)["outcome"] == "vacant"
    assert newest.corrects_id == (records[0].id if has_arrived else None)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('fill:'))") == []


def picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (400, 300), (90, 140, 90)).save(kept, "PNG")
    return kept.getvalue()


def test_a_closed_question_is_neither_asked_nor_sent(people: Visitors) -> None:  # noqa: F811
    page = people.page("member01", "tall")
    rows = page.request.get("/api/v1/work").json()["rows"]
    elders = [row["subject"]["id"] for row in rows if row["form"] == "elder_visit"]
    path = "/api/v1/subjects/person/{}/prefill?form=elder_visit"
    begun = [page.request.get(path.format(elder)).json() for elder in elders[:20]]
    elder = next(
        row["subject"]["id"] for row in begun if row["consent"] == "open" and "ability_grade" in row["closed"]
    )
    address = f"/forms/elder_visit/fill?subject=person:{elder}"
    people.go(page, address)
    key = f"fill:member01:elder_visit:person:{elder}:"
    draft = json.dumps({"seen": "yes", "signs": ["none"], "ability_grade": "3"})
    page.evaluate("([key, draft]) => sessionStorage.setItem(key, draft)", [key, draft])
    people.go(page, address)
    confirm_all(page)
    expect(page.locator(".words:visible", has_text="能力等级")).to_have_count(0)
    with page.expect_request("**/api/v1/records?*") as sent:
        page.locator("#fill-save").click()
    answers = sent.value.post_data_json["answers"]
    assert (answers["seen"], "ability_grade" in answers) == ("yes", False)
    expect(page.locator(".fill-outcome")).to_contain_text("已保存。")


def test_what_is_not_in_ones_scope_is_said(people: Visitors) -> None:  # noqa: F811
    page = people.page("member01", "tall")
    people.last_watch().expected += ["the server responded with a status of 404"]
    people.go(page, f"/forms/dispute_screen/fill?subject=building:{new_id()}")
    expect(page.locator("#fill")).to_contain_text("没有这个对象,或不在您负责的范围内。")
    page.get_by_role("link", name="换一个").click()
    expect(page.locator("#fill-search")).to_be_visible()


def test_what_was_not_sent_is_there_again_for_the_same_account(people: Visitors) -> None:  # noqa: F811
    page = open_task(people, "household_check", "tall")
    address = page.url
    question(page, "结果").get_by_text("不愿意").click()
    page.reload()
    people.settle(page)
    expect(page.locator("#fill")).to_contain_text("已带回还没有送出的内容")
    assert question(page, "结果").get_by_label("不愿意").is_checked()
    people.hand_over(page, "staff")
    page.goto(address)
    people.settle(page)
    assert not question(page, "结果").get_by_label("不愿意").is_checked()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('fill:'))") == []


def test_a_no_and_no_answer_yet_are_said_with_the_way_on(people: Visitors) -> None:  # noqa: F811
    page = open_task(people, "care_visit", "tall")
    _, person = subject_of(page)
    answer(people, person, "refused")
    page.reload()
    people.settle(page)
    expect(page.locator("#fill-refused")).to_contain_text("只记下今天来过")
    expect(page.locator("#fill-refused a")).to_have_attribute("href", re.compile("^/households/"))
    assert not question(page, "物资或现金价值").count()
    page.locator("#fill-save").click()
    expect(page.locator(".fill-outcome")).to_contain_text("未同意:只记下今天来过。")
    judge(page, "refused", "tall")
    people.go(page, f"/forms/visit5/fill?subject=household:{unasked(people)}")
    consent = page.locator("#fill-consent")
    expect(consent).to_contain_text("走访记录")
    judge(page, "unasked", "tall")
    consent.get_by_role("button", name="同意", exact=True).click()
    expect(question(page, "走访方式")).to_be_visible()


def answer(people: Visitors, person: str, status: str) -> None:  # noqa: F811
    """What somebody answers to care."""
    services = services_of(people.site.app)
    with services.database.write() as session:
        asked = {"status": status, "text_version": "1", "asked_at": services.clock()}
        session.add(Consent(resident_id=person, purpose="sensitive_needs", **asked))


def unasked(people: Visitors) -> str:  # noqa: F811
    """A household whom nobody has asked about notes of visits."""
    page = people.page("member01", "tall")
    rows = page.request.get("/api/v1/work").json()["rows"]
    homes = {row["subject"]["household"] for row in rows if row["form"] == "household_check"}
    path = "/api/v1/subjects/household/{}/prefill?form=visit5"
    return next(
        home for home in sorted(homes) if page.request.get(path.format(home)).json()["consent"] == "not_asked"
    )


def test_a_record_is_corrected_from_what_it_said(people: Visitors) -> None:  # noqa: F811
    page = open_task(people, "household_check", "tall")
    _, household = subject_of(page)
    question(page, "结果").get_by_text("没人").click()
    page.locator("#fill-save").click()
    expect(page.locator(".fill-outcome")).to_be_visible()
    former = records_about(people, household, "household_check")[-1]
    people.go(page, f"{CHECK}?corrects={former.id}")
    assert question(page, "结果").get_by_label("没人").is_checked()
    question(page, "结果").get_by_text("空置").click()
    page.locator("#fill-save").click()
    expect(page.locator("#fill")).to_contain_text("请写明更正的原因")
    page.get_by_label("更正的原因").fill("看错了门牌")
    judge(page, "correction", "tall")
    page.locator("#fill-save").click()
    expect(page.locator(".fill-outcome")).to_contain_text("已保存。")
    newest = records_about(people, household, "household_check")[-1]
    assert (newest.corrects_id, newest.reason, newest.day) == (former.id, "看错了门牌", former.day)
    assert json.loads(newest.answers)["outcome"] == "vacant"
    people.go(page, f"{CHECK}?corrects={former.id}")
    expect(page.locator("#fill")).to_contain_text("这条记录不能再更正")


def test_a_subject_is_chosen_by_the_keyboard(people: Visitors) -> None:  # noqa: F811
    page = people.open("/forms/care_visit/fill", "member01", "desk")
    row = people.page("member01", "tall").request.get("/api/v1/work").json()["rows"][0]
    building = " ".join(row["subject"]["address"].split(" ")[:2])
    page.locator("#fill-search").focus()
    page.keyboard.type(building)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile(building)).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=building)).to_be_focused()
    judge(page, "doors", "desk")
    doors = page.locator(".results .link")
    for at in range(doors.count()):
        doors.nth(at).focus()
        page.keyboard.press("Enter")
        people.settle(page)
        if page.locator(".results a[href*='subject=person']").count():
            break
        page.go_back()
    page.locator(".results a[href*='subject=person']").first.focus()
    page.keyboard.press("Enter")
    people.settle(page)
    expect(page.locator(".fill-about strong")).to_be_visible()
