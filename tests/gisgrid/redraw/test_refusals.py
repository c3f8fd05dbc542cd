"""What no plan can break (G01 to G06, G10, G11, G16) is refused when it is tried, and nothing changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping

from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.partition import check_tiling
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.storage.engine import Database
from tests import cut_world, world
from tests.world import LAT, LON, STEP


def _bow() -> dict[str, Any]:
    corners = [(LON, LAT), (LON + STEP, LAT + STEP), (LON + STEP, LAT), (LON, LAT + STEP), (LON, LAT)]
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


def _far() -> dict[str, Any]:
    return dict(mapping(world.square(40, 40)))


@pytest.mark.parametrize(
    ("rule", "op"),
    [
        ("G01", {"op": "reshape", "grid": "G1", "polygon": _bow(), "cut": True}),
        ("G02", {"op": "paint", "cells": ["cell", "cell of nobody"], "to": "G1"}),
        ("G03", {"op": "merge", "grids": ["G1"], "keep": "G2"}),
        ("G04", {"op": "reshape", "grid": "G1", "polygon": _far(), "cut": True}),
        ("G06", {"op": "paint", "cells": ["corner"], "to": "G1"}),
        ("G10", {"op": "paint", "cells": ["corner"], "to": "C1"}),
    ],
)
def test_what_would_break_a_rule_is_refused_and_changes_nothing(
    database: Database, now: datetime, rule: str, op: dict[str, Any]
) -> None:
    with database.write() as session:
        made = cut_world.filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, rule, now=now).id
        before = store.open_plan(view, plan, caches=made.caches)
        if "cells" in op:
            corner = before.base.id_of(before.drawing.ground.land.numbers[-1])
            op = {**op, "cells": [corner if cell == "corner" else cell for cell in op["cells"]]}
        with pytest.raises((Conflict, InvalidInput)):
            plan_service.add_edit(view, plan, op, caches=made.caches, now=now)
        after = store.open_plan(view, plan, caches=made.caches)
        assert after.edits == ()
        assert after.drawing.ground.owner == before.drawing.ground.owner


def test_real_cuts_leave_no_gap_no_overlap_and_no_missing_corner(database: Database, now: datetime) -> None:
    """G02, G03 and G05: cells still tile the outline after a cut that ends in the middle of an edge."""
    with database.write() as session:
        made = cut_world.filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "cut", now=now).id
        across = LON + 0.6 * STEP
        line = shapely.LineString([(across, LAT - STEP), (across, LAT + 5 * STEP)])
        op = {"op": "split", "grid": "G1", "line": dict(mapping(line)), "cut": True}
        ground = plan_service.add_edit(view, plan, op, caches=made.caches, now=now).drawing.ground
        outline = ground.outline
        whole = outline.geoms[0] if hasattr(outline, "geoms") else outline
        assert check_tiling(ground.land.shapes, whole) == []


def test_codes_of_new_grids_were_never_used(database: Database, now: datetime) -> None:
    """G11: neither those of today nor closed ones."""
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "twice", now=now).id
        edits = [{"op": "merge", "grids": ["G3", "G4"], "keep": "G3"}, {"op": "renumber"}]
        for op in edits:
            opened = plan_service.add_edit(view, plan, op, caches=made.caches, now=now)
        fresh = set(opened.drawing.codes.values())
        assert fresh
        assert fresh.isdisjoint({"G1", "G2", "G3", "G4"})


def test_a_time_that_is_past_is_refused(database: Database, now: datetime) -> None:
    """G16."""
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "yesterday", now=now).id
        op = {"op": "paint", "cells": [world.cell_id(session, 2, 0)], "to": "G1"}
        plan_service.add_edit(view, plan, op, caches=made.caches, now=now)
        past = {"effective": date(2026, 11, 1), "now": now + timedelta(minutes=1)}
        with pytest.raises(InvalidInput, match="past"):
            publish(view, plan, "late", caches=made.caches, **past)


def test_a_real_cut_through_a_building_is_not_published(database: Database, now: datetime) -> None:
    """G07: the place of the building is named; a cut beside it is sound."""
    with database.write() as session:
        made = cut_world.filled(session)
        view = made.view(session, now=now)
        for at, is_cut in ((0.5, True), (0.85, False)):
            plan = store.new_plan(view, "cut", now=now).id
            across = LON + at * STEP
            line = shapely.LineString([(across, LAT - STEP), (across, LAT + 5 * STEP)])
            op = {"op": "split", "grid": "G1", "line": dict(mapping(line)), "cut": True}
            opened = plan_service.add_edit(view, plan, op, caches=made.caches, now=now)
            rows = [row for row in plan_findings(view, opened.base, opened.drawing) if row["rule"] == "G07"]
            assert bool(rows) is is_cut
            if is_cut:
                assert rows[0]["level"] == "block"
                assert LON < rows[0]["lon"] < LON + STEP
                with pytest.raises(Conflict, match="cuts"):
                    publish(view, plan, "cut", caches=made.caches, now=now + timedelta(minutes=1))
