"""Logging in and out, how long it lasts, what ends it, and where one lands."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.sessions import SecureCookieSessionInterface
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import update

from gisgrid.access.accounts import disable_account, set_password, set_role
from gisgrid.access.logins import FREE_TRIES
from gisgrid.access.models import Account, Role
from gisgrid.storage.engine import Database
from tests.web.browsing import LOCAL, PASSWORD, Browser, add_account, services_of
from tests.web.conftest import Clock
from web.security.sessions import safe_next

PIN = "40291736"


def is_in(browser: Browser) -> bool:
    return browser.get("/me").status_code == 200


def test_the_right_password_opens_and_logging_out_closes(browser: Browser) -> None:
    assert not is_in(browser)
    assert browser.log_in().status_code == 303
    assert is_in(browser)
    assert browser.post("/logout").status_code == 303
    assert not is_in(browser)


def test_logging_out_ends_a_copied_cookie_too(browser: Browser, app: OpenAPI) -> None:
    browser.log_in()
    thief = copy_of(browser, app)
    assert is_in(thief)
    browser.post("/logout")
    assert not is_in(thief)
    assert thief.get("/api/v1/me").status_code == 401


def test_logging_out_ends_what_a_phone_remembers_for_a_copied_cookie_too(app: OpenAPI, clock: Clock) -> None:
    add_account(app, "member", Role.MEMBER)
    phone = Browser(app)
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    thief = copy_of(phone, app)
    clock.turn(hours=13)  # the phone asks for the PIN: logging out works all the same
    assert phone.post("/logout").status_code == 303
    assert thief.post("/login/pin", {"pin": PIN}).status_code == 401
    assert not is_in(thief)


def test_logging_in_again_ends_the_session_before_it(browser: Browser, app: OpenAPI) -> None:
    browser.log_in()
    before = copy_of(browser, app)
    browser.log_in()
    assert is_in(browser)
    assert not is_in(before)


def test_all_others_are_ended_and_this_one_goes_on(browser: Browser, app: OpenAPI, clock: Clock) -> None:
    phone, desk, other = Browser(app), Browser(app), Browser(app)
    add_account(app, "head", Role.HEAD)
    for one in (browser, phone, desk):
        one.log_in()
    other.log_in("head")
    assert "还有 2 处登录着" in browser.get("/me").text
    assert browser.post("/me/sessions/end-others").headers["Location"] == "/me"
    assert [is_in(one) for one in (browser, phone, desk, other)] == [True, False, False, True]
    assert "other-sessions" not in browser.get("/me").text
    phone.log_in()
    clock.turn(hours=13)
    browser.log_in()
    assert "other-sessions" not in browser.get("/me").text  # what is over by itself runs nowhere


def copy_of(browser: Browser, app: OpenAPI) -> Browser:
    """Somebody else's browser with a copy of this one's cookies."""
    thief = Browser(app)
    cookie = browser.client.get_cookie("gisgrid")
    assert cookie
    thief.client.set_cookie("gisgrid", cookie.value)
    return thief


@pytest.mark.parametrize(
    ("name", "password"), [("staff", "wrong"), ("nobody", PASSWORD), ("", ""), ("local", ""), ("'; --", "x")]
)
def test_every_refusal_reads_the_same(lite_browser: Browser, name: str, password: str) -> None:
    def seen(answer_name: str, answer_password: str) -> tuple[int, str]:
        answer = lite_browser.log_in(answer_name, answer_password)
        text = re.sub(r'nonce="[^"]+"|csrf_token" value="[^"]+"| value="[^"]*">', "", answer.text)
        return answer.status_code, re.sub(r"nonce-[^']+|\"csrf\": *\"[^\"]+\"", "", text)

    assert seen(name, password) == seen("staff", "another wrong one")
    assert seen(name, password)[0] == 401


def test_a_lock_looks_like_a_wrong_password_and_opens_again(browser: Browser, clock: Clock) -> None:
    for _ in range(FREE_TRIES):
        assert browser.log_in(password="wrong").status_code == 401
    assert browser.log_in().status_code == 401
    clock.turn(seconds=61)
    assert browser.log_in().status_code == 303


def test_a_new_password_ends_sessions_everywhere(browser: Browser, app: OpenAPI) -> None:
    phone = Browser(app)
    browser.log_in()
    phone.log_in()
    found = services_of(app)
    with found.database.write() as session:
        set_password(session, LOCAL, "staff", "another long one", now=found.clock())
    assert not is_in(browser)
    assert not is_in(phone)
    assert browser.log_in(password="another long one").status_code == 303
    assert is_in(browser)


@pytest.mark.parametrize("change", ["role", "disable"])
def test_a_new_role_or_disabling_ends_the_session(browser: Browser, app: OpenAPI, change: str) -> None:
    browser.log_in()
    found = services_of(app)
    with found.database.write() as session:
        if change == "role":
            set_role(session, LOCAL, "staff", Role.HEAD, now=found.clock())
        else:
            disable_account(session, LOCAL, "staff", now=found.clock())
    assert not is_in(browser)


def test_an_office_session_ends_after_twelve_hours(browser: Browser, clock: Clock) -> None:
    browser.log_in(stay="1")
    clock.turn(hours=11.9)
    assert is_in(browser)
    clock.turn(hours=0.2)
    assert not is_in(browser)


def test_a_grid_member_may_stay_for_thirty_days(app: OpenAPI, clock: Clock) -> None:
    add_account(app, "member", Role.MEMBER)
    phone, desk = Browser(app), Browser(app)
    phone.log_in("member")
    assert phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"}).status_code == 303
    desk.log_in("member")
    clock.turn(hours=13)
    assert not is_in(desk)
    for _ in range(8):  # 28 days
        assert not is_in(phone)
        assert 'action="/login/pin"' in phone.get("/login?next=/me").text
        assert phone.post("/login/pin", {"pin": PIN, "next": "/me"}).headers["Location"] == "/me"
        assert is_in(phone)
        clock.turn(days=3.5)
    clock.turn(days=2)
    assert 'action="/login/pin"' not in phone.get("/login").text
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 401
    assert not is_in(phone)


def test_staying_on_a_phone_needs_a_pin(app: OpenAPI, clock: Clock) -> None:
    add_account(app, "member", Role.MEMBER)
    phone = Browser(app)
    phone.log_in("member", stay="1")
    clock.turn(hours=13)
    assert not is_in(phone)
    assert 'action="/login/pin"' not in phone.get("/login").text
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN})
    phone.post("/logout")
    phone.log_in("member", stay="1")
    clock.turn(hours=13)
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 303
    assert is_in(phone)


def test_five_wrong_pins_end_what_the_phone_remembers(app: OpenAPI, clock: Clock) -> None:
    app.config["RATELIMIT_ENABLED"] = False
    add_account(app, "member", Role.MEMBER)
    phone, other = Browser(app), Browser(app)
    for device in (phone, other):
        device.log_in("member")
        device.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    clock.turn(hours=13)
    for _ in range(4):
        answer = phone.post("/login/pin", {"pin": "000001"})
        assert answer.status_code == 401
        assert 'action="/login/pin"' in answer.text
    last = phone.post("/login/pin", {"pin": "000001"})
    assert 'action="/login/pin"' not in last.text
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 401
    assert other.post("/login/pin", {"pin": PIN}).status_code == 401
    assert phone.log_in("member").status_code == 303


def test_the_right_pin_among_wrong_ones_at_once_opens(app: OpenAPI, clock: Clock) -> None:
    """Fewer than five wrong ones end nothing, in whatever order they are looked at."""
    app.config["RATELIMIT_ENABLED"] = False
    add_account(app, "member", Role.MEMBER)
    phone = Browser(app)
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    clock.turn(hours=13)
    copies = [copy_of(phone, app) for _number in range(4)]
    tokens = [copy.token() for copy in copies]
    begin = threading.Barrier(len(copies))

    def guess(copy: Browser, token: str, pin: str) -> int:
        begin.wait()
        form = {"pin": pin, "csrf_token": token}
        return copy.client.post("/login/pin", data=form, base_url=copy.base).status_code

    with ThreadPoolExecutor(len(copies)) as pool:
        found = list(pool.map(guess, copies, tokens, ["000001", "000002", PIN, "000003"]))
    assert found == [401, 401, 303, 401]
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 303


def test_a_password_sets_the_count_of_wrong_pins_to_nothing(app: OpenAPI, clock: Clock) -> None:
    """Also a try that was counted and never looked at, as when the machine stops, shuts nobody out."""
    app.config["RATELIMIT_ENABLED"] = False
    add_account(app, "member", Role.MEMBER)
    phone = Browser(app)
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    with services_of(app).database.write() as session:
        session.execute(update(Account).where(Account.name == "member").values(pin_failures=5))
    assert phone.log_in("member", stay="1").status_code == 303
    clock.turn(hours=13)
    assert phone.post("/login/pin", {"pin": "000001"}).status_code == 401
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 303


def test_the_language_can_be_changed_after_a_wrong_password_or_pin(lite_app: OpenAPI, clock: Clock) -> None:
    """The form that was refused is shown again in the other language, and still leads on to the same page."""
    add_account(lite_app, "member", Role.MEMBER)
    phone = Browser(lite_app)
    refused = phone.log_in("member", "not the password", next="/me/trail")
    again = phone.post("/language", {"lang": "en", "next": leads_back(refused.text)}, follow_redirects=True)
    assert (again.status_code, 'lang="en"' in again.text) == (200, True)
    assert 'name="next" value="/me/trail"' in again.text
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    clock.turn(hours=13)
    refused = phone.post("/login/pin", {"pin": "000001", "next": "/me/trail"})
    again = phone.get(leads_back(refused.text))
    assert (again.status_code, 'action="/login/pin"' in again.text) == (200, True)
    assert 'name="next" value="/me/trail"' in again.text


def leads_back(page: str) -> str:
    """Where the button for the language leads."""
    form = page.partition('action="/language"')[2].partition('name="next" value="')[2]
    return html.unescape(form.partition('"')[0])


@pytest.mark.parametrize("change", ["role", "password", "disable"])
def test_a_new_password_or_role_ends_what_a_phone_remembers(app: OpenAPI, change: str) -> None:
    add_account(app, "member", Role.MEMBER)
    phone = Browser(app)
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    found = services_of(app)
    with found.database.write() as session:
        if change == "role":
            set_role(session, LOCAL, "member", Role.STAFF, now=found.clock())
        elif change == "disable":
            disable_account(session, LOCAL, "member", now=found.clock())
        else:
            set_password(session, LOCAL, "member", "another long one", now=found.clock())
    assert not is_in(phone)
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 401


@pytest.mark.parametrize(
    "pin",
    ["", "1234567", "402917", "11111111", "12345678", "87654321", "12ab5678", "１２９４５６７８", "1" * 13],
)
def test_a_pin_is_eight_figures_that_nobody_guesses_first(lite_app: OpenAPI, pin: str) -> None:
    add_account(lite_app, "member", Role.MEMBER)
    phone = Browser(lite_app)
    phone.log_in("member")
    assert phone.post("/me/pin", {"pin": pin, "pin_again": pin}).status_code == 422
    assert phone.post("/me/pin", {"pin": PIN, "pin_again": PIN + "1"}).status_code == 422


def test_without_the_pin_a_phone_no_longer_stays(lite_app: OpenAPI, clock: Clock) -> None:
    add_account(lite_app, "member", Role.MEMBER)
    phone = Browser(lite_app)
    phone.log_in("member")
    phone.post("/me/pin", {"pin": PIN, "pin_again": PIN, "stay": "1"})
    assert phone.post("/me/pin", {"drop": "1"}).status_code == 303
    assert is_in(phone)
    clock.turn(hours=13)
    assert not is_in(phone)
    assert phone.post("/login/pin", {"pin": PIN}).status_code == 401


def test_a_cookie_planted_before_login_is_worth_nothing(lite_browser: Browser) -> None:
    old = lite_browser.token("/login")
    lite_browser.log_in()
    answer = lite_browser.client.post("/language", data={"lang": "en", "csrf_token": old})
    assert answer.status_code == 400


def test_the_cookie_holds_nothing_personal(lite_browser: Browser, lite_app: OpenAPI) -> None:
    lite_browser.log_in()
    cookie = lite_browser.client.get_cookie("gisgrid")
    assert cookie is not None
    serializer = SecureCookieSessionInterface().get_signing_serializer(lite_app)
    assert serializer is not None
    held = serializer.loads(cookie.value)
    assert set(held) <= {"_user_id", "_fresh", "until", "csrf_token", "lang", "_permanent"}
    assert "staff" not in str(held)
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert not cookie.secure


def test_over_https_the_cookie_is_bound_to_host_and_https(
    spatialite: Database, make_app: Callable[..., OpenAPI]
) -> None:
    app = make_app(spatialite, https=True)
    add_account(app, "staff", Role.STAFF)
    browser = Browser(app, "https")
    browser.log_in()
    cookie = browser.client.get_cookie("__Host-gisgrid")
    assert cookie is not None
    assert cookie.secure
    assert cookie.path == "/"
    assert is_in(browser)


def test_a_forged_cookie_is_nobody(lite_browser: Browser) -> None:
    lite_browser.client.set_cookie("gisgrid", "eyJfdXNlcl9pZCI6IngifQ.aaaa.bbbb")
    assert not is_in(lite_browser)


HOSTILE = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "///elsewhere.example",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "javascript:alert(1)",
    "/\t/elsewhere.example",
    "/\r\nLocation: x",
    "http:elsewhere.example",
    "maps",
    "",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_no_address_leads_off_the_site(lite_browser: Browser, target: str) -> None:
    assert safe_next(target) == "/"
    assert lite_browser.log_in(next=target).headers["Location"] == "/"
    assert lite_browser.post("/language", {"lang": "en", "next": target}).headers["Location"] == "/"
    assert lite_browser.get("/login", query_string={"next": target}).headers["Location"] == "/"


def test_one_lands_where_one_wanted_to_go(lite_browser: Browser) -> None:
    wanted = "/maps/hotspots?from=2026-01-01&area=G1"
    answer = lite_browser.get(wanted)
    assert answer.status_code == 302
    form = lite_browser.get(answer.headers["Location"])
    assert 'name="next" value="/maps/hotspots?from=2026-01-01&amp;area=G1"' in form.text
    assert lite_browser.log_in(next=wanted).headers["Location"] == wanted
