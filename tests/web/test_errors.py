"""What each error becomes: problem details for programs, plain Chinese for people, silence for secrets."""

from __future__ import annotations

import importlib
import logging
import pkgutil

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy.exc import OperationalError

import gisgrid
from gisgrid.access.models import Role
from gisgrid.errors import (
    Conflict,
    DatabaseBusy,
    Fault,
    GisgridError,
    InvalidInput,
    MissingPart,
    NotAllowed,
    NotFound,
)
from tests.web.browsing import Browser, add_account, add_token
from web.errors import STATUS, plain_words, status_of
from web.i18n import field_label
from web.problems import placed

SECRET = "张三 13800000000"

ERRORS = {
    "invalid": InvalidInput([Fault(message="first", field="unheard_of"), Fault(message="second", row=3)]),
    "forbidden": NotAllowed("this account may not do that"),
    "gone": NotFound("no such case"),
    "conflict": Conflict("the plan has moved on"),
    "busy": DatabaseBusy("another writer"),
    "part": MissingPart(f"no font {SECRET}"),
    "own": GisgridError(SECRET),
    "unknown": ValueError(SECRET),
    "locked": OperationalError("UPDATE resident", {"name": SECRET}, Exception("database is locked")),
    "broken": OperationalError("UPDATE resident", {"name": SECRET}, Exception(f"no such column {SECRET}")),
}
EXPECTED = {
    "invalid": 422,
    "forbidden": 403,
    "gone": 404,
    "conflict": 409,
    "busy": 503,
    "part": 503,
    "own": 500,
    "unknown": 500,
    "locked": 503,
    "broken": 500,
}


@pytest.fixture
def failing(lite_app: OpenAPI) -> OpenAPI:
    """The application with routes that fail, for programs and for people."""

    def fail(name: str) -> str:
        raise ERRORS[name]

    lite_app.add_url_rule("/api/v1/fail/<name>", "api_fail", fail)
    lite_app.add_url_rule("/fail/<name>", "fail", fail)
    add_account(lite_app, "head", Role.HEAD)
    return lite_app


def every_error() -> set[type[GisgridError]]:
    for module in pkgutil.walk_packages(gisgrid.__path__, "gisgrid."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    found, queue = set(), [GisgridError]
    while queue:
        kind = queue.pop()
        found.add(kind)
        queue += kind.__subclasses__()
    return {kind for kind in found if kind.__module__.startswith("gisgrid.")}


def test_every_error_of_the_core_has_its_status() -> None:
    assert every_error() - set(STATUS) == set()


def test_an_unlisted_error_takes_the_status_of_the_one_it_stands_on() -> None:
    class TooSmall(InvalidInput):
        pass

    assert status_of(TooSmall("too small")) == 422


@pytest.mark.parametrize("name", ERRORS)
def test_programs_get_a_problem(failing: OpenAPI, name: str) -> None:
    answer = failing.test_client().get(f"/api/v1/fail/{name}", headers=add_token(failing, "head"))
    assert answer.status_code == EXPECTED[name]
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert set(answer.json) == {"type", "title", "status", "detail", "faults"}
    assert answer.json["status"] == EXPECTED[name]
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", ERRORS)
def test_people_get_a_page_in_plain_chinese(failing: OpenAPI, name: str) -> None:
    browser = Browser(failing)
    browser.log_in("head")
    answer = browser.get(f"/fail/{name}")
    assert answer.status_code == EXPECTED[name]
    words = plain_words(EXPECTED[name])
    assert words.title in answer.text
    assert words.advice in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("name", "has_menu"), [("gone", True), ("conflict", True), ("busy", False), ("own", False)]
)
def test_who_is_logged_in_keeps_the_menu_where_the_database_is_well(
    failing: OpenAPI, name: str, *, has_menu: bool
) -> None:
    browser = Browser(failing)
    browser.log_in("head")
    assert ('<nav class="rail' in browser.get(f"/fail/{name}").text) == has_menu


def test_all_faults_come_at_once(failing: OpenAPI) -> None:
    answer = failing.test_client().get("/api/v1/fail/invalid", headers=add_token(failing, "head"))
    assert answer.json is not None
    assert answer.json["faults"] == [
        {"message": "first", "field": "unheard_of"},
        {"message": "second", "row": 3},
    ]
    assert answer.json["type"] == "urn:gisgrid:problem:invalid-input"


@pytest.mark.parametrize("name", ["busy", "locked"])
def test_a_busy_database_says_when_to_come_again(failing: OpenAPI, name: str) -> None:
    answer = failing.test_client().get(f"/api/v1/fail/{name}", headers=add_token(failing, "head"))
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("name", ["unknown", "own", "part", "broken"])
def test_logs_say_where_and_never_what(failing: OpenAPI, caplog: pytest.LogCaptureFixture, name: str) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = failing.test_client().get(f"/api/v1/fail/{name}", headers=add_token(failing, "head"))
    assert answer.json is not None
    written = caplog.text
    assert SECRET not in written
    assert "Traceback" not in written
    assert type(ERRORS[name]).__name__ in written
    assert "test_errors.py:" in written
    log_id = answer.json["detail"].rpartition("(")[2].rstrip(")")
    assert log_id in written


def test_who_is_not_logged_in_is_asked_to(failing: OpenAPI) -> None:
    program = failing.test_client().get("/api/v1/fail/forbidden")
    assert program.status_code == 401
    assert program.headers["WWW-Authenticate"] == "Bearer"
    person = failing.test_client().get("/fail/forbidden?a=1")
    assert (person.status_code, person.headers["Location"]) == (302, "/login?next=/fail/forbidden?a%3D1")


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/nope", 404), ("get", "/logout", 405)])
def test_errors_of_http_get_the_same_forms(lite_app: OpenAPI, method: str, path: str, status: int) -> None:
    person = getattr(lite_app.test_client(), method)(path)
    program = getattr(lite_app.test_client(), method)(path, headers={"Accept": "application/json"})
    assert person.status_code == program.status_code == status
    assert plain_words(status).title in person.text
    if status == 405:
        assert "POST" in person.headers["Allow"]


def test_json_that_cannot_be_read_is_called_so(failing: OpenAPI) -> None:
    answer = failing.test_client().post(
        "/api/v1/plans",
        data=b'{"name": ',
        headers={**add_token(failing, "head"), "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json and answer.json["title"]) == (400, "送来的 JSON 无法读取")


def test_a_field_of_an_edit_has_a_label_of_its_own(failing: OpenAPI) -> None:
    with failing.test_request_context("/api/v1/plans/1/edits", method="POST"):
        labels = [field_label("to", edit="paint"), field_label("line", edit=""), field_label("to")]
        assert [field_label("to", edit=kind) for kind in ("move", "transfer")] == ["移到的位置", "划给社区"]
    assert labels == ["划入网格", "线", "结束日期"]


def test_the_label_is_that_of_the_kind_of_edit(failing: OpenAPI) -> None:
    for sent, label in [({"op": "move", "to": 7, "from": 7}, "移到的位置"), ([], None), ({"op": 1}, None)]:
        with failing.test_request_context("/api/v1/plans/1/edits", method="POST", json=sent):
            assert placed(Fault(message="no", field="to")).label == (label or "划入网格")
