"""People at the door, in one hand and at a desk: consent first, fields corrected, moves, clashes, undoing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.test_people_pages import asked_of, registered_home
from tests.browser.visiting import Visitors, is_phone, keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MOST_TAPS = 12
Place = TypeVar("Place", int, str)
DEVICES = pytest.mark.parametrize("device", ["tall", "desk"])


@pytest.fixture
def people(own_visitors: Visitors) -> Iterator[Visitors]:
    with own_visitors.watched() as visitors:
        yield visitors


class Finger:
    """A finger that counts its taps; what is typed is counted apart."""

    def __init__(self, visitors: Visitors, page: Page, device: str) -> None:
        self.visitors, self.page, self.taps, self.typed = visitors, page, 0, 0
        self._is_touch = is_phone(device)

    def tap(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        if self._is_touch:
            target.tap()
        else:
            target.click()
        self.taps += 1
        self.visitors.settle(self.page)

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button by its word."""
        self.tap((within or self.page.locator("#register")).get_by_role("button", name=name, exact=True))

    def choose(self, word: str, within: Locator) -> None:
        """Choose one of a few."""
        self.tap(within.locator("label > span").filter(has_text=re.compile(f"^{word}$")))

    def type(self, target: Locator, text: str) -> None:
        """Type into a field: a tap to get there, unless the page led there by itself."""
        if not target.evaluate("(field) => field === document.activeElement"):
            self.tap(target)
        target.fill(text)
        self.typed += len(text)


def at_home(people: Visitors, place: int, device: str, account: str = "member01") -> tuple[Finger, str]:
    """A member on the page of a household of the own grid."""
    home, _address = registered_home(people, place)
    page = people.open(f"/households/{home}", account, device)
    return Finger(people, page, device), home


def judge(finger: Finger, name: str, device: str) -> None:
    """What an eye would check, and the taps."""
    keep_picture(finger.page, f"{name}-{device}")
    assert not scrolls_sideways(finger.page)
    assert not axe_faults(finger.page)
    if device != "desk":
        assert not too_small_for_a_thumb(finger.page)
    assert 0 < finger.taps <= MOST_TAPS, finger.taps
    print(f"{name}-{device}: {finger.taps} taps, {finger.typed} letters typed")  # noqa: T201


def place_of(device: str, *places: Place) -> Place:
    """Each device has a household of its own: what one did must not help the other."""
    return places[device == "desk"]


@DEVICES
def test_a_new_person_with_consent_at_the_door(people: Visitors, device: str) -> None:
    page, room = people.page("member01", device), f"98{place_of(device, '01', '02')}"
    add_household(Finger(people, page, device), room)
    finger, register, home = Finger(people, page, device), page.locator("#register"), page.url.split("/")[-1]
    finger.press("添加一人")
    expect(register.get_by_label("姓名")).to_have_count(0)
    finger.choose("同意", register.locator("[data-purpose=registration]"))
    finger.choose("同意", register.locator("[data-purpose=contact]"))
    form = register.locator("form")
    finger.type(form.get_by_label("姓名"), "示例新")
    finger.choose("女", form)
    finger.type(form.get_by_label("出生日期"), "1958-03-02")
    finger.choose("户籍在册且常住", form)
    finger.type(form.get_by_label("电话"), "199-0000-1234")
    keep_picture(page, f"register-new-{device}")
    finger.press("保存")
    expect(page.locator("#toast")).to_contain_text("已添加一人")
    expect(register.locator("summary", has_text="示例新")).to_be_visible()
    expect(register.locator("details[open] [data-field='person.phone']")).to_contain_text("199-0000-1234")
    assert asked_of(people, "SELECT count(*) FROM consent WHERE household_id = ?", home) == "2"
    expect(page.locator("#purpose-registration .state")).to_have_text("已同意")
    judge(finger, "register-added", device)


