"""Versions of the rules: who may make them, from when they hold, and a community's own days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.rules import Severity
from gisgrid.cases.deadlines.limits import Rule, hours, work_days
from gisgrid.cases.deadlines.rule_versions import (
    Books,
    OwnDay,
    add_version,
    drop_own_day,
    list_versions,
    own_days,
    rules_of,
    set_own_day,
)
from gisgrid.cases.deadlines.rulebook import DEFAULT, Rulebook
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world

STRICT = replace(DEFAULT, severities={**DEFAULT.severities, Severity.BIG: Rule(deadline=hours(8))})
LATER = replace(DEFAULT, categories={"garbage": Rule(deadline=work_days(2))})


def test_a_version_holds_from_its_instant_until_the_next(database: Database, now: datetime) -> None:
    tomorrow = now + timedelta(days=1)
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        assert rules_of(view, at=now) == DEFAULT
        assert add_version(view, STRICT, valid_from=now, now=now) == 1
        assert add_version(view, LATER, valid_from=tomorrow, now=now) == 2
        assert rules_of(view, at=now - timedelta(seconds=1)) == DEFAULT
        assert rules_of(view, at=now) == STRICT
        assert rules_of(view, at=tomorrow) == LATER
        rows = list_versions(view, now=now)
        assert [(row.number, row.is_in_force, row.by) for row in rows] == [
            (2, False, "local"),
            (1, True, "local"),
        ]
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "limits:change").order_by(AuditEntry.id)
        ).all()
        changed = {"severities.big.target", "severities.big.deadline"}
        assert [set(one.fields) for one in entries] == [changed, changed | {"categories.garbage.deadline"}]


def test_a_later_version_of_the_same_instant_goes_before(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = world.found(session).view(session, now=now)
        add_version(view, STRICT, valid_from=now, now=now)
        add_version(view, LATER, valid_from=now, now=now)
        assert rules_of(view, at=now) == LATER


def test_rules_never_begin_in_the_past(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = world.found(session).view(session, now=now)
        with pytest.raises(InvalidInput, match="never in the past"):
            add_version(view, STRICT, valid_from=now - timedelta(seconds=1), now=now)


def test_each_community_has_its_own_rules(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        other = world.found_beside(session, made)
        view = made.view(session, now=now)
        add_version(view, STRICT, valid_from=now, now=now)
        set_own_day(view, OwnDay(day=date(2026, 11, 25), is_work=False, name="社区运动会"), now=now)
        books = Books(session, world.TZ)
        assert books.rules(books.version_at(other, now)) == DEFAULT
        assert books.calendar(made.community, DEFAULT).is_work_day(date(2026, 11, 25)) is False
        assert books.calendar(other, DEFAULT).is_work_day(date(2026, 11, 25)) is True


def test_own_days_are_said_changed_and_taken_back(database: Database, now: datetime) -> None:
    day = date(2026, 10, 1)
    with database.write() as session:
        view = world.found(session).view(session, now=now)
        set_own_day(view, OwnDay(day=day, is_work=True, name=" 值守 "), now=now)
        set_own_day(view, OwnDay(day=day, is_work=False, name="国庆"), now=now)
        assert own_days(view) == [OwnDay(day=day, is_work=False, name="国庆")]
        drop_own_day(view, day, now=now)
        assert own_days(view) == []
        with pytest.raises(NotFound):
            drop_own_day(view, day, now=now)
        for wrong in (
            OwnDay(day=day, is_work=True, name=" "),
            OwnDay(day=date(1, 1, 1), is_work=True, name="a"),
        ):
            with pytest.raises(InvalidInput):
                set_own_day(view, wrong, now=now)


@pytest.mark.parametrize("role", [Role.STAFF, Role.MEMBER, Role.LEADER])
def test_only_heads_and_administrators_change_them(database: Database, now: datetime, role: Role) -> None:
    with database.write() as session:
        made = world.found(session)
        actor = world.add_actor(session, made, role, "G1")
        view = made.view(session, actor, now=now)
        for act in (
            lambda: add_version(view, Rulebook(), valid_from=now, now=now),
            lambda: set_own_day(view, OwnDay(day=date(2026, 10, 1), is_work=True, name="a"), now=now),
            lambda: drop_own_day(view, date(2026, 10, 1), now=now),
            lambda: list_versions(view, now=now),
        ):
            with pytest.raises(NotAllowed):
                act()
