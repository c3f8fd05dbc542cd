"""JSON nested beyond all bounds and months beyond the calendar are refused as bad input, on every route."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from gisgrid.cases.webhooks import delivery
from gisgrid.storage.engine import Database
from tests import world
from tests.web.browsing import add_account, add_token

DEPTHS = (40, 500, 990, 1020, 1100, 100_000)
FAR = ("9999-12", "9999-11", "2200-01", "1899-12", "0001-01")


@pytest.fixture
def caller(lite_app: OpenAPI, spatialite: Database) -> Any:
    """A program with the token of a head; a fault of the server is answered, not raised."""
    lite_app.config.update(RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    with spatialite.write() as session:
        made = world.found(session)
    add_account(lite_app, "head", Role.HEAD, area_id=made.community)
    client, headers = lite_app.test_client(), add_token(lite_app, "head")
    return lambda method, path, **sent: client.open(path, method=method, headers=headers, **sent)


def operations(caller: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation of the description: method, a path without braces, and what it says."""
    paths = caller("GET", "/api/v1/openapi.json").json["paths"]
    return [
        (method.upper(), path.replace("{", "").replace("}", ""), told)
        for path, methods in paths.items()
        for method, told in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]


def nested(depth: int, opening: str, closing: str) -> str:
    return opening * depth + "1" + closing * depth


def test_json_nested_too_deeply_is_bad_input_on_every_route(caller: Any) -> None:
    taking = [(method, path) for method, path, told in operations(caller) if "requestBody" in told]
    assert len(taking) > 40
    for method, path in taking:
        for depth in DEPTHS if path.endswith("/locate") else (900,):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                for text in (
                    nested(depth, opening, closing),
                    f'{{"points": {nested(depth, opening, closing)}}}',
                ):
                    answer = caller(method, path, data=text, content_type="application/json")
                    assert answer.status_code == 422, (method, path, depth, answer.text[:200])
    assert "nested too deeply" in answer.json["detail"] or "嵌套太深" in answer.text


def test_what_is_nested_as_maps_are_is_taken(caller: Any) -> None:
    place = [world.LON + world.STEP / 2, world.LAT + world.STEP / 2]
    assert caller("POST", "/api/v1/locate", json={"points": [place]}).status_code == 200
    shape = nested(8, '{"a":[', "]}")
    assert caller("POST", "/api/v1/locate", data=shape, content_type="application/json").status_code == 422


def test_broken_json_nested_deeply_is_bad_input(caller: Any) -> None:
    answer = caller("POST", "/api/v1/locate", data="[" * 100_000, content_type="application/json")
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("month", FAR)
def test_a_month_beyond_the_calendar_is_bad_input(caller: Any, month: str) -> None:
    asking = [
        (method, path)
        for method, path, told in operations(caller)
        if any(one["name"] == "month" for one in told.get("parameters", ()))
    ]
    assert len(asking) >= 5
    for method, path in asking:
        assert caller(method, path, query_string={"month": month}).status_code == 422, path
    body = {"month": month, "share": 0.5, "worker": "x", "mark": 1, "reason": "x"}
    for path in ("share", "marks", "appeals"):
        answer = caller("POST", f"/api/v1/appraisals/{path}", json=body)
        assert answer.status_code in {403, 404, 405, 422}, (path, answer.status_code)


@pytest.mark.parametrize("answer", [b"[" * 16_000, b'{"errcode":' * 1_400, b"\xff\xfe"])
def test_no_answer_of_a_receiver_stops_the_sending(answer: bytes) -> None:
    assert delivery._refused(answer) is None
