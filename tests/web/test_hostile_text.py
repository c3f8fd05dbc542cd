"""Names that try to run: what the server sends of them is text, whoever asks, on every page and export."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from gisgrid.access.models import Role
from gisgrid.storage.engine import Database
from tests import hostile_world
from tests.conftest import NOW
from tests.demo_files import PASSWORD
from tests.hostile_world import PAYLOADS, HostileWorld
from tests.web.browsing import Browser

PAGES = (
    *("/", "/me", "/maps/hotspots", "/maps/elderly", "/maps/territories", "/maps/needs", "/elders", "/needs"),
    *("/find", "/cases", "/cases/new"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
each_payload = pytest.mark.parametrize("payload", PAYLOADS)


class Markup(HTMLParser):
    """Counts what a browser would run or load, and keeps the text of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.scripts: list[str] = []
        self._is_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, its handlers, and whether a script that runs begins."""
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self._is_script = tag == "script" and dict(attrs).get("type") != "application/json"

    def handle_endtag(self, tag: str) -> None:
        """Note that a script ends."""
        self._is_script = self._is_script and tag != "script"

    def handle_data(self, data: str) -> None:
        """Keep what stands in a script that runs."""
        if self._is_script:
            self.scripts.append(data)


def fill(database: Database, *texts: str) -> HostileWorld:
    with database.write() as session:
        return hostile_world.build(session, texts, now=NOW)


def logged_in(app: OpenAPI, made: HostileWorld, role: Role) -> Browser:
    browser = Browser(app)
    answer = browser.log_in(made.accounts[role], PASSWORD)
    assert answer.status_code == 303
    return browser


def assert_harmless(text: str, payload: str) -> None:
    """No element, handler or script text came from a payload."""
    markup = Markup(text)
    assert "img" not in markup.tags
    assert not markup.handlers
    assert not [script for script in markup.scripts if payload in script or "hacked" in script]
    if "<" in payload:
        assert payload not in text


@each_payload
def test_no_page_holds_a_typed_text_as_markup(lite_app: OpenAPI, spatialite: Database, payload: str) -> None:
    made = fill(spatialite, payload)
    paths = [*PAGES, *(f"/cases/{case}" for case in made.cases[:2])]
    for role in hostile_world.ROLES:
        browser = logged_in(lite_app, made, role)
        answers = [browser.get(path) for path in paths]
        assert any(answer.status_code == 200 for answer in answers), role
        for answer in answers:
            assert_harmless(answer.text, payload)


@each_payload
def test_what_a_visitor_types_comes_back_as_text(
    lite_app: OpenAPI, spatialite: Database, payload: str
) -> None:
    fill(spatialite, payload)
    browser = Browser(lite_app)
    for path in ("/login", "/report", "/nowhere", "/maps/hotspots"):
        for name in ("next", "receipt", "q", "community", "as_of"):
            assert_harmless(browser.get(path, query_string={name: payload}).text, payload)
    assert_harmless(browser.get(f"/{payload}").text, payload)
    assert_harmless(browser.log_in(payload, payload).text, payload)


@each_payload
def test_json_is_sent_as_json_and_never_guessed(
    lite_app: OpenAPI, spatialite: Database, payload: str
) -> None:
    made = fill(spatialite, payload)
    browser = logged_in(lite_app, made, Role.HEAD)
    for path in ("areas", "territories", "basemap", "buildings", f"households/{made.households[0]}"):
        answer = browser.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert re.match(r"application/(geo\+)?json", answer.content_type)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_cell_of_an_export_starts_a_formula(lite_app: OpenAPI, spatialite: Database) -> None:
    made = fill(spatialite, *PAYLOADS, "+1", "-1", "@SUM(A1)", "\t=1")
    exports = [rule.rule for rule in lite_app.url_map.iter_rules() if rule.rule.endswith(".csv")]
    assert len(exports) >= 5
    for role in (Role.HEAD, Role.MEMBER, Role.LEADER):
        browser = logged_in(lite_app, made, role)
        answers = {path: browser.get(path) for path in exports}
        read = {path: answer for path, answer in answers.items() if answer.status_code == 200}
        assert len(read) >= 3, role
        for path, answer in read.items():
            cells = cells_of(answer)
            formulas = [cell for cell in cells if cell.startswith(FORMULA) and not is_number(cell)]
            assert not formulas, (role, path)


def cells_of(answer: TestResponse) -> list[str]:
    rows = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    return [cell for row in rows for cell in row]


def is_number(cell: str) -> bool:
    """A change of minus three is a number, not a formula."""
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None and len(cell) < 8


def test_the_exports_hold_the_hostile_names(lite_app: OpenAPI, spatialite: Database) -> None:
    browser = logged_in(lite_app, fill(spatialite, "=cmd|'/C calc'!A0"), Role.HEAD)
    text = browser.get("/api/v1/territories.csv").get_data().decode("utf-8-sig")
    assert "'=cmd|'/C calc'!A0" in text


def test_this_test_would_notice() -> None:
    for payload in PAYLOADS:
        with pytest.raises(AssertionError):
            assert_harmless(f"<p>{payload}</p><script>let name = `{payload}`;</script>", payload)
