"""A report that waited on a device goes out as who wrote it, whoever is logged in by then."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Account
from gisgrid.cases.core.models import Case
from tests.web.browsing import Browser, services_of
from tests.world import LAT, LON, STEP

HERE = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}


def reporters(app: OpenAPI) -> list[str | None]:
    statement = select(Account.name).select_from(Case).outerjoin(Account, Account.id == Case.reporter_id)
    with services_of(app).database.read() as session:
        return list(session.scalars(statement))


@pytest.mark.parametrize("written_by", ["", "member01", "Head"])
def test_what_another_wrote_is_not_sent_as_mine(app: OpenAPI, head: Browser, written_by: str) -> None:
    answer = head.post_json("/api/v1/cases", HERE | {"written_by": written_by})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json["faults"]] == ["written_by"]
    assert reporters(app) == []


@pytest.mark.parametrize("more", [{}, {"written_by": "head"}, {"written_by": None}])
def test_what_i_wrote_is_sent_as_mine(app: OpenAPI, head: Browser, more: dict[str, Any]) -> None:
    assert head.post_json("/api/v1/cases", HERE | more).status_code == 201
    assert reporters(app) == ["head"]


def test_what_a_member_wrote_is_not_sent_as_nobody(app: OpenAPI, head: Browser) -> None:
    del head
    client = app.test_client()
    refused = client.post("/api/v1/cases", json=HERE | {"written_by": "head"})
    assert refused.status_code == 422
    assert client.post("/api/v1/cases", json=HERE | {"written_by": ""}).status_code == 201
    assert reporters(app) == [None]
