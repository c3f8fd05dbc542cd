"""What is one's own: the password, the community one works in, the grid one lives in."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select, update

from gisgrid.access.models import Role
from gisgrid.areas.models import AreaName, UnitCell
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.web.browsing import PASSWORD, Browser, add_account, services_of
from tests.web.conftest import Clock
from tests.web.test_communities import two_communities
from tests.web.test_pages import data_of

NEW = "another long one"
RIGHT = {"old": PASSWORD, "password": NEW, "again": NEW}


def is_in(browser: Browser) -> bool:
    return browser.get("/me").status_code == 200


def test_a_new_password_keeps_this_session_and_ends_the_others(browser: Browser, app: OpenAPI) -> None:
    phone = Browser(app)
    browser.log_in()
    phone.log_in()
    answer = browser.post("/me/password", RIGHT)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert "密码已改" in browser.get("/me").text
    assert "密码已改" not in browser.get("/me").text
    assert not is_in(phone)
    assert phone.log_in(password=PASSWORD).status_code == 401
    assert phone.log_in(password=NEW).status_code == 303


def test_a_new_password_keeps_who_is_there_and_drops_the_pin(lite_app: OpenAPI, clock: Clock) -> None:
    add_account(lite_app, "member", Role.MEMBER)
    browser = Browser(lite_app)
    browser.log_in("member")
    pin = {"pin": "48291357", "pin_again": "48291357", "stay": "1"}
    assert browser.post("/me/pin", pin).status_code == 303
    assert browser.post("/me/password", RIGHT).status_code == 303
    assert is_in(browser)
    clock.turn(hours=13)
    assert not is_in(browser)
    assert browser.post("/login/pin", {"pin": pin["pin"]}).status_code == 401


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"old": "wrong"}, "old", "旧密码不对,密码没有改"),
        ({"again": "x"}, "again", "两次输入的新密码不一样"),
        ({"password": "short", "again": "short"}, "password", "密码至少 8 个字符"),
        ({"password": PASSWORD, "again": PASSWORD}, "password", "新密码与旧密码相同"),
    ],
)
def test_what_is_wrong_is_told_beside_the_form(
    lite_browser: Browser, changed: dict[str, str], field: str, said: str
) -> None:
    lite_browser.log_in()
    answer = lite_browser.post("/me/password", RIGHT | changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert not any(typed in answer.text for typed in (NEW, PASSWORD, "short"))
    assert is_in(lite_browser)


def test_nobody_changes_a_password_without_logging_in(lite_browser: Browser) -> None:
    answer = lite_browser.post("/me/password", RIGHT)
    assert answer.status_code in {302, 401}


def test_old_passwords_are_tried_ten_times_a_minute_at_most(lite_browser: Browser) -> None:
    lite_browser.log_in()
    statuses = [lite_browser.post("/me/password", RIGHT | {"old": "wrong"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_the_wish_to_stay_logged_in_outlives_a_wrong_password(lite_browser: Browser) -> None:
    box = r'<input type="checkbox" name="stay" value="1"( checked)?>'
    shown = [lite_browser.get("/login"), lite_browser.log_in(password="wrong", stay="1")]
    assert [bool(re.search(box, page.text).group(1)) for page in shown] == [False, True]  # type: ignore[union-attr]


def switch_of(text: str) -> tuple[str, list[str], str] | None:
    """Where the switch in the top bar leads, what it offers, what is chosen."""
    found = re.search(r'<form class="community" method="get" action="([^"]+)">.*?</form>', text, re.DOTALL)
    if not found:
        return None
    options = re.findall(r'<option value="(\w+)"( selected)?>', found.group(0))
    return found.group(1), [code for code, _ in options], next(code for code, chosen in options if chosen)


def test_who_sees_several_communities_switches_between_them(app: OpenAPI, database: Database) -> None:
    case_id = two_communities(app, database)
    browser = Browser(app)
    browser.log_in("leader")
    assert switch_of(browser.get("/maps/hotspots").text) == ("/maps/hotspots", ["C1", "C2"], "C1")
    assert switch_of(browser.get("/me?community=C2").text) == ("/me", ["C1", "C2"], "C2")
    assert switch_of(browser.get("/").text) == ("/", ["C1", "C2"], "C2")
    browser.get("/me?community=C1")
    assert switch_of(browser.get(f"/cases/{case_id}").text) == ("/cases", ["C1", "C2"], "C2")
    wrong = browser.post("/me/password", RIGHT | {"old": "wrong"})
    assert switch_of(wrong.text) == ("/me", ["C1", "C2"], "C1")


def test_who_sees_one_community_has_nothing_to_switch(lite_app: OpenAPI) -> None:
    found = services_of(lite_app)
    with found.database.write() as session:
        made = world.found(session)
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    browser = Browser(lite_app)
    browser.log_in("head")
    text = browser.get("/").text
    assert switch_of(text) is None
    assert "示例社区" in text


def add_home(app: OpenAPI, made: world.World, *, member: bool = True) -> str:
    """A household in G1 with a resident's account, and who serves G1; the household's id."""
    with services_of(app).database.write() as session:
        household = world.add_household(session, world.add_building(session, made, 0, 0), "101").id
        if member:
            world.add_actor(session, made, Role.MEMBER, "G1")
    add_account(app, "resident", Role.RESIDENT, household_id=household)
    return household


def home_page(app: OpenAPI) -> str:
    browser = Browser(app)
    browser.log_in("resident")
    return browser.get("/").text


def test_a_resident_sees_the_own_grid_and_its_member(app: OpenAPI, database: Database) -> None:
    with database.write() as session:
        made = world.found(session)
    add_home(app, made)
    text = home_page(app)
    assert "第1网格" in text
    assert 'href="tel:0527-80000000"' in text
    assert re.search(r"member示例</span>\s*<span[^>]*>网格员", text)


def test_a_grid_without_a_member_says_whom_to_ask(lite_app: OpenAPI) -> None:
    with services_of(lite_app).database.write() as session:
        made = world.found(session)
    add_home(lite_app, made, member=False)
    assert "这个网格还没有网格员,有事请联系社区。" in home_page(lite_app)


def test_a_home_outside_all_grids_and_a_missing_one_are_told_apart(lite_app: OpenAPI) -> None:
    with services_of(lite_app).database.write() as session:
        made = world.found(session)
    household = add_home(lite_app, made)
    with services_of(lite_app).database.write() as session:
        session.execute(update(Household).where(Household.id == household).values(cell_id=None))
    assert "您的住址还没有归入网格,有事请联系社区。" in home_page(lite_app)
    add_account(lite_app, "homeless", Role.RESIDENT)
    browser = Browser(lite_app)
    browser.log_in("homeless")
    assert "账号还没有关联住址" in browser.get("/").text


def test_who_is_no_resident_is_not_asked_for_an_address(lite_app: OpenAPI) -> None:
    add_account(lite_app, "org", Role.ORG)
    browser = Browser(lite_app)
    browser.log_in("org")
    assert "<h2>我的网格</h2>" not in browser.get("/").text


def test_a_resident_starts_in_the_community_of_the_home(app: OpenAPI, database: Database) -> None:
    two_communities(app, database)
    with database.write() as session:
        communities = dict(session.execute(select(AreaName.code, AreaName.area_id)).all())
        east = UnitCell.community_id == communities["C2"]
        home = Household(
            id=new_id(),
            community_id=communities["C2"],
            std_address="东社区1幢1单元101室",
            cell_id=session.scalar(select(UnitCell.id).where(east)),
            lived_from=date(2010, 1, 1),
        )
        session.add(home)
        household = home.id
    add_account(app, "resident", Role.RESIDENT, household_id=household)
    browser = Browser(app)
    browser.log_in("resident")
    community = data_of(browser.get("/report").text)["community"]
    assert isinstance(community, dict)
    assert community["code"] == "C2"
    text = browser.get("/?community=C1").text
    assert "第1网格" in text
    assert switch_of(text) == ("/", ["C1", "C2"], "C1")


def test_who_may_not_report_is_not_offered_it_and_residents_have_no_tasks(lite_app: OpenAPI) -> None:
    with services_of(lite_app).database.write() as session:
        made = world.found(session)
    pages = {}
    for role in (Role.EVALUATOR, Role.ADMIN, Role.RESIDENT, Role.STAFF):
        add_account(lite_app, role.value, role, area_id=made.areas["G1"])
        browser = Browser(lite_app)
        assert browser.log_in(role.value).status_code == 303
        pages[role] = browser.get("/").text
    assert {role for role, text in pages.items() if 'href="/report"' in text} == {Role.RESIDENT}
    assert {role for role, text in pages.items() if 'href="/cases/new"' in text} == {
        Role.RESIDENT,
        Role.STAFF,
    }
    assert {role for role, text in pages.items() if "mine=1" in text} == {Role.STAFF}


def test_ones_own_grids_are_told_by_name(lite_app: OpenAPI) -> None:
    with services_of(lite_app).database.write() as session:
        made = world.found(session)
    add_account(lite_app, "staff", Role.STAFF, area_id=made.areas["G1"])
    browser = Browser(lite_app)
    browser.log_in()
    assert "<dd>第1网格</dd>" in browser.get("/me").text
    told = browser.get("/api/v1/me").json
    assert (told["grids"], told["grid_names"]) == (["G1"], ["第1网格"])
