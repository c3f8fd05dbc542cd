"""Positions set by hand: building, cell and grid follow by the one rule; scopes hold; it can be undone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import PinChange, PlacedKind, Placement
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.places.models import Household
from gisgrid.positions.pins import Pin
from gisgrid.positions.placement import place_objects
from gisgrid.positions.service import pin_row, set_pin, undo_pin
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt

HOME, CASE = PlacedKind.HOUSEHOLD, PlacedKind.CASE


def pin_at(column: float, row: float) -> Pin:
    return Pin(lon=world.LON + column * world.STEP, lat=world.LAT + row * world.STEP)


def add_case(session: Session, made: world.World, column: float, row: float, *, now: datetime) -> Case:
    where = pin_at(column, row)
    command = ReportCase(lon=where.lon or 0, lat=where.lat or 0, category="garbage", description="rubbish")
    return report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ).case


def test_a_point_decides_building_cell_and_grid_and_the_former_cell_is_kept(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        near = world.add_building(session, made, 0, 0)
        far = world.add_building(session, made, 3, 0, number="2")
        home = world.add_household(session, near, "101")
        view = made.view(session, now=now)
        told = set_pin(view, HOME, home.id, pin_at(3.5, 0.5), now=now)
        assert (told["grid"], told["building"]["id"]) == ("G2", far.id)
        assert home.cell_id == world.cell_id(session, 3, 0)
        (left,) = session.scalars(select(Placement)).all()
        assert (left.object_id, left.cell_id, left.until) == (home.id, world.cell_id(session, 0, 0), now)
        # The entrance beside the house, in its own cell, keeps the building; the street two cells on doesn't.
        assert set_pin(view, HOME, home.id, pin_at(3.1, 0.1), now=now)["building"]["id"] == far.id
        assert set_pin(view, HOME, home.id, pin_at(2.1, 3.1), now=now)["building"] is None
        by_house = set_pin(view, HOME, home.id, Pin(building=near.id), now=now)
        assert (by_house["grid"], by_house["building"]["id"]) == ("G1", near.id)
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "households:place")).all()
        assert min(map(tuple, (entry.fields for entry in kept))) == ("position",)
        assert not any("118." in str(entry.details) for entry in kept)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.floats(0, 4), row=st.floats(0, 4), within=st.booleans())
def test_what_was_set_by_hand_stays_where_an_import_would_put_it(
    spatialite: Database, now: datetime, column: float, row: float, *, within: bool
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 1, 1)
        home = world.add_household(session, building, "101")
        case = add_case(session, made, 0.4713, 0.5291, now=now)  # no place that is drawn
        view = made.view(session, now=now)
        named = building.id if within else None
        where = pin_at(column, row)
        pin = Pin(lon=where.lon, lat=where.lat, building=named)
        for kind, one in ((HOME, home), (CASE, case)):
            told = set_pin(view, kind, one.id, pin, now=now)
            assert told["grid"]
        session.flush()
        placed = place_objects(session, made.community, at=now)
        assert (placed.placed, placed.moved, placed.outside) == (0, 0, 0)
        session.rollback()


def test_the_last_one_is_taken_back_one_by_one_and_only_while_it_stands(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        home.position, home.building_id, home.cell_id = None, None, None
        session.flush()
        view = made.view(session, now=now)
        assert pin_row(view, HOME, home.id, now=now)["suggested"]["address"] == "柳岸新村1幢"
        set_pin(view, HOME, home.id, pin_at(0.5, 0.5), now=now)
        set_pin(view, HOME, home.id, pin_at(3.5, 3.5), now=now + timedelta(minutes=1))
        with pytest.raises(Conflict, match="already"):
            set_pin(view, HOME, home.id, pin_at(3.5, 3.5), now=now)
        assert undo_pin(view, HOME, home.id, now=now)["grid"] == "G1"
        told = undo_pin(view, HOME, home.id, now=now)
        assert (told["lon"], told["building"], told["grid"]) == (None, None, None)
        with pytest.raises(Conflict, match="no position to take back"):
            undo_pin(view, HOME, home.id, now=now)
        set_pin(view, HOME, home.id, pin_at(0.5, 0.5), now=now)
        home.position = world.middle(2, 2)  # somebody else has moved it since
        session.flush()
        assert not pin_row(view, HOME, home.id, now=now)["can_undo"]
        with pytest.raises(Conflict):
            undo_pin(view, HOME, home.id, now=now)
        assert len(session.scalars(select(PinChange)).all()) == 3


def test_a_case_keeps_the_grid_it_was_reported_in_and_its_log_tells_of_it(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        case = add_case(session, made, 0.5, 0.5, now=now)
        case.accuracy_m = 40.0
        session.flush()
        view = made.view(session, now=now)
        told = set_pin(view, CASE, case.id, pin_at(2.0, 0.5), now=now)
        assert (told["grid"], told["on_border"], case.accuracy_m) == ("G1", True, None)
        assert set_pin(view, CASE, case.id, pin_at(2.5, 0.5), now=now)["grid"] == "G2"
        assert case.reported_grid_id == made.areas["G1"]
        undo_pin(view, CASE, case.id, now=now)
        undo_pin(view, CASE, case.id, now=now)
        assert case.accuracy_m == 40.0
        log = select(CaseLog.action).where(CaseLog.case_id == case.id).order_by(CaseLog.at, CaseLog.id)
        assert list(session.scalars(log)) == ["report", "place", "place", "place_back", "place_back"]
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_everybody_places_what_is_theirs_where_it_is_theirs(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        own = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        other = world.add_household(session, world.add_building(session, made, 3, 0, number="2"), "101")
        lost = world.add_household(session, world.add_building(session, made, 1, 1, number="3"), "101")
        lost.position, lost.cell_id, lost.building_id = None, None, None
        session.flush()

        def views(role: Role, *areas: str) -> object:
            return made.view(session, world.add_actor(session, made, role, *areas), now=now)

        member, staff = views(Role.MEMBER, "G1"), views(Role.STAFF, "G1")
        head, leader = views(Role.HEAD), views(Role.LEADER)
        assert set_pin(member, HOME, own.id, pin_at(1.5, 0.5), now=now)["grid"] == "G1"
        with pytest.raises(InvalidInput, match="outside the grids this account serves"):
            set_pin(member, HOME, own.id, pin_at(3.5, 0.5), now=now)
        for one in (other, lost):
            with pytest.raises(NotFound):
                set_pin(member, HOME, one.id, pin_at(0.5, 0.5), now=now)
        with pytest.raises(NotFound):
            set_pin(staff, HOME, other.id, pin_at(0.5, 0.5), now=now)
        assert set_pin(staff, HOME, lost.id, pin_at(3.5, 3.5), now=now)["grid"] == "G4"
        assert set_pin(head, HOME, other.id, pin_at(0.5, 0.5), now=now)["grid"] == "G1"
        with pytest.raises(NotAllowed):
            pin_row(leader, HOME, own.id, now=now)
        with pytest.raises(NotFound):
            pin_row(head, HOME, new_id(), now=now)


def test_a_pin_names_a_place_of_this_community(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        view = made.view(session, now=now)
        for pin, told in (
            (Pin(), "a point on the map or a building"),
            (Pin(building=new_id()), "there is no such building"),
            (pin_at(7.5, 0.5), "in no grid of this community"),
            (Pin(lon=float("nan"), lat=33.5), "."),
        ):
            with pytest.raises(InvalidInput, match=told):
                set_pin(view, HOME, home.id, pin, now=now)
        stored = session.scalar(select(Household).where(Household.id == home.id))
        assert stored is not None
        assert stored.cell_id == world.cell_id(session, 0, 0)
