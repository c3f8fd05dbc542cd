"""Consent in the hand of a member, erasure between a resident and a head, the trail on a desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def people(own_visitors: Visitors) -> Iterator[Visitors]:
    with own_visitors.watched() as visitors:
        yield visitors


def asked_of(visitors: Visitors, sql: str, *values: str) -> str:
    with closing(sqlite3.connect(f"file:{visitors.site.file}?mode=ro", uri=True)) as database:
        return str(database.execute(sql, values).fetchone()[0])


def home_of(visitors: Visitors, account: str) -> str:
    sql = (
        "SELECT household_id FROM account_scope JOIN account ON account.id = account_id "
        "WHERE account.name = ? AND household_id IS NOT NULL"
    )
    return asked_of(visitors, sql, account)


def registered_home(visitors: Visitors, place: int) -> tuple[str, str]:
    """Id and address of a household in the grid of member01 that has agreed and whose eldest is an adult."""
    sql = (
        "SELECT h.{} FROM household h JOIN cell_membership m ON m.cell_id = h.cell_id "
        "JOIN area_parent p ON p.area_id = m.area_id JOIN duty d ON d.area_id = p.parent_id "
        "JOIN account a ON a.worker_id = d.worker_id "
        "WHERE a.name = 'member01' AND h.consent = 'granted' AND d.kind = 'grid_member' "
        "AND d.valid_to IS NULL AND m.valid_to IS NULL AND p.valid_to IS NULL "
        "AND EXISTS (SELECT 1 FROM resident r WHERE r.household_id = h.id AND r.birth_date < '1990-01-01' "
        "AND r.lived_to IS NULL) ORDER BY h.fid LIMIT 1 OFFSET ?"
    )
    return asked_of(visitors, sql.format("id"), place), asked_of(visitors, sql.format("std_address"), place)


def test_a_member_records_an_answer_in_three_taps(people: Visitors) -> None:
    member = people.page("member01", "phone")
    people.go(member, "/find")
    home, address = registered_home(people, 3)
    people.go(member, f"/find?q={address}&id={home}")
    member.locator("#card .consent-link").tap()  # one
    people.settle(member)
    box = member.locator("#purpose-contracted_services")
    assert not too_small_for_a_thumb(member)
    keep_picture(member, "household-phone")
    box.get_by_role("button", name="同意", exact=True).tap()  # two
    people.settle(member)
    expect(box.locator(".state")).to_have_text("已同意")
    assert not scrolls_sideways(member)
    assert not axe_faults(member)


def test_a_refusal_stands_in_the_list_with_the_day_to_ask_again(people: Visitors) -> None:
    home, _ = registered_home(people, 5)
    member = people.open(f"/households/{home}", "member01", "phone")
    registration = member.locator("#purpose-registration")
    registration.get_by_role("button", name="撤回同意").tap()
    people.settle(member)
    expect(registration).to_contain_text("之前不再上门询问")
    keep_picture(member, "household-resting-phone")
    people.go(member, "/requests")
    expect(member.locator("#requests tbody tr").first).to_contain_text("起可以再问")
    keep_picture(member, "requests-phone")
    assert not too_small_for_a_thumb(member)


def test_a_resident_asks_and_a_head_erases(people: Visitors) -> None:
    home = home_of(people, "resident02")
    resident = people.open("/me/household", "resident02", "phone")
    resident.get_by_text("申请删除我家的资料").tap()
    resident.get_by_role("button", name="提交删除申请").tap()
    people.settle(resident)
    expect(resident.locator("#erasure")).to_contain_text("等社区负责人办理")
    head = people.open("/erasures", "head")
    keep_picture(head, "erasures-desk")
    box = head.locator(".erasure").first
    box.get_by_role("checkbox").check()
    box.get_by_role("button", name="删除资料").click()
    people.settle(head)
    expect(head.locator(".erasure .state").first).to_have_text("已删除")
    left = asked_of(people, "SELECT count(*) FROM resident WHERE household_id = ? AND name IS NOT NULL", home)
    assert left == "0"
    people.go(resident, "/me/trail")
    expect(resident.locator("#own-trail")).to_contain_text("删除资料")
    keep_picture(resident, "own-trail-phone")


def test_a_common_reason_opens_a_card_with_one_press(people: Visitors) -> None:
    head = people.page("head")
    people.go(head, "/find")
    home, address = registered_home(people, 7)
    people.go(head, f"/find?q={address}&id={home}")
    keep_picture(head, "reasons-desk")
    head.locator("#card").get_by_role("button", name="核对登记信息").click()
    people.settle(head)
    expect(head.locator("#card .reason")).to_have_count(0)
    expect(head.locator("#card .people strong").first).not_to_contain_text("*")
    admin = people.open(f"/audit?id={home}&action=persons:view", "admin")
    expect(admin.locator("#trail")).to_contain_text("核对登记信息")
