"""Cells from streets and buildings: they tile, keep every grid, and know where they come from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy import select

from gisgrid.access.actors import NOBODY, local_actor
from gisgrid.access.models import Account, Role
from gisgrid.areas.division import load_division
from gisgrid.areas.models import CellKind, CellLineage, CellMembership, Level, Revision, UnitCell
from gisgrid.areas.service import NewArea, create_community
from gisgrid.areas.view import Caches
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.figures.area_figures import area_figures
from gisgrid.geometry.partition import check_tiling, oracle_check
from gisgrid.places.models import Building, Street
from gisgrid.positions.cell_assignment import plan_cells, publish_plan
from gisgrid.storage.base import new_id
from gisgrid.upkeep.checks import check_database
from tests import world

LATER = datetime(2025, 6, 1, tzinfo=UTC)
MUCH_LATER = datetime(2025, 7, 1, tzinfo=UTC)


def bare(session):
    """A community without areas."""
    session.add(Account(name="local", role=Role.LOCAL, created_at=world.START))
    session.flush()
    actor = local_actor(session, "tester")
    new = NewArea(code="C1", name="示例社区", level=Level.COMMUNITY, parent_code=None)
    community = create_community(session, actor, new, centre=(world.LON, world.LAT), at=world.START)
    return world.World(community=community, actor=actor)


def add_street(session, made, column, *, kind="residential"):
    x, y = world.LON + column * world.STEP, world.LAT
    session.add(
        Street(
            id=new_id(),
            community_id=made.community,
            kind=kind,
            geom=shapely.LineString([(x, y - world.STEP), (x, y + 5 * world.STEP)]),
        )
    )
    session.flush()


def add_house(session, made, column, row):
    session.add(
        Building(
            id=new_id(),
            community_id=made.community,
            code=f"{column}-{row}",
            address=f"示例{column}-{row}",
            footprint=world.square(column + 0.3, row + 0.3, 0.2),
        )
    )
    session.flush()


def remake(session, made, *, at=LATER, outline=None):
    plan = plan_cells(session, made.actor, made.community, outline=outline, at=at)
    return plan, publish_plan(session, made.actor, plan, at=at)


def test_each_building_gets_a_cell_inside_its_grid_and_no_grid_changes(database):
    with database.write() as session:
        made = world.found(session)
        before = load_division(session, made.community, at=LATER, revision=0)
        for column, row in [(0, 0), (1, 1), (2, 0), (3, 3), (3, 2)]:
            add_house(session, made, column, row)
        add_street(session, made, 1)
        plan, done = remake(session, made)
        assert (done.revision, done.replaced, done.cells) == (2, 16, len(plan.plan.cells))
        after = load_division(session, made.community, at=LATER, revision=0)
        outline = after.outlines[made.community]
        assert check_tiling(after.cells, outline) == []
        assert oracle_check(after.cells, outline) == []
        for code in ("G1", "G2", "G3", "G4"):
            grid = made.areas[code]
            assert after.outlines[grid].equals(before.outlines[grid])
        kinds = session.scalars(select(UnitCell.kind).where(UnitCell.valid_to.is_(None))).all()
        assert kinds.count(CellKind.BUILDING) == 5
        cells = session.scalars(select(Building.cell_id)).all()
        assert len(set(cells)) == 5
        assert set(cells) <= set(after.cell_ids)
        assert check_database(session, made.actor, at=LATER).faults == ()


def test_shares_of_each_old_cell_add_up_to_the_whole(database):
    with database.write() as session:
        made = world.found(session)
        for column, row in [(0, 0), (0, 1), (1, 1)]:
            add_house(session, made, column, row)
        remake(session, made)
        sums = session.execute(
            select(CellLineage.old_id, sa.func.sum(CellLineage.share)).group_by(CellLineage.old_id)
        ).all()
        assert len(sums) == 16
        assert [total for _cell, total in sums] == pytest.approx([1.0] * 16, abs=1e-5)
        owners = session.scalars(
            select(CellMembership.cell_id).where(CellMembership.valid_to.is_(None))
        ).all()
        open_cells = session.scalars(select(UnitCell.id).where(UnitCell.valid_to.is_(None))).all()
        assert sorted(owners) == sorted(open_cells)


def test_the_same_streets_and_buildings_again_change_nothing(database):
    with database.write() as session:
        made = world.found(session)
        add_house(session, made, 0, 0)
        add_house(session, made, 1, 0)
        add_street(session, made, 2.5)
        remake(session, made)
        _plan, done = remake(session, made, at=MUCH_LATER)
        assert (done.revision, done.replaced) == (None, 0)
        assert session.scalar(select(sa.func.max(Revision.number))) == 2


def test_a_community_without_areas_gets_one_grid_in_the_hull_of_its_buildings(database):
    with database.write() as session:
        made = bare(session)
        for column, row in [(0, 0), (3, 0), (3, 3), (0, 3)]:
            add_house(session, made, column, row)
        _plan, done = remake(session, made)
        division = load_division(session, made.community, at=LATER, revision=0)
        assert (done.revision, done.cells) == (1, 4)
        assert {grid.code for grid in division.owner_at(Level.GRID).values()} == {"C1001"}
        assert None not in set(session.scalars(select(Building.cell_id)))


def test_an_outline_can_be_given_for_a_community_without_areas(database):
    with database.write() as session:
        made = bare(session)
        add_street(session, made, 2)
        plan, done = remake(session, made, outline=world.square(0, 0, 4))
        assert done.cells == 2
        assert plan.plan.outline.symmetric_difference(world.square(0, 0, 4)).area < 1e-12


def test_an_outline_beside_areas_and_nothing_to_make_cells_of_are_refused(database):
    with database.write() as session:
        made = world.found(session)
        with pytest.raises(InvalidInput, match="has areas"):
            plan_cells(session, made.actor, made.community, outline=world.square(0, 0, 4), at=LATER)
        with pytest.raises(NotAllowed):
            plan_cells(session, NOBODY, made.community, outline=None, at=LATER)
        other = create_community(
            session,
            made.actor,
            NewArea(code="C2", name="另一社区", level=Level.COMMUNITY, parent_code=None),
            centre=(world.LON, world.LAT),
            at=LATER,
        )
        with pytest.raises(InvalidInput, match="need an outline"):
            plan_cells(session, made.actor, other, outline=None, at=LATER)


def fill(session, made, now):
    """Households with elders in four buildings, and cases, one of them on the border of two grids."""
    for column, row in [(0, 0), (1, 1), (2, 1), (3, 3)]:
        house = world.add_building(session, made, column, row, number=str(10 * column + row + 1))
        for room in ("101", "102"):
            world.add_resident(session, world.add_household(session, house, room), date(1950, 1, 1))
    for column in (0.0, 1.5, 2.7):
        command = ReportCase(
            lon=world.LON + (column + 0.5) * world.STEP,
            lat=world.LAT + 0.5 * world.STEP,
            category="garbage",
            description="示例",
        )
        report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ)


def test_figures_of_a_past_day_are_the_same_before_and_after(database):
    reported, published = datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)
    with database.write() as session:
        made = world.found(session)
        fill(session, made, reported)

        def figures():
            view = world.World.view(
                made, session, now=MUCH_LATER + timedelta(days=90), as_of=date(2025, 7, 1)
            )
            return [area_figures(view, level) for level in (Level.COMMUNITY, Level.GRID, Level.MICRO_GRID)]

        made.caches = Caches()
        before = figures()
        add_street(session, made, 1.5)
        _plan, done = remake(session, made, at=published)
        assert done.placed.moved > 0
        assert done.placed.changed_area == 0
        made.caches = Caches()
        for one, two in zip(before, figures(), strict=True):
            pd.testing.assert_frame_equal(one, two)
        assert before[1]["households"].sum() == 8
        today = made.view(session, now=MUCH_LATER + timedelta(days=90))
        pd.testing.assert_frame_equal(
            area_figures(today, Level.GRID)[["code", "households"]], before[1][["code", "households"]]
        )


def test_a_plan_the_community_has_outgrown_is_refused(database):
    with database.write() as session:
        made = world.found(session)
        add_house(session, made, 0, 0)
        plan = plan_cells(session, made.actor, made.community, outline=None, at=LATER)
        remake(session, made)
        with pytest.raises(Conflict):
            publish_plan(session, made.actor, plan, at=MUCH_LATER)
