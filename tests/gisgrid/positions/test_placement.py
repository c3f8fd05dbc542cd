"""Objects lie in the cell the tie rule gives; a former cell is kept, and only changed rows are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from shapely import Point
from sqlalchemy import select

from gisgrid.areas.division import load_division
from gisgrid.areas.models import CellKind, PlacedKind, Placement
from gisgrid.areas.placement_sql import cell_at
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.cases.core.models import Case
from gisgrid.crs import to_lattice
from gisgrid.days import AsOf
from gisgrid.places.models import Building, Facility, Household
from gisgrid.positions.placement import place_objects
from gisgrid.storage.base import new_id
from tests import world

LATER = datetime(2025, 6, 1, tzinfo=UTC)
MUCH_LATER = datetime(2025, 7, 1, tzinfo=UTC)


def cut(column):
    """The community in two cells, divided at a column: west to G1, east to G2."""
    west, south = world.LON, world.LAT
    middle, north = west + column * world.STEP, south + 4 * world.STEP
    return [
        NewCell(geom=shapely.box(west, south, middle, north), kind=CellKind.AREA, owner="G1"),
        NewCell(
            geom=shapely.box(middle, south, west + 4 * world.STEP, north), kind=CellKind.AREA, owner="G2"
        ),
    ]


def add_case(session, made, column, row, *, building=None, at_point=None):
    number = new_id()[-12:]
    case = Case(
        id=new_id(),
        number=number,
        receipt=number,
        community_id=made.community,
        category_code="garbage",
        severity="big",
        state="reported",
        source="test",
        description="示例",
        position=at_point or world.middle(column, row),
        building_id=building,
        reported_at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    session.add(case)
    session.flush()
    return case


def grids_of(session, made, table, at):
    division = load_division(session, made.community, at=at, revision=0)
    cells = session.scalars(select(table.cell_id).order_by(table.fid)).all()
    return [division.grid_of(cell).code if division.grid_of(cell) else None for cell in cells]


def test_everything_gets_the_cell_that_covers_it(database):
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        household = world.add_household(session, building, "101")
        building.cell_id = household.cell_id = None
        session.add(
            Facility(
                id=new_id(),
                community_id=made.community,
                type="red_post",
                name="示例驿站",
                position=world.middle(3, 3),
            )
        )
        add_case(session, made, 2, 0)
        session.flush()
        placed = place_objects(session, made.community, at=LATER)
        assert (placed.placed, placed.moved, placed.outside) == (4, 0, 0)
        assert grids_of(session, made, Building, LATER) == ["G1"]
        assert grids_of(session, made, Household, LATER) == ["G1"]
        assert grids_of(session, made, Facility, LATER) == ["G4"]
        assert grids_of(session, made, Case, LATER) == ["G2"]
        assert session.scalar(select(sa.func.count(Placement.id))) == 0


def test_a_new_division_moves_objects_and_keeps_their_former_cells(database):
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 2, 0)
        before = building.cell_id
        place_objects(session, made.community, at=world.START)
        publish_cells(session, made.actor, made.community, cut(3), at=LATER, reason="merge")
        placed = place_objects(session, made.community, at=LATER)
        assert (placed.placed, placed.moved, placed.changed_area) == (0, 1, 1)
        assert grids_of(session, made, Building, LATER) == ["G1"]
        kept = session.scalars(select(Placement)).one()
        assert (kept.kind, kept.object_id, kept.cell_id, kept.until) == (
            PlacedKind.BUILDING,
            building.id,
            before,
            LATER,
        )
        past = AsOf(at=LATER - timedelta(days=1), day=date(2025, 5, 31), is_past=True)
        asked = cell_at(PlacedKind.BUILDING, Building.id, Building.cell_id, past)
        assert session.scalar(select(asked)) == before


def test_the_second_time_nothing_is_written(database):
    with database.write() as session:
        made = world.found(session)
        world.add_household(session, world.add_building(session, made, 1, 1), "101")
        add_case(session, made, 1, 1)
        place_objects(session, made.community, at=LATER)
        writes = []
        sa.event.listen(
            session.connection(), "before_cursor_execute", lambda *told: writes.append(told[2].split()[0])
        )
        placed = place_objects(session, made.community, at=LATER)
        assert (placed.placed, placed.moved) == (0, 0)
        assert set(writes) == {"SELECT"}


def test_what_belongs_to_a_building_on_a_border_lies_in_the_buildings_cell(database):
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 1, 0)
        edge = Point(*to_lattice([world.LON + world.STEP, world.LAT + 0.5 * world.STEP]))
        household = world.add_household(session, building, "101")
        household.position, household.cell_id = edge, None
        case = add_case(session, made, 0, 0, building=building.id, at_point=edge)
        loose = add_case(session, made, 0, 0, at_point=edge)
        place_objects(session, made.community, at=LATER)
        session.expire_all()
        assert household.cell_id == case.cell_id == world.cell_id(session, 1, 0)
        assert loose.cell_id == world.cell_id(session, 0, 0)


def test_a_household_without_a_point_lies_in_its_buildings_cell(database):
    with database.write() as session:
        made = world.found(session)
        household = world.add_household(session, world.add_building(session, made, 1, 1), "101")
        household.position, household.cell_id = None, None
        session.flush()
        place_objects(session, made.community, at=LATER)
        session.expire_all()
        assert household.cell_id == world.cell_id(session, 1, 1)


def test_a_case_outside_or_without_a_place_stays_in_the_review_list(database):
    with database.write() as session:
        made = world.found(session)
        add_case(session, made, 9, 9)
        add_case(session, made, 0, 0).position = None
        session.flush()
        placed = place_objects(session, made.community, at=LATER)
        assert placed.outside == 2
        assert set(session.scalars(select(Case.cell_id))) == {None}


def test_the_review_list_is_looked_at_again_when_land_is_added(database):
    with database.write() as session:
        made = world.found(session)
        case = add_case(session, made, 4, 0)
        assert place_objects(session, made.community, at=LATER).outside == 1
        wider = [
            *cut(3),
            NewCell(geom=shapely.box(*world.square(4, 0, 4).bounds), kind=CellKind.AREA, owner="G2"),
        ]
        publish_cells(session, made.actor, made.community, wider, at=MUCH_LATER, reason="wider")
        placed = place_objects(session, made.community, at=MUCH_LATER)
        session.expire_all()
        assert (placed.placed, placed.moved) == (1, 0)
        assert case.cell_id is not None
        assert session.scalar(select(sa.func.count(Placement.id))) == 0


def test_distances_of_cases_to_their_border_follow_the_grids(database):
    with database.write() as session:
        made = world.found(session)
        edge = Point(*to_lattice([world.LON + 2 * world.STEP, world.LAT + 0.5 * world.STEP]))
        case = add_case(session, made, 0, 0, at_point=edge)
        place_objects(session, made.community, at=LATER)
        session.refresh(case)
        assert (case.is_on_border, case.near_border_m) == (True, 0.0)
        publish_cells(session, made.actor, made.community, cut(3), at=MUCH_LATER, reason="wider")
        place_objects(session, made.community, at=MUCH_LATER)
        session.refresh(case)
        assert not case.is_on_border
        assert case.near_border_m == pytest.approx(54, abs=1)


def test_many_random_points_lie_where_a_slow_search_finds_them(database):
    rng = np.random.default_rng(7)
    with database.write() as session:
        made = world.found(session)
        steps = rng.integers(-8, 40, size=(200, 2)) / 8.0
        cases = [
            add_case(
                session,
                made,
                0,
                0,
                at_point=Point(world.LON + x * world.STEP, world.LAT + y * world.STEP),
            )
            for x, y in steps
        ]
        place_objects(session, made.community, at=LATER)
        session.expire_all()
        division = load_division(session, made.community, at=LATER, revision=0)
        for case in cases:
            covering = [
                cell
                for cell, shape in zip(division.cell_ids, division.cells, strict=True)
                if shape.covers(case.position)
            ]
            assert case.cell_id == (covering[0] if covering else None)