@DEVICES
def test_a_phone_is_corrected_and_taken_back(people: Visitors, device: str) -> None:
    finger, _home = at_home(people, place_of(device, 12, 13), device)
    allow_calls(people, finger)
    person = open_first_person(finger)
    phone = person.locator("[data-field='person.phone']")
    before = phone.locator(".value").inner_text()
    finger.press("改电话", phone)
    finger.type(phone.get_by_label("电话"), "199-0000-4321")
    finger.press("保存", phone)
    expect(phone.locator(".value")).to_have_text("199-0000-4321")
    judge(finger, "register-phone", device)
    finger.press("撤销", finger.page.locator("#toast"))
    expect(person.locator("[data-field='person.phone'] .value")).to_have_text(before)
    changes = finger.page.locator("#changes")
    finger.tap(changes.locator("summary"))
    expect(changes.locator("li")).to_have_count(2)
    expect(changes.locator("li").first).to_contain_text("member01")
    expect(changes.locator("li").first).to_contain_text("原来是「199-0000-4321」")
    judge(finger, "register-history", device)


@DEVICES
def test_somebody_moves_out_and_comes_back(people: Visitors, device: str) -> None:
    finger, _home = at_home(people, place_of(device, 14, 15), device)
    person = open_first_person(finger)
    name = person.get_attribute("data-person")
    finger.press("迁出", person)
    finger.press("记为迁出", person)
    expect(finger.page.locator("#toast")).to_contain_text("已记迁出")
    gone = finger.page.locator("#register details", has=finger.page.locator(f"[data-person='{name}']")).first
    keep_picture(finger.page, f"register-left-{device}")
    finger.tap(gone.locator("summary").first)
    finger.tap(gone.locator(f"[data-person='{name}'] > summary"))
    finger.press("迁回", gone)
    expect(finger.page.locator(f"#register > .content > [data-person='{name}']")).to_be_visible()
    judge(finger, "register-back", device)


@DEVICES
def test_a_whole_household_moves_out_and_it_is_taken_back(people: Visitors, device: str) -> None:
    finger, home = at_home(people, place_of(device, 20, 21), device)
    living = "SELECT count(*) FROM resident WHERE household_id = ? AND lived_to IS NULL"
    before = asked_of(people, living, home)
    assert before != "0"
    finger.press("全户迁出")
    judge(finger, "register-moving", device)
    finger.press("记为全户迁出")
    toast = finger.page.locator("#toast")
    expect(toast).to_contain_text("已记全户迁出")
    assert asked_of(people, living, home) == "0"
    expect(finger.page.locator("#register")).to_contain_text("已不住这里的")
    finger.tap(finger.page.locator("#changes > summary"))
    finger.press("全部修改记录")
    expect(finger.page.locator("#changes li").first).to_contain_text("member01")
    keep_picture(finger.page, f"register-moved-{device}")
    finger.press("撤销", toast)
    expect(toast).to_contain_text("已撤销")
    assert asked_of(people, living, home) == before


@DEVICES
def test_a_refusal_is_a_state(people: Visitors, device: str) -> None:
    finger, home = at_home(people, place_of(device, 16, 17), device)
    registration = finger.page.locator("#purpose-registration")
    finger.press("撤回同意", registration)
    register = finger.page.locator("#register")
    expect(register).to_contain_text("这户不同意登记")
    expect(register.get_by_role("button")).to_have_count(0)
    expect(register.locator(".register-person")).to_have_count(0)
    assert (
        asked_of(people, "SELECT count(*) FROM resident WHERE household_id = ? AND name IS NOT NULL", home)
        == "0"
    )
    judge(finger, "register-refused", device)


@DEVICES
def test_a_clash_is_seen_and_settled(people: Visitors, device: str) -> None:
    finger, home = at_home(people, place_of(device, 18, 19), device)
    people_told = finger.page.locator("[data-field='household.people_told']")
    finger.press("改自报人数", people_told)
    other, _ = at_home(people, place_of(device, 18, 19), "desk")
    told = other.page.locator("[data-field='household.people_told']")
    other.press("改自报人数", told)
    other.type(told.get_by_label("自报人数"), "5")
    other.press("保存", told)
    expect(told.locator(".value")).to_have_text("5")
    finger.type(people_told.get_by_label("自报人数"), "4")
    finger.press("保存", people_told)
    expect(people_told.locator(".clash")).to_contain_text("「5」")
    expect(people_told.locator(".clash")).to_contain_text("「4」")
    judge(finger, "register-clash", device)
    staff = people.open("/clashes", "staff", device)
    line = staff.locator("#clashes li", has=staff.locator(f"a[href='/households/{home}']"))
    keep_picture(staff, f"clashes-{device}")
    line.get_by_role("button", name="用后来写的").click()
    people.settle(staff)
    expect(line).to_have_count(0)
    stored = asked_of(people, "SELECT people_told FROM household WHERE id = ?", home)
    assert stored == "4"


