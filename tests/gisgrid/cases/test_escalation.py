"""Who is told when a case's time runs out: each level once, to its own people, none while suspended."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, CaseNotice
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.core.store import case_snapshot, log_of
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.deadlines import Arrival, deadline_for
from gisgrid.cases.deadlines.levels import Levels
from gisgrid.cases.deadlines.rule_versions import Books, add_version
from gisgrid.cases.deadlines.rulebook import DEFAULT
from gisgrid.cases.escalation import escalate_due, has_due
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import case_card
from gisgrid.cases.steps import take
from gisgrid.redraw.due_work import run_due
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.world import LAT, LON, STEP, TZ, World

HOUR = timedelta(hours=1)


class Scene:
    """A community with a member and staff in G1, staff in G2, a head and a leader; one case in G1."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made: World = world.found(session)
        self.people: dict[str, Actor] = {
            "member": world.add_actor(session, self.made, Role.MEMBER, "G1"),
            "staff": world.add_actor(session, self.made, Role.STAFF, "G1"),
            "other staff": world.add_actor(session, self.made, Role.STAFF, "G2"),
            "head": world.add_actor(session, self.made, Role.HEAD),
            "leader": world.add_actor(session, self.made, Role.LEADER),
        }
        session.add_all(
            AccountScope(account_id=self.people[name].account_id, area_id=self.made.community)
            for name in ("head", "leader")
        )
        session.flush()
        self.case = self.report()

    def report(self, **changes: Any) -> Case:
        values = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "x"}
        command = ReportCase(**{**values, **changes})
        return report(
            self.session, self.made.actor, command, caches=self.made.caches, now=self.now, tz=TZ
        ).case

    def view(self, hours: float, who: str | None = None) -> View:
        return self.made.view(self.session, self.people[who] if who else None, now=self.now + hours * HOUR)

    def tick(self, hours: float) -> int:
        return escalate_due(self.view(hours), now=self.now + hours * HOUR)

    def take(self, hours: float, action: CaseAction, **given: Any) -> None:
        take(self.view(hours), self.case.id, action, StepInput(**given), now=self.now + hours * HOUR)

    def told(self, kind: str) -> set[str]:
        rows = self.session.scalars(
            select(CaseNotice.account_id).where(
                CaseNotice.case_id == self.case.id, CaseNotice.kind == f"limit_{kind}"
            )
        ).all()
        assert max(Counter(rows).values(), default=1) == 1, "told twice"
        names = {actor.account_id: name for name, actor in self.people.items()}
        return {names[account] for account in rows}

    def log(self) -> list[Any]:
        return [(row.action, row.details.get("level")) for row in log_of(self.session, self.case.id)]


