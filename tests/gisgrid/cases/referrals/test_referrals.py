"""Cases entrusted to organisations: each sees its own queue alone, and takes its steps in order."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Account, AccountScope, AuditEntry, Role
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.points import case_points
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.referrals.queue import queue_of, step_errand
from gisgrid.cases.referrals.service import (
    Entrust,
    entrust,
    errands_of,
    organisations_for,
    pending_errands,
    withdraw,
)
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.cases.steps import open_steps, take
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.notices.inbox import list_notices
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ, World


def _report(session: Session, made: World, now: datetime, **changes: object) -> Case:
    values = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "垃圾"}
    command = ReportCase(**{**values, "contact": "199-0000-1111", **changes})  # type: ignore[arg-type]
    return report(session, made.actor, command, caches=made.caches, now=now, tz=TZ).case


def _organisation(session: Session, made: World, role: Role, *areas: str) -> Actor:
    actor = world.add_actor(session, made, role)
    ids = [made.areas[code] for code in areas] or [made.community]
    session.add_all(AccountScope(id=new_id(), account_id=actor.account_id, area_id=one) for one in ids)
    session.flush()
    return actor


def _asked(actor: Actor, **changes: object) -> Entrust:
    values = {"account": actor.account_id, "text": "请清运垃圾", "days": 3}
    return Entrust(**{**values, **changes})  # type: ignore[arg-type]


def test_an_organisation_takes_its_steps_in_order_and_the_log_tells_them(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        head, own = world.add_actor(session, made, Role.HEAD), _organisation(session, made, Role.PROPERTY)
        case = _report(session, made, now, description="王家 19900000000 说垃圾没人收")
        errand = entrust(made.view(session, head, now=now), case.id, _asked(own), now=now)
        view = made.view(session, own, now=now)
        with pytest.raises(Conflict):
            step_errand(view, errand, ErrandStep.START, now=now)
        with pytest.raises(Conflict):
            step_errand(view, errand, ErrandStep.WITHDRAW, now=now)
        step_errand(view, errand, ErrandStep.RECEIPT, now=now + timedelta(hours=1))
        step_errand(view, errand, ErrandStep.START, now=now + timedelta(hours=2))
        for wrong in (" ", "已打 19900000000"):
            with pytest.raises(InvalidInput):
                step_errand(view, errand, ErrandStep.FINISH, result=wrong, now=now)
        step_errand(view, errand, ErrandStep.FINISH, result="已清运", now=now + timedelta(hours=3))
        with pytest.raises(Conflict):
            step_errand(view, errand, ErrandStep.FINISH, result="again", now=now)
        (row,) = queue_of(view, now=now + timedelta(days=9))
        assert (row["result"], row["next"], row["is_late"]) == ("已清运", None, False)
        steps = session.scalars(select(CaseLog.action).order_by(CaseLog.at, CaseLog.id)).all()
        assert steps == ["report", "errand_ask", "errand_receipt", "errand_start", "errand_finish"]
        assert rebuilt(session, case.id) == case_snapshot(session, case)
        _case, told = errands_of(made.view(session, head, now=now), case.id, now=now)
        assert told[0]["result"] == "已清运"
        assert session.scalars(select(AuditEntry.action)).all().count("cases:errand_finish") == 1


def test_a_queue_holds_the_own_errands_and_nothing_of_who_reported(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        staff = world.add_actor(session, made, Role.STAFF, "G1")
        own, other = (_organisation(session, made, role) for role in (Role.PROPERTY, Role.ORG))
        case = _report(session, made, now, description="王家 19900000000 说垃圾没人收", source="hotline")
        _report(session, made, now)
        view = made.view(session, staff, now=now)
        errand = entrust(view, case.id, _asked(own, text="请清运", days=1), now=now)
        (row,) = queue_of(made.view(session, own, now=now), now=now + timedelta(days=2))
        assert row["is_late"]
        assert not {"description", "contact", "source", "case", "lon", "lat", "receipt"} & row.keys()
        assert "王家" not in str(row)
        assert queue_of(made.view(session, other, now=now), now=now) == []
        with pytest.raises(NotFound):
            step_errand(made.view(session, other, now=now), errand, ErrandStep.RECEIPT, now=now)
        for reach in (
            lambda seen: list_cases(seen, CaseSearch(), now=now),
            lambda seen: case_points(seen, CaseSearch(), now=now),
            lambda seen: case_card(seen, case.id, now=now),
            lambda seen: errands_of(seen, case.id, now=now),
            lambda seen: entrust(seen, case.id, _asked(own), now=now),
            lambda seen: close(seen, case.id, "done", now=now),
        ):
            with pytest.raises(NotAllowed):
                reach(made.view(session, own, now=now))
        with pytest.raises(NotAllowed):
            queue_of(view, now=now)
        withdraw(view, case.id, errand, now=now)
        assert queue_of(made.view(session, own, now=now), now=now) == []
        with pytest.raises(NotFound):
            withdraw(view, case.id, errand, now=now)


def test_what_is_entrusted_to_whom_is_checked(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        near, far = (_organisation(session, made, Role.PROPERTY, code) for code in ("G1", "G2"))
        resident = world.add_actor(session, made, Role.RESIDENT)
        case, secret = _report(session, made, now), _report(session, made, now, category="dispute")
        view = made.view(session, head, now=now)
        known = [one["account"] for one in organisations_for(view, case, now=now)]
        assert known == [near.account_id]
        for wrong in (
            _asked(far),
            _asked(resident),
            _asked(near, text=" "),
            _asked(near, text="找王家 19900000000"),
            _asked(near, days=400),
        ):
            with pytest.raises(InvalidInput):
                entrust(view, case.id, wrong, now=now)
        with pytest.raises(Conflict, match="confidential"):
            entrust(view, secret.id, _asked(near), now=now)
        entrust(view, case.id, _asked(near), now=now)
        with pytest.raises(Conflict, match="already"):
            entrust(view, case.id, _asked(near), now=now)
        done = _report(session, made, now)
        close(view, done.id, "已清理", now=now)
        with pytest.raises(Conflict, match="ended"):
            entrust(view, done.id, _asked(near), now=now)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        with pytest.raises(NotAllowed):
            entrust(made.view(session, member, now=now), case.id, _asked(near), now=now)


def test_what_becomes_confidential_leaves_the_queue(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head, own = world.add_actor(session, made, Role.HEAD), _organisation(session, made, Role.PROPERTY)
        case = _report(session, made, now)
        errand = entrust(made.view(session, head, now=now), case.id, _asked(own), now=now)
        view = made.view(session, own, now=now)
        assert len(queue_of(view, now=now)) == 1
        session.execute(update(Category).where(Category.code == "garbage").values(is_confidential=True))
        assert queue_of(view, now=now) == []
        with pytest.raises(NotFound):
            step_errand(view, errand, ErrandStep.RECEIPT, now=now)


def test_a_case_is_closed_once_nobody_outside_is_asked_any_more(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = world.add_actor(session, made, Role.HEAD)
        own, other = (_organisation(session, made, role) for role in (Role.PROPERTY, Role.ORG))
        case = _report(session, made, now)
        view, theirs = made.view(session, head, now=now), made.view(session, own, now=now)
        assert CaseAction.CLOSE in open_steps(view, case, now=now)
        errand = entrust(view, case.id, _asked(own), now=now)
        second = entrust(view, case.id, _asked(other), now=now)
        assert CaseAction.CLOSE not in open_steps(view, case, now=now)
        with pytest.raises(Conflict, match="has not finished"):
            close(view, case.id, "已清理", now=now)
        for step in (ErrandStep.RECEIPT, ErrandStep.START, ErrandStep.FINISH):
            step_errand(theirs, errand, step, result="已清运", now=now)
        with pytest.raises(Conflict, match="has not finished"):
            close(view, case.id, "已清理", now=now)
        withdraw(view, case.id, second, now=now)
        assert close(view, case.id, "已清理", now=now).state == "closed"


@pytest.mark.parametrize("action", [CaseAction.VOID, CaseAction.REJECT, CaseAction.DUPLICATE])
def test_what_turns_out_to_be_no_case_is_taken_back(
    database: Database, now: datetime, action: CaseAction
) -> None:
    with database.write() as session:
        made = world.found(session)
        head, own = world.add_actor(session, made, Role.HEAD), _organisation(session, made, Role.PROPERTY)
        first, case = _report(session, made, now), _report(session, made, now)
        view = made.view(session, head, now=now)
        entrust(view, case.id, _asked(own), now=now)
        take(view, case.id, action, StepInput(reason="误报", duplicate_of=first.number), now=now)
        assert queue_of(made.view(session, own, now=now), now=now) == []
        steps = session.scalars(
            select(CaseLog.action).where(CaseLog.case_id == case.id).order_by(CaseLog.at, CaseLog.id)
        ).all()
        assert steps == ["report", "errand_ask", action.value, "errand_withdraw"]
        assert rebuilt(session, case.id) == case_snapshot(session, case)


def test_an_organisation_returns_what_is_not_its_business(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head, own = world.add_actor(session, made, Role.HEAD), _organisation(session, made, Role.PROPERTY)
        case = _report(session, made, now)
        view, theirs = made.view(session, head, now=now), made.view(session, own, now=now)
        errand = entrust(view, case.id, _asked(own), now=now)
        with pytest.raises(InvalidInput):
            step_errand(theirs, errand, ErrandStep.RETURN, result=" ", now=now)
        step_errand(theirs, errand, ErrandStep.RETURN, result="不在我公司服务范围", now=now)
        (row,) = queue_of(theirs, now=now + timedelta(days=9))
        assert (row["result"], row["next"], row["is_late"]) == ("不在我公司服务范围", None, False)
        for step in (ErrandStep.RECEIPT, ErrandStep.RETURN):
            with pytest.raises(Conflict):
                step_errand(theirs, errand, step, result="x", now=now)
        entrust(view, case.id, _asked(own), now=now)  # it may be asked again, with other words


def _told(session: Session, actor: Actor, now: datetime) -> list[tuple[str, str | None]]:
    rows = list_notices(session, actor, now=now, tz=TZ)
    return [(row["kind"], row["leads_to"]) for row in reversed(rows) if row["kind"].startswith("errand")]


def test_both_sides_are_told_and_nobody_of_the_own_step(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        staff, head = (
            world.add_actor(session, made, Role.STAFF, "G1"),
            world.add_actor(session, made, Role.HEAD),
        )
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        own, other = (_organisation(session, made, role) for role in (Role.PROPERTY, Role.ORG))
        case = _report(session, made, now)
        take(made.view(session, member, now=now), case.id, CaseAction.START, now=now)
        view, theirs = made.view(session, staff, now=now), made.view(session, own, now=now)
        errand = entrust(view, case.id, _asked(own), now=now)
        later = [now + timedelta(hours=hours) for hours in range(1, 6)]
        step_errand(theirs, errand, ErrandStep.RECEIPT, now=later[0])
        step_errand(theirs, errand, ErrandStep.START, now=later[1])
        step_errand(theirs, errand, ErrandStep.FINISH, result="已清运", now=later[2])
        second = entrust(view, case.id, _asked(own), now=later[3])
        withdraw(view, case.id, second, now=later[4])
        assert _told(session, own, now) == [
            ("errand_asked", "queue"),
            ("errand_asked", "queue"),
            ("errand_withdrawn", "queue"),
        ]
        for owner in (staff, member):
            assert _told(session, owner, now) == [("errand_receipted", "case"), ("errand_finished", "case")]
        assert _told(session, other, now) == _told(session, head, now) == []
        row = list_notices(session, own, now=now, tz=TZ)[0]
        assert case.number in row["message"]
        assert row["case"] is None
        assert "垃圾" not in row["message"]


def test_where_nobody_is_left_who_asked_the_heads_are_told(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        staff, head = (
            world.add_actor(session, made, Role.STAFF, "G1"),
            world.add_actor(session, made, Role.HEAD, "C1"),
        )
        own = _organisation(session, made, Role.PROPERTY)
        case = _report(session, made, now)
        errand = entrust(made.view(session, staff, now=now), case.id, _asked(own), now=now)
        session.get_one(Account, staff.account_id).disabled_at = now
        step_errand(made.view(session, own, now=now), errand, ErrandStep.RETURN, result="不归我们管", now=now)
        assert _told(session, head, now) == [("errand_returned", "case")]
        assert _told(session, staff, now) == []


def test_a_notice_tells_no_category_that_became_confidential(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head, own = world.add_actor(session, made, Role.HEAD), _organisation(session, made, Role.PROPERTY)
        case = _report(session, made, now)
        entrust(made.view(session, head, now=now), case.id, _asked(own), now=now)
        assert "garbage" in list_notices(session, own, now=now, tz=TZ)[0]["message"]
        session.execute(update(Category).where(Category.code == "garbage").values(is_confidential=True))
        assert "garbage" not in list_notices(session, own, now=now, tz=TZ)[0]["message"]


def test_an_organisation_is_named_wherever_it_appears(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head, own = world.add_actor(session, made, Role.HEAD), _organisation(session, made, Role.PROPERTY)
        account = session.get_one(Account, own.account_id)
        case = _report(session, made, now)
        view = made.view(session, head, now=now)
        assert [one["name"] for one in organisations_for(view, case, now=now)] == [account.name]
        account.organisation = "示例安居物业"
        errand = entrust(view, case.id, _asked(own), now=now)
        step_errand(made.view(session, own, now=now), errand, ErrandStep.RECEIPT, now=now)
        assert [one["name"] for one in organisations_for(view, case, now=now)] == ["示例安居物业"]
        assert [one["organisation"] for one in errands_of(view, case.id, now=now)[1]] == ["示例安居物业"]
        assert [one["organisation"] for one in pending_errands(view, case.id, now=now)] == ["示例安居物业"]
        log = case_card(view, case.id, now=now)["log"]
        assert ("errand_receipt", "示例安居物业") in [(line["action"], line["who"]) for line in log]
        with pytest.raises(NotAllowed):
            pending_errands(made.view(session, own, now=now), case.id, now=now)
