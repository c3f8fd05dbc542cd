"""How complete and fresh records are: by area and one by one, against a slow count of the same rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View, ViewRequest, open_view
from gisgrid.cases.core.models import Case
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.figures.completeness import completeness
from gisgrid.figures.gaps import GapStep, record_gaps
from gisgrid.people.core.models import Consent
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

AGES = (None, 10, 89, 91, 179, 181, 400)
"""Days since a household was verified; nothing: never."""


def _filled(session: Session, now: datetime) -> World:
    """In every cell one household; verified by mark, by an answer, by both or never, some without a point."""
    made = world.found(session)
    for column in range(4):
        for row in range(4):
            number = 4 * row + column
            home = world.add_household(
                session, world.add_building(session, made, column, row, number=str(number + 1)), "101"
            )
            marked, told = AGES[number % 7], AGES[(3 * number + 1) % 7]
            home.last_verified_at = None if marked is None else now - timedelta(days=marked)
            if told is not None and number % 2:
                _answer(session, home, now - timedelta(days=told))
            if number % 5 == 0:
                home.position = None
            if number == 7:
                home.consent = "refused"
    session.flush()
    for place, days in (((0.5, 0.5), 3), ((2.5, 0.5), 30), ((2.5, 0.5), 400)):
        at = now - timedelta(days=days)
        case = ReportCase(
            category="garbage", lon=LON + place[0] * STEP, lat=LAT + place[1] * STEP, description="楼道有垃圾"
        )
        report(session, made.actor, case, caches=made.caches, now=at, tz=TZ)
    case_row = session.scalars(select(Case).order_by(Case.reported_at.desc()).limit(1)).one()
    case_row.position = None
    session.flush()
    return made


def _answer(session: Session, home: Household, at: datetime) -> None:
    row = Consent(
        id=new_id(),
        household_id=home.id,
        purpose="registration",
        status="granted",
        text_version="1",
        asked_at=at,
    )
    session.add(row)


def _rows(view: View, level: Level = Level.GRID) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in completeness(view, level).rows}


def _slow(session: Session, view: View) -> pd.DataFrame:
    """The same counts, one household after the other."""
    at = view.when.at
    answers = [(one.household_id, one.asked_at) for one in session.scalars(select(Consent))]
    found = []
    for home in session.scalars(select(Household)):
        moments = [home.last_verified_at, *(moment for owner, moment in answers if owner == home.id)]
        known = [(at - one).total_seconds() / 86400 for one in moments if one is not None and one <= at]
        grid = view.division.grid_of(home.cell_id)
        found.append(
            {
                "code": grid.code if grid else None,
                "households": 1,
                "with_position": int(home.position is not None),
                "verified_90": int(any(age <= 90 for age in known)),
                "verified_180": int(any(age <= 180 for age in known)),
                "never_verified": int(not known),
            }
        )
    return pd.DataFrame(found).groupby("code").sum()


@pytest.mark.parametrize("days_ago", [0, 60, 240])
def test_it_counts_as_a_slow_count_does_today_and_as_of_a_day(
    database: Database, now: datetime, days_ago: int
) -> None:
    with database.write() as session:
        made = _filled(session, now)
        day = (now - timedelta(days=days_ago)).date() if days_ago else None
        view = made.view(session, now=now, as_of=day)
        expected, rows = _slow(session, view), _rows(view)
        assert set(rows) == {"G1", "G2", "G3", "G4"}
        for code, row in rows.items():
            assert {name: row[name] for name in expected.columns} == expected.loc[code].to_dict()
            assert row["share_180"] == int(1000 * row["verified_180"] / row["households"]) / 10
        assert sum(row["verified_180"] for row in rows.values()) > 0


def test_levels_add_up_and_what_lies_nowhere_is_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session, now)
        lost = session.scalars(select(Household).where(Household.position.is_(None)).limit(1)).one()
        lost.cell_id = None
        session.flush()
        view = made.view(session, now=now)
        grids, whole = _rows(view), _rows(view, Level.COMMUNITY)["C1"]
        for name in ("households", "with_position", "verified_90", "never_verified", "cases"):
            assert sum(row[name] for row in grids.values()) == whole[name]
        outside = completeness(view, Level.GRID).meta["outside"]
        assert (outside["households"], outside["with_position"], outside["position_share"]) == (1, 0, 0.0)
        assert (whole["households"], whole["cases"], whole["cases_with_position"]) == (15, 2, 1)
        assert grids["G4"]["case_share"] is None
        assert (grids["G1"]["case_share"], grids["G2"]["case_share"]) == (0.0, 100.0)
        with pytest.raises(InvalidInput):
            completeness(view, Level.SUBDISTRICT)


def test_all_is_only_said_of_all(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        for number in range(2001):
            home = world.add_household(session, building, str(number))
            home.last_verified_at = now if number else None
        session.flush()
        row = _rows(made.view(session, now=now))["G1"]
        assert (row["share_90"], row["position_share"]) == (99.9, 100.0)


def test_roles_get_what_they_may(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session, now)
        case = ReportCase(category="dispute", lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, description="争吵")
        report(session, made.actor, case, caches=made.caches, now=now - timedelta(days=1), tz=TZ)
        head = made.view(session, world.add_actor(session, made, Role.HEAD), now=now)
        leader = made.view(session, world.add_actor(session, made, Role.LEADER), now=now)
        member = made.view(session, world.add_actor(session, made, Role.MEMBER, "G1"), now=now)
        assert _rows(head)["G1"]["cases"] == 2
        assert _rows(leader)["G1"]["cases"] == _rows(member)["G1"]["cases"] == 1
        assert completeness(leader, Level.GRID).meta["outside"] is None
        assert _rows(leader)["G1"]["households"] == 4
        for role in (Role.PROPERTY, Role.RESIDENT, Role.ADMIN, Role.STEWARD):
            with pytest.raises(NotAllowed):
                completeness(made.view(session, world.add_actor(session, made, role), now=now), Level.GRID)
        with pytest.raises(NotAllowed):
            record_gaps(leader)


def _titles(view: View, step: GapStep, **more: Any) -> set[str]:
    return {row["title"] for row in record_gaps(view, step=step, **more).rows}


def test_each_gap_stands_with_its_next_step(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session, now)
        outside = session.scalars(select(Household).where(Household.std_address.contains("16"))).one()
        outside.position, outside.cell_id = world.middle(9, 9), None
        session.flush()
        head = made.view(session, world.add_actor(session, made, Role.HEAD), now=now)
        homes = {
            home.std_address: home
            for home in session.scalars(select(Household).where(Household.id != outside.id))
        }
        fresh = {
            row.household_id for row in session.scalars(select(Consent)) if (now - row.asked_at).days <= 180
        }
        old = {
            title
            for title, home in homes.items()
            if home.position is not None
            and home.consent != "refused"
            and home.id not in fresh
            and not (home.last_verified_at and (now - home.last_verified_at).days <= 180)
        }
        assert old
        marked = {outside.std_address} & _titles(head, GapStep.VERIFY)
        assert _titles(head, GapStep.VERIFY) - marked == old
        assert _titles(head, GapStep.POSITION) == {
            title for title, home in homes.items() if home.position is None
        }
        assert _titles(head, GapStep.PLACE) == {outside.std_address}
        table = record_gaps(head)
        assert table.meta["totals"] == {
            step.value: len([row for row in table.rows if row["step"] == step]) for step in GapStep
        }
        known = [row["verified_at"] for row in table.rows if row["step"] == GapStep.VERIFY]
        assert known == sorted(known, key=lambda day: day or "")
        assert [row["grid"] for row in table.rows if row["step"] == GapStep.CASE_POSITION] == ["G1"]
        member = made.view(session, world.add_actor(session, made, Role.MEMBER, "G2"), now=now)
        for step in GapStep:
            assert {row["grid"] for row in record_gaps(member, step=step).rows} <= {"G2"}
        assert _titles(member, GapStep.VERIFY) == _titles(head, GapStep.VERIFY, grid="G2")
        assert _titles(member, GapStep.PLACE) == set()


def test_who_waits_longest_comes_first(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        wanted = []
        for marked, told in ((None, None), (700, 650), (300, 600), (None, 250), (200, None)):
            home = world.add_household(session, building, f"{marked}-{told}")
            home.last_verified_at = None if marked is None else now - timedelta(days=marked)
            if told is not None:
                _answer(session, home, now - timedelta(days=told))
            wanted.append(home.std_address)
        session.flush()
        view = made.view(session, world.add_actor(session, made, Role.HEAD), now=now)
        assert [row["title"] for row in record_gaps(view, step=GapStep.VERIFY).rows] == wanted


def test_a_long_list_is_cut_and_says_so(spatialite: Database, now: datetime) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        building = world.add_building(session, made, 0, 0)
        for number in range(210):
            world.add_household(session, building, str(number))
        view = made.view(session, world.add_actor(session, made, Role.HEAD), now=now)
        table = record_gaps(view)
        assert (len(table.rows), table.meta["totals"]["verify"]) == (200, 210)


def test_the_day_before_a_visit_it_had_not_been(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        _answer(session, home, now - timedelta(days=10))
        home.last_verified_at = now - timedelta(days=2)
        session.flush()
        counts = []
        for days in (1, 5, 20):
            asked = ViewRequest(community="C1", as_of=(now - timedelta(days=days)).date())
            view = open_view(session, made.actor, asked, caches=made.caches, now=now, tz=TZ)
            row = _rows(view)["G1"]
            counts.append((row["verified_90"], row["never_verified"]))
        assert counts == [(1, 0), (1, 0), (0, 1)]
        assert date(2010, 1, 1) == home.lived_from
