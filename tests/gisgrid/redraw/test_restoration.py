"""Restoring: after it is published the grids have the outlines of the revision, and the past is as it was."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.division import Division
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.figures.area_figures import area_figures
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.restoration import RestoredRevision, restore
from gisgrid.redraw.views.plan import plan_view
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World


def _filled(session: Session) -> World:
    """A household in each cell of the lowest row, and a member for every grid."""
    made = world.found(session)
    for grid in made.areas.keys() & {"G1", "G2", "G3", "G4"}:
        world.add_actor(session, made, Role.MEMBER, grid)
    for column in range(4):
        world.add_household(session, world.add_building(session, made, column, 0, number=str(column)), "101")
    return made


def _publish(view: View, made: World, *ops: dict[str, Any], at: datetime) -> None:
    plan = store.new_plan(view, "changes", now=at)
    for op in ops:
        plan_service.add_edit(view, plan.id, op, caches=made.caches, now=at)
    publish(view, plan.id, "changes", caches=made.caches, now=at)


def _paint(session: Session, to: str, *places: tuple[int, int]) -> dict[str, Any]:
    return {"op": "paint", "cells": [world.cell_id(session, *place) for place in places], "to": to}


def _line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[LON + x * STEP, LAT + y * STEP] for x, y in points]}


def _outlines(division: Division) -> dict[str, Any]:
    grids = division.tree.at_level(Level.GRID)
    return {grid.code: shapely.normalize(division.outlines[grid.id]) for grid in grids}


def _homes(view: View) -> dict[str, int]:
    frame = area_figures(view, Level.GRID).set_index("code")
    return {str(code): int(count) for code, count in frame["households"].items()}


def _restored(view: View, made: World, number: int, *, at: datetime) -> RestoredRevision:
    done = restore(view, number, caches=made.caches, now=at)
    publish(view, done.plan.id, "restored", caches=made.caches, now=at)
    return done


def test_painted_cells_come_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        first = made.view(session, now=now)
        outlines, homes = _outlines(first.division), _homes(first)
        _publish(first, made, _paint(session, "G1", (2, 0), (2, 1)), at=now)
        second = made.view(session, now=now + timedelta(minutes=1))
        done = restore(second, 1, caches=made.caches, now=now + timedelta(minutes=1))
        opened = store.open_plan(second, done.plan.id, caches=made.caches)
        assert (done.plan.name, done.reopened) == (f"恢复第1版({date(2020, 1, 1)})", ())
        assert opened.drawing.delta.owners.keys() == {3, 7}
        bare = plan_service.undo(second, done.plan.id, caches=made.caches)
        assert bare.drawing.ground == bare.base.ground
        plan_service.redo(second, done.plan.id, caches=made.caches)
        publish(second, done.plan.id, "back", caches=made.caches, now=now + timedelta(minutes=2))
        third = made.view(session, now=now + timedelta(minutes=3))
        assert (_outlines(third.division), _homes(third)) == (outlines, homes)
        with pytest.raises(Conflict, match="as revision 1 had them"):
            restore(third, 1, caches=made.caches, now=now + timedelta(minutes=3))


def test_a_closed_grid_comes_back_under_a_new_code_with_its_name(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        first = made.view(session, now=now)
        outlines = _outlines(first.division)
        merge = {"op": "merge", "grids": ["G1", "G2"], "keep": "G1"}
        split = {"op": "split", "grid": "G4", "line": _line((3, -1), (3, 5))}
        _publish(first, made, merge, split, at=now)
        second = made.view(session, now=now + timedelta(minutes=1))
        assert {grid.code for grid in second.division.tree.at_level(Level.GRID)} == {"G1", "G3", "G4", "G5"}
        done = _restored(second, made, 1, at=now + timedelta(minutes=2))
        assert [(one.code, one.name, one.now) for one in done.reopened] == [("G2", "第2网格", "G6")]
        third = made.view(session, now=now + timedelta(minutes=3))
        found = _outlines(third.division)
        assert third.division.tree.by_code("G6").name == "第2网格"
        assert {("G2" if code == "G6" else code): shape for code, shape in found.items()} == outlines
        view = plan_view(third, store.open_plan(third, done.plan.id, caches=made.caches))
        assert [edit["op"] for edit in view["edits"]] == ["restore"]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(1, 12))])
def test_random_plans_are_restored_to_any_revision(database: Database, now: datetime, seed: int) -> None:
    """Paints, merges, splits, also cutting ones; grids whose codes were not lost have the same outlines."""
    rng = random.Random(seed)
    with database.write() as session:
        made = _filled(session)
        at = now
        seen: list[tuple[dict[str, Any], dict[str, int], datetime]] = []
        for _ in range(3):
            view = made.view(session, now=at)
            seen.append((_outlines(view.division), _homes(view), at))
            at += timedelta(days=1)
            _publish_random(session, made, rng, at=at)
            at += timedelta(days=1)
        for number in rng.sample(range(1, 4), 2):
            view = made.view(session, now=at)
            outlines, homes, _at = seen[number - 1]
            if _outlines(view.division) == outlines:
                continue
            done = _restored(view, made, number, at=at)
            at += timedelta(days=1)
            names = {one.now: one.code for one in done.reopened}
            after = made.view(session, now=at)
            found = {names.get(code, code): shape for code, shape in _outlines(after.division).items()}
            counts = {names.get(code, code): count for code, count in _homes(after).items()}
            assert counts == homes
            assert found.keys() == outlines.keys()
            for code, shape in outlines.items():
                assert found[code].equals(shape), code
            assert after.division.tree.at_level(Level.GRID)
        for outlines, homes, then in seen:
            past = made.view(session, now=at, as_of=then.astimezone(TZ).date())
            assert (_outlines(past.division), _homes(past)) == (outlines, homes)


def _publish_random(session: Session, made: World, rng: random.Random, *, at: datetime) -> None:
    view = made.view(session, now=at)
    plan = store.new_plan(view, "random", now=at)
    for _ in range(6):
        opened = store.open_plan(view, plan.id, caches=made.caches)
        op = _random_op(rng, opened)
        try:
            plan_service.add_edit(view, plan.id, op, caches=made.caches, now=at)
        except (Conflict, InvalidInput):
            continue
    if not store.open_plan(view, plan.id, caches=made.caches).drawing.delta.is_empty:
        publish(view, plan.id, "random", caches=made.caches, now=at)


def _random_op(rng: random.Random, opened: store.OpenPlan) -> dict[str, Any]:
    ground = opened.drawing.ground
    grids = sorted(ground.grids)
    kind = rng.choice(["paint", "paint", "merge", "split"])
    if kind == "paint":
        known = sorted(set(ground.land.numbers) & opened.base.ids.keys())
        cells = [opened.base.ids[number] for number in rng.sample(known, 2)]
        return {"op": "paint", "cells": cells, "to": rng.choice(grids)}
    if kind == "merge":
        chosen = rng.sample(grids, min(2, len(grids)))
        return {"op": "merge", "grids": chosen, "keep": chosen[0]}
    if rng.random() < 0.5:
        across = rng.randint(1, 3)
        return {"op": "split", "grid": rng.choice(grids), "line": _line((-1, across), (5, across))}
    line = _line((0, rng.randint(1, 3)), (4, rng.randint(1, 3)))
    return {"op": "split", "grid": rng.choice(grids), "line": line, "cut": True}


def test_cells_made_since_go_to_who_held_most_of_their_land(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        first = made.view(session, now=now)
        outlines, homes = _outlines(first.division), _homes(first)
        cut = {"op": "split", "grid": "G4", "line": _line((1.5, 2.4), (4, 3)), "cut": True}
        _publish(first, made, cut, at=now)
        second = made.view(session, now=now + timedelta(minutes=1))
        assert len(second.division.cell_ids) > 16
        done = _restored(second, made, 1, at=now + timedelta(minutes=2))
        third = made.view(session, now=now + timedelta(minutes=3))
        assert done.reopened == ()
        assert _homes(third) == homes
        found = _outlines(third.division)
        assert all(found[code].equals(shape) for code, shape in outlines.items())


def test_what_cannot_be_restored_is_said(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        view = made.view(session, now=now)
        with pytest.raises(NotFound):
            restore(view, 7, caches=made.caches, now=now)
        with pytest.raises(Conflict, match="as revision 1 had them"):
            restore(view, 1, caches=made.caches, now=now)
        member = made.view(session, world.add_actor(session, made, Role.MEMBER), now=now)
        with pytest.raises(NotAllowed):
            restore(member, 1, caches=made.caches, now=now)
        plan = store.new_plan(view, "later", now=now)
        plan_service.add_edit(view, plan.id, _paint(session, "G1", (2, 0)), caches=made.caches, now=now)
        day = now.astimezone(TZ).date() + timedelta(days=2)
        publish(view, plan.id, "later", caches=made.caches, now=now, effective=day)
        with pytest.raises(Conflict, match="not come into force"):
            restore(view, 2, caches=made.caches, now=now)
        wrong = store.new_plan(view, "wrong", now=now)
        for micro, words in [
            ({"code": "G100", "cells": ["no"]}, "not of this division"),
            ({"code": "G100"}, "name grids"),
            ({"code": "G900", "cells": [world.cell_id(session, 0, 0)]}, "no grid with the code G9"),
        ]:
            op = {"op": "restore", "areas": [{"code": f"G{micro['code'][1]}", "micro_grids": [micro]}]}
            with pytest.raises(InvalidInput, match=words):
                plan_service.add_edit(view, wrong.id, op, caches=made.caches, now=now)
