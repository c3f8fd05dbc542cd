"""Errands of cases that another system closes or carries on: they end with them, or go on with them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import select, update

from data.importers.kinds.cases import NewCategories, import_cases, read_cases
from data.importers.readers.table import FileTable
from gisgrid.access.imports import ImportSource, begin_import
from gisgrid.access.models import AccountScope, AuditEntry, Role
from gisgrid.areas.communities import choose_community
from gisgrid.cases.core.models import Case, CaseErrand, CaseLog, CaseNotice
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.referrals.queue import queue_of
from gisgrid.cases.referrals.service import Entrust, entrust
from gisgrid.cases.steps import take
from gisgrid.imports.undo import undo_import
from gisgrid.redraw.due_work import run_due
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Desk:
    """A community that takes a list of cases again and again; a head, and a company that is asked."""

    def __init__(self, session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.head = world.add_actor(session, self.made, Role.HEAD)
        self.own = world.add_actor(session, self.made, Role.PROPERTY)
        scope = AccountScope(id=new_id(), account_id=self.own.account_id, area_id=self.made.areas["G1"])
        session.add(scope)
        session.flush()

    def bring(self, at: datetime, **columns: list[str]) -> str:
        """Take in the list as it stands; gives the id of the import."""
        middle = world.middle(0, 0)
        told = {
            "number": ["A-1", "A-2"],
            "category": ["garbage"] * 2,
            "reported_at": [(self.now - HOUR).isoformat()] * 2,
            "lon": [str(middle.x)] * 2,
            "lat": [str(middle.y)] * 2,
            **columns,
        }
        table = FileTable(frame=pd.DataFrame(told), has_geometry=False, crs=None, source="cases.csv")
        file = ImportSource(kind="cases", file_name="cases.csv", sha256="0" * 64)
        notes = begin_import(self.session, self.made.actor, file, community_id=self.made.community, at=at)
        import_cases(
            self.session,
            self.made.actor,
            read_cases(table, tz=world.TZ, crs="4326"),
            community=choose_community(self.session, self.made.actor, "C1", now=at),
            new_categories=NewCategories.REFUSE,
            now=at,
            notes=notes,
        )
        self.session.expire_all()
        return notes.run.id

    def cases(self) -> list[Case]:
        return list(self.session.scalars(select(Case).order_by(Case.external_number)))

    def view(self, actor, at: datetime):
        return self.made.view(self.session, actor, now=at)

    def ask(self, case: Case) -> CaseErrand:
        asked = Entrust(account=self.own.account_id, text="请清运垃圾", days=1)
        made = entrust(self.view(self.head, self.now), case.id, asked, now=self.now)
        return self.session.get_one(CaseErrand, made)

    def suspend(self, case: Case) -> datetime:
        """Three hours later; gives when that is."""
        at = self.now + 3 * HOUR
        take(self.view(self.head, at), case.id, CaseAction.SUSPEND, StepInput(reason="等配件"), now=at)
        return at

    def log(self, case: Case) -> list[str]:
        lines = select(CaseLog.action).where(CaseLog.case_id == case.id)
        return list(self.session.scalars(lines.order_by(CaseLog.at, CaseLog.id)))

    def told(self) -> list[str]:
        return list(self.session.scalars(select(CaseNotice.kind).order_by(CaseNotice.at, CaseNotice.id)))


@pytest.mark.parametrize("state", ["closed", "void", "rejected"])
def test_a_case_that_another_system_ends_takes_its_errands_back(
    database: Database, now: datetime, state: str
) -> None:
    with database.write() as session:
        desk = Desk(session, now)
        desk.bring(now)
        first, second = desk.cases()
        ended, goes_on = desk.ask(first), desk.ask(second)
        at = now + 2 * HOUR
        desk.bring(at, state=[state, ""], closed_at=[(now + HOUR).isoformat(), ""])
        assert first.state == state
        assert (ended.withdrawn_at, goes_on.withdrawn_at) == (at, None)
        assert [row["id"] for row in queue_of(desk.view(desk.own, at), now=at)] == [goes_on.id]
        assert desk.log(first) == ["import", "errand_ask", "errand_withdraw", "import"]
        assert desk.told() == ["errand_asked", "errand_asked", "errand_withdrawn"]
        audited = session.scalars(select(AuditEntry.action)).all()
        assert audited.count("cases:errand_withdraw") == 1
        assert rebuilt(session, first.id) == case_snapshot(session, first)
        desk.bring(at + HOUR, state=[state, ""], closed_at=[(now + HOUR).isoformat(), ""])
        assert desk.told().count("errand_withdrawn") == 1


def test_taking_such_a_list_back_opens_the_case_and_asks_nobody_again(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        desk = Desk(session, now)
        desk.bring(now)
        case, _other = desk.cases()
        errand, at = desk.ask(case), now + 2 * HOUR
        closing = desk.bring(at, state=["closed", ""], closed_at=[(now + HOUR).isoformat(), ""])
        undo_import(session, desk.made.actor, closing, now=at + HOUR)
        session.expire_all()
        assert (case.state, case.closed_at, errand.withdrawn_at) == ("reported", None, at)
        assert desk.log(case) == ["import", "errand_ask", "errand_withdraw"]
        desk.ask(case)


def test_a_suspended_case_that_another_system_carries_on_is_put_off_with_its_errands(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        desk = Desk(session, now)
        desk.bring(now)
        case, _other = desk.cases()
        errand, due = desk.ask(case), case.due_at
        begins, ends = desk.suspend(case), now + 3 * DAY
        desk.bring(ends, state=["feedback", ""])
        assert (case.state, case.suspended_at) == ("feedback", None)
        assert case.due_at == due + (ends - begins)
        assert errand.due_at == now + DAY + (ends - begins)
        (row,) = queue_of(desk.view(desk.own, ends), now=ends)
        assert (row["due_at"], row["is_late"], row["paused"]) == (errand.due_at, False, False)
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_a_suspended_case_that_another_system_ends_owes_nothing_more(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        desk = Desk(session, now)
        desk.bring(now)
        case, _other = desk.cases()
        errand, due = desk.ask(case), case.due_at
        desk.suspend(case)
        ends = now + 3 * DAY
        desk.bring(ends, state=["closed", ""], closed_at=[ends.isoformat(), ""])
        assert (case.due_at, errand.withdrawn_at, errand.due_at) == (due, ends, ends + 21 * HOUR)
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_what_came_in_running_with_an_ended_case_is_taken_back_by_itself(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        desk = Desk(session, now)
        desk.bring(now)
        case, other = desk.cases()
        errand, goes_on = desk.ask(case), desk.ask(other)
        # As an older version left it: closed by a list, with nobody told.
        values = {"state": "void", "closed_at": now + HOUR}
        session.execute(update(Case).where(Case.id == case.id).values(values))
        session.expire_all()
        at = now + 2 * HOUR
        assert run_due(desk.view(None, at), now=at)["called_off"] == 1
        assert (errand.withdrawn_at, goes_on.withdrawn_at) == (at, None)
        assert desk.log(case)[-1] == "errand_withdraw"
        assert desk.told()[-1] == "errand_withdrawn"
        assert run_due(desk.view(None, at), now=at)["called_off"] == 0
