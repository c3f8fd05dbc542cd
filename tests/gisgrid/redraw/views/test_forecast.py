"""What is told before an edit is what is found afterwards; painted cells keep where they came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.view import Caches, View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.ground.neighbours import recipients
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import store
from gisgrid.redraw.plans.decisions import submit
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.redraw.views.forecast import foretold_cuts
from gisgrid.redraw.views.plan import plan_view
from gisgrid.storage.engine import Database
from tests import cut_world, world
from tests.world import LAT, LON, STEP, World


def split_at(at: float, grid: str = "G1", *, cut: bool = True) -> dict[str, Any]:
    """A line from south to north, so many cells from the west."""
    across = LON + at * STEP
    line = shapely.LineString([(across, LAT - STEP), (across, LAT + 5 * STEP)])
    return {"op": "split", "grid": grid, "line": dict(mapping(line)), "cut": cut}


@pytest.mark.parametrize("is_new_plan", [True, False])
def test_what_is_foretold_is_what_the_rules_find_afterwards(
    database: Database, now: datetime, *, is_new_plan: bool
) -> None:
    with database.write() as session:
        made = cut_world.filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "cut", now=now).id
        outline = view.division.outlines[made.community]
        seen = []
        for at, grid in ((0.5, "G1"), (0.85, "G1"), (1.3, "G3"), (2.5, "G2"), (2.04, "G4")):
            known = g07(view, store.open_plan(view, plan, caches=made.caches))
            told = foretold_cuts(view, None if is_new_plan else plan, split_at(at, grid), caches=made.caches)
            assert g07(view, store.open_plan(view, plan, caches=made.caches)) == known, "nothing is kept"
            opened = plan_service.add_edit(view, plan, split_at(at, grid), caches=made.caches, now=now)
            found = g07(view, opened)
            assert {row["grid"]: row["message"] for row in told}.items() <= found.items()
            cut = [address for row in told for address in row["addresses"]]
            assert len(cut) == counted(found) - counted(known)
            assert all("幢" in address for address in cut)
            assert all(shapely.covers(outline, shapely.Point(row["lon"], row["lat"])) for row in told)
            seen.append(len(cut))
            if is_new_plan:
                plan_service.undo(view, plan, caches=made.caches)
        assert max(seen) > 1
        assert min(seen) == 0
        assert foretold_cuts(view, None, split_at(0.6, cut=False), caches=made.caches) == []


def g07(view: View, opened: store.OpenPlan) -> dict[str, Any]:
    rows = plan_findings(view, opened.base, opened.drawing)
    return {row["grid"]: row["message"] for row in rows if row["rule"] == "G07"}


def counted(rows: dict[str, Any]) -> int:
    return sum(message.values["count"] for message in rows.values())


def test_what_would_be_refused_is_refused_at_the_foretelling_too(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = cut_world.filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "cut", now=now).id
        with pytest.raises(InvalidInput):
            foretold_cuts(view, plan, {"op": "split", "grid": "G1", "line": 7}, caches=made.caches)
        plan_service.add_edit(view, plan, split_at(0.85), caches=made.caches, now=now)
        submit(view, plan, "", now=now)
        with pytest.raises(Conflict, match="submitted"):
            foretold_cuts(view, plan, split_at(0.4), caches=made.caches)


def test_painted_cells_say_where_they_came_from_whoever_opens_the_plan(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "paint", now=now).id
        two = [world.cell_id(session, 2, 0), world.cell_id(session, 2, 1)]
        one = world.cell_id(session, 1, 2)
        for op in (
            {"op": "paint", "cells": two, "to": "G1"},
            {"op": "rename", "area": "G1", "name": "东"},
            {"op": "paint", "cells": two[:1], "to": "G2"},
            {"op": "paint", "cells": [one], "to": "G1"},
        ):
            plan_service.add_edit(view, plan, op, caches=made.caches, now=now)
        made.caches = Caches()  # another process, which has seen none of it
        view = made.view(session, now=now)
        edits = plan_view(view, store.open_plan(view, plan, caches=made.caches))["edits"]
    found = [(edit["summary"].get("from"), edit["summary"].get("cell")) for edit in edits]
    assert found == [(["G2"], None), (None, None), (["G1"], two[0]), (["G3"], one)]


def beside(session: Session) -> World:
    made = world.found(session)
    world.found_beside(session, made)
    return made


def test_the_community_beside_is_offered_for_the_grids_along_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = beside(session)
        view = made.view(session, now=now)
        assert recipients(view) == [{"code": "C2", "name": "邻近社区", "grids": ["G2", "G4"]}]
        plan = store.new_plan(view, "give", now=now).id
        op = {"op": "transfer", "grid": "G2", "to": "C2"}
        opened = plan_service.add_edit(view, plan, op, caches=made.caches, now=now)
        assert plan_view(view, opened)["edits"][0]["summary"]["to_name"] == "邻近社区"
        assert impact(view, opened.base, opened.drawing)["transfers"][0]["to_name"] == "邻近社区"


def test_without_a_neighbour_nothing_is_offered_and_others_may_not_ask(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        assert recipients(made.view(session, now=now)) == []
        with pytest.raises(NotAllowed):
            recipients(made.view(session, world.add_actor(session, made, Role.STAFF, "G1"), now=now))
