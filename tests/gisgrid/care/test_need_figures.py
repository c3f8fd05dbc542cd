"""People in need by grid: by the lists, and without small numbers for who has no exact counts."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.care.need_figures import need_figures
from gisgrid.care.need_lists import NeedFilter, unaided_people, unserved_needs
from gisgrid.errors import NotAllowed
from gisgrid.figures.elder_visits import told_day
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.care.elders import Elders

AGREED = {"elder_visits": "granted", "sensitive_needs": "granted"}
COUNTS = ("in_need", "unserved", "no_income", "unaided")


def rows_of(elders: Elders, actor: Actor | None = None) -> dict[str, Any]:
    return {row["code"]: row for row in need_figures(elders.view(actor)).rows}


def leader_of(elders: Elders) -> Actor:
    return Actor(name="leader", role=Role.LEADER, areas=frozenset({elders.made.community}))


def test_the_counts_are_those_of_the_lists(database: Database, now: datetime) -> None:
    dice = random.Random(5)
    with database.write() as session:
        elders = Elders(session, now)
        for _ in range(40):
            answers = {purpose: dice.choice(["granted", "granted", "refused"]) for purpose in AGREED}
            kinds = dice.sample(["no_income", "living_alone", "hardship"], dice.randrange(3))
            person = elders.elder(elders.home(dice.randrange(4), 0, **answers), *kinds)
            if dice.random() < 0.4:
                elders.visitor(person)
            if dice.random() < 0.4:
                elders.visit(person, 3, met=None, form="care_visit", marks={"delivered": True})
        rows, view = rows_of(elders), elders.view()
        for code in ("G1", "G2"):
            wanted = NeedFilter(grid=code)
            unserved = unserved_needs(view, wanted, page=None, now=now).rows
            unaided = unaided_people(view, wanted, page=None, now=now).rows
            assert rows[code]["unserved"] == len({row["person"] for row in unserved}) > 0
            assert rows[code]["unaided"] == len(unaided) > 0
            assert rows[code]["in_need"] >= rows[code]["unserved"]
            assert rows[code]["no_income"] >= rows[code]["unaided"]
            share = 100 * rows[code]["unserved"] / rows[code]["in_need"]
            assert rows[code]["unserved_share"] == pytest.approx(share, abs=0.05)
        assert [rows["G3"][name] for name in COUNTS] == [0] * 4
        assert rows["G3"]["unserved_share"] is None


def test_leaders_see_no_small_count_and_aid_of_whole_quarters(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        many = [elders.elder(elders.home(0, 0, **AGREED), "no_income") for _ in range(20)]
        for _ in range(20):
            elders.elder(elders.home(2, 0, **AGREED), "no_income")
        for _ in range(3):
            elders.elder(elders.home(0, 2, **AGREED), "no_income")
        for _ in range(12):
            elders.elder(elders.home(2, 2, **AGREED), "no_income")
        leader = leader_of(elders)
        before = rows_of(elders, leader)
        assert [before["G1"][name] for name in COUNTS] == [20] * 4
        assert [before["G3"][name] for name in COUNTS] == [None] * 4
        assert {*COUNTS, "unserved_share"} <= set(before["G3"]["suppressed"])
        for person in many[:10]:
            elders.visit(person, 1, met=None, form="care_visit", marks={"delivered": True})
        assert rows_of(elders)["G1"]["unaided"] == 10
        assert rows_of(elders, leader) == before
        quarter = (elders.today - told_day(elders.view(leader))).days
        for person in many[:10]:
            elders.visit(person, quarter, met=None, form="care_visit", marks={"delivered": True})
        assert rows_of(elders, leader)["G1"]["unaided"] == 10


def test_a_day_that_is_over_tells_leaders_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        for _ in range(20):
            elders.elder(elders.home(0, 0, **AGREED), "no_income")
        past = elders.made.view(session, leader_of(elders), now=now, as_of=elders.today - timedelta(days=1))
        assert {row[name] for row in need_figures(past).rows for name in COUNTS} == {None}


def test_who_has_no_figures_is_refused(database: Database, now: datetime) -> None:
    with database.write() as session:
        elders = Elders(session, now)
        for role in set(Role) - {Role.HEAD, Role.STAFF, Role.MEMBER, Role.LEADER, Role.LOCAL}:
            with pytest.raises(NotAllowed):
                need_figures(elders.view(world.add_actor(session, elders.made, role)))
