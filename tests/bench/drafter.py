"""Somebody who redraws through the API at random, with a stop-watch and a count of the rows written."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from shapely.geometry import shape

from tests.web.browsing import add_token, services_of

_WRITING: Final = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
KINDS: Final = ("paint", "paint", "brush", "swap", "merge", "split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One request: what it was, how it ended, and milliseconds by the clock and of this process."""

    kind: str
    status: int
    wall_ms: float
    cpu_ms: float


@dataclass
class RowCount:
    """Rows written by table, counted from the statements that go to a database."""

    rows: Counter[str] = field(default_factory=Counter)

    def watch(self, engine: sa.Engine) -> None:
        """Count from now on."""
        sa.event.listen(engine, "after_cursor_execute", self._seen)

    def _seen(self, _connection: object, cursor: Any, statement: str, *_rest: object) -> None:
        found = _WRITING.match(statement)
        if found and cursor.rowcount > 0:
            self.rows[found[1]] += cursor.rowcount


class Drafter:
    """Draws in one community: knows its cells as a page would, and sends edits like a page."""

    def __init__(self, app: OpenAPI, *, drafter: str, approver: str, seed: int) -> None:
        self.client: FlaskClient = app.test_client()
        self.drafts, self.approves = add_token(app, drafter), add_token(app, approver)
        self.random = random.Random(seed)
        self.timed: list[Timed] = []
        self.plan = ""
        self.grids: dict[str, str] = {}
        self.shapes: dict[str, Any] = {}
        self.near: dict[str, list[str]] = {}
        self.rows = RowCount()
        self.rows.watch(services_of(app).database.engine)

    def look_around(self) -> None:
        """Fetch the cells and find out which touch along a line."""
        features = self._get("/api/v1/cells")["features"]
        self.shapes = {one["properties"]["id"]: shape(one["geometry"]) for one in features}
        self.grids = {one["properties"]["id"]: one["properties"]["grid"] for one in features}
        ids, shapes = list(self.shapes), np.array(list(self.shapes.values()), dtype=np.object_)
        one, two = shapely.STRtree(shapes).query(shapes, predicate="touches")
        long = shapely.length(shapely.intersection(shapes[one], shapes[two])) > 0
        self.near = {cell: [] for cell in ids}
        for left, right in zip(one[long].tolist(), two[long].tolist(), strict=True):
            self.near[ids[left]].append(ids[right])

    def open_plan(self) -> None:
        """A new plan on the division of now."""
        self.look_around()
        answer = self.client.post("/api/v1/plans", json={"name": "bench"}, headers=self.drafts)
        assert answer.status_code == 201, answer.text
        self.plan = answer.json["id"]

    def edit(self, kind: str | None = None) -> Timed:
        """One random edit, timed; what it changed is taken over."""
        kind = kind or self.random.choice(KINDS)
        timed, answer = self._post(kind, "edits", self._op(kind), self.drafts)
        if timed.status == 200:
            for cell in answer["cells"]:
                self.grids[cell["id"]] = cell["grid"]
        return timed

    def discard(self) -> None:
        """Put the plan away."""
        assert self.client.delete(f"/api/v1/plans/{self.plan}", headers=self.drafts).status_code == 200

    def publish(self) -> Timed:
        """Publish the plan by somebody else than who drew it."""
        return self._post("publish", "publish", {"reason": "measured"}, self.approves)[0]

    def _post(self, kind: str, what: str, body: Any, headers: Any) -> tuple[Timed, Any]:
        self.rows.rows.clear()
        begin = time.perf_counter(), time.process_time()
        answer = self.client.post(f"/api/v1/plans/{self.plan}/{what}", json=body, headers=headers)
        wall, cpu = time.perf_counter() - begin[0], time.process_time() - begin[1]
        assert answer.status_code in {200, 409, 422}, answer.text
        timed = Timed(kind=kind, status=answer.status_code, wall_ms=1000 * wall, cpu_ms=1000 * cpu)
        self.timed.append(timed)
        return timed, answer.json

    def _get(self, url: str) -> Any:
        answer = self.client.get(url, headers=self.drafts)
        assert answer.status_code == 200, answer.text
        return answer.json

    def _op(self, kind: str) -> dict[str, Any]:
        border = [cell for cell in self.near if self._others(cell)]
        cell = self.random.choice(border)
        other = self.random.choice(self._others(cell))
        if kind == "merge":
            keep = self.grids[cell]
            return {"op": "merge", "grids": [keep, other], "keep": keep}
        if kind == "split":
            return self._split(self.grids[cell])
        cells = [cell]
        if kind == "brush":
            beside = [near for near in self.near[cell] if self.grids[near] == self.grids[cell]]
            cells += self.random.sample(beside, min(len(beside), 3))
        return {"op": "paint", "cells": cells, "to": other}

    def _others(self, cell: str) -> list[str]:
        """Grids beside a cell that are not its own."""
        return sorted({self.grids[near] for near in self.near[cell]} - {self.grids[cell]})

    def _split(self, grid: str) -> dict[str, Any]:
        whole = shapely.union_all([self.shapes[cell] for cell, code in self.grids.items() if code == grid])
        x, y = whole.centroid.coords[0]
        angle, reach = self.random.uniform(0, np.pi), 0.02
        way = reach * np.cos(angle), reach * np.sin(angle)
        line = [[x - way[0], y - way[1]], [x + way[0], y + way[1]]]
        return {"op": "split", "grid": grid, "line": {"type": "LineString", "coordinates": line}}
