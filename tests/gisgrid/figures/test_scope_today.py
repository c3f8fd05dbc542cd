"""Rights go by today's borders, whatever day is looked at; and every opening leaves one entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import CellMembership, Revision
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.errors import NotFound
from gisgrid.figures.cards import building_card, household_card
from gisgrid.figures.elderly import uncovered_elders
from gisgrid.figures.search import find, find_people
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

OLD = date(1950, 1, 1)


def move_cell(session: Session, column: int, row: int, *, to: str, at: datetime) -> None:
    """Give a cell to another grid's micro grid by a revision, as a redraw does."""
    cell, like = world.cell_id(session, column, row), {"G2": (3, 0)}[to]
    held = session.scalars(select(CellMembership).where(CellMembership.cell_id == cell)).one()
    target = session.scalars(
        select(CellMembership.area_id).where(CellMembership.cell_id == world.cell_id(session, *like))
    ).one()
    held.valid_to = at
    session.add(CellMembership(id=new_id(), cell_id=cell, area_id=target, valid_from=at))
    last = session.scalars(select(Revision).order_by(Revision.number.desc()).limit(1)).one()
    fields = {column.key: getattr(last, column.key) for column in Revision.__table__.columns}
    fields |= {"id": new_id(), "number": last.number + 1, "published_at": at, "effective_at": at}
    session.add(Revision(**fields))
    session.flush()


def test_an_old_border_gives_nobody_a_right(database: Database, now: datetime) -> None:
    """The cell went from G1 to G2 a month ago: G1's member of today may not look back into it."""
    before = (now - timedelta(days=60)).astimezone(TZ).date()
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 1, 0), "101")
        world.add_resident(session, home, OLD)
        lon, lat = LON + 1.5 * STEP, LAT + 0.5 * STEP
        command = ReportCase(lon=lon, lat=lat, category="dispute", description="x")
        report(session, made.actor, command, caches=made.caches, now=now - timedelta(days=90), tz=TZ)
        former = world.add_actor(session, made, Role.MEMBER, "G1")
        present = world.add_actor(session, made, Role.MEMBER, "G2")
        move_cell(session, 1, 0, to="G2", at=now - timedelta(days=30))
        for day in (before, None):
            view = made.view(session, former, now=now, as_of=day)
            assert household_card(view, home.id, reason=None, now=now)["persons"] is None
            assert find_people(view, "示例", now=now) == []
            assert list_cases(view, CaseSearch(state="all"), now=now) == ([], 0)
            assert uncovered_elders(view, walk_m=500) == []
            own = made.view(session, present, now=now, as_of=day)
            assert household_card(own, home.id, reason=None, now=now)["persons"]
            assert len(find_people(own, "示例", now=now)) == 1
        assert view.division.grid_of(home.cell_id).code == "G2"  # type: ignore[union-attr]


def test_who_knows_names_only_learns_no_ages(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        world.add_resident(session, home, OLD)
        leader = world.add_actor(session, made, Role.GRID_LEADER, "G1")
        card = household_card(made.view(session, leader, now=now), home.id, reason=None, now=now)
    assert (card["persons"], card["elders"]) == ([{"name": "示例甲"}], None)


def test_a_case_without_a_deadline_stands_on_the_card_without_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        home = world.add_household(session, building, "101")
        head = world.add_actor(session, made, Role.HEAD)
        spot = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "building": building.id}
        command = ReportCase(category="garbage", description="x", **spot)
        case = report(session, head, command, caches=made.caches, now=now, tz=TZ).case
        case.due_at, case.address = None, home.std_address
        session.flush()
        card = household_card(made.view(session, head, now=now), home.id, reason=None, now=now)
    assert [(row["number"], row["deadline"]) for row in card["open_cases"]] == [(case.number, None)]


def test_a_household_that_refused_is_an_address_and_nothing_more(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        home = world.add_household(session, building, "101", consent="refused")
        world.add_resident(session, home, OLD)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        view = made.view(session, member, now=now)
        card = household_card(view, home.id, reason=None, now=now)
        assert (card["persons"], card["people"], card["elders"], card["consent"]) == (
            None,
            None,
            None,
            "refused",
        )
        assert find_people(view, "示例甲", now=now) == []


def test_every_opening_leaves_one_entry_without_values(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        home = world.add_household(session, building, "101")
        world.add_resident(session, home, OLD)
        head = world.add_actor(session, made, Role.HEAD, "C1")
        stranger = world.add_actor(session, made, Role.MEMBER, "G2")
        leader = world.add_actor(session, made, Role.GRID_LEADER, "G1")
        view, other = made.view(session, head, now=now), made.view(session, stranger, now=now)
        names = made.view(session, leader, now=now)
        done: list[tuple[Callable[[], Any], str, int]] = [
            (lambda: household_card(view, home.id, reason=None, now=now), "persons:view_masked", 1),
            (lambda: household_card(view, home.id, reason="上门走访", now=now), "persons:view", 1),
            (lambda: household_card(names, home.id, reason=None, now=now), "persons:view_names", 1),
            (lambda: household_card(other, home.id, reason=None, now=now), "households:view", 1),
            (lambda: building_card(view, building.id, now=now), "buildings:view", 1),
            (lambda: find(view, "柳岸新村1幢1单元101", now=now), "households:find", 1),
            (lambda: find_people(other, "示例", now=now), "persons:search", 0),
            (lambda: list_cases(view, CaseSearch(), now=now), "cases:list", 0),
        ]
        session.flush()
        for act, action, count in done:
            known = set(session.scalars(select(AuditEntry.id)))
            act()
            session.flush()
            entries = [row for row in session.scalars(select(AuditEntry)) if row.id not in known]
            assert [(row.action, row.count) for row in entries] == [(action, count)]
            told = f"{entries[0].fields} {entries[0].details}"
            assert entries[0].object_id in {None, home.id, building.id}
            assert not any(word in told for word in ("示例", "柳岸", "199", "118."))
        with pytest.raises(NotFound):
            building_card(view, "no such", now=now)
    with database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT reason FROM audit_entry WHERE reason IS NOT NULL").all()
    assert len(stored) == 1
    assert "上门走访".encode() not in bytes(stored[0][0])
