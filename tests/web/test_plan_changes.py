"""What a plan changes as the map gets it: borders before, plots per pair of grids, names of what is named."""

from __future__ import annotations

import re
from typing import Any

from flask_openapi3.openapi import OpenAPI
from shapely.geometry import shape

from gisgrid.redraw.edits.kinds import EDITS
from tests import ROOT
from tests.web.test_mending import Desk, ring
from tests.world import STEP, square

JS = ROOT / "web" / "redraw" / "static"


def get(desk: Desk, path: str, **parameters: str) -> Any:
    answer = desk.client.get(f"{desk.plan}{path}", query_string=parameters, headers=desk.headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def pairs(found: Any, *names: str) -> list[tuple[str | None, ...]]:
    rows = (one["properties"] for one in found["features"])
    return sorted((tuple(row[name] for name in names) for row in rows), key=str)


def bulging(column: float) -> list[list[float]]:
    """Grid G1 with a bulge into G2 as far as a column, through two plots."""
    return ring((0, 0), (2, 0), (2, 0.5), (column, 0.5), (column, 1.5), (2, 1.5), (2, 2), (0, 2))


def test_moved_plots_are_told_with_both_grids_and_the_borders_there_were(app: OpenAPI) -> None:
    desk = Desk(app)
    assert get(desk, "/changes") == {
        "areas": {"type": "FeatureCollection", "features": []},
        "plots": {"type": "FeatureCollection", "features": []},
    }
    cells = [desk.cell[2, 0], desk.cell[0, 2]]
    for cell in cells:
        assert desk.edit({"op": "paint", "cells": [cell], "to": "G1"}).status_code == 200
    found = get(desk, "/changes")
    assert pairs(found["plots"], "id", "from", "to") == sorted(
        [(cells[0], "G2", "G1"), (cells[1], "G3", "G1")], key=str
    )
    before = {one["properties"]["code"]: shape(one["geometry"]) for one in found["areas"]["features"]}
    assert before.keys() == {"G1", "G2", "G3"}
    assert before["G1"].equals(square(0, 0, 2))
    assert before["G2"].equals(square(2, 0, 2))


def test_of_a_cut_plot_only_the_piece_that_changes_hands_is_told(app: OpenAPI) -> None:
    desk = Desk(app)
    polygon = {"type": "Polygon", "coordinates": [bulging(2.5)]}
    assert desk.edit({"op": "reshape", "grid": "G1", "polygon": polygon, "cut": True}).status_code == 200
    plots = get(desk, "/changes")["plots"]
    assert pairs(plots, "from", "to") == [("G2", "G1")] * 2
    area = sum(shape(one["geometry"]).area for one in plots["features"])
    assert abs(area - 0.5 * STEP**2) < 0.01 * STEP**2


def test_land_that_leaves_the_community_goes_to_nobody(app: OpenAPI) -> None:
    desk = Desk(app)
    smaller = {"type": "Polygon", "coordinates": [ring((0, 0), (3, 0), (3, 4), (0, 4))]}
    assert desk.edit({"op": "outline", "polygon": smaller}).status_code == 200
    plots = get(desk, "/changes")["plots"]
    assert pairs(plots, "from", "to") == [("G2", None)] * 2 + [("G4", None)] * 2


def test_two_plans_are_told_with_the_borders_and_the_land_that_differ(app: OpenAPI) -> None:
    desk = Desk(app)
    one = desk.plan
    desk.edit({"op": "paint", "cells": [desk.cell[2, 0]], "to": "G1"})
    made = desk.client.post("/api/v1/plans", json={"name": "b"}, headers=desk.headers).json
    desk.plan = f"/api/v1/plans/{made['id']}"
    desk.edit({"op": "paint", "cells": [desk.cell[0, 2]], "to": "G1"})
    ids = [path.rpartition("/")[2] for path in (one, desk.plan)]
    query = {"a": ids[0], "b": ids[1]}
    found = desk.client.get("/api/v1/plans/compare", query_string=query, headers=desk.headers).json
    assert pairs(found["plots"], "a", "b") == [("G1", "G2"), ("G3", "G1")]
    assert [pairs(side, "code") for side in found["areas"]] == [[("G1",), ("G2",), ("G3",)]] * 2
    first = {row["properties"]["code"]: shape(row["geometry"]) for row in found["areas"][0]["features"]}
    assert abs(first["G1"].area - 5 * STEP**2) < 1e-12


def test_two_plans_that_cut_are_compared_piece_by_piece(app: OpenAPI) -> None:
    desk = Desk(app)
    ids = []
    for column in (2.4, 2.6):
        made = desk.client.post("/api/v1/plans", json={"name": str(column)}, headers=desk.headers).json
        desk.plan = f"/api/v1/plans/{made['id']}"
        polygon = {"type": "Polygon", "coordinates": [bulging(column)]}
        assert desk.edit({"op": "reshape", "grid": "G1", "polygon": polygon, "cut": True}).status_code == 200
        ids.append(made["id"])
    query = {"a": ids[0], "b": ids[1]}
    found = desk.client.get("/api/v1/plans/compare", query_string=query, headers=desk.headers).json
    assert set(pairs(found["plots"], "a", "b")) == {("G2", "G1")}
    area = sum(shape(one["geometry"]).area for one in found["plots"]["features"])
    assert abs(area - 0.2 * STEP**2) < 0.02 * STEP**2


def test_a_plan_names_all_that_its_edits_and_refusals_name(app: OpenAPI) -> None:
    desk = Desk(app)
    assert desk.edit({"op": "merge", "grids": ["G1", "G2"], "keep": "G1"}).status_code == 200
    workers = desk.client.get("/api/v1/workers", headers=desk.headers).json["rows"]
    view = get(desk, "")
    assert view["names"]["G2"] == "第2网格"
    for row in workers[:1]:
        duty = {"op": "duty", "area": "G3", "worker": row["id"], "primary": True}
        assert desk.edit(duty).json["plan"]["edits"][-1]["summary"]["worker_name"] == row["name"]


def test_the_log_of_the_page_has_words_for_every_edit() -> None:
    source = (JS / "panel.js").read_text(encoding="utf-8")
    block = source.partition("const DONE = {")[2].partition("\n};")[0]
    assert set(re.findall(r"^  (\w+):", block, re.MULTILINE)) == set(EDITS)
    assert "String(summary" not in source
