"""Who a request is, whether it may write, and the headers of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from gisgrid.access.accounts import disable_account
from gisgrid.access.models import Role
from gisgrid.storage.engine import Database
from tests.web.browsing import LOCAL, Browser, add_account, add_token, services_of


@pytest.fixture
def written(lite_app: OpenAPI) -> OpenAPI:
    """The application with one route that writes and says who did it."""
    from flask import jsonify

    from web.context import current_actor

    @lite_app.post("/api/v1/echo")
    def echo() -> object:
        return jsonify(name=current_actor().name), 201

    add_account(lite_app, "staff", Role.STAFF)
    add_account(lite_app, "head", Role.HEAD)
    return lite_app


def test_cookie_without_token_of_forms_is_refused(written: OpenAPI) -> None:
    browser = Browser(written)
    browser.log_in()
    answer = browser.client.post("/api/v1/echo", json={})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_cookie_with_token_of_forms_writes(written: OpenAPI) -> None:
    browser = Browser(written)
    browser.log_in()
    answer = browser.post_json("/api/v1/echo", {})
    assert (answer.status_code, answer.json) == (201, {"name": "staff"})


def test_bearer_writes_without_token_of_forms(written: OpenAPI) -> None:
    answer = written.test_client().post("/api/v1/echo", json={}, headers=add_token(written, "head"))
    assert (answer.status_code, answer.json) == (201, {"name": "head"})
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Bearer ", "Bearer", "", "Basic c3RhZmY6eA==", "bearer gisgrid_x", "x y z"]
)
def test_cookie_never_helps_a_wrong_bearer(written: OpenAPI, value: str) -> None:
    browser = Browser(written)
    browser.log_in()
    answer = browser.post_json("/api/v1/echo", {}, Authorization=value)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].lower() == "bearer"
    assert browser.get("/me", headers={"Authorization": value}).status_code == 401


def test_the_bearer_counts_and_not_the_cookie_beside_it(written: OpenAPI) -> None:
    browser = Browser(written)
    browser.log_in("staff")
    answer = browser.client.post("/api/v1/echo", json={}, headers=add_token(written, "head"))
    assert (answer.status_code, answer.json) == (201, {"name": "head"})


def test_a_program_without_any_session_is_nobody_and_needs_no_token_of_forms(written: OpenAPI) -> None:
    answer = written.test_client().post("/api/v1/echo", json={})
    assert (answer.status_code, answer.json) == (201, {"name": ""})
    form = {"username": "staff", "password": "a long enough one"}
    assert written.test_client().post("/login", data=form).status_code == 400
    assert written.test_client().post("/api/v1/echo", data="x=1").status_code == 415


def test_nobody_with_token_of_forms_is_nobody(written: OpenAPI) -> None:
    answer = Browser(written).post_json("/api/v1/echo", {})
    assert (answer.status_code, answer.json) == (201, {"name": ""})


def test_a_token_of_forms_belongs_to_its_session(written: OpenAPI) -> None:
    mine, other = Browser(written), Browser(written)
    mine.log_in()
    foreign = {"X-CSRFToken": other.token()}
    assert mine.client.post("/api/v1/echo", json={}, headers=foreign).status_code == 400


def test_over_https_a_form_of_another_site_is_refused(
    spatialite: Database, make_app: Callable[..., OpenAPI]
) -> None:
    app = make_app(spatialite, https=True)
    browser = Browser(app, "https")
    assert browser.post("/language", {"lang": "en"}).status_code == 303
    foreign = browser.post("/language", {"lang": "en"}, headers={"Referer": "https://elsewhere.example/"})
    assert foreign.status_code == 400


def test_the_token_of_a_disabled_account_stops_at_once(written: OpenAPI) -> None:
    headers = add_token(written, "head")
    found = services_of(written)
    with found.database.write() as session:
        disable_account(session, LOCAL, "head", now=found.clock())
    assert written.test_client().post("/api/v1/echo", json={}, headers=headers).status_code == 401


def paths(app: OpenAPI) -> list[str]:
    filled = {
        re.sub(r"<[^>]+>", "x", str(rule)) for rule in app.url_map.iter_rules() if "GET" in rule.methods
    }
    return sorted({*filled, "/nowhere", "/api/v1/nowhere"})


@pytest.mark.parametrize("logged_in", [False, True])
def test_every_answer_carries_the_headers(
    *, lite_browser: Browser, lite_app: OpenAPI, logged_in: bool
) -> None:
    if logged_in:
        lite_browser.log_in()
    for path in paths(lite_app):
        if not path.startswith("/m/"):  # the phone's program has a policy without a nonce: test_phone_files
            with lite_browser.get(path) as answer:
                check_headers(answer)


def check_headers(answer: TestResponse) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    if answer.content_type.startswith("text/html"):
        nonce = policy.split("nonce-")[1].split("'")[0]
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert set(re.findall(r'nonce="([^"]+)"', answer.text)) <= {nonce}


def test_nonces_differ_and_every_script_has_one(lite_browser: Browser) -> None:
    lite_browser.log_in()
    seen = set()
    for path in ("/", "/maps/hotspots", "/report", "/login"):
        answer = lite_browser.get(path)
        seen.add(answer.headers["Content-Security-Policy"].split("nonce-")[1].split("'")[0])
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", answer.text):
            assert "nonce=" in tag
        assert not re.search(r"<[^>]+\s(?:style|on\w+)=", answer.text), path
    assert len(seen) == 4


def test_large_bodies_are_refused(lite_browser: Browser) -> None:
    answer = lite_browser.client.post("/login", data={"username": "x" * (17 * 1024 * 1024)})
    assert answer.status_code == 413


def test_malformed_json_is_told_from_wrong_json(written: OpenAPI) -> None:
    headers = add_token(written, "head") | {"Content-Type": "application/json"}
    answer = written.test_client().post("/api/v1/echo", data="{", headers=headers)
    assert answer.status_code == 400
    answer = written.test_client().post("/api/v1/echo", data='{"x": NaN}', headers=headers)
    assert answer.status_code == 400
    answer = written.test_client().post("/api/v1/echo", data="x=1", headers=add_token(written, "head"))
    assert answer.status_code == 415
