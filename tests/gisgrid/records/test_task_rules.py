"""A community changes a rule from tomorrow on: today's list stays, what was noted still counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.records.core.work_models import TaskRuleVersion
from gisgrid.records.task_rules.inputs import NewRule, RuleChange
from gisgrid.records.task_rules.queries import TaskRuleListed, list_task_rules
from gisgrid.records.task_rules.service import add_rule, change_rule
from gisgrid.records.work.queries import list_work
from gisgrid.storage.engine import Database
from tests import world
from tests.working import install, noon

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


class Office:
    """One home verified 100 days ago, in a community with the built-in forms and rules."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made = world.found(session)
        install(session, self.made, now=now - 200 * DAY)
        building = world.add_building(session, self.made, 0, 0)
        self.home = world.add_household(session, building, "101")
        self.home.lived_from = TODAY - 900 * DAY
        self.home.last_verified_at = noon(TODAY - 100 * DAY)
        session.flush()

    def view(self, days: int = 0, actor: Actor | None = None) -> View:
        touch(self.session, [self.made.community])
        return self.made.view(self.session, actor or self.made.actor, now=self.now + days * DAY)

    def due(self, days: int = 0) -> dict[str, str]:
        """The due day of each task on a day, by its rule."""
        view = self.view(days)
        return {row["rule"]: row["due"] for row in list_work(view, now=view.when.at)["rows"]}

    def rule(self, code: str, days: int = 0) -> TaskRuleListed:
        return next(row for row in list_task_rules(self.view(days)) if row.code == code)


def test_a_changed_rhythm_counts_from_tomorrow_and_knows_what_was_done(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        office = Office(session, now)
        assert "verify_180d" not in office.due()
        since = change_rule(
            office.view(), "verify_180d", RuleChange(is_on=True, every_months=3), now=office.now
        )
        assert since == TODAY + DAY
        assert "verify_180d" not in office.due()
        assert office.due(1)["verify_180d"] == "2026-11-16"
        row = office.rule("verify_180d")
        assert [version.is_own for version in row.versions] == [True, False]
        assert row.counts is row.versions[1]
        assert office.rule("verify_180d", 1).counts is not None
        trail = session.scalars(select(AuditEntry).where(AuditEntry.action == "task_rules:change")).all()
        assert len(trail) == 1


def test_a_rule_that_is_switched_off_asks_for_nothing_and_comes_back(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        office = Office(session, now)
        change_rule(office.view(), "verify_180d", RuleChange(is_on=False), now=office.now)
        assert "verify_180d" not in office.due(70)
        change_rule(office.view(2), "verify_180d", RuleChange(is_on=True), now=office.now + 2 * DAY)
        assert office.due(70)["verify_180d"] == "2027-02-16"


def test_the_same_again_keeps_no_version(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        change_rule(office.view(), "elder_week", RuleChange(is_on=True, every_days=7), now=office.now)
        owned = TaskRuleVersion.owner_area_id.is_not(None)
        assert session.scalars(select(TaskRuleVersion).where(owned)).all() == []


def test_an_own_rule_asks_for_its_form(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        new = NewRule(
            form="dispute_screen",
            who="${building_year} < 2000",
            is_monthly=False,
            every_days=30,
            first=5,
            lead=9,
        )
        code = add_rule(office.view(), new, now=office.now)
        assert code == "own_1"
        assert code not in office.due()
        assert office.due(1)[code] == "2026-11-30"
        assert add_rule(office.view(), new, now=office.now) == "own_2"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"every_days": 7, "every_months": 1}, {"every"}),
        ({"every_days": 99_999}, {"every.days"}),
        ({"who": "${age} >=", "every_days": 7}, {"who"}),
        ({"who": "${phone} = '1'", "every_months": 999, "lead": 9_999}, {"who", "every.months", "open"}),
        ({"who": "x" * 1_001}, {"who", "every"}),
    ],
)
def test_what_cannot_be_is_refused_all_at_once_and_leaves_no_trace(
    database: Database, now: datetime, values: dict[str, Any], fields: set[str]
) -> None:
    with database.write() as session:
        office = Office(session, now)
        usual: dict[str, Any] = {"form": "elder_visit", "who": None, "is_monthly": False}
        with pytest.raises(InvalidInput) as refused:
            add_rule(office.view(), NewRule(**{**usual, **values}), now=office.now)
        assert {fault.field for fault in refused.value.faults} == fields
        assert session.scalars(select(TaskRuleVersion).where(TaskRuleVersion.code == "own_1")).all() == []


def test_only_heads_change_rules_and_only_known_ones(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        for role in (Role.STAFF, Role.MEMBER, Role.LEADER, Role.STEWARD):
            actor = world.add_actor(session, office.made, role)
            with pytest.raises(NotAllowed):
                change_rule(office.view(actor=actor), "elder_week", RuleChange(is_on=False), now=now)
            with pytest.raises(NotAllowed):
                list_task_rules(office.view(actor=actor))
        with pytest.raises(NotFound):
            change_rule(office.view(), "no_rule", RuleChange(is_on=False), now=now)
        with pytest.raises(InvalidInput):
            add_rule(office.view(), NewRule(form="no_form", who=None, is_monthly=True), now=now)
