"""A visit from Today: three taps for somebody who is well, ten seconds to take it back, help, nobody met."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from gisgrid.people.core.models import Consent
from gisgrid.records.core.record_models import Record
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_register import Finger
from tests.browser.test_today import people, with_forms  # noqa: F401 - fixtures
from tests.browser.visiting import Visitors, keep_picture
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SENT_MS = 15_000
HELD_MS = 11_000
ASKED = {"seen", "signs", "signs_note"}
"""What a hand answers; the rest is worked out."""


def today(people: Visitors) -> tuple[Finger, Locator]:  # noqa: F811
    """A member in the street with the list of today, and the first building with an elder to visit."""
    page = people.open("/work", "member01", "tall")
    group = page.locator(
        ".work-group", has=page.get_by_role("button", name="已探访", include_hidden=True)
    ).first
    return Finger(people, page, "tall"), group


def visit_in(group: Locator) -> Locator:
    return group.locator(".work-task", has=group.page.get_by_role("button", name="已探访")).first


def kept(people: Visitors, person: str) -> list[dict[str, object]]:  # noqa: F811
    """What was noted from Today: visits of the demo were made for no task."""
    with services_of(people.site.app).database.read() as session:
        own = (Record.resident_id == person, Record.task_key.is_not(None))
        rows = session.scalars(select(Record).where(*own).order_by(Record.received_at))
        answers = [json.loads(row.answers) for row in rows]
    return [{name: row[name] for name in sorted(ASKED & row.keys())} for row in answers]


def person_of(task: Locator) -> str:
    key = task.get_attribute("data-key") or ""
    return next(part for part in key.split("|") if re.fullmatch(r"[0-9a-f-]{36}", part))


def begin(people: Visitors) -> tuple[Finger, Locator, str]:  # noqa: F811
    finger, group = today(people)
    finger.tap(group.locator("summary"))
    task = visit_in(group)
    person = person_of(task)
    answer(people, person, "granted")
    finger.press("已探访", task)
    return finger, task, person


def answer(people: Visitors, person: str, status: str) -> None:  # noqa: F811
    """What the person answers to visits; taps are counted after that."""
    services = services_of(people.site.app)
    with services.database.write() as session:
        asked = {"status": status, "text_version": "1", "asked_at": services.clock()}
        session.add(Consent(resident_id=person, purpose="elder_visits", **asked))


def check(page: Page, name: str) -> None:
    keep_picture(page, name)
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    assert not too_small_for_a_thumb(page)


def test_all_well_takes_three_taps(people: Visitors) -> None:  # noqa: F811
    finger, task, person = begin(people)
    check(finger.page, "visit-open")
    finger.press("平安", task)
    assert finger.taps == 3
    check(finger.page, "visit-held")
    assert kept(people, person) == []
    key = task.get_attribute("data-key")
    expect(finger.page.locator("#toast")).to_contain_text("已记探访", timeout=SENT_MS)
    expect(finger.page.locator(f'[data-key="{key}"]')).to_have_count(0)
    assert kept(people, person) == [{"seen": "yes", "signs": ["none"]}]


def test_it_is_taken_back_and_sent_when_the_page_is_left(people: Visitors) -> None:  # noqa: F811
    finger, task, person = begin(people)
    finger.press("平安", task)
    finger.press("撤销", task)
    finger.page.wait_for_timeout(HELD_MS)
    assert kept(people, person) == []
    finger.press("已探访", task)
    finger.press("平安", task)
    with finger.page.expect_response("**/api/v1/records*") as answer:
        finger.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert answer.value.status == 201
    finger.page.wait_for_timeout(300)
    assert kept(people, person) == [{"seen": "yes", "signs": ["none"]}]


def test_help_and_nobody_met_ask_for_what_they_need(people: Visitors) -> None:  # noqa: F811
    finger, task, person = begin(people)
    finger.press("需要帮助", task)
    expect(task.get_by_label("跌倒")).to_be_visible()
    check(finger.page, "visit-help")
    finger.tap(task.get_by_text("跌倒", exact=True))
    task.get_by_label("说明(可不填)").fill("在卫生间滑倒")
    finger.press("保存", task)
    expect(finger.page.locator("#toast")).to_contain_text("已记探访")
    assert kept(people, person) == [{"seen": "yes", "signs": ["fall"], "signs_note": "在卫生间滑倒"}]
    finger, task, person = begin(people)
    finger.press("没见到", task)
    check(finger.page, "visit-absent")
    finger.press("保存", task)
    expect(finger.page.locator("#toast")).to_contain_text("已记探访")
    assert kept(people, person)[-1] == {"seen": "no"}


def test_what_is_pressed_after_a_broken_line_corrects_what_arrived(people: Visitors) -> None:  # noqa: F811
    finger, task, person = begin(people)
    people.last_watch().expected += ["records", "Failed to load resource"]
    before = len(kept(people, person))

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    finger.page.route("**/api/v1/records?*", lose_answer, times=1)
    finger.press("没见到", task)
    finger.press("保存", task)
    expect(task.locator(".notice.bad")).to_be_visible()
    check(finger.page, "visit-broken")
    finger.press("需要帮助", task)
    finger.tap(task.get_by_text("生病", exact=True))
    finger.press("保存", task)
    expect(finger.page.locator("#toast")).to_contain_text("这次的改动已作为更正保存")
    assert kept(people, person)[before:] == [{"seen": "no"}]
    with services_of(people.site.app).database.read() as session:
        rows = session.scalars(
            select(Record).where(Record.resident_id == person, Record.form_code == "elder_visit")
        )
        newest = max(rows, key=lambda row: (row.received_at, row.corrects_id is not None))
    assert newest.corrects_id is not None
    assert json.loads(newest.answers)["signs"] == ["ill"]


def test_a_no_is_said_before_anything_is_noted(people: Visitors) -> None:  # noqa: F811
    finger, group = today(people)
    finger.tap(group.locator("summary"))
    task = visit_in(group)
    person = person_of(task)
    before = kept(people, person)
    answer(people, person, "refused")
    finger.press("已探访", task)
    expect(task).to_contain_text("未同意探访,不安排")
    expect(task.get_by_role("button", name="平安")).to_have_count(0)
    check(finger.page, "visit-refused")
    assert kept(people, person) == before
