"""Counts of visits to elders by grid: by a plain program, until the quarter for who has no exact counts."""

from __future__ import annotations

import random
from datetime import date, datetime, time
from typing import Any

import pytest

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.analysis.coverage import straight_m
from gisgrid.care.worklist import ElderFilter, list_elders
from gisgrid.figures.elder_visits import VISIT_DAYS, told_day
from gisgrid.figures.elderly import elderly_coverage
from gisgrid.places.models import Facility
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.care.elders import VERY_OLD, Elders

AGREED = {"elder_visits": "granted", "sensitive_needs": "granted"}
COUNTS = ("without_visitor", "agreed", "visited", "unseen", "overdue", "double_gap")
WALK_M = 500
QUARTER_END = date(2026, 9, 30)
"""The last day of the quarter before the tests' now."""


def rows_of(elders: Elders, actor: Actor | None = None, walk_m: float = WALK_M) -> dict[str, Any]:
    return {row["code"]: row for row in elderly_coverage(elders.view(actor), walk_m=walk_m).rows}


def station(elders: Elders) -> None:
    """A station in G1, out of reach of everybody in G2."""
    place = world.middle(0, 0)
    row = Facility(
        id=new_id(),
        community_id=elders.made.community,
        type="home_care_station",
        name="示例站",
        position=place,
    )
    elders.session.add(row)
    elders.session.flush()


def test_the_counts_are_those_of_the_list(database: Database, now: datetime) -> None:
    dice = random.Random(3)
    with database.write() as session:
        elders = Elders(session, now)
        station(elders)
        for _ in range(60):
            answer = dice.choice(["granted", "granted", "granted", "refused", None])
            home = elders.home(dice.randrange(4), 0, **({"elder_visits": answer} if answer else {}))
            person = elders.elder(home, *dice.choice([(), ("living_alone",)]), birth=VERY_OLD)
            if dice.random() < 0.3:
                elders.visitor(person)
            for _visit in range(dice.randrange(2)):
                elders.visit(person, dice.randrange(1, 60))
        table = elderly_coverage(elders.view(), walk_m=WALK_M)
        assert (table.meta["visits_day"], table.meta["visit_days"]) == (elders.today.isoformat(), VISIT_DAYS)
        counted = {row["code"]: {name: row[name] for name in COUNTS} for row in table.rows}
        for code in ("G1", "G2"):
            assert counted[code] == listed(elders, code)
        assert counted["G1"]["double_gap"] == 0 < counted["G1"]["overdue"]
        assert counted["G3"] == dict.fromkeys(COUNTS, 0)
        near = rows_of(elders, walk_m=1)
        assert near["G2"]["double_gap"] == near["G2"]["overdue"] > 0


def listed(elders: Elders, grid: str) -> dict[str, int]:
    """The same counts, each by the filter of the list."""
    view = elders.view()

    def rows(**wanted: Any) -> list[Any]:
        return list_elders(view, ElderFilter(grid=grid, **wanted), page=None, now=elders.now).rows

    agreed = [row for row in rows() if row["state"] not in {"refused", "not_asked"}]
    unseen, late = rows(unseen_days=VISIT_DAYS), rows(state="overdue")
    return {
        "without_visitor": len(rows(without_visitor=True)),
        "agreed": len(agreed),
        "visited": len(agreed) - len(unseen),
        "unseen": len(unseen),
        "overdue": len(late),
        "double_gap": sum(row["station_m"] > straight_m(WALK_M) for row in late),
    }


def many(elders: Elders, column: int, number: int, *, visited: int, days_ago: int, row: int = 0) -> None:
    """Elders in a cell who agreed and are to be visited every week; so many were, days ago."""
    for place in range(number):
        person = elders.elder(elders.home(column, row, **AGREED), "living_alone", birth=VERY_OLD)
        if place < visited:
            elders.visit(person, days_ago)


def test_a_leader_is_told_of_whole_quarters_that_are_over(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        ago = (elders.today - QUARTER_END).days
        many(elders, 0, 20, visited=9, days_ago=ago)
        many(elders, 2, 20, visited=8, days_ago=ago)
        many(elders, 0, 30, visited=15, days_ago=1, row=2)
        leader = Actor(name="leader", role=Role.LEADER, areas=frozenset({elders.made.community}))
        exact = rows_of(elders)
        told = elderly_coverage(elders.view(leader), walk_m=WALK_M)
        assert told.meta["visits_day"] == QUARTER_END.isoformat()
        rows = {row["code"]: row for row in told.rows}
        assert [exact["G1"][name] for name in ("visited", "unseen", "overdue")] == [0, 20, 20]
        assert [rows["G1"][name] for name in ("visited", "unseen", "overdue")] == [9, 11, 11]
        for person in elders.people:
            elders.visit(person, 1)
        assert rows_of(elders, leader) == rows  # a visit of this quarter changes nothing
        assert rows_of(elders)["G1"]["overdue"] == 0


@pytest.mark.parametrize(("visited", "is_told"), [(9, True), (17, False), (3, False), (0, True)])
def test_small_counts_and_small_rests_are_hidden(
    database: Database, now: datetime, visited: int, *, is_told: bool
) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        ago = (elders.today - QUARTER_END).days
        many(elders, 0, 20, visited=visited, days_ago=ago)
        many(elders, 2, 20, visited=visited, days_ago=ago)
        leader = Actor(name="leader", role=Role.LEADER, areas=frozenset({elders.made.community}))
        row = rows_of(elders, leader)["G1"]
        assert (row["visited"] is not None) == is_told
        assert (row["unseen"] is not None) == is_told
        assert is_told or {"visited", "unseen"} <= set(row["suppressed"])


def test_a_member_is_told_of_today_in_the_own_grid(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        many(elders, 0, 6, visited=2, days_ago=1)
        many(elders, 2, 6, visited=2, days_ago=1)
        member = world.add_actor(session, elders.made, Role.MEMBER, "G1")
        rows = rows_of(elders, member)
        assert [rows["G1"][name] for name in ("agreed", "visited", "overdue")] == [6, 2, 4]
        assert (rows["G2"]["visited"], rows["G2"]["suppressed"]) != (2, [])


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 3, 31)),
        (date(2026, 11, 24), QUARTER_END),
    ],
)
def test_the_quarter_that_is_over_ends_before_today(database: Database, today: date, last: date) -> None:
    with database.write() as session:
        made, noon = world.found(session), datetime.combine(today, time(12), tzinfo=world.TZ)
        leader = Actor(name="leader", role=Role.LEADER, areas=frozenset({made.community}))
        assert told_day(made.view(session, leader, now=noon)) == last
        assert told_day(made.view(session, now=noon)) == today
