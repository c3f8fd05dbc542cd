"""No two answers can be subtracted: what one hides, no other distance, period, level or table gives back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.days import period
from gisgrid.errors import InvalidInput
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.elderly import elderly_coverage
from gisgrid.figures.hotspots import CaseFilter, hotspots
from gisgrid.figures.renovation import renovation
from gisgrid.figures.tables import FigureTable
from gisgrid.places.models import Facility
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

OLD, YOUNG = date(1950, 1, 1), date(1990, 1, 1)
QUARTER = (date(2026, 7, 1), date(2026, 9, 30))
IN_QUARTER = datetime(2026, 8, 1, 12, tzinfo=TZ)


def leader_of(made: World) -> Actor:
    return Actor(name="leader", role=Role.LEADER, areas=frozenset({made.community}))


def live_in(session: Session, made: World, column: int, row: int, *, old: int, young: int) -> None:
    """A building in a cell with so many elders and others, each in a home of their own."""
    building = world.add_building(session, made, column, row, number=str(10 * column + row + 1))
    for number in range(old + young):
        home = world.add_household(session, building, f"{100 + number}")
        world.add_resident(session, home, OLD if number < old else YOUNG)


def add_station(session: Session, made: World, column: int, row: int) -> None:
    station = Facility(
        id=new_id(),
        community_id=made.community,
        type="home_care_station",
        name="示例站",
        position=world.middle(column, row),
    )
    session.add(station)
    session.flush()


def test_elders_hidden_in_one_table_are_hidden_in_the_other(database: Database, now: datetime) -> None:
    """G1 has 2 people who are not old: 12 residents and 10 elders together would tell them."""
    with database.write() as session:
        made = world.found(session)
        live_in(session, made, 0, 0, old=10, young=2)
        live_in(session, made, 2, 0, old=8, young=9)
        live_in(session, made, 0, 2, old=3, young=20)
        live_in(session, made, 2, 2, old=30, young=30)
        view = made.view(session, leader_of(made), now=now)
        areas = area_figures(view, Level.GRID).set_index("code")["elders"]
        rows = {row["code"]: row["elders"] for row in elderly_coverage(view, walk_m=500).rows}
    assert rows["G1"] is None
    assert {code for code, elders in rows.items() if elders is None} == set(areas.index[areas.isna()])


def test_two_walks_do_not_tell_who_lives_between_them(database: Database, now: datetime) -> None:
    """In G2 20 elders live beside the station and 2 more about 190 m away: 300 m reach 22, 240 m only 20."""
    with database.write() as session:
        made = world.found(session)
        add_station(session, made, 2, 0)
        live_in(session, made, 2, 0, old=20, young=20)
        live_in(session, made, 2, 1, old=20, young=20)
        live_in(session, made, 0, 2, old=2, young=30)  # some 250 m away: more than 300 m of walking
        live_in(session, made, 0, 3, old=30, young=30)
        view = made.view(session, leader_of(made), now=now)
        walks = [
            {row["code"]: row for row in elderly_coverage(view, walk_m=walk).rows} for walk in (300, 500)
        ]
        with pytest.raises(InvalidInput, match="300, 500 or 1000"):
            elderly_coverage(view, walk_m=310)
        exact = [elderly_coverage(made.view(session, now=now), walk_m=walk).rows for walk in (300, 400, 500)]
    reached = [row["reached"] for rows in exact for row in rows if row["code"] == "G3"]
    assert reached == [0, 2, 32]
    told = [rows["G3"]["reached"] for rows in walks]
    assert 2 not in {told[1], (told[1] or 0) - (told[0] or 0)}
    assert all(
        "reached" in row["suppressed"] for rows in walks for row in rows.values() if row["reached"] is None
    )


def test_confidential_counts_are_told_by_whole_quarters_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _report(session, made, 0, 7, at=IN_QUARTER)
        _report(session, made, 2, 9, at=IN_QUARTER)
        _report(session, made, 0, 1, at=IN_QUARTER + timedelta(days=50))
        view = made.view(session, leader_of(made), now=now)
        whole = _disputes(view, *QUARTER)
        parts = [
            _disputes(view, *span)
            for span in (
                (QUARTER[0], date(2026, 9, 29)),
                (QUARTER[0], date(2026, 8, 31)),
                (date(2026, 4, 1), QUARTER[1]),
                (date(2026, 10, 1), date(2026, 12, 31)),
                (date(2026, 9, 1), date(2026, 11, 30)),
            )
        ]
        past = made.view(session, leader_of(made), now=now, as_of=date(2026, 11, 1))
        parts.append(_disputes(past, *QUARTER))
        exact = _disputes(made.view(session, now=now), QUARTER[0], date(2026, 9, 10))
    assert [row["count"] for row in whole.rows] == [8, 9, 0, 0]
    assert (whole.meta["withheld"], whole.meta["records"], whole.meta["unassigned"]) == (False, None, None)
    for table in parts:
        assert [row["count"] for row in table.rows] == [None] * 4
        assert {"count", "rate", "previous", "change"} <= set(table.rows[0]["suppressed"])
        assert table.meta["withheld"] is True
    assert [row["count"] for row in exact.rows] == [7, 9, 0, 0]


def test_a_member_still_counts_the_own_grid_over_any_days(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _report(session, made, 0, 2, at=IN_QUARTER)
        _report(session, made, 2, 9, at=IN_QUARTER)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        table = _disputes(made.view(session, member, now=now), QUARTER[0], date(2026, 9, 10))
    assert [row["count"] for row in table.rows] == [2, None, None, None]


def test_the_period_before_a_quarter_is_the_quarter_before(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _report(session, made, 0, 6, at=datetime(2026, 4, 1, tzinfo=TZ))
        _report(session, made, 0, 8, at=datetime(2026, 3, 31, 23, 59, tzinfo=TZ))
        table = _disputes(made.view(session, leader_of(made), now=now), *QUARTER)
        first = _disputes(made.view(session, leader_of(made), now=now), date(2026, 1, 1), date(2026, 3, 31))
    assert (table.rows[0]["count"], table.rows[0]["previous"]) == (0, 6)
    assert (first.rows[0]["count"], first.rows[0]["previous"]) == (8, 0)


def test_elders_by_compound_are_those_of_the_areas_or_none(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        live_in(session, made, 0, 0, old=10, young=2)
        live_in(session, made, 2, 0, old=20, young=19)
        view = made.view(session, leader_of(made), now=now)
        span = period(None, None, today=view.when.day, tz=TZ)
        by_area = area_figures(view, Level.COMPOUND).set_index("code")["elders"]
        table = renovation(view, span)
        exact = renovation(made.view(session, now=now), span)
    for row in table.rows:
        told = by_area[row["code"]]
        assert row["elders"] == told or (row["elders"] is None and row["score"] is None)
    assert all(row["elders"] is not None and row["suppressed"] == [] for row in exact.rows)


def _report(session: Session, made: World, column: int, count: int, *, at: datetime) -> None:
    lon, lat = LON + (column + 0.5) * STEP, LAT + 0.5 * STEP
    for _ in range(count):
        command = ReportCase(lon=lon, lat=lat, category="dispute", description="x")
        report(session, made.actor, command, caches=made.caches, now=at, tz=TZ)


def _disputes(view: View, first: date, last: date) -> FigureTable:
    span = period(first, last, today=view.when.day, tz=TZ)
    return hotspots(view, Level.GRID, CaseFilter(period=span, categories=("dispute",)), compare=True)
