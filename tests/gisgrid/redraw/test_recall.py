"""A submitted plan is taken back by who drew it: its state, who may, the log, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor, load_actor
from gisgrid.access.models import Account, AccountScope, AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, NotAllowed
from gisgrid.notices.inbox import list_notices
from gisgrid.redraw import service as plan_service
from gisgrid.redraw import submission
from gisgrid.redraw.plans import decisions, store
from gisgrid.redraw.plans.models import Notice, Plan, PlanState
from gisgrid.redraw.views.plan import plan_view
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import TZ, World


class Office:
    """A community with two cadres, two heads and a leader, and a plan of the first cadre."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made: World = world.found(session)
        self.people = {
            name: self._account(name, role)
            for name, role in (
                *(("drafter", Role.STAFF), ("other", Role.STAFF), ("helper", Role.STAFF)),
                *(("head", Role.HEAD), ("second", Role.HEAD), ("leader", Role.LEADER)),
            )
        }
        self.plan = store.new_plan(self.view("drafter"), "并楼", now=now)
        self.edit("drafter", {"op": "paint", "cells": [world.cell_id(session, 2, 0)], "to": "G1"})

    def _account(self, name: str, role: Role) -> Actor:
        account = Account(id=new_id(), name=name, role=role, created_at=world.START)
        self.session.add(account)
        self.session.flush()
        scope = AccountScope(id=new_id(), account_id=account.id, area_id=self.made.community)
        self.session.add(scope)
        self.session.flush()
        actor = load_actor(self.session, account.id, now=self.now)
        assert actor is not None
        return actor

    def view(self, who: str) -> View:
        return self.made.view(self.session, self.people[who], now=self.now)

    def edit(self, who: str, op: dict[str, Any]) -> None:
        plan_service.add_edit(self.view(who), self.plan.id, op, caches=self.made.caches, now=self.now)

    def submit(self) -> None:
        submission.submit(self.view("drafter"), self.plan.id, "", caches=self.made.caches, now=self.now)

    def recall(self, who: str, text: str = "") -> Plan:
        later = self.now + timedelta(minutes=1)
        return submission.recall(self.view(who), self.plan.id, text, now=later)

    def may(self, who: str) -> list[str]:
        return decisions.allowed(self.view(who), self.plan)

    def told(self, kind: str) -> set[str]:
        names = {actor.account_id: name for name, actor in self.people.items()}
        rows = self.session.scalars(select(Notice.account_id).where(Notice.kind == kind))
        return {names[account] for account in rows}


def test_a_submitted_plan_that_is_taken_back_can_be_edited_and_submitted_again(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        office = Office(session, now)
        assert "recall" not in office.may("drafter")
        office.submit()
        with pytest.raises(Conflict, match="taken back or returned"):
            office.edit("drafter", {"op": "rename", "area": "G1", "name": "南"})
        assert "recall" in office.may("drafter")
        assert office.recall("drafter", "还要改").state == PlanState.OPEN
        office.edit("drafter", {"op": "rename", "area": "G1", "name": "南"})
        assert "approve" not in office.may("head")
        office.submit()
        assert "approve" in office.may("head")


@pytest.mark.parametrize("who", ["other", "head", "leader"])
def test_only_who_drew_it_takes_it_back(database: Database, now: datetime, who: str) -> None:
    with database.write() as session:
        office = Office(session, now)
        office.submit()
        assert "recall" not in office.may(who)
        with pytest.raises(NotAllowed):
            office.recall(who)
        assert office.plan.state == PlanState.SUBMITTED


def test_whoever_added_an_edit_drew_it_too(database: Database, now: datetime) -> None:
    with database.write() as session:
        office = Office(session, now)
        office.edit("helper", {"op": "rename", "area": "G1", "name": "南"})
        office.submit()
        assert office.recall("helper").state == PlanState.OPEN
        assert "drafter" in office.told("recalled")


@pytest.mark.parametrize("state", [one for one in PlanState if one != PlanState.SUBMITTED])
def test_in_no_other_state_a_plan_is_taken_back(database: Database, now: datetime, state: PlanState) -> None:
    with database.write() as session:
        office = Office(session, now)
        office.plan.state = state
        session.flush()
        assert "recall" not in office.may("drafter")
        with pytest.raises(Exception, match=r"can be taken back|no such plan"):
            office.recall("drafter")
        session.refresh(office.plan)
        assert office.plan.state == state


def test_the_log_keeps_it_and_those_who_were_told_of_the_submission_are_told(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        office = Office(session, now)
        office.submit()
        waiting = office.told("to_approve") | office.told("submitted")
        office.recall("drafter", "还要改")
        assert office.told("recalled") == waiting == {"head", "second", "other", "helper"} & waiting
        assert {"head", "second"} <= waiting
        later = now + timedelta(minutes=2)
        rows = list_notices(session, office.people["head"], now=later, tz=TZ)
        assert str(rows[0]["message"]) == "drafter has taken the plan 并楼 back to change it"
        assert rows[0]["leads_to"] == "plan"
        opened = store.open_plan(office.view("head"), office.plan.id, caches=office.made.caches)
        notes = plan_view(office.view("head"), opened)["notes"]
        assert [(one["kind"], one["by"], one["text"]) for one in notes][-1] == ("recall", "drafter", "还要改")
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == office.plan.id))
        assert "plan:recall" in set(actions)
