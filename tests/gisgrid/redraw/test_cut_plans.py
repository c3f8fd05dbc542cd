"""Plans that reshape cells: what is previewed is what is published, and the past stays byte for byte."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.locate import locate_many
from gisgrid.areas.models import CellLineage, CellMembership, Level, Placement, UnitCell
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.counts import counts_by_cell
from gisgrid.positions.objects import TABLES
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.publication.cells import move_cells
from gisgrid.redraw.publication.touched import area_ids
from gisgrid.redraw.rules.checks import plan_findings, stopping
from gisgrid.redraw.views.plan import changed_cells, plan_cells
from gisgrid.storage.engine import Database
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.cut_world import digest, filled, probes, random_op
from tests.world import LAT, LON, STEP, World

FIGURES = ("households", "residents", "elders", "open_cases")
DAYS = (date(2020, 6, 1), date(2021, 6, 1), date(2022, 6, 1), date(2026, 11, 22))


def _draw(view: View, made: World, plan: str, *ops: dict[str, Any]) -> store.OpenPlan:
    for op in ops:
        plan_service.add_edit(view, plan, op, caches=made.caches, now=view.when.at)
    return store.open_plan(view, plan, caches=made.caches)


def _try(view: View, made: World, plan: str, op: dict[str, Any]) -> None:
    """An edit that may be refused, and then has changed nothing."""
    before = store.open_plan(view, plan, caches=made.caches)
    try:
        _draw(view, made, plan, op)
    except (Conflict, InvalidInput):
        after = store.open_plan(view, plan, caches=made.caches)
        assert digest(after) == digest(before)
        assert len(after.edits) == len(before.edits)


def _past(session: Session, made: World, now: datetime) -> list[Any]:
    """What is answered for earlier days: figures, cells, places and where cases lay."""
    return [_answers(made.view(session, now=now, as_of=day)) for day in DAYS]


def _answers(view: View) -> tuple[Any, ...]:
    division, xy = view.division, probes()
    spots = locate_many(division, xy[:, 0], xy[:, 1])
    return (
        [area_figures(view, level).to_json() for level in (Level.GRID, Level.MICRO_GRID, Level.COMMUNITY)],
        list(zip(division.cell_ids, shapely.to_wkb(division.cells).tolist(), strict=True)),
        {area: shapely.to_wkb(shape) for area, shape in division.outlines.items()},
        spots.cell.tolist(),
        counts_by_cell(view).sort_index().to_json(),
    )


def _assert_published(
    session: Session, made: World, opened: store.OpenPlan, *, at: datetime, preview: Any
) -> None:
    """The division in force is the drawing: figures, cells, objects, and the whole oracle is content."""
    view = made.view(session, now=at)
    figures = area_figures(view, Level.GRID).set_index("code")[list(FIGURES)].to_dict("index")
    for row in preview["grids"]:
        shown = row["after"] and {name: row["after"][name] for name in FIGURES}
        assert shown == figures.get(row["code"])
    ground, division = opened.drawing.ground, view.division
    assert dict(zip(division.numbers.tolist(), division.cells, strict=True)) == dict(ground.land.cells)
    number_of = dict(zip(division.cell_ids, division.numbers.tolist(), strict=True)) | {None: -1}
    where = {key: number_of[cell] for key, cell in _cells(session).items()}
    assert where == dict(zip(opened.base.objects.ids, ground.points.cell.tolist(), strict=True))
    assert [
        fault for fault in check_database(session, made.actor, at=at).faults if fault.rule != "multipart"
    ] == []


def _published(session: Session, made: World, rng: random.Random, now: datetime) -> set[str]:
    """Draw a random plan, take all back and bring it again, publish it; gives the tools that it used."""
    view = made.view(session, now=now)
    plan = store.new_plan(view, "random", now=now).id
    start = digest(store.open_plan(view, plan, caches=made.caches))
    for _one in range(7):
        _try(view, made, plan, random_op(store.open_plan(view, plan, caches=made.caches), rng))
    opened = store.open_plan(view, plan, caches=made.caches)
    drawn = digest(opened)
    for turn, wanted in ((plan_service.undo, start), (plan_service.redo, drawn)):
        for _edit in opened.edits:
            turn(view, plan, caches=made.caches)
        assert digest(store.open_plan(view, plan, caches=made.caches)) == wanted
    opened = _allowed(view, made, plan)
    if opened.drawing.delta.is_empty:
        return set()
    preview = impact(view, opened.base, opened.drawing)
    before = _past(session, made, now)
    rows, cells = _rows(session), _cells(session)
    done = publish(view, plan, "random", caches=made.caches, now=now + timedelta(minutes=1))
    later = now + timedelta(minutes=2)
    _assert_published(session, made, opened, at=later, preview=preview)
    made.caches = type(made.caches)()
    assert _past(session, made, later) == before
    moved = [key for key, cell in _cells(session).items() if cells[key] != cell]
    assert _rows(session) == (rows[0] + done.memberships, rows[1] + len(moved))
    return {edit.op["op"] + (" cut" if edit.op.get("cut") else "") for edit in opened.edits}


def _allowed(view: View, made: World, plan: str) -> store.OpenPlan:
    """The plan without the last edits that a rule forbids to publish."""
    opened = store.open_plan(view, plan, caches=made.caches)
    while opened.edits and stopping(plan_findings(view, opened.base, opened.drawing)):
        opened = plan_service.undo(view, plan, caches=made.caches)
    return opened


def _cells(session: Session) -> dict[str, str | None]:
    """The cell of every object."""
    return {
        row.id: row.cell_id
        for table in TABLES.values()
        for row in session.execute(select(table.id, table.cell_id))
    }


def _rows(session: Session) -> tuple[int, int]:
    counts = [
        session.scalar(select(func.count()).select_from(table)) for table in (CellMembership, Placement)
    ]
    return counts[0] or 0, counts[1] or 0


@pytest.mark.parametrize("seed", range(2))
def test_random_plans_with_cuts_publish_exactly_their_preview(
    database: Database, now: datetime, seed: int
) -> None:
    """Two plans one after the other, the second on cells that the first has made."""
    rng = random.Random(seed)
    with database.write() as session:
        made = filled(session, seed)
        for step in range(2):
            _published(session, made, rng, now + timedelta(minutes=10 * step))


@pytest.mark.prove
def test_the_preview_of_200_random_plans_is_what_is_published(
    database: Database, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    equal, used = 0, set[str]()
    seed = 1000
    while equal < 200:
        rng = random.Random(seed)
        with database.write() as session:
            made = filled(session, seed)
            for step in range(4):
                tools = _published(session, made, rng, now + timedelta(minutes=10 * step))
                equal, used = equal + bool(tools), used | tools
            session.rollback()
        seed += 1
    assert used >= {"paint", "merge", "split cut", "reshape cut", "move", "divide", "outline"}
    record_property("plans whose preview was what was published", f"{equal} of {equal}")
    record_property("database", database.engine.dialect.name)


def _cut(grid: str = "G1") -> dict[str, Any]:
    """A line through the lowest row of cells, west to east, north of their buildings."""
    y = LAT + 0.85 * STEP
    line = {"type": "LineString", "coordinates": [[LON - STEP, y], [LON + 5 * STEP, y]]}
    return {"op": "split", "grid": grid, "line": line, "cut": True}


def test_cells_of_a_plan_have_names_that_its_later_edits_may_use(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "names", now=now).id
        before = store.open_plan(view, plan, caches=made.caches)
        opened = _draw(view, made, plan, _cut())
        rows = changed_cells(view, opened, before.drawing)
        fresh = [row for row in rows if row["id"].startswith("n")]
        gone = [row["id"] for row in rows if row.get("gone")]
        assert [row["id"] for row in fresh] == ["n1", "n2", "n3", "n4"]
        assert all(row["geometry"]["type"] == "Polygon" for row in fresh)
        assert len(gone) == 2
        shown = {row["id"]: row for _shape, row in plan_cells(view, opened)}
        assert set(gone).isdisjoint(shown)
        assert sum(row["households"] for row in shown.values()) == sum(
            row["households"] for _shape, row in plan_cells(view, before)
        )
        east = max(fresh, key=lambda row: shapely.geometry.shape(row["geometry"]).centroid.x)
        painted = _draw(view, made, plan, {"op": "paint", "cells": [east["id"]], "to": "G2"})
        assert {row["id"]: row["grid"] for _shape, row in plan_cells(view, painted)}[east["id"]] == "G2"
        for wrong in (gone[0], "n99", "nothing"):
            with pytest.raises(InvalidInput, match="division"):
                _draw(view, made, plan, {"op": "paint", "cells": [wrong], "to": "G2"})


def test_new_cells_say_where_they_come_from_and_have_no_past(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "lineage", now=now).id
        opened = _draw(view, made, plan, _cut())
        at = now + timedelta(minutes=1)
        publish(view, plan, "lineage", caches=made.caches, now=at)
        shares = session.execute(
            select(CellLineage.old_id, func.sum(CellLineage.share))
            .join(UnitCell, UnitCell.id == CellLineage.new_id)
            .where(UnitCell.valid_from == at)
            .group_by(CellLineage.old_id)
        ).all()
        fresh = select(UnitCell.id).where(UnitCell.valid_from == at)
        pasts = session.scalars(
            select(CellMembership.valid_from).where(CellMembership.cell_id.in_(fresh))
        ).all()
        numbers = session.scalars(select(UnitCell.number).where(UnitCell.valid_to == at)).all()
    assert {row[0] for row in shares} == {opened.base.ids[cell] for cell in opened.drawing.delta.removed}
    assert [row[1] for row in shares] == pytest.approx([1.0] * len(shares), abs=1e-5)
    assert set(pasts) == {at}
    assert set(numbers) == set(opened.drawing.delta.removed)


def test_a_plan_that_only_paints_touches_no_object(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "paint", now=now).id
        opened = store.open_plan(view, plan, caches=made.caches)
        cell = next(c for c in opened.drawing.ground.grids["G2"] if 1 in _near(opened, c, "G1"))
        _draw(view, made, plan, {"op": "paint", "cells": [opened.base.ids[cell]], "to": "G1"})
        before = _rows(session)
        publish(view, plan, "paint", caches=made.caches, now=now + timedelta(minutes=1))
        assert _rows(session) == (before[0] + 1, before[1])


def _near(opened: store.OpenPlan, cell: int, grid: str) -> set[int]:
    ground = opened.drawing.ground
    return {1 for other in ground.land.borders[cell] if ground.grid_at(other) == grid}


def test_a_cell_with_two_buildings_is_divided_between_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "divide", now=now).id
        base = store.open_plan(view, plan, caches=made.caches).base
        double = next(c for c in base.ground.land.numbers if len(base.footprints_in(c, base.ground)) == 2)
        opened = _draw(view, made, plan, {"op": "divide", "cell": base.ids[double]})
        pieces = opened.drawing.delta.added.keys() - base.ground.owner.keys()
        assert len(pieces) == 2
        assert all(len(base.footprints_in(c, opened.drawing.ground)) == 1 for c in pieces)
        single = next(c for c in base.ground.land.numbers if len(base.footprints_in(c, base.ground)) == 1)
        with pytest.raises(InvalidInput, match="fewer than two"):
            _draw(view, made, plan, {"op": "divide", "cell": base.ids[single]})


def _outline(*, east: float) -> dict[str, Any]:
    """The community from its west side to some cells from there."""
    shape = shapely.box(LON, LAT, LON + east * STEP, LAT + 4 * STEP)
    return {"op": "outline", "polygon": {"type": "Polygon", "coordinates": _rings(shape)}}


def _rings(shape: shapely.Polygon) -> list[list[list[float]]]:
    return [[list(place) for place in shape.exterior.coords]]


def test_what_lies_outside_a_new_outline_is_kept_without_a_cell(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "outline", now=now).id
        opened = _draw(view, made, plan, _outline(east=3.5))
        preview = impact(view, opened.base, opened.drawing)
        lost = [row for row in preview["moves"] if row["to"] is None]
        assert sum(row["open_cases"] for row in lost) > 0
        before = session.scalar(select(func.count(Case.id)).where(Case.cell_id.is_(None)))
        publish(view, plan, "outline", caches=made.caches, now=now + timedelta(minutes=1))
        after = session.scalar(select(func.count(Case.id)).where(Case.cell_id.is_(None)))
        assert after > before
        later = made.view(session, now=now + timedelta(minutes=2))
        assert later.division.outlines[made.community].bounds[2] == LON + 3.5 * STEP
        back = store.new_plan(later, "back", now=now).id
        _draw(later, made, back, _outline(east=4))
        publish(later, back, "back", caches=made.caches, now=now + timedelta(minutes=3))
        assert session.scalar(select(func.count(Case.id)).where(Case.cell_id.is_(None))) == before


def test_another_outline_is_drawn_by_a_head_and_approved_by_those_above(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = filled(session)
        staff = world.add_actor(session, made, Role.STAFF, "G1")
        head, other = (world.add_actor(session, made, Role.HEAD) for _one in range(2))
        leader = world.add_actor(session, made, Role.LEADER)
        as_staff, as_head, as_other, as_leader = (
            made.view(session, actor, now=now) for actor in (staff, head, other, leader)
        )
        plan = store.new_plan(as_staff, "outline", now=now).id
        for view in (as_staff, as_leader):
            with pytest.raises(NotAllowed):
                _draw(view, made, plan, _outline(east=3.5))
        _draw(as_head, made, plan, _outline(east=3.5))
        with pytest.raises(NotAllowed):
            plan_service.undo(as_staff, plan, caches=made.caches)
        plan_service.undo(as_head, plan, caches=made.caches)
        with pytest.raises(NotAllowed):
            plan_service.redo(as_staff, plan, caches=made.caches)
        plan_service.redo(as_head, plan, caches=made.caches)
        with pytest.raises(NotAllowed):
            publish(as_other, plan, "no", caches=made.caches, now=now)
        decisions.submit(as_head, plan, "", now=now)
        with pytest.raises(NotAllowed):
            decisions.approve(as_other, plan, "", now=now)
        assert "approve" not in decisions.allowed(as_other, store.find_plan(as_other, plan))
        assert "approve" in decisions.allowed(as_leader, store.find_plan(as_leader, plan))
        decisions.approve(as_leader, plan, "good", now=now)
        publish(as_staff, plan, "approved", caches=made.caches, now=now + timedelta(minutes=1))


def test_land_of_another_community_is_not_taken(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        world.found_beside(session, made)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "too far", now=now).id
        with pytest.raises(InvalidInput, match="C2"):
            _draw(view, made, plan, _outline(east=5))
        with pytest.raises(InvalidInput, match="too far"):
            _draw(view, made, plan, _outline(east=500))
        assert _draw(view, made, plan, _outline(east=3.5)).edits


def test_a_faulty_operation_is_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "faulty", now=now).id
        for op, words in [
            (_cut() | {"cut": "yes"}, "true or false"),
            ({"op": "move", "from": [LON], "to": [LON, LAT]}, "longitude"),
            ({"op": "move", "from": [LON, LAT], "to": [True, LAT]}, "longitude"),
            ({"op": "move", "from": [0.0, 0.0], "to": [LON, LAT]}, "no corner"),
            ({"op": "divide", "cell": 7}, "is needed"),
            ({"op": "outline", "polygon": {"type": "Point", "coordinates": [0, 0]}}, "Polygon"),
        ]:
            with pytest.raises(InvalidInput, match=words):
                _draw(view, made, plan, op)


def test_a_plan_that_cut_far_away_goes_on_after_another_has_cut(database: Database, now: datetime) -> None:
    """Provisional names stay, though the numbers behind them have been given away in the meantime."""
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        far, near = (store.new_plan(view, name, now=now).id for name in ("far", "near"))
        y = LAT + 3.85 * STEP
        line = {"type": "LineString", "coordinates": [[LON - STEP, y], [LON + 5 * STEP, y]]}
        split = {"op": "split", "grid": "G3", "line": line, "cut": True}
        one = _draw(view, made, far, split)
        cells = [
            one.base.id_of(cell) for cell in sorted(one.drawing.delta.added) if cell > one.base.ground.floor
        ]
        _draw(view, made, far, {"op": "paint", "cells": cells[-1:], "to": "G3"})
        _draw(view, made, near, _cut("G2"))
        publish(view, near, "near", caches=made.caches, now=now + timedelta(minutes=1))
        later = made.view(session, now=now + timedelta(minutes=2))
        opened = store.open_plan(later, far, caches=made.caches)
        preview = impact(later, opened.base, opened.drawing)
        publish(later, far, "far", caches=made.caches, now=now + timedelta(minutes=3))
        _assert_published(session, made, opened, at=now + timedelta(minutes=4), preview=preview)


def test_a_report_that_was_waiting_while_a_cut_was_published_finds_the_new_cell(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "cut", now=now).id
        _draw(view, made, plan, _cut())
        publish(view, plan, "cut", caches=made.caches, now=now + timedelta(minutes=1))
        spot = world.middle(0, 0)
        command = ReportCase(lon=spot.x, lat=spot.y, category="garbage", description="示例")
        kept = report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ).case
        assert session.scalar(select(UnitCell.valid_to).where(UnitCell.id == kept.cell_id)) is None
        assert check_database(session, made.actor, at=now + timedelta(minutes=2)).faults == ()


def test_cells_that_would_not_cover_the_community_are_not_published(
    database: Database, now: datetime
) -> None:
    """Planted faults: a piece lost, one moved by a hair, one twice, one folded over."""
    with database.write() as session:
        made = filled(session)
        view = made.view(session, now=now)
        plan = store.new_plan(view, "planted", now=now).id
        opened = _draw(view, made, plan, _cut())
        added = dict(opened.drawing.delta.added)
        number, shape = max(added.items())
        hair = shapely.transform(shape, lambda xy: xy + 2.0**-24)
        corners = shape.exterior.coords[:4]
        folded = shapely.Polygon([corners[0], corners[2], corners[1], corners[3]])
        lost = {cell: one for cell, one in added.items() if cell != number}
        for wrong in (lost, added | {number: hair}, added | {number + 1: shape}, added | {number: folded}):
            delta = replace(opened.drawing.delta, added=wrong)
            faulty = replace(opened, drawing=replace(opened.drawing, delta=delta))
            with pytest.raises(Conflict, match="cover"):
                move_cells(view, faulty, area_ids(view), now=now)