@DEVICES
def test_a_newborn_child_is_counted_and_not_named(people: Visitors, device: str) -> None:
    finger, home = at_home(people, place_of(device, 20, 21), device)
    before = asked_of(people, "SELECT count(*) FROM resident WHERE household_id = ?", home)
    finger.press("新出生")
    finger.press("保存")
    expect(finger.page.locator("[data-field='household.minors'] .value")).to_have_text("1")
    assert asked_of(people, "SELECT count(*) FROM resident WHERE household_id = ?", home) == before
    judge(finger, "register-birth", device)


@DEVICES
def test_a_household_is_added_from_the_board(people: Visitors, device: str) -> None:
    page, room = people.page("member01", device), f"99{place_of(device, '01', '02')}"
    finger = Finger(people, page, device)
    building = add_household(finger, room)
    people.go(page, f"/buildings/{building}/doors")
    expect(page.locator(".door", has_text=room)).to_contain_text("待核实")
    judge(finger, "board-added", device)


def test_a_head_gives_a_reason_first(people: Visitors) -> None:
    finger, _home = at_home(people, 24, "desk", "head")
    register = finger.page.locator("#register")
    expect(register.locator("dl")).to_have_count(0)
    finger.press("核对登记信息")
    person = open_first_person(finger)
    expect(person.locator("[data-field='person.name'] .value")).not_to_contain_text("*")


def add_household(finger: Finger, room: str) -> str:
    """Add a door to a building of the own grid from its board; its page opens. Gives the building."""
    home, _address = registered_home(finger.visitors, 22)
    building = asked_of(finger.visitors, "SELECT building_id FROM household WHERE id = ?", home)
    finger.visitors.go(finger.page, f"/buildings/{building}/doors")
    board = finger.page.locator("#new-household")
    finger.press("添加一户", board)
    finger.type(board.get_by_label("房号"), room)
    finger.press("保存", board)
    expect(finger.page.locator("h1").first).to_contain_text(room)
    finger.visitors.settle(finger.page)
    return building


def open_first_person(finger: Finger) -> Locator:
    person = finger.page.locator("#register > .content > .register-person").first
    finger.tap(person.locator("summary").first)
    expect(person.locator("dl")).to_be_visible()
    return person


def allow_calls(people: Visitors, finger: Finger) -> None:
    """The household has agreed to be called, whatever the demo says of it."""
    button = finger.page.locator("#purpose-contact").get_by_role("button", name="同意", exact=True)
    if button.count():
        button.click()
        people.settle(finger.page)


def steward_building(people: Visitors) -> str:
    """A building that steward01 serves."""
    sql = (
        "SELECT d.building_id FROM duty d JOIN account a ON a.worker_id = d.worker_id "
        "WHERE a.name = 'steward01' AND d.building_id IS NOT NULL AND d.valid_to IS NULL LIMIT 1 OFFSET ?"
    )
    return asked_of(people, sql, 0)


@DEVICES
def test_a_steward_tells_of_a_door_without_a_name(people: Visitors, device: str) -> None:
    building = steward_building(people)
    page = people.open(f"/buildings/{building}/doors", "steward01", device)
    finger, note = Finger(people, page, device), page.locator("#door-note")
    finger.press("告诉网格员一扇门的变化", note)
    door = note.get_by_label("哪一扇门")
    door.select_option(index=1)
    chosen = door.locator("option").nth(1).inner_text()
    finger.choose("有人搬走", note)
    keep_picture(page, f"door-note-form-{device}")
    finger.press("保存", note)
    expect(page.locator("#toast")).to_contain_text("已告诉网格员")
    expect(note.locator("li").first).to_contain_text(f"{chosen} 有人搬走")
    expect(note).to_contain_text("等网格员上门核对")
    judge(finger, "door-note", device)
    people.go(page, "/")
    staff = people.open("/clashes", "head", device)
    expect(staff.locator("#door-notes li").first).to_contain_text("有人搬走")
    line = staff.locator("#door-notes li:has(> .answers)").first
    count = staff.locator("#door-notes li:has(> .answers)").count()
    line.get_by_role("button", name="与登记一致").click()
    people.settle(staff)
    expect(staff.locator("#door-notes li:has(> .answers)")).to_have_count(count - 1)
