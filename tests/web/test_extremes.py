"""First and last days, the largest and the oddest numbers and texts, for every parameter of the interface."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.models import Role, Worker
from gisgrid.cases.core.models import Case
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Building, Household
from gisgrid.redraw.plans import store
from gisgrid.storage.engine import Database
from tests import world
from tests.exporting import stocked
from tests.web.browsing import add_account, add_token
from tests.web.extremes import Extreme, Sweep

_OWN: Final = 4
"""So many of the values of a parameter are of its own kind: days, numbers, texts."""
NOT_TOLD: Final = ("Traceback", "sqlalchemy", "psycopg", "OverflowError", "ValueError", "Timestamp")


class Desk:
    """A head and an administrator before a community that has something of everything."""

    def __init__(self, app: OpenAPI, sweep: Sweep) -> None:
        self.sweep, self.client = sweep, app.test_client()
        self.headers = {name: add_token(app, name) for name in ("head", "admin")}

    def answer(self, call: Extreme, name: str) -> str | None:
        """What is wrong with the answer to a call; nothing where it is one."""
        sent: dict[str, Any] = {"query_string": call.query}
        if call.body is not None:
            sent |= {"data": call.body, "content_type": "application/json"}
        answer = self.client.open(call.path, method=call.method, headers=self.headers[name], **sent)
        where = f"{name} {call.method} {call.route} {call.what}: {answer.status_code}"
        if answer.status_code >= 500:
            return where
        if answer.status_code < 400:
            return None
        told = answer.get_json(silent=True)
        if not isinstance(told, dict) or not str(told.get("detail") or told.get("title") or "").strip():
            return f"{where} says nothing: {answer.text[:80]}"
        leaked = next((word for word in NOT_TOLD if word in answer.text), None)
        return f"{where} tells {leaked}" if leaked else None


@pytest.fixture
def desk(app: OpenAPI, database: Database, tmp_path: Path, now: datetime) -> Desk:
    app.config.update(RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    depot = stocked(database, tmp_path / "out", now)
    add_account(app, "head", Role.HEAD, area_id=depot.world.community)
    add_account(app, "admin", Role.ADMIN)
    with database.write() as session:
        plan = store.new_plan(depot.world.view(session, now=now), "drawn", now=now).id
        ids = {
            "cases": session.scalars(select(Case.id).order_by(Case.fid)).first(),
            "households": session.scalars(select(Household.id).order_by(Household.fid)).first(),
            "residents": session.scalars(select(Resident.id)).first(),
            "buildings": session.scalars(select(Building.id).order_by(Building.fid)).first(),
            "plans": plan,
        }
        worker = session.scalars(select(Worker.id)).first()
        cell = world.cell_id(session, 0, 0)
    day = (now - timedelta(days=3)).date().isoformat()
    usual = {
        "lon": world.LON, "lat": world.LAT, "category": "garbage", "description": "堆物", "level": "grid",
        "code": "G1", "grid": "G1", "community": "C1", "plan": plan, "a": plan, "b": plan, "layer": "cases",
        "format": "csv", "month": "2026-10", "worker": worker, "handler": worker, "cells": [cell],
        "cell": cell, "area": "G1", "revision": 1, "number": 1, "reason": "核对", "text": "好", "q": "柳岸",
        "from": day, "points": [[world.LON, world.LAT]], "near": f"{world.LON},{world.LAT}",
        "name": "示例甲", "kind": "cases", "purpose": "registration", "ids": [ids["cases"]],
        "edit": {"op": "paint", "cells": [cell], "to": "G2"},
    }  # fmt: skip
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    return Desk(app, Sweep(document=document, usual=usual, ids={name: str(one) for name, one in ids.items()}))


def faults(desk: Desk, calls: list[Extreme], name: str) -> list[str]:
    return [wrong for call in calls if (wrong := desk.answer(call, name))]


def by_place(every: list[Extreme]) -> dict[tuple[str, str, str], list[Extreme]]:
    """The calls of each parameter and field, those with a value of its own kind first."""
    found: dict[tuple[str, str, str], list[Extreme]] = {}
    for one in every:
        key = (one.method, one.route, one.what.partition("=")[0].partition(":")[0])
        found.setdefault(key, []).append(one)
    return found


def test_no_parameter_of_any_operation_is_a_fault_of_the_server(desk: Desk, database: Database) -> None:
    """Of each an extreme value of its own kind; the long proof sends every one."""
    places = by_place(list(desk.sweep.calls()))
    assert len({route for _method, route, _name in places}) > 100
    chooser = random.Random(20261201)
    own = [chooser.choice(calls[:_OWN]) for calls in places.values()]
    found = faults(desk, own, "head")
    if database.is_sqlite:
        found += faults(desk, [chooser.choice(calls) for calls in places.values()], "admin")
    assert not found, "\n".join(found)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_every_extreme_value_of_every_parameter(
    desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    every = list(desk.sweep.calls())
    found = [wrong for name in desk.headers for wrong in faults(desk, every, name)]
    record_property("calls", len(every) * len(desk.headers))
    assert not found, "\n".join(found[:200])
