"""A grid goes to the community beside: both stay whole, nothing is lost, and no earlier answer changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AccountScope, Duty, Role
from gisgrid.areas.communities import current_version
from gisgrid.areas.division import Division
from gisgrid.areas.models import (
    AreaLineage,
    CellKind,
    CellLineage,
    Level,
    PlacedKind,
    Placement,
    Revision,
    UnitCell,
)
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.cases.core.models import Case
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.counts import counts_by_cell
from gisgrid.figures.history import revision_history
from gisgrid.geometry.partition import check_tiling
from gisgrid.places import queries
from gisgrid.places.models import Facility, Household
from gisgrid.positions.objects import TABLES, read_objects
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.impact.impact import impact
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.publication import publish
from gisgrid.redraw.restoration import restore
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

GIVE = {"op": "transfer", "grid": "G2", "to": "C2"}
FIGURES = ("households", "residents", "elders", "open_cases")
DAYS = (date(2019, 6, 1), date(2021, 6, 1), date(2026, 11, 22))


def lived_in(session: Session, now: datetime, *, strip: bool = False) -> tuple[World, str]:
    """C1 with a building, household, elder, facility and case in every cell, and C2 beside it."""
    made = world.found(session)
    for column in range(4):
        for row in range(4):
            building = world.add_building(session, made, column, row, number=str(4 * row + column + 1))
            home = world.add_household(session, building, "101")
            world.add_resident(session, home, date(1950, 1, 1))
            _add_facility(session, made, column, row)
    report(session, made.actor, _case(3.25, 0.5), caches=made.caches, now=now - timedelta(days=20), tz=TZ)
    beside = _found_strip(session, made) if strip else world.found_beside(session, made)
    return made, beside


def _add_facility(session: Session, made: World, column: int, row: int) -> None:
    facility = Facility(
        id=new_id(),
        community_id=made.community,
        type="red_post",
        name=f"F{column}{row}",
        position=world.middle(column, row),
        cell_id=world.cell_id(session, column, row),
    )
    session.add(facility)
    session.flush()


def _case(x: float, y: float) -> ReportCase:
    return ReportCase(category="garbage", lon=LON + x * STEP, lat=LAT + y * STEP, description="楼道有垃圾")


def _found_strip(session: Session, made: World, *, east: float = 4.0) -> str:
    """C2 as one long cell in the east of C1, without the vertices that C1 has on the common border."""
    community = NewArea(code="C2", name="邻近社区", level=Level.COMMUNITY, parent_code="S1")
    centre = (LON + 5 * STEP, LAT)
    community_id = create_community(session, made.actor, community, centre=centre, at=world.START)
    grid = NewArea(code="H1", name="邻一网格", level=Level.GRID, parent_code="C2")
    add_areas(session, made.actor, community_id, [grid], at=world.START)
    west, south = LON + east * STEP, LAT - 0.5 * STEP
    strip = shapely.box(west, south, west + STEP, south + 5 * STEP, ccw=True)
    cells = [NewCell(geom=strip, kind=CellKind.BLOCK, owner="H1")]
    publish_cells(session, made.actor, community_id, cells, at=world.START, reason="first division")
    return community_id


def view_of(session: Session, made: World, code: str, now: datetime, day: date | None = None) -> View:
    asked = ViewRequest(community=code, as_of=day)
    return open_view(session, made.actor, asked, caches=made.caches, now=now, tz=TZ)


def drawn(view: View, made: World, *ops: dict[str, Any]) -> store.OpenPlan:
    plan = store.new_plan(view, "give", now=view.when.at).id
    for op in ops:
        plan_service.add_edit(view, plan, op, caches=made.caches, now=view.when.at)
    return store.open_plan(view, plan, caches=made.caches)


def answers(session: Session, made: World, now: datetime) -> list[Any]:
    """What both communities answer for earlier days, asked by a process that remembers nothing."""
    made.caches = Caches()
    views = [view_of(session, made, code, now, day) for code in ("C1", "C2") for day in DAYS]
    return [_answers(view, now) for view in views]


def _answers(view: View, now: datetime) -> tuple[Any, ...]:
    division = view.division
    objects = read_objects(view.session, view.community.id, when=view.when)
    levels = (Level.GRID, Level.MICRO_GRID, Level.COMMUNITY, Level.COMPOUND)
    return (
        [area_figures(view, level).to_json() for level in levels],
        list(zip(division.cell_ids, shapely.to_wkb(division.cells).tolist(), strict=True)),
        {area: shapely.to_wkb(shape) for area, shape in division.outlines.items()},
        counts_by_cell(view).sort_index().to_json(),
        list(zip(objects.ids, objects.cells, strict=True)),
        [told for _shape, told in (*queries.buildings(view), *queries.facilities(view))],
        [row["id"] for row in list_cases(view, CaseSearch(), now=now)[0]],
    )


def assert_tiled(division: Division) -> None:
    assert check_tiling(division.cells, division.outlines[division.community_id]) == []


@pytest.mark.parametrize("strip", [False, True])
def test_a_grid_goes_to_the_community_beside_with_all_that_lies_in_it(
    database: Database, now: datetime, *, strip: bool
) -> None:
    with database.write() as session:
        made, beside = lived_in(session, now, strip=strip)
        member = world.add_actor(session, made, Role.MEMBER, "G2")
        near = AccountScope(account_id=member.account_id, area_id=made.areas["G2"])
        far = AccountScope(account_id=member.account_id, area_id=made.areas["G1"])
        session.add_all([near, far])
        view = view_of(session, made, "C1", now)
        figures = [_totals(view_of(session, made, code, now)) for code in ("C1", "C2")]
        history = [list_of_revisions(session, made, code, now) for code in ("C1", "C2")]
        before = answers(session, made, now)
        opened = drawn(view, made, GIVE)
        shown = impact(view, opened.base, opened.drawing)
        assert [row["code"] for row in shown["grids"]] == ["G2"]
        assert shown["grids"][0]["after"] is None
        assert shown["transfers"] == [
            {
                "grid": "G2",
                "name": "第2网格",
                "to": "C2",
                "to_name": "邻近社区",
                "buildings": 4,
                "households": 4,
                "elders": 4,
                "open_cases": 1,
                "elders_80": 0,
                "with_visitor": 0,
                "facilities": 4,
            }
        ]
        assert "G15" not in {row["rule"] for row in plan_findings(view, opened.base, opened.drawing)}
        moment = now + timedelta(minutes=1)
        publish(view, opened.plan.id, "nearer to them", caches=made.caches, now=moment)
        later = now + timedelta(minutes=2)
        made.caches = Caches()
        here, there = (view_of(session, made, code, later) for code in ("C1", "C2"))
        assert_tiled(here.division)
        assert_tiled(there.division)
        assert [grid.code for grid in here.division.tree.at_level(Level.GRID)] == ["G1", "G3", "G4"]
        grids = there.division.tree.at_level(Level.GRID)
        assert [(grid.code, grid.name) for grid in grids] == [("H1", "邻一网格"), ("H2", "第2网格")]
        after = [_totals(one) for one in (here, there)]
        assert [sum(pair) for pair in zip(*figures, strict=True)] == [
            sum(pair) for pair in zip(*after, strict=True)
        ]
        assert after[1] == [figures[1][at] + count for at, count in enumerate([4, 4, 4, 1])]
        assert answers(session, made, later) == before
        for code, was in zip(("C1", "C2"), history, strict=True):
            assert list_of_revisions(session, made, code, later)[1:] == was
        done = store.open_plan(here, opened.plan.id, caches=made.caches)
        told = impact(here, done.base, done.drawing)["transfers"]
        assert told == [{**shown["transfers"][0], "name": told[0]["name"]}]
        _assert_moved(session, made, beside, here, there)
        duty = session.scalars(
            select(Duty).where(Duty.worker_id == member.worker_id).order_by(Duty.valid_from)
        ).all()
        assert [(row.area_id, row.valid_to) for row in duty] == [
            (made.areas["G2"], moment),
            (grids[1].id, None),
        ]
        session.refresh(near)
        session.refresh(far)
        assert (near.area_id, far.area_id) == (grids[1].id, made.areas["G1"])
        faults = check_database(session, made.actor, at=later).faults
        assert [fault for fault in faults if fault.rule != "multipart"] == []


def list_of_revisions(session: Session, made: World, code: str, now: datetime) -> list[Any]:
    rows = revision_history(view_of(session, made, code, now))
    return [{name: value for name, value in row.items() if name != "scheduled"} for row in rows]


def _totals(view: View) -> list[int]:
    totals = area_figures(view, Level.COMMUNITY)
    return [int(totals[name].sum()) for name in FIGURES]


def _assert_moved(session: Session, made: World, beside: str, here: View, there: View) -> None:
    """Every object of the four cells lies in a cell of the other community, and what was is remembered."""
    for kind, table in TABLES.items():
        rows = session.execute(select(table.id, table.cell_id).where(table.community_id == beside)).all()
        assert len(rows) == (1 if kind == PlacedKind.CASE else 4)
        assert {row.cell_id for row in rows} <= set(there.division.cell_ids)
        kept = select(Placement.community_id).where(Placement.object_id.in_([row.id for row in rows]))
        assert set(session.scalars(kept)) == {made.community}
    was = select(UnitCell.id).where(UnitCell.community_id == made.community, UnitCell.valid_to.is_not(None))
    links = session.scalars(select(CellLineage).where(CellLineage.old_id.in_(was))).all()
    assert len(links) == 4
    assert {link.share for link in links} == {1.0}
    lines = session.execute(select(AreaLineage.kind, AreaLineage.area_id, AreaLineage.other_id)).all()
    new = there.division.tree.by_code("H2").id
    assert set(lines) == {("split_from", new, made.areas["G2"]), ("merged_into", made.areas["G2"], new)}
    counts = [
        len(session.scalars(select(Revision.id).where(Revision.community_id == one)).all())
        for one in (here.community.id, there.community.id)
    ]
    assert counts == [2, 2]
    # What went is listed as of the day it was here, but opened where it is now: a card tells today's state.
    case = session.scalars(select(Case).where(Case.community_id == beside)).one()
    then = view_of(session, made, "C1", here.when.at, DAYS[-1])
    listed = [row["id"] for row in list_cases(then, CaseSearch(), now=here.when.at)[0]]
    with pytest.raises(NotFound):
        case_card(then, case.id, now=here.when.at)
    assert case.id in listed
    assert case_card(there, case.id, now=here.when.at)["id"] == case.id


def test_a_head_draws_it_a_leader_above_both_approves_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, beside = lived_in(session, now)
        local = view_of(session, made, "C1", now)
        head = world.add_actor(session, made, Role.HEAD, "C1")
        staff = world.add_actor(session, made, Role.STAFF, "C1")
        leader = world.add_actor(session, made, Role.LEADER, "C1")
        above = replace(leader, areas=frozenset({made.community, beside}))

        def by(actor: Actor) -> View:
            return replace(local, actor=actor)

        with pytest.raises(NotAllowed):
            drawn(by(staff), made, GIVE)
        plan = drawn(by(head), made, GIVE).plan
        decisions.submit(by(head), plan.id, "please", now=now)
        moment = now + timedelta(minutes=1)
        for actor in (head, staff, leader):
            with pytest.raises(NotAllowed):
                publish(by(actor), plan.id, "x", caches=made.caches, now=moment)
            with pytest.raises(NotAllowed):
                decisions.approve(by(actor), plan.id, "x", now=moment)
        assert "publish" not in decisions.allowed(by(leader), plan)
        assert "publish" in decisions.allowed(by(above), plan)
        publish(by(above), plan.id, "agreed", caches=made.caches, now=moment)
        assert current_version(session, beside, at=moment).revision == 2


def test_taking_it_back_gives_the_same_plan_and_other_edits_go_on(database: Database, now: datetime) -> None:
    with database.write() as session:
        made, _beside = lived_in(session, now)
        view = view_of(session, made, "C1", now)
        opened = drawn(view, made, GIVE)
        again = plan_service.undo(view, opened.plan.id, caches=made.caches)
        assert again.drawing.ground.grids == again.base.ground.grids
        assert again.drawing.ground.outline == again.base.ground.outline
        assert impact(view, again.base, again.drawing)["transfers"] == []
        redone = plan_service.redo(view, opened.plan.id, caches=made.caches)
        assert redone.drawing.ground.grids == opened.drawing.ground.grids
        merge = {"op": "merge", "grids": ["G1", "G3"], "keep": "G1"}
        plan_service.add_edit(view, opened.plan.id, merge, caches=made.caches, now=now)
        for op in (
            GIVE,
            {**GIVE, "grid": "G4"},
            {"op": "rename", "area": "G2", "name": "x"},
            {"op": "outline", "polygon": shapely.geometry.mapping(world.square(0, 0, 3.5))},
        ):
            with pytest.raises((Conflict, InvalidInput)):
                plan_service.add_edit(view, opened.plan.id, op, caches=made.caches, now=now)
        publish(view, opened.plan.id, "both", caches=made.caches, now=now + timedelta(minutes=1))
        later = view_of(session, made, "C1", now + timedelta(minutes=2))
        assert [grid.code for grid in later.division.tree.at_level(Level.GRID)] == ["G1", "G4"]
        assert_tiled(later.division)


def test_an_earlier_division_is_laid_over_what_is_left(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made, _beside = lived_in(session, now)
        view = view_of(session, made, "C1", now)
        opened = drawn(view, made, GIVE)
        publish(view, opened.plan.id, "x", caches=made.caches, now=now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        here, there = (view_of(session, made, code, later) for code in ("C1", "C2"))
        with pytest.raises(Conflict, match="as revision 1 had them"):
            restore(here, 1, caches=made.caches, now=later)
        # Land that lay outside then goes to the grid nearest to it.
        plan = restore(there, 1, caches=made.caches, now=later).plan
        assert set(store.open_plan(there, plan.id, caches=made.caches).drawing.ground.grids) == {"H1"}


def test_what_can_not_be_given_is_refused(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made, _beside = lived_in(session, now)
        view = view_of(session, made, "C1", now)
        refused: list[tuple[list[dict[str, Any]], str]] = [
            ([{**GIVE, "grid": "G9"}], "no grid with the code"),
            ([{**GIVE, "to": "C9"}], "no community"),
            ([{**GIVE, "to": "C1"}], "in this community already"),
            ([{**GIVE, "grid": "G1"}], "no border in common"),
            ([{**GIVE, "parent": "H1"}], "that holds grids"),
            ([{"op": "rename", "area": "G2", "name": "x"}, GIVE], "publish that first"),
            ([{"op": "merge", "grids": ["G2", "G4"], "keep": "G2"}, GIVE], "publish that first"),
            ([{"op": "lock", "grid": "G2"}, GIVE], "locked"),
        ]
        for ops, said in refused:
            with pytest.raises((Conflict, InvalidInput), match=said):
                drawn(view, made, *ops)
        there = view_of(session, made, "C2", now)
        with pytest.raises(InvalidInput, match="without a grid"):
            drawn(there, made, {"op": "transfer", "grid": "H1", "to": "C1"})


def test_a_border_that_only_nearly_coincides_is_refused(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        _found_strip(session, made, east=4.0 + 2**-9)
        view = view_of(session, made, "C1", now)
        with pytest.raises(InvalidInput, match=r"do not coincide|no border in common"):
            drawn(view, made, GIVE)


def test_a_scheduled_revision_of_the_neighbour_and_a_later_day_are_refused(
    spatialite: Database, now: datetime
) -> None:
    with spatialite.write() as session:
        made, _beside = lived_in(session, now)
        view, there = (view_of(session, made, code, now) for code in ("C1", "C2"))
        opened = drawn(view, made, GIVE)
        day = date(2026, 12, 1)
        with pytest.raises(Conflict, match="takes effect at once"):
            publish(view, opened.plan.id, "x", caches=made.caches, now=now, effective=day)
        waiting = drawn(there, made, {"op": "rename", "area": "H1", "name": "新名"})
        publish(there, waiting.plan.id, "x", caches=made.caches, now=now, effective=day)
        with pytest.raises(Conflict, match="waits for its day"):
            publish(view, opened.plan.id, "x", caches=made.caches, now=now + timedelta(minutes=1))


def test_a_neighbour_with_the_same_address_is_refused(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made, beside = lived_in(session, now)
        cell = world.cell_id(session, 3, 0)
        home = session.scalars(select(Household).where(Household.cell_id == cell)).one()
        twin = Household(
            id=new_id(),
            community_id=beside,
            unit="1",
            room="101",
            std_address=home.std_address,
            position=world.middle(4, 0),
            lived_from=date(2010, 1, 1),
        )
        session.add(twin)
        session.flush()
        view = view_of(session, made, "C1", now)
        opened = drawn(view, made, GIVE)
        with pytest.raises(Conflict, match="of the same name"):
            publish(view, opened.plan.id, "x", caches=made.caches, now=now + timedelta(minutes=1))
        assert session.scalar(select(Case.id).where(Case.community_id == beside)) is None
