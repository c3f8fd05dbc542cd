"""The files of the phone's program: all there, small enough for a weak line, the same for everybody."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from tests.web.browsing import Browser
from web.assets import WEB
from web.texts import words_of_script

MOST_BYTES = 165_000
"""So much the program may weigh on the way, packed; with the data of a grid it is 250 kB at most."""


def files_of(browser: Browser) -> list[str]:
    worker = browser.get("/m/sw.js").text
    listed: list[str] = json.loads(re.search(r"const FILES = (.*);", worker)[1])  # type: ignore[index]
    return listed


def test_every_file_of_the_program_is_there_and_all_are_small(lite_app: OpenAPI) -> None:
    browser, weight = Browser(lite_app), 0
    files = files_of(browser)
    assert len(files) == len(set(files)) > 40
    for path in files:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers, path
        weight += len(gzip.compress(answer.data))
    assert weight <= MOST_BYTES, weight


@pytest.mark.parametrize("path", ["/m/", "/m/sw.js", "/m/words/zh.json", "/m/manifest.webmanifest"])
def test_what_a_worker_keeps_has_a_policy_without_a_nonce_and_is_asked_for_anew(
    lite_app: OpenAPI, path: str
) -> None:
    answer = Browser(lite_app).get(path)
    assert "nonce" not in answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "csrf" not in answer.text


def test_the_words_are_those_of_the_program(lite_app: OpenAPI) -> None:
    browser = Browser(lite_app)
    words: Any = browser.get("/m/words/en.json").json
    modules = [WEB / path.split("/", 3)[3] for path in files_of(browser) if path.endswith(".js")]
    needed = {word for module in modules if "vendor" not in module.parts for word in words_of_script(module)}
    assert set(words["text"]) == needed
    assert dict(words["labels"]["doors"])["verified"] == "Verified"
    assert browser.get("/m/words/zh.json").json["text"] == {}
    assert browser.get("/m/words/fr.json").status_code == 404


def test_the_manifest_names_icons_that_are_there(lite_app: OpenAPI) -> None:
    browser = Browser(lite_app)
    told: Any = json.loads(browser.get("/m/manifest.webmanifest").text)
    assert (told["scope"], told["start_url"], told["display"]) == ("/m/", "/m/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    assert all(browser.get(icon["src"]).status_code == 200 for icon in told["icons"])


def test_where_it_is_switched_off_the_worker_ends_itself(make_app: Any, spatialite: Any) -> None:
    text = Browser(make_app(spatialite, offline=False)).get("/m/sw.js").text
    assert "unregister" in text
    assert "FILES" not in text
    assert "outbox" not in text
