"""A stroke that would tear a grid is refused with the plots between, and the edit that takes them along."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.models import Role
from tests import world
from tests.web.browsing import add_account, add_token, services_of
from tests.world import LAT, LON, STEP


class Desk:
    """A head who redraws a community of four grids of 2 × 2 plots."""

    def __init__(self, app: OpenAPI) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        with services_of(app).database.write() as session:
            made = world.found(session)
            building = world.add_building(session, made, 2, 0)
            world.add_household(session, building, "101")
            self.cell = {(c, r): world.cell_id(session, c, r) for c in range(4) for r in range(4)}
        add_account(app, "head", Role.HEAD, area_id=made.community)
        self.headers, self.client = add_token(app, "head"), app.test_client()
        sent = self.client.post("/api/v1/plans", json={"name": "调整"}, headers=self.headers)
        self.plan = f"/api/v1/plans/{sent.json['id']}"

    def edit(self, op: dict[str, Any]) -> Any:
        """An edit's answer."""
        return self.client.post(f"{self.plan}/edits", json=op, headers=self.headers)

    def edits(self) -> list[dict[str, Any]]:
        """The edits of the plan."""
        found: list[dict[str, Any]] = self.client.get(self.plan, headers=self.headers).json["edits"]
        return found

    def grids(self) -> dict[str, str]:
        """The grid of each plot by its id, as the plan has it."""
        path = f"/api/v1/cells?plan={self.plan.rpartition('/')[2]}"
        rows = self.client.get(path, headers=self.headers).json["features"]
        return {one["id"]: one["properties"]["grid"] for one in rows}

    def mended(self, op: dict[str, Any]) -> dict[str, Any]:
        """What a refused edit can be instead; it is sent, and one undo takes all of it back."""
        before = self.grids()
        refused = self.edit(op)
        assert refused.status_code == 422, refused.json
        assert self.grids() == before
        assert self.edits() == []
        mend: dict[str, Any] = refused.json["mend"]
        assert [plot["id"] for plot in mend["plots"]]
        done = self.edit(mend["edit"])
        assert done.status_code == 200, done.json
        assert len(self.edits()) == 1
        self.after = self.grids()
        undone = self.client.delete(f"{self.plan}/edits/last", headers=self.headers)
        assert undone.status_code == 200
        assert self.grids() == before
        return mend


def ring(*places: tuple[float, float]) -> list[list[float]]:
    """A closed ring by columns and rows of plots."""
    return [[LON + x * STEP, LAT + y * STEP] for x, y in (*places, places[0])]


def test_a_stroke_that_leaps_gets_the_plot_between(app: OpenAPI) -> None:
    desk = Desk(app)
    mend = desk.mended({"op": "paint", "cells": [desk.cell[3, 0]], "to": "G1"})
    (plot,) = mend["plots"]
    assert (mend["to"], plot["id"], plot["grid"]) == ("G1", desk.cell[2, 0], "G2")
    assert (plot["households"], plot["geometry"]["type"]) == (1, "Polygon")
    assert len(plot["addresses"]) == 1
    assert mend["edit"] == {"op": "paint", "cells": [desk.cell[3, 0], desk.cell[2, 0]], "to": "G1"}
    assert desk.after[desk.cell[2, 0]] == desk.after[desk.cell[3, 0]] == "G1"


def test_plots_of_a_locked_grid_are_never_offered(app: OpenAPI) -> None:
    desk = Desk(app)
    assert desk.edit({"op": "lock", "grid": "G2"}).status_code == 200
    refused = desk.edit({"op": "paint", "cells": [desk.cell[3, 3]], "to": "G1"})
    assert refused.status_code == 422
    offered = {plot["grid"] for plot in refused.json["mend"]["plots"]}
    assert "G2" not in offered
    for code in ("G3", "G4"):
        desk.edit({"op": "lock", "grid": code})
    assert desk.edit({"op": "paint", "cells": [desk.cell[3, 3]], "to": "G1"}).json.get("mend") is None


def test_grids_with_something_between_are_merged_over_it(app: OpenAPI) -> None:
    desk = Desk(app)
    mend = desk.mended({"op": "merge", "grids": ["G1", "G4"], "keep": "G1"})
    assert len(mend["plots"]) == 1
    assert set(desk.after.values()) == {"G1", "G2", "G3"}


AROUND = (
    (0, 0),
    (2.9, 0),
    (2.9, 0.9),
    (2, 0.9),
    (2, 2.1),
    (3.1, 2.1),
    (3.1, 1),
    (4, 1),
    (4, 3),
    (1, 3),
    (1, 2),
)
ACROSS = ((0, 0), (2, 0), (2, 0.9), (4.1, 0.9), (4.1, 1.1), (2, 1.1), (2, 2))


@pytest.mark.parametrize(("places", "cut"), [((*AROUND, (0, 2)), False), ((*ACROSS, (0, 2)), True)])
def test_a_ring_takes_along_what_it_cuts_off(
    app: OpenAPI, places: tuple[tuple[float, float], ...], *, cut: bool
) -> None:
    desk = Desk(app)
    polygon = {"type": "Polygon", "coordinates": [ring(*places)]}
    op = {"op": "reshape", "grid": "G1", "polygon": polygon, "cut": cut}
    mend = desk.mended(op)
    assert mend["to"] == "G1"
    assert {plot["grid"] for plot in mend["plots"]} == {"G2"}
    assert mend["edit"] == {**op, "also": [plot["id"] for plot in mend["plots"]]}
    assert {desk.after[plot["id"]] for plot in mend["plots"]} == {"G1"}
    told = desk.client.post("/api/v1/plans/foretell", json={"edit": op}, headers=desk.headers)
    assert told.json["mend"]["edit"] == mend["edit"]


def test_an_outline_that_would_tear_a_grid_keeps_the_plots_between(app: OpenAPI) -> None:
    desk = Desk(app)
    notched = ring((0, 0), (0.9, 0), (0.9, 2), (1.1, 2), (1.1, 0), (4, 0), (4, 4), (0, 4))
    mend = desk.mended({"op": "outline", "polygon": {"type": "Polygon", "coordinates": [notched]}})
    assert "to" not in mend
    assert {plot["grid"] for plot in mend["plots"]} == {"G1"}
