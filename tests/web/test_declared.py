"""The description names every status with its schema, and login is asked for before what was sent is read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.actions import RIGHTS, Action
from gisgrid.access.models import Role
from tests.web.browsing import add_account, add_token
from tests.web.declared import WATCHED, Description, described, description_of
from web.blueprints import Pages
from web.navigation import init_navigation
from web.security.gate import (
    Access,
    Open,
    access_by_endpoint,
    init_gate,
    is_public,
    refuse_unguarded,
    set_access,
)

FAILURES = {"400", "401", "403", "404", "409", "422", "503"}


def document_of(app: OpenAPI) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").json
    return found


def watched(app: OpenAPI) -> list[tuple[str, str, str]]:
    """Endpoint, method and rule of every route of plans and revisions."""
    return [
        (rule.endpoint, method, str(rule))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint.startswith(WATCHED)
    ]


def test_every_route_names_how_it_succeeds_and_how_it_fails(lite_app: OpenAPI) -> None:
    document = document_of(lite_app)
    routes = watched(lite_app)
    assert len(routes) > 20
    for _endpoint, method, rule in routes:
        told = document["paths"][described(rule)][method.lower()]["responses"]
        assert told.keys() >= FAILURES, rule
        good = [status for status in told if status in {"200", "201", "202"}]
        assert len(good) == 1, (method, rule)
        for status in (*good, *FAILURES):
            assert all(one["schema"] for one in told[status]["content"].values()), (rule, status)


def test_what_is_not_described_is_found() -> None:
    """The watch over all tests of these routes can fail."""
    shape = {"type": "object", "required": ["id"]}
    told = {"200": {"content": {"application/json": {"schema": shape}}}}
    description = Description({"components": {}, "paths": {"/a": {"get": {"responses": told}}}})
    assert description.fault_of(("/a", "get", "200", "application/json", b'{"id": 1}')) is None
    assert description.fault_of(("/a", "get", "418", "application/json", b"{}")) == "GET /a 418"
    assert description.fault_of(("/a", "get", "200", "text/csv", b"")) == "GET /a 200 text/csv"
    assert "'id' is a required property" in str(
        description.fault_of(("/a", "get", "200", "application/json", b"{}"))
    )


def test_operations_that_say_the_same_are_held_against_one_schema_each_by_its_own() -> None:
    """What is compiled once for many operations lets none of them answer as another may."""

    def answers(name: str) -> dict[str, Any]:
        shape = {"type": "object", "properties": {name: {}}, "additionalProperties": False}
        return {"get": {"responses": {"200": {"content": {"application/json": {"schema": shape}}}}}}

    paths = {"/a": answers("id"), "/b": answers("id"), "/c": answers("code")}
    description = Description({"components": {}, "paths": paths})
    told = {
        (path, body.decode()): description.fault_of((path, "get", "200", "application/json", body))
        for body in (b'{"id": 1}', b'{"code": 1}')
        for path in paths
    }
    wrong = {key for key, fault in told.items() if fault is not None}
    assert wrong == {("/a", '{"code": 1}'), ("/b", '{"code": 1}'), ("/c", '{"id": 1}')}


def test_a_field_that_is_not_described_is_found(lite_app: OpenAPI) -> None:
    description = description_of(lite_app)
    category = {"code": "noise", "name": "噪声", "name_en": None, "group": "环境", "confidential": False}
    where = ("/api/v1/categories", "get", "200", "application/json")
    assert description.fault_of((*where, json.dumps({"rows": [category]}).encode())) is None
    more = json.dumps({"rows": [{**category, "icon": "horn"}]}).encode()
    assert "'icon' was unexpected" in str(description.fault_of((*where, more)))


def test_every_route_of_plans_asks_who_it_is_first(lite_app: OpenAPI) -> None:
    rights = {endpoint: access.right for endpoint, access in access_by_endpoint(lite_app).items()}
    assert all(isinstance(rights[endpoint], Action) for endpoint, _method, _rule in watched(lite_app))
    assert rights.keys() == {rule.endpoint for rule in lite_app.url_map.iter_rules()}


def test_a_route_that_says_no_right_cannot_be_made() -> None:
    pages = Pages("things", __name__)
    with pytest.raises(TypeError, match="right"):
        pages.get("/things")
    app = Flask("things")
    init_gate(app)
    init_navigation(app)
    pages.get("/things", right=Action.AREAS_VIEW)(lambda: "")
    pages.register(app)
    set_access(app, {"static": Access(right=Open.PUBLIC)})
    refuse_unguarded(app)
    app.add_url_rule("/others", "others", lambda: "")
    with pytest.raises(LookupError, match="others"):
        refuse_unguarded(app)


def test_a_view_says_its_right_once() -> None:
    def view() -> str:
        return ""

    pages = Pages("things", __name__)
    pages.get("/things", right=Action.AREAS_VIEW)(view)
    pages.post("/things", right=Action.AREAS_VIEW)(view)
    with pytest.raises(ValueError, match="twice"):
        pages.put("/things", right=Action.AREAS_IMPORT)(view)


@pytest.mark.parametrize("who", [None, Role.RESIDENT, Role.ADMIN, Role.MEMBER, Role.LEADER])
def test_login_and_right_come_before_the_arguments(lite_app: OpenAPI, who: Role | None) -> None:
    """Whatever is wrong with a request: who may not ask at all is told that, and nothing of its fields."""
    lite_app.config["RATELIMIT_ENABLED"] = False
    headers = {}
    if who is not None:
        add_account(lite_app, who.value, who)
        headers = add_token(lite_app, who.value)
    client, refused = lite_app.test_client(), 0
    for rule in lite_app.url_map.iter_rules():
        action = access_by_endpoint(lite_app)[rule.endpoint].right
        if not (rule.endpoint.startswith("api_") and isinstance(action, Action)) or is_public(action):
            continue
        if who is not None and who in RIGHTS[action]:
            continue
        path = re.sub("<int:[a-z]+>", "0", str(rule)).replace("<id>", "x" * 50).replace("<job>", "x" * 50)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            sent = {"json": {"op": 1}} if method != "GET" else {}
            answer = client.open(f"{path}?as_of=x&revision=x", method=method, headers=headers, **sent)
            assert answer.status_code == (401 if who is None else 403), (method, rule)
            assert "faults" not in answer.json or not answer.json["faults"]
            refused += 1
    assert refused or who == Role.LEADER
