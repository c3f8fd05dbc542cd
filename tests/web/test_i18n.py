"""Chinese first; a choice holds in the session and in the browser."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask_openapi3.openapi import OpenAPI

from tests.web.browsing import Browser


def language_of(browser: Browser) -> str:
    return browser.get("/report").text.partition('<html lang="')[2].partition('"')[0]


def test_chinese_is_what_nobody_chose(lite_browser: Browser) -> None:
    headers = {"Accept-Language": "en-GB,en;q=0.9"}
    assert '<html lang="zh-CN">' in lite_browser.get("/report", headers=headers).text


def test_the_language_is_switched_and_switched_back(lite_browser: Browser) -> None:
    for chosen, shown in [("en", "en"), ("zh", "zh-CN")]:
        answer = lite_browser.post("/language", {"lang": chosen, "next": "/report?b=x"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/report?b=x")
        assert language_of(lite_browser) == shown


def test_the_choice_outlives_logging_in_and_out(lite_browser: Browser) -> None:
    lite_browser.post("/language", {"lang": "en"})
    lite_browser.log_in()
    assert language_of(lite_browser) == "en"
    lite_browser.post("/logout")
    assert language_of(lite_browser) == "en"


def test_the_cookie_remembers_when_the_session_is_gone(lite_browser: Browser) -> None:
    lite_browser.post("/language", {"lang": "en"})
    lite_browser.client.delete_cookie("gisgrid")
    assert language_of(lite_browser) == "en"


@pytest.mark.parametrize("lang", ["", "de", "../zh", "zh;DROP"])
def test_unknown_languages_are_refused(lite_browser: Browser, lang: str) -> None:
    assert lite_browser.post("/language", {"lang": lang}).status_code == 400
    lite_browser.client.set_cookie("lang", "de")
    assert language_of(lite_browser) == "zh-CN"


def test_days_and_times_are_those_of_the_place(lite_app: OpenAPI) -> None:
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    filters = lite_app.jinja_env.filters
    assert filters["day"](late) == "2026-11-24"
    assert filters["moment"](late) == "2026-11-24 00:30"
    assert filters["day"](date(2026, 11, 24)) == "2026-11-24"
    assert (filters["day"](None), filters["moment"](None)) == ("", "")
