"""Plans: what is previewed is what is published, what is undone is gone, and the past stays as it was."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import load_actor, local_actor
from gisgrid.access.models import Account, Duty, Role
from gisgrid.areas.models import AreaLineage, CellMembership, Level
from gisgrid.areas.revisions import list_revisions
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.figures.area_figures import area_figures
from gisgrid.geometry.partition import check_tiling
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.models import PlanState
from gisgrid.redraw.publication import publish
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.redraw.views.plan import plan_cells, plan_grids, plan_view
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, World

OLD = date(1950, 1, 1)


def _filled(session: Session) -> World:
    """Two households in every cell of the lowest row, elders in one."""
    made = world.found(session)
    for column in range(4):
        building = world.add_building(session, made, column, 0, number=str(column + 1))
        for room in range(2):
            home = world.add_household(session, building, f"10{room}")
            world.add_resident(session, home, OLD)
    return made


def _cell(session: Session, column: int, row: int) -> str:
    return world.cell_id(session, column, row)


def _paint(view: View, made: World, plan: str, to: str, *cells: str, now: datetime) -> store.OpenPlan:
    op = {"op": "paint", "cells": list(cells), "to": to}
    return plan_service.add_edit(view, plan, op, caches=made.caches, now=now)


def _figures(view: View) -> dict[str, dict[str, Any]]:
    return (
        area_figures(view, Level.GRID)
        .set_index("code")[["households", "residents", "elders"]]
        .to_dict("index")
    )


def test_what_is_previewed_is_what_is_published(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "give one cell", now=now)
        opened = _paint(view, made, plan.id, "G1", _cell(session, 2, 0), now=now)
        preview = impact(view, opened.base, opened.drawing)
        done = publish(view, plan.id, "shorter ways", caches=made.caches, now=now + timedelta(minutes=1))
        later = made.view(session, now=now + timedelta(minutes=2))
        published = _figures(later)
    assert [
        (row["code"], row["before"]["households"], row["after"]["households"]) for row in preview["grids"]
    ] == [
        ("G1", 4, 6),
        ("G2", 4, 2),
    ]
    for row in preview["grids"]:
        after = {name: row["after"][name] for name in ("households", "residents", "elders")}
        assert after == published[row["code"]]
    moved = {"buildings": 1, "households": 2, "elders": 2, "elders_80": 0, "with_visitor": 0}
    moved |= {"open_cases": 0, "facilities": 0}
    assert preview["moves"] == [{"from": "G2", "to": "G1", **moved}]
    assert (done.revision.number, done.memberships, done.areas) == (2, 1, 0)


@pytest.mark.parametrize("seed", range(6))
def test_random_plans_publish_exactly_their_preview(database: Database, now: datetime, seed: int) -> None:
    """Random paints, merges and splits; refused ones change nothing; the tiling holds."""
    rng = random.Random(seed)
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "random", now=now)
        for _ in range(8):
            opened = store.open_plan(view, plan.id, caches=made.caches)
            op = _random_op(session, rng, sorted(opened.drawing.ground.grids))
            count = len(opened.edits)
            try:
                plan_service.add_edit(view, plan.id, op, caches=made.caches, now=now)
            except (Conflict, InvalidInput):
                assert len(store.open_plan(view, plan.id, caches=made.caches).edits) == count
        opened = store.open_plan(view, plan.id, caches=made.caches)
        preview = impact(view, opened.base, opened.drawing)
        if not opened.drawing.delta.owners:
            return
        publish(view, plan.id, "random", caches=made.caches, now=now + timedelta(minutes=1))
        after = made.view(session, now=now + timedelta(minutes=2))
        published = _figures(after)
        outline = after.division.outlines[made.community]
        assert check_tiling(after.division.cells, outline.geoms[0]) == []
        before = made.view(session, now=now + timedelta(minutes=2), as_of=date(2024, 1, 1))
        assert sorted(area.code for area in before.division.tree.at_level(Level.GRID)) == [
            "G1",
            "G2",
            "G3",
            "G4",
        ]
    for row in preview["grids"]:
        if row["after"] is None:
            assert row["code"] not in published
        else:
            assert {name: row["after"][name] for name in published[row["code"]]} == published[row["code"]]


def _random_op(session: Session, rng: random.Random, grids: list[str]) -> dict[str, Any]:
    kind = rng.choice(["paint", "paint", "merge", "split"])
    if kind == "paint":
        cells = [_cell(session, rng.randrange(4), rng.randrange(4)) for _ in range(rng.randint(1, 3))]
        return {"op": "paint", "cells": list(dict.fromkeys(cells)), "to": rng.choice(grids)}
    if kind == "merge":
        chosen = rng.sample(grids, min(2, len(grids)))
        return {"op": "merge", "grids": chosen, "keep": chosen[0]}
    across = LAT + rng.randint(1, 3) * STEP
    line = {"type": "LineString", "coordinates": [[LON - STEP, across], [LON + 5 * STEP, across]]}
    return {"op": "split", "grid": rng.choice(grids), "line": line}


def test_undo_takes_everything_back_and_redo_brings_it_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "undo", now=now)
        start = store.open_plan(view, plan.id, caches=made.caches).drawing
        _paint(view, made, plan.id, "G1", _cell(session, 2, 0), now=now)
        twice = _paint(view, made, plan.id, "G1", _cell(session, 2, 1), now=now).drawing
        plan_service.undo(view, plan.id, caches=made.caches)
        bare = plan_service.undo(view, plan.id, caches=made.caches)
        assert bare.drawing.ground == start.ground
        assert not bare.drawing.delta.owners
        plan_service.redo(view, plan.id, caches=made.caches)
        again = plan_service.redo(view, plan.id, caches=made.caches)
        assert again.drawing.ground.owner == twice.ground.owner
        with pytest.raises(Conflict):
            plan_service.redo(view, plan.id, caches=made.caches)
        plan_service.undo(view, plan.id, caches=made.caches)
        _paint(view, made, plan.id, "G2", _cell(session, 1, 1), now=now)
        with pytest.raises(Conflict):
            plan_service.redo(view, plan.id, caches=made.caches)


def test_a_refused_edit_changes_nothing_and_says_why(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "refused", now=now)
        for op, words in [
            ({"op": "paint", "cells": [_cell(session, 3, 3)], "to": "G1"}, "G1"),
            ({"op": "paint", "cells": ["nothing"], "to": "G1"}, "division"),
            ({"op": "paint", "cells": [], "to": "G1"}, "cells"),
            ({"op": "merge", "grids": ["G1", "G4"], "keep": "G1"}, "G"),
            ({"op": "dance"}, "one of"),
            ({"op": "split", "grid": "G1", "line": {"type": "Point", "coordinates": [0, 0]}}, "LineString"),
        ]:
            with pytest.raises((Conflict, InvalidInput), match=words):
                plan_service.add_edit(view, plan.id, op, caches=made.caches, now=now)
        assert store.open_plan(view, plan.id, caches=made.caches).edits == ()
        with pytest.raises(Conflict, match="changes nothing"):
            publish(view, plan.id, "nothing", caches=made.caches, now=now)


def test_a_locked_grid_stays_as_it_is(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "locked", now=now)
        lock = {"op": "lock", "grid": "G2", "locked": True}
        plan_service.add_edit(view, plan.id, lock, caches=made.caches, now=now)
        with pytest.raises(Conflict, match="G2"):
            _paint(view, made, plan.id, "G1", _cell(session, 2, 0), now=now)
        plan_service.add_edit(view, plan.id, {**lock, "locked": False}, caches=made.caches, now=now)
        assert _paint(view, made, plan.id, "G1", _cell(session, 2, 0), now=now).drawing.delta.owners


def test_a_split_opens_a_grid_that_inherits_its_member(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        world.add_actor(session, made, Role.MEMBER, "G1")
        view = made.view(session, now=now)
        plan = store.new_plan(view, "split", now=now)
        across = LON + STEP
        line = {"type": "LineString", "coordinates": [[across, LAT - STEP], [across, LAT + 5 * STEP]]}
        opened = plan_service.add_edit(
            view, plan.id, {"op": "split", "grid": "G1", "line": line}, caches=made.caches, now=now
        )
        new = next(iter(opened.drawing.ground.grids.keys() - {"G1", "G2", "G3", "G4"}))
        rename = {"op": "rename", "area": new, "name": "新网格"}
        plan_service.add_edit(view, plan.id, rename, caches=made.caches, now=now)
        publish(view, plan.id, "too large", caches=made.caches, now=now + timedelta(minutes=1))
        after = made.view(session, now=now + timedelta(minutes=2))
        area = after.division.tree.by_code(new)
        duties = session.scalars(select(Duty.is_primary).where(Duty.area_id == area.id)).all()
        lineage = session.scalars(select(AreaLineage.kind)).all()
    assert area.name == "新网格"
    assert duties == [True]
    assert lineage == ["split_from"]
    assert new == "G5"


def test_merging_closes_a_grid_whose_code_stays_used(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        for code in ("G1", "G2"):
            world.add_actor(session, made, Role.MEMBER, code)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "merge", now=now)
        merge = {"op": "merge", "grids": ["G1", "G2"], "keep": "G1"}
        plan_service.add_edit(view, plan.id, merge, caches=made.caches, now=now)
        publish(view, plan.id, "small", caches=made.caches, now=now + timedelta(minutes=1))
        after = made.view(session, now=now + timedelta(minutes=2))
        assert [area.code for area in after.division.tree.at_level(Level.GRID)] == ["G1", "G3", "G4"]
        assert _figures(after)["G1"]["households"] == 8
        assert session.scalar(select(func.count()).where(Duty.valid_to.is_(None))) == 1
        codes = session.execute(sa.text("SELECT code FROM current_grid ORDER BY code")).scalars().all()
        assert len(codes) in {3, 4}  # the view goes by the database's own clock
        assert [row["revision"] for row in list_revisions(after)] == [2, 1]


def test_one_does_not_approve_what_one_drew(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        staff = world.add_actor(session, made, Role.STAFF, "G1")
        head, other = (world.add_actor(session, made, Role.HEAD) for _ in range(2))
        drafting = made.view(session, staff, now=now)
        plan = store.new_plan(drafting, "judged", now=now)
        _paint(drafting, made, plan.id, "G1", _cell(session, 2, 0), now=now)
        as_head, as_other = made.view(session, head, now=now), made.view(session, other, now=now)
        _paint(as_head, made, plan.id, "G1", _cell(session, 2, 1), now=now)
        with pytest.raises(NotAllowed):
            publish(drafting, plan.id, "mine", caches=made.caches, now=now)
        decisions.submit(drafting, plan.id, "", now=now)
        with pytest.raises(Conflict):
            _paint(drafting, made, plan.id, "G1", _cell(session, 2, 1), now=now)
        with pytest.raises(NotAllowed):
            decisions.approve(as_head, plan.id, "", now=now)
        with pytest.raises(InvalidInput):
            decisions.send_back(as_other, plan.id, "", now=now)
        decisions.approve(as_other, plan.id, "good", now=now)
        publish(drafting, plan.id, "approved", caches=made.caches, now=now + timedelta(minutes=1))
        view = plan_view(drafting, store.open_plan(drafting, plan.id, caches=made.caches))
    assert view["state"] == PlanState.PUBLISHED
    assert [note["kind"] for note in view["notes"]] == ["submit", "approve", "publish"]


def test_an_overtaken_plan_goes_on_only_where_it_shares_no_grid(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        first, near, far = (store.new_plan(view, name, now=now) for name in ("first", "near", "far"))
        _paint(view, made, first.id, "G1", _cell(session, 2, 0), now=now)
        _paint(view, made, near.id, "G1", _cell(session, 2, 1), now=now)
        _paint(view, made, far.id, "G3", _cell(session, 2, 3), now=now)
        publish(view, first.id, "first", caches=made.caches, now=now + timedelta(minutes=1))
        later = made.view(session, now=now + timedelta(minutes=2))
        with pytest.raises(Conflict, match="changed since"):
            store.open_plan(later, near.id, caches=made.caches)
        publish(later, far.id, "far", caches=made.caches, now=now + timedelta(minutes=3))
        last = made.view(session, now=now + timedelta(minutes=4))
        assert _figures(last)["G1"]["households"] == 6
        with pytest.raises(Conflict, match="meantime"):
            publish(view, near.id, "stale", caches=made.caches, now=now + timedelta(minutes=5))


def test_rows_written_are_the_memberships_that_change(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "rows", now=now)
        _paint(view, made, plan.id, "G1", _cell(session, 2, 0), _cell(session, 2, 1), now=now)
        before = session.scalar(select(func.count()).select_from(CellMembership))
        publish(view, plan.id, "rows", caches=made.caches, now=now + timedelta(minutes=1))
        assert session.scalar(select(func.count()).select_from(CellMembership)) == before + 2


def test_shapes_and_findings_of_a_plan(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "shapes", now=now)
        opened = _paint(view, made, plan.id, "G1", _cell(session, 2, 0), now=now)
        grids = {row["code"]: shape for shape, row in plan_grids(view, opened)}
        cells = {row["id"]: row["grid"] for _shape, row in plan_cells(view, opened)}
        rows = plan_findings(view, opened.base, opened.drawing)
        assert grids["G1"].area == pytest.approx(5 * STEP**2)
        assert cells[_cell(session, 2, 0)] == "G1"
        assert {row["rule"] for row in rows} == {"G08", "G09"}
        decisions.comment(view, plan.id, "谢谢", now=now)
        decisions.discard(view, plan.id, now=now)
        with pytest.raises(NotFound):
            store.open_plan(view, plan.id, caches=made.caches)


def test_a_micro_grid_that_moves_whole_gets_a_code_of_its_new_grid(demo: Database, now: datetime) -> None:
    """It stays the same area: what was counted in it can still be found under its former code."""
    with demo.write() as session:
        head = session.scalar(select(Account.id).where(Account.name == "head"))
        assert head is not None
        actor = load_actor(session, head, now=now)
        assert actor is not None
        caches = Caches()
        view = open_view(session, actor, ViewRequest(), caches=caches, now=now, tz=world.TZ)
        plan = store.new_plan(view, "move", now=now)
        base = store.open_plan(view, plan.id, caches=caches).base
        opened = _moved_whole(view, base, plan.id, caches, now)
        code = opened.drawing.delta.moved[0]
        area = view.division.tree.by_code(code)
        actor = local_actor(session, "tester")
        view = open_view(session, actor, ViewRequest(), caches=caches, now=now, tz=world.TZ)
        publish(view, plan.id, "whole", caches=caches, now=now + timedelta(minutes=1))
        later = open_view(
            session, actor, ViewRequest(), caches=caches, now=now + timedelta(minutes=2), tz=world.TZ
        )
        after = later.division.tree.areas[area.id]
        session.rollback()
    assert after.parent_id != area.parent_id
    assert after.code != code
    assert after.code.startswith(later.division.tree.areas[after.parent_id or ""].code)


def _moved_whole(view: View, base: Any, plan: str, caches: Caches, now: datetime) -> store.OpenPlan:
    """The first micro grid that can go whole to the grid beside it."""
    ground = base.ground
    for micro, cells in sorted(ground.micro_grids.items()):
        own = ground.grid_of[micro]
        beside = {ground.grid_at(other) for cell in cells for other in ground.land.borders[cell]} - {own}
        for grid in sorted(beside):
            op = {"op": "paint", "cells": [base.ids[cell] for cell in cells], "to": grid}
            try:
                return plan_service.add_edit(view, plan, op, caches=caches, now=now)
            except InvalidInput:
                continue
    raise AssertionError("no micro grid can move")
