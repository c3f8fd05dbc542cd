"""Open cases of a list that are late when they come in: all are told, and it can still be taken back."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from gisgrid.access.actors import local_actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.steps import take
from gisgrid.errors import Conflict
from gisgrid.imports.undo import undo_import
from gisgrid.redraw.due_work import run_due
from gisgrid.storage.engine import Database
from tests import world
from tests.data.importers.test_import_errands import DAY, HOUR, Desk


def _late(session, now: datetime) -> tuple[Desk, str]:
    desk = Desk(session, now)
    leader = world.add_actor(session, desk.made, Role.LEADER)
    people = (desk.head, leader)
    session.add_all(AccountScope(account_id=one.account_id, area_id=desk.made.community) for one in people)
    session.flush()
    brought = desk.bring(now, due_at=[(now - 3 * DAY).isoformat(), (now + DAY).isoformat()])
    return desk, brought


def test_a_case_that_was_late_before_it_came_tells_all_levels(database: Database, now: datetime) -> None:
    with database.write() as session:
        desk, _brought = _late(session, now)
        assert run_due(desk.view(None, now), now=now)["escalated"] == 1
        late, other = desk.cases()
        assert desk.log(late) == ["import", "urge", "urge", "urge", "supervise"]
        assert desk.log(other) == ["import"]
        assert {"limit_community", "limit_subdistrict"} <= set(desk.told())
        assert (late.is_supervised, other.is_supervised) == (True, False)


def test_what_the_clock_tells_keeps_nobody_from_taking_a_list_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        desk, brought = _late(session, now)
        run_due(desk.view(None, now), now=now)
        undo_import(session, desk.made.actor, brought, now=now + HOUR)
        session.expire_all()
        assert session.scalars(select(Case)).all() == session.scalars(select(CaseLog)).all() == []


def test_what_the_clock_tells_keeps_nobody_from_taking_changes_back(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        desk, _brought = _late(session, now)
        run_due(desk.view(None, now), now=now)
        changed = desk.bring(now + HOUR, description=["一", "二"])
        at = now + 4 * DAY
        run_due(desk.view(None, at), now=at)
        assert [one.description for one in desk.cases()] == ["一", "二"]
        undo_import(session, desk.made.actor, changed, now=at)
        session.expire_all()
        assert [one.description for one in desk.cases()] == ["", ""]
        assert all(one.is_supervised for one in desk.cases())


def test_who_supervises_a_case_by_hand_has_done_something_with_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        desk, brought = _late(session, now)
        _late_one, other = desk.cases()
        by_hand = StepInput(kind="important")
        take(desk.view(desk.head, now), other.id, CaseAction.SUPERVISE, by_hand, now=now + HOUR)
        with pytest.raises(Conflict, match="cases took steps"):
            undo_import(session, local_actor(session, "tester"), brought, now=now + 2 * HOUR)
