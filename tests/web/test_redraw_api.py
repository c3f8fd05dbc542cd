"""Plans over HTTP: a whole redraw as a cadre and a head do it, and refusals in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from tests import world
from tests.web.browsing import add_account, add_token, services_of


def _site(app: OpenAPI) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    app.config["RATELIMIT_ENABLED"] = False
    with services_of(app).database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 2, 0)
        world.add_household(session, building, "101")
        cells = [world.cell_id(session, 2, 0), world.cell_id(session, 3, 3)]
    for name, role in (("drafter", Role.STAFF), ("judge", Role.HEAD)):
        add_account(app, name, role, area_id=made.community)
    return add_token(app, "drafter"), add_token(app, "judge"), cells


def test_a_cadre_draws_and_a_head_publishes(lite_app: OpenAPI) -> None:
    drafter, judge, cells = _site(lite_app)
    client = lite_app.test_client()
    plan = client.post("/api/v1/plans", json={"name": "调整"}, headers=drafter).json
    edits = f"/api/v1/plans/{plan['id']}/edits"
    paint = {"op": "paint", "cells": cells[:1], "to": "G1"}
    answer = client.post(edits, json=paint, headers=drafter)
    assert answer.status_code == 200
    assert answer.json["cells"][0]["grid"] == "G1"
    assert [row["code"] for row in answer.json["impact"]["grids"]] == ["G1", "G2"]
    assert answer.json["plan"]["drafter"] == "drafter"
    assert "没有网格员" in str(answer.json["findings"]["rows"])
    assert client.delete(f"{edits}/last", headers=drafter).json["plan"]["can_redo"] is True
    assert client.post(f"{edits}/redo", json={}, headers=drafter).json["plan"]["can_undo"] is True
    mine = client.post(f"/api/v1/plans/{plan['id']}/publish", json={"reason": "x"}, headers=drafter)
    assert mine.status_code == 403
    done = client.post(f"/api/v1/plans/{plan['id']}/publish", json={"reason": "就近"}, headers=judge)
    assert (done.status_code, done.json["revision"], done.json["memberships"]) == (200, 2, 1)
    areas = client.get("/api/v1/areas?level=grid", headers=judge).json["features"]
    assert {one["properties"]["code"]: one["properties"]["households"] for one in areas}["G1"] == 1


def test_a_refused_edit_says_why_in_chinese_and_changes_nothing(lite_app: OpenAPI) -> None:
    drafter, _judge, cells = _site(lite_app)
    client = lite_app.test_client()
    plan = client.post("/api/v1/plans", json={"name": "调整"}, headers=drafter).json
    refused = client.post(
        f"/api/v1/plans/{plan['id']}/edits",
        json={"op": "paint", "cells": cells[1:], "to": "G1"},
        headers=drafter,
    )
    assert refused.status_code == 422
    assert "G1" in refused.json["detail"]
    assert "断成" in refused.json["detail"]
    assert client.get(f"/api/v1/plans/{plan['id']}", headers=drafter).json["edits"] == []


def test_cells_and_grids_are_told_as_a_plan_has_them(lite_app: OpenAPI) -> None:
    drafter, _judge, cells = _site(lite_app)
    client = lite_app.test_client()
    plan = client.post("/api/v1/plans", json={"name": "调整"}, headers=drafter).json
    paint = {"op": "paint", "cells": cells[:1], "to": "G1"}
    client.post(f"/api/v1/plans/{plan['id']}/edits", json=paint, headers=drafter)
    drawn = client.get(f"/api/v1/cells?plan={plan['id']}", headers=drafter).json["features"]
    owner = {one["id"]: one["properties"]["grid"] for one in drawn}
    assert owner[cells[0]] == "G1"
    now = client.get("/api/v1/cells", headers=drafter).json["features"]
    assert {one["id"]: one["properties"]["grid"] for one in now}[cells[0]] == "G2"
    grids = client.get(f"/api/v1/areas?level=grid&plan={plan['id']}", headers=drafter).json["features"]
    assert {one["properties"]["code"]: one["properties"]["households"] for one in grids}["G1"] == 1


def test_shapes_are_of_the_same_kind_with_and_without_a_plan(app: OpenAPI) -> None:
    drafter, _judge, cells = _site(app)
    client = app.test_client()
    plan = client.post("/api/v1/plans", json={"name": "调整"}, headers=drafter).json["id"]
    paint = {"op": "paint", "cells": cells[:1], "to": "G1"}
    edited = client.post(f"/api/v1/plans/{plan}/edits", json=paint, headers=drafter)
    assert {one["geometry"]["type"] for one in edited.json["areas"]["features"]} == {"MultiPolygon"}
    for path in ("cells?", "areas?level=grid&"):
        now, then = (client.get(f"/api/v1/{path}{more}", headers=drafter) for more in ("", f"plan={plan}"))
        assert now.mimetype == then.mimetype == "application/geo+json", path
        kinds = [{one["geometry"]["type"] for one in answer.json["features"]} for answer in (now, then)]
        assert kinds[0] == kinds[1], path
        assert len(now.json["features"]) == len(then.json["features"])
        assert now.json["features"][0]["properties"].keys() == then.json["features"][0]["properties"].keys()
