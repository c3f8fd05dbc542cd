"""The time of errands stands still while their case is suspended: queue, card and months agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.limits import Rule, hours
from gisgrid.cases.deadlines.rule_versions import add_version
from gisgrid.cases.deadlines.rulebook import DEFAULT, Rulebook
from gisgrid.cases.deadlines.worktime import LimitUnit, counted
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.referrals.clock import after_pause
from gisgrid.cases.referrals.queue import queue_of, step_errand
from gisgrid.cases.referrals.service import Entrust, entrust, errands_of, pending_errands, withdraw
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.cases.steps import take
from gisgrid.indicators.organisations import organisation_in
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

ON_DUTY = replace(DEFAULT, categories={"garbage": Rule(deadline=hours(8, LimitUnit.WORK_HOUR))})
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Scene:
    """A case, a head, and an organisation that was asked to do something about it within so many days."""

    def __init__(self, session: Session, now: datetime, *, days: int = 1, rules: Rulebook = DEFAULT) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.head = world.add_actor(session, self.made, Role.HEAD)
        self.own = world.add_actor(session, self.made, Role.PROPERTY)
        session.add(AccountScope(id=new_id(), account_id=self.own.account_id, area_id=self.made.areas["G1"]))
        session.flush()
        if rules is not DEFAULT:
            add_version(self.made.view(session, now=now), rules, valid_from=now, now=now)
        self.case = self.report()
        asked = Entrust(account=self.own.account_id or "", text="请清运垃圾", days=days)
        self.errand = entrust(self.view(self.head, now), self.case.id, asked, now=now)

    def report(self) -> Case:
        command = ReportCase(lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="garbage", description="x")
        caches = self.made.caches
        return report(self.session, self.made.actor, command, caches=caches, now=self.now, tz=TZ).case

    def view(self, actor: Actor, at: datetime) -> View:
        return self.made.view(self.session, actor, now=at)

    def take(self, action: CaseAction, at: datetime) -> None:
        take(self.view(self.head, at), self.case.id, action, StepInput(reason="等待配件"), now=at)

    def step(self, step: ErrandStep, at: datetime) -> None:
        step_errand(self.view(self.own, at), self.errand, step, result="已清运", now=at)

    def shown(self, at: datetime) -> tuple[datetime, bool, bool]:
        """What queue, list and card say of it, which must be the same."""
        (queued,) = queue_of(self.view(self.own, at), now=at)
        (listed,) = errands_of(self.view(self.head, at), self.case.id, now=at)[1]
        told = [(row["due_at"], row["is_late"], row["paused"]) for row in (queued, listed)]
        running = [row["due_at"] for row in pending_errands(self.view(self.head, at), self.case.id, now=at)]
        assert {due for due, _late, _paused in told} | set(running) == {told[0][0]}
        assert told[0] == told[1]
        return told[0]

    def month(self, at: datetime) -> dict[str, int | None]:
        view = self.view(self.head, at)
        first = self.now.astimezone(TZ).date().replace(day=1)
        return organisation_in(view, self.own.account_id or "", first, now=at).counts


def test_an_errand_stands_still_with_its_case_and_goes_on_with_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        due = now + DAY
        assert scene.shown(now + HOUR) == (due, False, False)
        scene.take(CaseAction.SUSPEND, now + 20 * HOUR)
        assert scene.shown(now + 3 * DAY) == (now + 3 * DAY + 4 * HOUR, False, True)
        assert scene.month(now + 3 * DAY)["due"] == 0
        scene.take(CaseAction.RESUME, now + 4 * DAY)
        due = now + 4 * DAY + 4 * HOUR
        assert scene.shown(now + 4 * DAY + HOUR) == (due, False, False)
        assert scene.shown(due + HOUR) == (due, True, False)
        assert scene.month(due + HOUR)["due"] == 1


def test_an_errand_that_was_late_stays_as_late_as_it_was(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.take(CaseAction.SUSPEND, now + 2 * DAY)
        assert scene.shown(now + 3 * DAY) == (now + DAY, True, True)
        scene.take(CaseAction.RESUME, now + 4 * DAY)
        assert scene.shown(now + 4 * DAY) == (now + DAY, True, False)


def test_what_ends_while_its_case_is_suspended_was_in_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        scene.take(CaseAction.SUSPEND, now + 20 * HOUR)
        for step in (ErrandStep.RECEIPT, ErrandStep.START, ErrandStep.FINISH):
            scene.step(step, now + 2 * DAY)
        told = (now + 2 * DAY + 4 * HOUR, False, False)
        assert scene.shown(now + 3 * DAY) == told
        scene.take(CaseAction.RESUME, now + 4 * DAY)
        assert scene.shown(now + 5 * DAY) == told
        counts = scene.month(now + 5 * DAY)
        assert (counts["due"], counts["on_time"]) == (1, 1)


@pytest.mark.parametrize("action", [CaseAction.VOID, None])
def test_what_is_taken_back_meanwhile_was_in_time(
    database: Database, now: datetime, action: CaseAction | None
) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        at = now + 2 * DAY
        scene.take(CaseAction.SUSPEND, now + 20 * HOUR)
        if action:
            scene.take(action, at)
        else:
            withdraw(scene.view(scene.head, at), scene.case.id, scene.errand, now=at)
        (row,) = errands_of(scene.view(scene.head, at), scene.case.id, now=at)[1]
        assert (row["withdrawn_at"], row["due_at"], row["is_late"]) == (at, at + 4 * HOUR, False)


def test_a_suspension_counts_in_the_working_time_of_the_case(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now, days=3, rules=ON_DUTY)
        assert now.astimezone(TZ).weekday() == 1  # due on Friday at ten in the morning
        scene.take(CaseAction.SUSPEND, now + DAY)
        scene.take(CaseAction.RESUME, now + 2 * DAY)
        friday = now + 3 * DAY
        # A day on duty later: Monday at ten, not Saturday.
        assert scene.shown(now + 2 * DAY)[0] == friday + 3 * DAY


def test_several_suspensions_add_up(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        for hours in (2, 30):
            scene.take(CaseAction.SUSPEND, now + hours * HOUR)
            scene.take(CaseAction.RESUME, now + (hours + 12) * HOUR)
        assert scene.shown(now + 44 * HOUR)[0] == now + DAY + 24 * HOUR


def test_the_queue_is_in_the_order_of_what_it_shows(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        other = scene.report()
        asked = Entrust(account=scene.own.account_id or "", text="请清运垃圾", days=3)
        entrust(scene.view(scene.head, now), other.id, asked, now=now)
        scene.take(CaseAction.SUSPEND, now + HOUR)
        at = now + 10 * DAY
        rows = queue_of(scene.view(scene.own, at), now=at)
        assert [row["number"] for row in rows] == [other.number, scene.case.number]


_HOURS = st.integers(0, 24 * 14)


@given(
    since=_HOURS, lasts=st.integers(1, 24 * 14), due=st.integers(1, 24 * 14), unit=st.sampled_from(LimitUnit)
)
def test_a_pause_leaves_at_least_the_time_there_was(
    since: int, lasts: int, due: int, unit: LimitUnit
) -> None:
    """By the clock and in the unit of the case, whatever days and hours the pause takes in."""
    asked = datetime(2026, 9, 20, 3, tzinfo=UTC)
    begins, ends = asked + since * HOUR, asked + (since + lasts) * HOUR
    former, calendar = asked + due * HOUR, DEFAULT.calendar(TZ, {})
    found = after_pause(calendar, unit, former, asked_at=asked, pause=(begins, ends))
    if former <= begins:
        assert found == former
        return
    assert found - ends >= former - begins
    assert counted(calendar, unit, ends, found) >= counted(calendar, unit, begins, former)
