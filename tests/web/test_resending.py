"""A form that can't be taken just now is not lost: the page of the error holds it, and sends it again."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case, Category
from gisgrid.storage.engine import Database
from tests import world
from tests.locking import foreign_writer
from tests.web.browsing import Browser, add_account

FORM = {"category": "noise", "description": '两家\n"吵" <b>', "address": "柳岸新村2幢", "key": "once"}

pytestmark = pytest.mark.usefixtures("hasty")


@pytest.fixture
def member(lite_app: OpenAPI, spatialite: Database) -> Browser:
    with spatialite.write() as session:
        made = world.found(session)
        world.add_building(session, made, 1, 0, number="2")
        row = {"name": "噪声", "group": "g", "is_confidential": False, "severity": "big", "position": 9}
        session.add(Category(code="noise", **row))
    add_account(lite_app, "member", Role.MEMBER, area_id=made.areas["G1"])
    browser = Browser(lite_app)
    assert browser.log_in("member").status_code == 303
    return browser


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that the page of an error holds."""
    (form,) = re.findall(r'<form action="/cases/paste/keep" method="post">(.*?)</form>', page, re.DOTALL)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {unescape(name): unescape(value) for name, value in found}


def test_what_was_typed_beside_a_foreign_writer_is_sent_again_by_one_press(
    member: Browser, spatialite: Database
) -> None:
    with foreign_writer(spatialite.engine.url.database):
        answer = member.post("/cases/paste/keep", FORM)
    assert answer.status_code == 503
    assert "现在再发" in answer.text
    assert "<b>" not in answer.text
    assert "&lt;b&gt;" in answer.text
    fields = hidden(answer.text)
    assert {name: fields[name] for name in FORM} == FORM
    again = member.client.post("/cases/paste/keep", data=fields, headers={"Referer": "http://localhost/"})
    assert again.status_code == 303
    with spatialite.read() as session:
        (case,) = session.scalars(select(Case))
        assert case.description == FORM["description"]


def test_what_another_site_sends_gets_no_token_of_ours(member: Browser, spatialite: Database) -> None:
    with foreign_writer(spatialite.engine.url.database):
        answer = member.client.post("/cases/paste/keep", data=FORM | {"csrf_token": "theirs"})
        assert answer.status_code == 400
        assert "现在再发" not in answer.text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/login", {"username": "member", "password": "a long enough one"}),
        ("/me/pin", {"pin": "40291736", "pin_again": "40291736"}),
        ("/imports", {"kind": "cases", "file": (BytesIO(b"a,b\n"), "x.csv")}),
    ],
)
def test_passwords_and_files_are_not_given_back(
    member: Browser, spatialite: Database, path: str, form: dict[str, Any]
) -> None:
    with foreign_writer(spatialite.engine.url.database):
        answer = member.post(path, form)
    assert answer.status_code in {403, 503}
    assert "现在再发" not in answer.text
    assert "40291736" not in answer.text


def test_an_unknown_fault_keeps_what_was_typed(
    member: Browser, lite_app: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError(FORM["description"])

    lite_app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("web.cases.group_messages.propose", broken)
    answer = member.post("/cases/paste", {"message": "柳岸新村2幢太吵"})
    assert answer.status_code == 500
    assert 'name="message" value="柳岸新村2幢太吵"' in answer.text


def test_who_asks_too_often_keeps_what_was_typed(
    make_app: Callable[..., OpenAPI], spatialite: Database
) -> None:
    app = make_app(spatialite)
    browser = Browser(app)
    answers = [browser.post("/receipt", {"code": "AAAA-BBBB", "do": "find"}) for _ in range(40)]
    late = next((one for one in answers if one.status_code == 429), None)
    assert late is not None
    assert 'name="code" value="AAAA-BBBB"' in late.text
