"""Notices about cases stand in one list with those about plans, name no person, and can be read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.cases.core.models import Case, CaseNotice
from gisgrid.cases.core.notifications import CaseNoticeKind, tell
from gisgrid.cases.escalation import escalate_due
from gisgrid.cases.inbox import _LEVELS, _OF_MANY, _SENTENCES
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.errors import NotFound
from gisgrid.notices.inbox import (
    count_notices,
    count_unread,
    find_notice,
    list_notices,
    mark_all_read,
    mark_read,
)
from gisgrid.redraw.plans.models import Notice, NoticeKind, Plan
from gisgrid.redraw.plans.store import new_plan
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

HOUR = timedelta(hours=1)


def reported(session: Session, made: World, now: datetime) -> Case:
    command = ReportCase(
        lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="dispute", description="甲与乙", contact="甲"
    )
    return report(session, made.actor, command, caches=made.caches, now=now, tz=TZ).case


def head_of(session: Session, made: World) -> Actor:
    head = world.add_actor(session, made, Role.HEAD)
    session.add(AccountScope(account_id=head.account_id, area_id=made.community))
    session.flush()
    return head


def plan_notice(session: Session, made: World, head: Actor, at: datetime) -> Plan:
    plan = new_plan(made.view(session, now=at), "方案", now=at)
    session.add(
        Notice(
            id=new_id(),
            account_id=head.account_id,
            plan_id=plan.id,
            kind=NoticeKind.SUBMITTED,
            grids=["G1"],
            names={"G1": "第1网格"},
            at=at,
        )
    )
    session.flush()
    return plan


def test_both_kinds_stand_in_one_list_the_newest_first(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = head_of(session, made)
        case = reported(session, made, now)
        plan_notice(session, made, head, now + 30 * HOUR)
        for hours in (24, 36):
            view = made.view(session, now=now + hours * HOUR)
            assert escalate_due(view, now=now + hours * HOUR) == 1
        rows = list_notices(session, head, now=now + 40 * HOUR, tz=TZ)
        assert [row["kind"] for row in rows] == [
            "limit_subdistrict",
            "submitted",
            "limit_community",
            "limit_owner",
            "reported",
        ]
        assert [row["leads_to"] for row in rows] == ["case", "plan", "case", "case", "case"]
        assert {row["case"] for row in rows} == {case.id, None}
        assert rows[2]["message"] == f"the time for case {case.number} (dispute) is over, and it is open"
        assert "甲" not in str(rows)
        assert (count_notices(session, head), count_unread(session, head)) == (5, 5)


def test_reading_counts_once_and_only_ones_own(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head, other = head_of(session, made), head_of(session, made)
        case = reported(session, made, now)
        plan_notice(session, made, head, now)
        assert tell(session, case, CaseNoticeKind.REOPENED, [str(head.account_id)], now=now + HOUR) == 1
        session.flush()
        newest, *_older = list_notices(session, head, now=now, tz=TZ)
        with pytest.raises(NotFound):
            mark_read(session, other, newest["id"], now=now + 2 * HOUR)
        mark_read(session, head, newest["id"], now=now + 2 * HOUR)
        mark_read(session, head, newest["id"], now=now + 3 * HOUR)
        found = find_notice(session, head, newest["id"], now=now, tz=TZ)
        assert found["read_at"] == now + 2 * HOUR
        unread = {row["kind"] for row in list_notices(session, head, now=now, tz=TZ, unread=True)}
        assert unread == {"submitted", "reported"}
        mark_all_read(session, head, now=now + 4 * HOUR)
        assert count_unread(session, head) == 0


def test_a_case_of_a_community_out_of_sight_is_named_by_its_number(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        case = reported(session, made, now)
        member = world.add_actor(session, made, Role.MEMBER)
        session.add(
            CaseNotice(account_id=member.account_id, case_id=case.id, kind=CaseNoticeKind.GIVEN, at=now)
        )
        session.flush()
        stranger = Actor(account_id=member.account_id, role=Role.MEMBER, areas=frozenset({"nowhere"}))
        (row,) = list_notices(session, stranger, now=now, tz=TZ)
        assert (row["leads_to"], row["community"]) == (None, None)
        assert row["message"] == f"case {case.number} was given to you"


def test_every_kind_of_notice_has_its_sentence() -> None:
    apart = {*_OF_MANY, CaseNoticeKind.UNTOLD}  # they name no case
    assert {*_SENTENCES, *_LEVELS} == set(CaseNoticeKind) - apart
    sentences = {make("1") for make in _SENTENCES.values()} | {make("1", 60) for make in _LEVELS.values()}
    sentences |= {make(2) for make in _OF_MANY.values()}
    assert len(sentences) == len(CaseNoticeKind) - 1