def test_each_level_is_told_once_to_its_own_people(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        assert scene.tick(17.9) == 0
        assert scene.tick(18) == 1
        assert scene.told("owner") == {"member"}
        assert scene.tick(18) == scene.tick(20) == 0
        assert scene.tick(24) == 1
        assert scene.told("community") == {"head", "staff"}
        assert not scene.case.is_supervised
        assert scene.tick(36) == 1
        assert scene.told("subdistrict") == {"head", "leader"}
        assert scene.case.is_supervised
        assert scene.tick(37) == scene.tick(1000) == 0
        levels = [("urge", 75), ("urge", 100), ("urge", 150)]
        assert scene.log() == [("report", None), *levels, ("supervise", None)]
        assert rebuilt(session, scene.case.id) == case_snapshot(session, scene.case)


def test_levels_that_passed_while_nobody_looked_are_all_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        assert scene.tick(100) == 1
        assert (scene.told("owner"), scene.told("community")) == ({"member"}, {"head", "staff"})
        assert scene.told("subdistrict") == {"head", "leader"}
        assert scene.tick(100) == 0


def test_the_handler_owns_a_case_before_the_member_of_its_grid(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        handler = scene.people["other staff"].worker_id
        scene.take(1, CaseAction.DISPATCH, handler=handler)
        scene.tick(18)
        assert scene.told("owner") == {"other staff"}


def test_leaders_are_told_nothing_of_confidential_cases(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.case = scene.report(category="dispute")
        scene.tick(100)
        assert scene.told("subdistrict") == {"head"}
        assert scene.case.is_supervised


def test_a_case_outside_all_grids_is_the_communitys(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.case = scene.report(lon=LON - 0.01)
        scene.tick(24)
        assert (scene.told("owner"), scene.told("community")) == ({"head"}, {"head"})


def test_nothing_is_told_of_a_suspended_case_and_it_goes_on_where_it_was(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.take(12, CaseAction.SUSPEND, reason="等材料")
        assert scene.tick(100) == 0
        scene.take(100, CaseAction.RESUME)
        assert scene.tick(105.9) == 0
        assert scene.tick(106) == 1
        assert scene.told("owner") == {"member"}


def test_a_longer_time_is_told_anew(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.tick(23)
        scene.take(23, CaseAction.EXTEND, reason="缺件", due=now + 100 * HOUR)
        assert scene.case.escalated == 0
        assert scene.tick(74) == 0
        session.query(CaseNotice).delete()
        assert scene.tick(75) == 1
        assert scene.told("owner") == {"member"}


def test_nothing_is_told_of_a_closed_case(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.take(20, CaseAction.CLOSE, result="清了")
        assert scene.case.escalates_at is None
        assert scene.tick(100) == 0


def _came_in(session: Session, now: datetime, due: datetime | None = None) -> Scene:
    """A case that another system has had for a while, due in a day, or when it says."""
    scene = Scene(session, now)
    deadline_for(
        Books(session, TZ),
        community_id=scene.made.community,
        category="garbage",
        severity=Severity.BIG,
        reported_at=now,
        given=due,
        arrival=Arrival.UNDERWAY,
    ).keep(scene.case)
    return scene


def test_nobody_is_reminded_of_an_imported_case_but_told_once_it_is_late(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        scene = _came_in(session, now)
        assert has_due(session, scene.made.community, now=now + 20 * HOUR)
        assert scene.tick(20) == 0
        assert scene.case.escalated == 75
        assert not has_due(session, scene.made.community, now=now + 20 * HOUR)
        assert scene.tick(24) == 1
        assert scene.tick(36) == 1
        assert (scene.told("owner"), scene.told("community")) == (set(), {"head", "staff"})
        assert scene.told("subdistrict") == {"head", "leader"}


@pytest.mark.parametrize(("hours", "levels"), [(25, [75]), (30, [75, 120]), (40, [75, 120, 150])])
def test_a_case_that_comes_in_late_tells_every_level_that_has_passed(
    database: Database, now: datetime, hours: int, levels: list[int]
) -> None:
    with database.write() as session:
        scene = _came_in(session, now)
        _let_the_community_wait(scene)
        assert scene.tick(hours) == 1
        told = [scene.told(kind) for kind in ("owner", "community", "subdistrict")]
        expected = [{"member"}, {"head", "staff"}, {"head", "leader"}]
        assert told == [*expected[: len(levels)], *[set()] * (3 - len(levels))]
        assert [level for action, level in scene.log() if action == "urge"] == levels
        assert scene.case.is_supervised == (150 in levels)
        assert scene.tick(hours) == 0


@pytest.mark.parametrize("before", [timedelta(), HOUR, 400 * HOUR])
def test_of_no_time_at_all_every_level_has_passed(
    database: Database, now: datetime, before: timedelta
) -> None:
    with database.write() as session:
        scene = _came_in(session, now, due=now - before)
        _let_the_community_wait(scene)
        assert scene.tick(1) == 1
        assert scene.told("owner") == {"member"}
        assert scene.told("community") == {"head", "staff"}
        assert scene.told("subdistrict") == {"head", "leader"}
        assert scene.case.is_supervised
        card = case_card(scene.view(1, "head"), scene.case.id, now=now + HOUR)
        assert (card["elapsed"], card["level"]) == (1, {"of": "subdistrict", "percent": 150})
        assert scene.tick(2) == scene.tick(1000) == 0


def _let_the_community_wait(scene: Scene) -> None:
    """The community is told at 120 percent, not at the deadline."""
    early = scene.now - 9 * HOUR
    rules = replace(DEFAULT, levels=Levels(community=120))
    add_version(scene.made.view(scene.session, now=early), rules, valid_from=early, now=early)
    books = Books(scene.session, TZ)
    version = books.version_at(scene.made.community, scene.now)
    assert version is not None
    scene.case.limit_version_id = version.id
    scene.session.flush()


def test_all_that_is_due_is_done_at_once_and_only_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        view = scene.view(20)
        nothing = {"handed_over": 0, "assigned": 0, "called_off": 0, "escalated": 0}
        assert run_due(view, now=view.when.at) == nothing | {"assigned": 1, "escalated": 1}
        assert run_due(view, now=view.when.at) == nothing


def test_a_deadline_of_another_system_may_lie_far_ahead(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        far = datetime(2199, 12, 31, tzinfo=TZ)
        deadline_for(
            Books(session, TZ),
            community_id=scene.made.community,
            category="garbage",
            severity=Severity.BIG,
            reported_at=now,
            given=far,
            arrival=Arrival.UNDERWAY,
        ).keep(scene.case)
        assert scene.tick(1) == 0
        assert (scene.case.escalated, scene.case.due_at) == (0, far)
        assert scene.case.escalates_at is not None
        assert now + timedelta(days=40_000) < scene.case.escalates_at < far


def test_a_deadline_from_before_the_report_keeps_nobody_waiting(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.case.due_at = scene.case.target_at = scene.case.reported_at - HOUR
        scene.case.escalates_at = scene.case.reported_at
        session.flush()
        assert scene.tick(1) == 1
        assert not has_due(session, scene.made.community, now=now + 2 * HOUR)
        assert scene.tick(2) == 0
