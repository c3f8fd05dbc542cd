"""Whatever a request says, the answer is no fault of the server: random texts for every parameter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisgrid.access.models import Role
from gisgrid.storage.engine import Database
from tests import world
from tests.web.browsing import Browser, add_account, add_token

DAYS = ("0001-01-01", "1899-12-31", "1900-01-01", "2024-02-29", "2026-11-24", "2199-12-31", "9999-12-31")
ODD = (
    "",
    "\0",
    "a\0b",
    "nan",
    "inf",
    "-1",
    "1e400",
    "9" * 40,
    "%",
    "_",
    "\\",
    "'",
    "𠮷",
    "\ud7ff",
    "\t",
    "x" * 300,
)
NAMES = (
    *("as_of", "from", "to", "bbox", "near", "community", "level", "category", "distance", "simplify", "q"),
    *("by", "borders", "department", "count", "code"),
    *("limit", "page", "state", "grid", "type", "lon", "lat", "crs", "compare", "mine"),
)
PATHS = (
    *("areas", "areas/{}", "cells", "basemap", "buildings", "buildings/{}", "facilities", "hotspots", "heat"),
    *("coverage/elderly", "coverage/elderly/uncovered", "territories", "renovation", "households"),
    *("completeness", "completeness/gaps"),
    *("indicators", "indicators/cases", "indicators/pivot", "indicators.csv", "indicators/pivot.csv"),
    *("households/{}", "categories", "cases", "cases/{}", "locate", "hotspots.csv", "renovation.csv"),
)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True).map(str)
BOXES = st.lists(st.floats(-200, 200), min_size=2, max_size=4).map(lambda parts: ",".join(map(str, parts)))
VALUES = st.one_of(
    st.sampled_from(DAYS),
    st.sampled_from(ODD),
    st.sampled_from(["grid", "compound", "C1"]),
    NUMBERS,
    BOXES,
    st.text(),
)
ASKED = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
EXAMPLES = (25, pytest.param(1000, marks=pytest.mark.prove))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def caller(app: OpenAPI, database: Database) -> Any:
    """A program with the token of a head, in a small community."""
    with database.write() as session:
        made = world.found(session)
        world.add_household(session, world.add_building(session, made, 0, 0), "101")
    add_account(app, "head", Role.HEAD, area_id=made.community)
    client, headers = app.test_client(), add_token(app, "head")
    return lambda method, path, **sent: client.open(f"/api/v1/{path}", method=method, headers=headers, **sent)


def quick(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


@pytest.mark.parametrize("examples", EXAMPLES)
def test_no_query_is_a_fault_of_the_server(caller: Any, examples: int) -> None:
    @quick(examples)
    @given(path=st.sampled_from(PATHS), part=st.sampled_from([*ODD[2:], "G1"]), asked=ASKED)
    def check(path: str, part: str, asked: dict[str, str]) -> None:
        place = path.format(part.replace("%", "%25").replace("\0", "%00").replace("\t", "%09"))
        answer = caller("GET", place, query_string=asked)
        assert answer.status_code < 500, (path, asked)

    check()


@pytest.mark.parametrize("name", ["as_of", "from", "to"])
def test_no_day_is_a_fault_of_the_server(caller: Any, name: str) -> None:
    for day in DAYS:
        for path in ("areas", "hotspots", "renovation", "coverage/elderly", "cases", "heat"):
            assert caller("GET", path, query_string={name: day}).status_code < 500, (path, day)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_no_body_is_a_fault_of_the_server(caller: Any, examples: int) -> None:
    fields = ("lon", "lat", "category", "description", "datum", "building", "points", "crs", "name", "reason")

    @quick(examples)
    @given(
        path=st.sampled_from(["cases", "locate", "households/search", "households/x", "cases/x/close"]),
        body=st.dictionaries(st.sampled_from(fields), JSON, max_size=6) | JSON,
    )
    def check(path: str, body: Any) -> None:
        sent = json.dumps(body)  # also numbers that no application would write itself
        answer = caller("POST", path, data=sent, content_type="application/json")
        assert answer.status_code < 500, (path, body)

    check()


def test_the_character_nul_is_refused_everywhere(caller: Any) -> None:
    body = {"lon": world.LON, "lat": world.LAT, "category": "garbage", "description": "a\0b"}
    assert caller("POST", "cases", json=body).status_code == 400
    assert caller("GET", "households", query_string={"q": "a\0"}).status_code == 400
    assert caller("GET", "areas/G%001").status_code in {400, 404}


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_that_has_no_year_in_utc_is_refused(caller: Any, app: OpenAPI, until: str) -> None:
    assert caller("POST", "notices/read", json={"until": until}).status_code == 422
    browser = Browser(app)
    browser.log_in("head")
    assert browser.post("/notices/read", {"until": until}).status_code == 400


def test_ten_thousand_places_are_answered_and_one_more_is_refused(caller: Any) -> None:
    place = [world.LON + world.STEP / 2, world.LAT + world.STEP / 2]
    whole = caller("POST", "locate", json={"points": [place] * 10_000})
    assert len(whole.json["results"]) == 10_000
    assert caller("POST", "locate", json={"points": [place] * 10_001}).status_code == 422
