"""An application of routes that were compiled before leads everywhere a first one leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import AnyConverter, BaseConverter, Rule
from werkzeug.routing.map import Map

from tests.web.routes_once import READ, WRITE, compile_once


class Small(BaseConverter):
    """Only small letters."""

    regex = "[a-z]+"


class Digits(BaseConverter):
    """Only digits."""

    regex = "[0-9]+"


@pytest.fixture
def anew() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def compiled(app: OpenAPI) -> list[tuple[object, ...]]:
    """What each rule of an application is compiled to, with two addresses written for it."""
    urls = Map([rule.empty() for rule in app.url_map.iter_rules()])
    found = []
    for rule in urls.iter_rules():
        reads = {name: (type(one), one.regex) for name, one in rule._converters.items()}
        values: dict[str, Any] = {name: _value(one) for name, one in rule._converters.items()}
        written = (rule.build(values), rule.build({**values, "more": "x"}))
        found.append((rule.endpoint, rule._parts, rule._trace, rule.arguments, reads, written))
    return found


def _value(converter: BaseConverter) -> Any:
    return min(converter.items) if isinstance(converter, AnyConverter) else 7


def test_every_route_is_compiled_to_what_werkzeug_compiles_it_to(
    lite_app: OpenAPI, anew: pytest.MonkeyPatch
) -> None:
    compiled(lite_app)  # whatever wasn't known is now
    once = compiled(lite_app)
    anew.setattr(Rule, "_parse_rule", READ)
    anew.setattr(Rule, "_compile_builder", WRITE)
    assert len(once) > 250
    assert once == compiled(lite_app)


def test_the_same_text_with_other_converters_is_another_rule(anew: pytest.MonkeyPatch) -> None:
    compile_once(anew)
    led = []
    for converter in (Small, Digits):
        app = Flask("things")
        app.url_map.converters["word"] = converter
        app.add_url_rule("/<word:object>", "thing", str)
        client = app.test_client()
        led.append([client.get(path).status_code for path in ("/abc", "/123")])
    assert led == [[200, 404], [404, 200]]


def test_rules_of_one_text_are_told_apart_by_their_defaults(anew: pytest.MonkeyPatch) -> None:
    compile_once(anew)
    urls = Map(
        [
            Rule("/list", endpoint="list", defaults={"page": 1}, methods=["GET"]),
            Rule("/list/<int:page>", endpoint="list", methods=["GET"]),
            Rule("/list", endpoint="other", methods=["POST"]),
        ]
    )
    here = urls.bind("localhost")
    assert here.match("/list", method="POST") == ("other", {})
    assert here.match("/list", method="GET") == ("list", {"page": 1})
    assert (here.build("list", {"page": 1}), here.build("list", {"page": 2})) == ("/list", "/list/2")
    assert here.build("other", method="POST") == "/list"
