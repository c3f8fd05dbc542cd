"""Cases keep the rules they were reported under; suspending, extending and reopening move their deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.deadlines import pauses_of, time_of
from gisgrid.cases.deadlines.limits import Rule, hours, work_days
from gisgrid.cases.deadlines.rule_versions import Books, add_version
from gisgrid.cases.deadlines.rulebook import DEFAULT
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.steps import take
from gisgrid.errors import InvalidInput
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.world import LAT, LON, STEP, TZ, World

HOUR = timedelta(hours=1)
STRICT = replace(DEFAULT, severities={**DEFAULT.severities, Severity.BIG: Rule(deadline=hours(8))})
OF_GARBAGE = replace(DEFAULT, categories={"garbage": Rule(deadline=hours(8, LimitUnit.WORK_HOUR))})


def reported(session: Session, made: World, now: datetime, **changes: Any) -> Case:
    values = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}
    command = ReportCase(**{**values, **changes})
    return report(session, made.actor, command, caches=made.caches, now=now, tz=TZ).case


def card(view: View, case: Case, now: datetime) -> dict[str, Any]:
    return case_card(view, case.id, now=now)


def test_a_case_keeps_the_rules_it_was_reported_under(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        old = reported(session, made, now)
        add_version(made.view(session, now=now), STRICT, valid_from=now + HOUR, now=now)
        before = reported(session, made, now + 0.5 * HOUR)
        new = reported(session, made, now + HOUR)
        assert [one.due_at - one.reported_at for one in (old, before, new)] == [
            24 * HOUR,
            24 * HOUR,
            8 * HOUR,
        ]
        assert (old.limit_version_id, before.limit_version_id) == (None, None)
        assert new.limit_version_id is not None
        later = made.view(session, now=now + 2 * HOUR)
        assert card(later, old, now + 2 * HOUR)["limit"]["rule"] == {
            "amount": 1440,
            "unit": "continuous_hour",
        }
        assert card(later, new, now + 2 * HOUR)["limit"]["rule"] == {"amount": 480, "unit": "continuous_hour"}


def test_a_category_with_a_rule_of_its_own_is_counted_in_its_unit(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        add_version(made.view(session, now=now), OF_GARBAGE, valid_from=now, now=now)
        case = reported(session, made, now)  # a Tuesday at ten: six of eight hours remain
        assert case.due_at == datetime(2026, 11, 25, 10, tzinfo=TZ)
        urgent = reported(session, made, now, severity=Severity.EMERGENCY)
        assert urgent.due_at == now + 2 * HOUR
        night = datetime(2026, 11, 24, 23, tzinfo=TZ)
        told = card(made.view(session, now=night), case, night)
        assert told["limit"]["by"] == "category"
        assert (told["elapsed"], told["light"], told["overdue"]) == (0.8125, "amber", False)
        assert told["left"] == {"seconds": 5400, "unit": "work_hour", "day_seconds": 28800}


def test_a_suspended_case_stands_still_on_card_and_list(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        case = reported(session, made, now)
        view = made.view(session, now=now)
        take(view, case.id, CaseAction.SUSPEND, StepInput(reason="等材料"), now=now + 6 * HOUR)
        later = now + 100 * HOUR
        told = card(view, case, later)
        assert (told["elapsed"], told["paused"], told["overdue"], told["light"]) == (
            0.25,
            True,
            False,
            "green",
        )
        assert told["left"]["seconds"] == 18 * 3600
        (row,), _total = list_cases(view, CaseSearch(), now=later)
        assert row["left"] == told["left"]
        take(view, case.id, CaseAction.RESUME, now=later)
        assert case.due_at == later + 18 * HOUR
        assert case.target_at == datetime(2026, 11, 25, tzinfo=TZ) + 94 * HOUR
        assert card(view, case, later + 6 * HOUR)["elapsed"] == 0.5
        assert rebuilt(session, case.id) == case_snapshot(session, case)
        take(view, case.id, CaseAction.SUSPEND, StepInput(reason="再等"), now=later + 6 * HOUR)
        take(view, case.id, CaseAction.RESUME, now=later + 8 * HOUR)
        assert case.due_at == later + 20 * HOUR
        assert [last - first for first, last in pauses_of(session, [case.id])[case.id] if last] == [
            94 * HOUR,
            2 * HOUR,
        ]


def test_a_suspension_over_the_weekend_costs_working_days_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        rules = replace(DEFAULT, categories={"garbage": Rule(deadline=work_days(5))})
        add_version(view, rules, valid_from=now, now=now)
        case = reported(session, made, now)
        due = case.due_at
        saturday = datetime(2026, 11, 28, 9, tzinfo=TZ)
        take(view, case.id, CaseAction.SUSPEND, StepInput(reason="等"), now=saturday)
        take(view, case.id, CaseAction.RESUME, now=saturday + timedelta(days=1))
        assert case.due_at == due
        monday = datetime(2026, 11, 30, 8, tzinfo=TZ)
        take(view, case.id, CaseAction.SUSPEND, StepInput(reason="等"), now=monday)
        take(view, case.id, CaseAction.RESUME, now=monday + timedelta(days=1))
        assert due == datetime(2026, 12, 1, 18, tzinfo=TZ)
        assert case.due_at == datetime(2026, 12, 2, 18, tzinfo=TZ)
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_an_extension_gives_a_new_deadline_and_is_logged(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        case = reported(session, made, now)
        view = made.view(session, now=now)
        until = now + 96 * HOUR
        take(view, case.id, CaseAction.EXTEND, StepInput(reason="缺配件", due=until), now=now + 23 * HOUR)
        told = card(view, case, now + 24 * HOUR)
        assert case.due_at == until
        assert (told["elapsed"], told["light"], told["limit"]["extended"]) == (0.25, "green", True)
        assert told["log"][-1]["action"] == "extend"
        with pytest.raises(InvalidInput):
            take(view, case.id, CaseAction.EXTEND, StepInput(reason="x", due=until), now=now + 24 * HOUR)
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_a_case_that_is_opened_again_gets_its_time_anew(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        case = reported(session, made, now)
        view = made.view(session, now=now)
        take(view, case.id, CaseAction.CLOSE, StepInput(result="清了"), now=now + HOUR)
        add_version(view, STRICT, valid_from=now + 2 * HOUR, now=now + 2 * HOUR)
        again = now + 50 * HOUR
        take(view, case.id, CaseAction.REOPEN, StepInput(reason="又堆了"), now=again)
        assert case.due_at == again + 24 * HOUR
        told = card(view, case, again + 6 * HOUR)
        assert (told["elapsed"], told["light"]) == (0.25, "green")
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_a_closed_case_is_judged_by_when_it_was_closed(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        view = made.view(session, head, now=now)
        early, late = reported(session, made, now), reported(session, made, now)
        take(view, early.id, CaseAction.CLOSE, StepInput(result="清了"), now=now + 6 * HOUR)
        take(view, late.id, CaseAction.CLOSE, StepInput(result="清了"), now=now + 36 * HOUR)
        year = now + 24 * 365 * HOUR
        assert (card(view, early, year)["elapsed"], card(view, early, year)["light"]) == (0.25, "green")
        assert (card(view, late, year)["elapsed"], card(view, late, year)["overdue"]) == (1.5, True)


def test_a_case_without_a_deadline_has_no_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        case = reported(session, made, now)
        case.due_at = None
        session.flush()
        assert time_of(Books(session, TZ), case, now=now) is None
        view = made.view(session, now=now)
        assert card(view, case, now)["deadline"] is None
        take(view, case.id, CaseAction.SUSPEND, StepInput(reason="等"), now=now)
        take(view, case.id, CaseAction.RESUME, now=now + HOUR)
        assert case.due_at is None
