"""Figures as of an earlier day: deadlines and ends are those of that day, as replaying logs tells them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import log_of
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.days import period
from gisgrid.indicators.drilldown import counted_cases
from gisgrid.indicators.groups import By
from gisgrid.indicators.queries import IndicatorRequest, counts_of
from gisgrid.storage.dialect import instant_of
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.indicators.oracle import slow_counts
from tests.gisgrid.indicators.town import Town
from tests.world import LAT, LON, STEP, TZ

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATEST = date(2027, 1, 31)
SPAN = period(date(2026, 11, 1), LATEST, today=LATEST, tz=TZ)
AFTER = datetime(2027, 1, 31, 12, tzinfo=TZ)


class Course:
    """One case, and what a head does with it."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.head = world.add_actor(session, self.made, world.Role.HEAD)
        self.case = self.report(0)

    def report(self, hours: float) -> Case:
        command = ReportCase(lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="garbage", description="x")
        at, caches = self.now + hours * HOUR, self.made.caches
        return report(self.session, self.head, command, caches=caches, now=at, tz=TZ).case

    def take(self, hours: float, action: CaseAction, **more: Any) -> None:
        at = self.now + hours * HOUR
        asked = StepInput(reason="等材料", result="x", feedback="phone", **more)
        take(self.made.view(self.session, self.head, now=at), self.case.id, action, asked, now=at)

    def view(self, days: int) -> View:
        """As of so many days after the report, long afterwards."""
        day = self.now.astimezone(TZ).date() + days * DAY
        return self.made.view(self.session, self.head, now=AFTER, as_of=day)

    def counts(self, days: int) -> dict[str, int]:
        found = counts_of(self.view(days), IndicatorRequest(period=SPAN), now=AFTER)
        return {name: found[name] for name in ("due", "closed", "closed_on_time", "closed_late", "ended")}

    def due(self, days: int) -> list[str]:
        rows, _total = counted_cases(
            self.view(days), IndicatorRequest(period=SPAN), "reported", code=None, now=AFTER
        )
        return [row["due_at"] for row in rows]


def test_a_deadline_put_off_later_was_not_put_off_then(database: Database, now: datetime) -> None:
    """Due on Wednesday at ten, put off on Thursday to Sunday: on Wednesday evening it was late."""
    with database.write() as session:
        course = Course(session, now)
        course.take(48, CaseAction.EXTEND, due=now + 5 * DAY)
        course.take(60, CaseAction.CLOSE)
        assert [course.counts(days)["due"] for days in (0, 1, 2, 4)] == [0, 1, 0, 0]
        assert course.counts(5) == {"due": 1, "closed": 1, "closed_on_time": 1, "closed_late": 0, "ended": 1}
        first, second = (at.astimezone(TZ).isoformat() for at in (now + DAY, now + 5 * DAY))
        assert [course.due(days) for days in (1, 2)] == [[first], [second]]


def test_a_suspension_later_moves_no_deadline_of_then(database: Database, now: datetime) -> None:
    with database.write() as session:
        course = Course(session, now)
        course.take(18, CaseAction.SUSPEND)
        course.take(18 + 72, CaseAction.RESUME)
        assert course.case.due_at == now + 4 * DAY
        former, new = ((now + days * DAY).astimezone(TZ).isoformat() for days in (1, 4))
        assert [course.due(days) for days in (0, 3, 4, 5)] == [[former], [former], [new], [new]]
        # While it stood still it owed nobody an end.
        assert [course.counts(days)["due"] for days in (0, 1, 2, 3, 4)] == [0, 0, 0, 0, 1]


def test_what_was_closed_then_and_opened_again_since_was_closed(database: Database, now: datetime) -> None:
    with database.write() as session:
        course = Course(session, now)
        course.take(10, CaseAction.CLOSE)
        course.take(100, CaseAction.REOPEN)
        course.take(150, CaseAction.CLOSE)
        nothing = dict.fromkeys(course.counts(0), 0)
        on_time = {"due": 1, "closed": 1, "closed_on_time": 1, "closed_late": 0, "ended": 1}
        assert course.counts(0) == {**nothing, "ended": 1}
        assert course.counts(1) == course.counts(3) == on_time
        assert (course.case.due_at, course.counts(4)) == (now + 124 * HOUR, nothing)
        assert course.counts(5) == {**nothing, "due": 1}
        assert course.counts(6) == course.counts(60) == {**on_time, "closed_on_time": 0, "closed_late": 1}


def _category(case: Case) -> str:
    return case.category_code


def _plain(found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {key: {name: number for name, number in counts.items() if number} for key, counts in found.items()}


@pytest.mark.parametrize("examples", [2, pytest.param(20, marks=pytest.mark.prove)])
def test_figures_of_then_are_what_replaying_the_logs_gives(
    database: Database, now: datetime, examples: int
) -> None:
    with database.write() as session:
        town = Town(session, now)

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck), deadline=None)
        @given(seed=st.integers(0, 2**32), days=st.integers(0, 16))
        def any_life(seed: int, days: int) -> None:
            with session.begin_nested() as taken_back:
                town.live(seed, cases=16, turns=True)
                session.flush()
                day = now.astimezone(TZ).date() + days * DAY
                view = town.made.view(session, town.people["head"], now=AFTER, as_of=day)
                slow = slow_counts(session, SPAN, view.when.at, key=_category, replay=True)
                fast = town.counted(view, By.CATEGORY, SPAN, AFTER)
                assert _plain(fast) == {one: dict(counts) for one, counts in slow.items()}
                taken_back.rollback()
            session.expire_all()

        any_life()


def test_a_moment_of_a_log_is_read_to_the_microsecond_in_any_zone(database: Database, now: datetime) -> None:
    with database.write() as session:
        course = Course(session, now)
        (line,) = log_of(session, course.case.id)
        for at in (now, now.astimezone(TZ), now + timedelta(microseconds=999_999), AFTER - DAY / 7):
            line.details = {"due": at.isoformat()}
            session.flush()
            told = instant_of(session, type(line).details["due"].as_string())
            assert session.scalar(select(told)) == at
            course.case.due_at = at
            session.flush()
            both = select(told == Case.due_at).select_from(type(line))
            assert session.scalar(both.join(Case, Case.id == type(line).case_id))
