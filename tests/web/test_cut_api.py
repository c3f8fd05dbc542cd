"""Cuts over HTTP: new cells come with their shape and a name for later edits, and stand after publishing."""

from __future__ import annotations

from typing import Any

from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from tests.cut_world import filled
from tests.web.browsing import add_account, add_token, services_of
from tests.world import LAT, LON, STEP

CUT = {
    "op": "split",
    "grid": "G1",
    "line": {
        "type": "LineString",
        "coordinates": [[LON - STEP, LAT + 0.85 * STEP], [LON + 5 * STEP, LAT + 0.85 * STEP]],
    },
    "cut": True,
}
OUTLINE = {
    "op": "outline",
    "polygon": {
        "type": "Polygon",
        "coordinates": [
            [
                [LON, LAT],
                [LON + 3.5 * STEP, LAT],
                [LON + 3.5 * STEP, LAT + 4 * STEP],
                [LON, LAT + 4 * STEP],
                [LON, LAT],
            ]
        ],
    },
}


def _site(app: OpenAPI) -> dict[str, dict[str, Any]]:
    app.config["RATELIMIT_ENABLED"] = False
    with services_of(app).database.write() as session:
        made = filled(session)
    roles = {"drafter": Role.STAFF, "judge": Role.HEAD, "above": Role.LEADER}
    for name, role in roles.items():
        add_account(app, name, role, area_id=made.community)
    return {name: add_token(app, name) for name in roles}


def test_a_cut_is_drawn_named_and_published(lite_app: OpenAPI) -> None:
    token = _site(lite_app)
    client = lite_app.test_client()
    plan = client.post("/api/v1/plans", json={"name": "切开"}, headers=token["drafter"]).json["id"]
    answer = client.post(f"/api/v1/plans/{plan}/edits", json=CUT, headers=token["drafter"]).json
    fresh = {row["id"]: row for row in answer["cells"] if row["id"].startswith("n")}
    assert len(fresh) == 4
    assert all(row["geometry"]["type"] == "Polygon" for row in fresh.values())
    assert sum(bool(row.get("gone")) for row in answer["cells"]) == 2
    paint = {"op": "paint", "cells": sorted(fresh)[-1:], "to": "G1"}
    client.post(f"/api/v1/plans/{plan}/edits", json=paint, headers=token["drafter"])
    drawn = client.get(f"/api/v1/cells?plan={plan}", headers=token["drafter"]).json["features"]
    assert fresh.keys() <= {one["id"] for one in drawn}
    done = client.post(f"/api/v1/plans/{plan}/publish", json={"reason": "界线"}, headers=token["judge"])
    assert done.status_code == 200, done.json
    cells = client.get("/api/v1/cells", headers=token["drafter"]).json["features"]
    assert len(cells) == len(drawn)
    assert not [one for one in cells if one["id"].startswith("n")]


def test_an_outline_is_for_a_head_to_draw_and_for_those_above_to_approve(lite_app: OpenAPI) -> None:
    token = _site(lite_app)
    client = lite_app.test_client()
    plan = client.post("/api/v1/plans", json={"name": "外界"}, headers=token["judge"]).json["id"]
    edits, publish = f"/api/v1/plans/{plan}/edits", f"/api/v1/plans/{plan}/publish"
    assert client.post(edits, json=OUTLINE, headers=token["drafter"]).status_code == 403
    assert client.post(edits, json=OUTLINE, headers=token["judge"]).status_code == 200
    assert client.post(publish, json={"reason": "x"}, headers=token["judge"]).status_code == 403
    done = client.post(publish, json={"reason": "区划调整"}, headers=token["above"])
    assert done.status_code == 200, done.json
