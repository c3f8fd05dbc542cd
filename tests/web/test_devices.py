"""Strangers who try passwords can't keep the owner of an account out, and gain nothing by it."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from gisgrid.access.logins import FREE_TRIES
from gisgrid.access.models import Role
from tests.web.browsing import PASSWORD, Browser, add_account


def lock(app: OpenAPI, name: str = "staff") -> Browser:
    """Somebody who knows the name and tries passwords until the account is locked."""
    stranger = Browser(app)
    for _ in range(FREE_TRIES):
        assert stranger.log_in(name, "wrong").status_code == 401
    return stranger


def test_a_lock_by_strangers_does_not_shut_out_a_known_browser(browser: Browser, app: OpenAPI) -> None:
    assert browser.log_in().status_code == 303
    browser.post("/logout")
    stranger = lock(app)
    assert browser.log_in().status_code == 303
    assert stranger.log_in("staff", PASSWORD).status_code == 401  # the lock still holds for strangers


def test_a_known_browser_still_needs_the_password_and_may_not_guess_on(
    lite_browser: Browser,
) -> None:
    lite_browser.log_in()
    lite_browser.post("/logout")
    seen = [lite_browser.log_in(password="wrong").status_code for _ in range(9)]
    assert set(seen) == {401}
    assert 429 in [lite_browser.log_in(password="wrong").status_code for _ in range(14)]
    assert lite_browser.get("/me").status_code == 302


def test_a_browser_known_to_one_account_is_a_stranger_to_others(
    lite_browser: Browser, lite_app: OpenAPI
) -> None:
    add_account(lite_app, "head", Role.HEAD)
    lite_browser.log_in()
    lite_browser.post("/logout")
    lock(lite_app, "head")
    assert lite_browser.log_in("head").status_code == 401


def test_a_forged_mark_is_worth_nothing(lite_browser: Browser, lite_app: OpenAPI) -> None:
    lite_browser.log_in()
    lite_browser.post("/logout")
    mark = lite_browser.client.get_cookie("gisgrid-known")
    assert mark is not None
    assert mark.http_only
    lock(lite_app)
    lite_browser.client.set_cookie("gisgrid-known", mark.value[:-2] + "xx")
    assert lite_browser.log_in().status_code == 401
