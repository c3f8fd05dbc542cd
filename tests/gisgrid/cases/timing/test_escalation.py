"""Who is told when a case's time runs out: each level once, to its own people, none while suspended."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.areas.look import Look
from gisgrid.cases.keeping import log_of, rebuilt, standing_of
from gisgrid.cases.models import Case, CaseNotice
from gisgrid.cases.needs import Given
from gisgrid.cases.rules import Severity
from gisgrid.cases.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.cases.timing.books import Books
from gisgrid.cases.timing.escalation import escalate_due, has_due
from gisgrid.cases.timing.promises import Arrival, promise
from gisgrid.cases.workflow import CaseAction
from gisgrid.redraw.clockwork import run_due
from gisgrid.storage.engine import Database
from tests import world
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

    def look(self, hours: float, who: str | None = None) -> Look:
        return self.made.look(self.session, self.people[who] if who else None, now=self.now + hours * HOUR)

    def tick(self, hours: float) -> int:
        return escalate_due(self.look(hours), now=self.now + hours * HOUR)

    def take(self, hours: float, action: CaseAction, **given: Any) -> None:
        take(self.look(hours), self.case.id, action, Given(**given), now=self.now + hours * HOUR)

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
        assert rebuilt(session, scene.case.id) == standing_of(session, scene.case)


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
        scene.case = scene.report(lon=LON - 1)
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


def test_what_an_imported_case_had_reached_is_told_to_nobody(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        old = promise(
            Books(session, TZ),
            community_id=scene.made.community,
            category="garbage",
            severity=Severity.BIG,
            reported_at=now,
            arrival=Arrival.UNDERWAY,
        )
        old.keep(scene.case)
        assert has_due(session, scene.made.community, now=now + 30 * HOUR)
        assert scene.tick(30) == 0
        assert scene.case.escalated == 100
        assert not has_due(session, scene.made.community, now=now + 30 * HOUR)
        assert scene.tick(36) == 1
        assert (scene.told("owner"), scene.told("subdistrict")) == (set(), {"head", "leader"})


def test_all_that_is_due_is_done_at_once_and_only_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        look = scene.look(20)
        nothing = {"handed_over": 0, "assigned": 0, "called_off": 0, "escalated": 0}
        assert run_due(look, now=look.when.at) == nothing | {"assigned": 1, "escalated": 1}
        assert run_due(look, now=look.when.at) == nothing


def test_a_deadline_of_another_system_may_lie_far_ahead(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        far = datetime(2199, 12, 31, tzinfo=TZ)
        promise(
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
