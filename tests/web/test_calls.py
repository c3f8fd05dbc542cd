"""Thousands of calls of everything in the description: no fault of the server, nothing without a right.

The calls come from the description itself, with ids of the demo mixed in, half of them of grids that are not
the member's own. No route of the interface changes an account, a password or a duty, so no caller can
lock itself out; limits on how often one may ask are off.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import hypothesis
import pytest
import schemathesis
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gisgrid.access.models import Role
from gisgrid.storage.engine import Database
from tests.conftest import NOW
from tests.demo_files import fill
from tests.web.aiming import Aim
from tests.web.browsing import add_account, add_token
from tests.web.calling import Call, Site, Tally
from tests.web.test_api_rights import rules

SEED: Final = 20261127
TRIO: Final = ("admin", "member01", "")
OTHERS: Final = (
    *("head", "staff", "leader", "grid_leader01", "steward01", "property01", "org01", "evaluator"),
    "resident01",
)
_API: Final = "/api/v1"


def call_all(site: Site, count: int, *, seed: int) -> Tally:
    """So many calls, as many of each route, by all people in turn."""
    tally = Tally()
    found = list(schemathesis.openapi.from_dict(site.description.document).get_all_operations())
    operations = [result.ok() for result in found]  # type: ignore[union-attr]
    each, more = divmod(count, len(operations))
    for place, operation in enumerate(operations):
        for call in calls_of(site, operation, each + (place < more), seed=seed + place):
            answer = site.send(call)
            tally.note(call, answer.status_code, list(site.faults(call, answer)))
    return tally


def calls_of(site: Site, operation: Any, count: int, *, seed: int) -> Iterator[Call]:
    """Calls of one route."""
    route, method = operation.path.removeprefix(_API), operation.method.upper()
    told = site.description.document["paths"][operation.path][operation.method.lower()]
    in_query = [one for one in told.get("parameters", []) if one["in"] == "query"]
    rng = random.Random(seed)
    aim = Aim(site.things, rng)
    for place, case in enumerate(cases_of(operation, count, seed=seed)):
        case.path_parameters = aim.of_path(route, case.path_parameters or {})
        has_body = "requestBody" in told
        yield Call(
            person=site.people[(place + seed) % len(site.people)],
            method=method,
            route=route,
            path=case.formatted_path,
            query=aim.of_query(in_query, dict(case.query or {})),
            body=aim.of_body(case.body) if has_body else None,
        )


def cases_of(operation: Any, count: int, *, seed: int) -> list[Any]:
    """So many drawn cases of a route, the same ones for the same seed."""
    found: list[Any] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), salt=st.integers(0, 2**40))
    def draw(case: Any, salt: int) -> None:
        del salt  # a route without parameters would be drawn once
        found.append(case)

    draw()
    return found


def settle(site: Site, tally: Tally, count: int, figures: list[tuple[str, object]]) -> None:
    """Note the figures, then say everything that was wrong."""
    described = sum(map(len, site.description.document["paths"].values()))
    figures += [*tally.figures().items(), ("routes described", described), ("seed", SEED)]
    told = [f"{times} times {fault}: {tally.examples[fault]}" for fault, times in tally.faults.most_common()]
    assert not told, "\n".join(told)
    assert tally.calls.total() >= count
    assert {(method, _API + route) for method, route in tally.routes} == described_routes(site)


def described_routes(site: Site) -> set[tuple[str, str]]:
    paths = site.description.document["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_the_calls_of_a_few_people_are_answered_by_right(
    demo: Database, make_app: Callable[..., OpenAPI], request: pytest.FixtureRequest
) -> None:
    site = Site(make_app(demo), TRIO)
    settle(site, call_all(site, 300, seed=SEED), 300, request.node.user_properties)
    assert_faults_are_seen(site)


def assert_faults_are_seen(site: Site) -> None:
    """The judge can fail: a good answer is a wrong one where somebody else gets it, or for another thing."""
    people = {(one.name, one.how): one for one in site.people}
    own, other = site.things.own["cases"][0], site.things.others["cases"][0]
    place = {"method": "GET", "route": "/cases/{id}", "query": {}, "body": None}
    call = Call(person=people["member01", "token"], path=f"{_API}/cases/{own}", **place)
    answer = site.send(call)
    assert (answer.status_code, list(site.faults(call, answer))) == (200, [])
    assert "without a right" in " ".join(site.faults(replace(call, person=people["", "nothing"]), answer))
    assert "another grid" in " ".join(site.faults(replace(call, path=f"{_API}/cases/{other}"), answer))
    start = replace(
        call, method="POST", route="/cases/{id}/start", person=people["member01", "reading token"]
    )
    assert "without a right" in " ".join(site.faults(start, answer))
    answer.status_code = 500
    assert len(list(site.faults(call, answer))) == 2


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("kind", "names", "count"),
    [("spatialite", TRIO, 10_000), ("postgis", TRIO, 2_000), ("spatialite", OTHERS, 5_000)],
    ids=["spatialite", "postgis", "everybody else"],
)
def test_ten_thousand_calls_are_answered_by_right(
    request: pytest.FixtureRequest,
    make_app: Callable[..., OpenAPI],
    kind: str,
    names: tuple[str, ...],
    count: int,
) -> None:
    database: Database = request.getfixturevalue("demo" if kind == "spatialite" else kind)
    if kind == "postgis":
        fill(database, now=NOW)
    site = Site(make_app(database), names)
    settle(site, call_all(site, count, seed=SEED), count, request.node.user_properties)


def test_a_method_that_is_not_described_opens_nothing(lite_app: OpenAPI) -> None:
    add_account(lite_app, "head", Role.HEAD)
    token = add_token(lite_app, "head")
    there = rules(lite_app)
    for rule in sorted({rule for _method, rule in there}):
        path = rule.replace("<int:number>", "1").replace("<", "").replace(">", "")
        client = lite_app.test_client()
        for place, method in enumerate(("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")):
            if (method, rule) not in there:
                for headers in ({}, token)[place % 2 :: 2]:
                    answer = client.open(path, method=method, headers=headers)
                    assert 400 <= answer.status_code < 500, (method, rule)
                    assert answer.mimetype == "application/problem+json", (method, rule)
        if ("GET", rule) in there:
            seen, head = client.get(path, headers=token), client.head(path, headers=token)
            assert (head.status_code, head.data) == (seen.status_code, b""), rule


def test_only_the_description_itself_is_not_described(lite_app: OpenAPI) -> None:
    document = lite_app.test_client().get("/api/v1/openapi.json").json or {}
    told = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    there = {
        (method, rule.replace("<int:", "<").replace("<path:", "<").translate(str.maketrans("<>", "{}")))
        for method, rule in rules(lite_app)
    }
    assert there - told == {("GET", "/api/v1/openapi.json")}
    assert not told - there
