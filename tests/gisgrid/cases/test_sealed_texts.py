"""No word of what people write about a case lies in the clear in the database, whatever way it came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from data.importers.run import ImportWatch
from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import Actor
from gisgrid.access.erasures import Erased, note_erased
from gisgrid.access.keys.blind_index import MARK
from gisgrid.access.models import AccountScope, ImportChange, Role
from gisgrid.cases.category_settings import CategoryFields, change_category
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, CaseErrand, CaseLog, IdempotencyKey
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake import service
from gisgrid.cases.intake.group_messages import Pasted, keep_pasted
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.export import case_list
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.public.release import publish_text, publishable
from gisgrid.cases.redaction import redact
from gisgrid.cases.referrals.queue import step_errand
from gisgrid.cases.referrals.service import Entrust, entrust, errands_of
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.cases.steps import take
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.imports.undo import undo_import
from gisgrid.indicators.evaluation.models import EvaluationCase
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.importing import Desk
from tests.lying import found_lying
from tests.world import LAT, LON, STEP, TZ, World

SAID = "zaunstreit"
WORDS = [SAID, "争执的原话"]
TEXT = f"{SAID} 争执的原话"


def said(way: str) -> str:
    """A text that only one way writes, long enough to need several pages of the database when repeated."""
    return f"{TEXT} {way}"


def reported(
    session: Session, made: World, now: datetime, *, category: str = "dispute", way: str = "report"
) -> Case:
    command = ReportCase(
        lon=LON + 0.5 * STEP,
        lat=LAT + 0.5 * STEP,
        category=category,
        description=said(way),
        contact=f"{SAID} 199",
    )
    return report(session, made.actor, command, caches=made.caches, now=now, tz=TZ).case


class Course:
    """A case with its steps, each with a text of its own, a minute after the other."""

    def __init__(self, session: Session, made: World, case: Case, now: datetime) -> None:
        self.session, self.made, self.case, self.now = session, made, case, now

    def take(self, action: CaseAction, actor: Actor | None = None, **given: object) -> None:
        self.now += timedelta(minutes=1)
        view = self.made.view(self.session, actor, now=self.now)
        take(view, self.case.id, action, StepInput(**given), now=self.now)  # type: ignore[arg-type]


def test_every_step_leaves_its_text_sealed_and_the_log_still_tells_it(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        first, other = reported(session, made, now), reported(session, made, now, way="other")
        course = Course(session, made, first, now)
        course.take(CaseAction.ACCEPT, reason=said("accept"))
        course.take(CaseAction.FILE, reason=said("file"))
        course.take(CaseAction.DISPATCH, handler=member.worker_id, reason=said("dispatch"))
        course.take(CaseAction.SUPERVISE, kind="important", reason=said("supervise"))
        course.take(CaseAction.RECEIPT, member, reason=said("receipt"))
        course.take(CaseAction.START, member, reason=said("start"))
        course.take(CaseAction.SUSPEND, reason=said("suspend"))
        course.take(CaseAction.RESUME, reason=said("resume"))
        course.take(CaseAction.FINISH, member, result=said("finish"))
        course.take(CaseAction.CLOSE, result=said("close"), feedback="phone")
        course.take(CaseAction.REOPEN, reason=said("reopen"))
        double = Course(session, made, other, now)
        double.take(CaseAction.DUPLICATE, duplicate_of=first.number, reason=said("duplicate"))
        card = case_card(made.view(session, now=course.now), first.id, now=course.now)
        texts = {line["text"] for line in card["log"]} - {None}
        assert len(texts) > 9
        assert card["description"] == said("report")
        assert all(text.startswith(TEXT) for text in texts)
        assert rebuilt(session, first.id) == case_snapshot(session, first)
    assert found_lying(database, WORDS) == []


def test_pasted_imported_and_changed_by_a_file_and_taken_back(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    desk = Desk(database, tmp_path, now)
    order = {
        "工单编号": "SQ1",
        "受理时间": "2026-11-23 09:15:00",
        "诉求内容": said("order"),
        "诉求地址": "示例省示例市示例区幸福街道柳岸新村2号楼1单元301室",
        "联系电话": "19900000000",
        "问题分类": "dispute",
        "工单状态": "办理中",
    }
    assert desk.bring("cases", order, watch=ImportWatch(is_dry=True)).counts["new"] == 1
    assert found_lying(database, WORDS) == []
    desk.bring("cases", order)
    second = desk.bring("cases", {**order, "诉求内容": said("second order")})
    assert second.counts["updated"] == 1
    assert desk.bring("cases", {**order, "诉求内容": said("second order")}).counts["unchanged"] == 1
    with database.write() as session:
        assert session.scalars(select(Case.description)).all() == [said("second order")]
        former = session.scalars(select(ImportChange.before).where(ImportChange.before.is_not(None))).one()
        assert said("order") in (former or "")
        undo_import(session, desk.world.actor, second.counts["import"], now=now + timedelta(hours=1))
    with database.write() as session:
        assert session.scalars(select(Case.description)).all() == [said("order")]
        pasted = Pasted(category="dispute", description=said("pasted"), address="柳岸新村2幢", contact=SAID)
        view = desk.world.view(session, now=now)
        keep_pasted(view, pasted, caches=desk.world.caches, key="k", now=now, tz=TZ)
    assert found_lying(database, WORDS) == []


def test_a_category_becomes_confidential_and_plain_again(database: Database, now: datetime) -> None:
    """What was published, entrusted and noted before rests sealed after, and is read as before."""
    with database.write() as session:
        made = world.found(session)
        own = world.add_actor(session, made, Role.PROPERTY)
        session.add(AccountScope(id=new_id(), account_id=own.account_id, area_id=made.community))
        admin = world.add_actor(session, made, Role.ADMIN)
        case = reported(session, made, now, category="garbage")
        view = made.view(session, now=now)
        take(view, case.id, CaseAction.ACCEPT, StepInput(reason=said("accept")), now=now)
        publish_text(view, case.id, said("public"), now=now)
        errand = entrust(view, case.id, Entrust(account=own.account_id, text=said("errand"), days=3), now=now)
        for step in (ErrandStep.RECEIPT, ErrandStep.START):
            step_errand(made.view(session, own, now=now), errand, step, now=now)
        done = {"result": said("cleared"), "now": now}
        step_errand(made.view(session, own, now=now), errand, ErrandStep.FINISH, **done)  # type: ignore[arg-type]
        plain = case_card(view, case.id, now=now)
    assert found_lying(database, WORDS) == []
    for secret in (True, False):
        with database.write() as session:
            fields = CategoryFields(name="garbage", group="g", is_confidential=secret)
            change_category(session, admin, "garbage", fields, now=now)
        with database.write() as session:
            view = made.view(session, now=now)
            card = case_card(view, case.id, now=now)
            assert (card["description"], card["confidential"]) == (plain["description"], secret)
            assert [line["text"] for line in card["log"]] == [line["text"] for line in plain["log"]]
            assert errands_of(view, case.id, now=now)[1][0]["result"] == said("cleared")
            listed, _total = list_cases(view, CaseSearch(), now=now)
            assert [row["confidential"] for row in listed] == [secret]
            if not secret:
                assert publishable(view, case.id).public == said("public")
        assert found_lying(database, WORDS) == []


def test_what_is_taken_out_is_taken_out_once_and_by_every_restore(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    erasures = tmp_path / "erasures.jsonl"
    with database.write() as session:
        made = world.found(session)
        ensure_local_account(session, now=now)
        case, kept = reported(session, made, now), reported(session, made, now, way="kept")
        course = Course(session, made, case, now)
        course.take(CaseAction.ACCEPT, reason=said("accept"))
        view = made.view(session, now=course.now)
        redact(view, case.id, ["description", "notes"], erasures=erasures, now=course.now)
        assert session.get_one(Case, case.fid).description == REDACTED
        assert session.scalars(select(CaseLog.text).where(CaseLog.text.is_not(None))).all() == [REDACTED]
    with database.write() as session:
        assert replay_erasures(session, erasures, tz=TZ) == 0
        note_erased(
            erasures, [Erased(table="case_file", id=kept.id, at=now, columns=("case_file.description",))]
        )
        assert replay_erasures(session, erasures, tz=TZ) == 1
        assert set(session.scalars(select(Case.description))) == {REDACTED}
    assert found_lying(database, WORDS) == []


def test_a_repeated_report_is_known_by_a_keyed_digest_or_one_of_before(
    database: Database, now: datetime
) -> None:
    """Of a plain digest somebody could guess the text."""
    command = ReportCase(lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="dispute", description=TEXT)
    repeat = Repeatable(key="k", client="phone")
    with database.write() as session:
        made = world.found(session)

        def again(command: ReportCase = command) -> str:
            return report(
                session, made.actor, command, caches=made.caches, now=now, tz=TZ, repeat=repeat
            ).case.id

        first = again()
        row = session.scalars(select(IdempotencyKey)).one()
        assert row.request_digest.startswith(f"{MARK}1:")
        assert again() == first
        with pytest.raises(Conflict):
            again(replace(command, description="something else"))
        row.request_digest = service._digest(command)
        session.flush()
        assert again() == first
        with pytest.raises(Conflict):
            again(replace(command, description="something else"))


def test_texts_are_never_asked_for_in_sql() -> None:
    for column in (Case.description, Case.result, CaseLog.text, CaseErrand.text, EvaluationCase.note):
        with pytest.raises(InvalidInput):
            column.contains("x")


def test_a_list_takes_as_many_statements_for_many_as_for_few(database: Database, now: datetime) -> None:
    asked: list[Callable[[Session, World], object]] = [
        lambda session, made: list_cases(made.view(session, now=now), CaseSearch(), now=now),
        lambda session, made: list(case_list(made.view(session, now=now), period=None, now=now)),
    ]
    counts: list[list[int]] = []
    with database.write() as session:
        made = world.found(session)
        for more in (2, 30):
            for number in range(more):
                reported(session, made, now, way=str(number))
            session.flush()
            counts.append([statements(session, lambda ask=ask: ask(session, made)) for ask in asked])  # type: ignore[misc]
        assert session.scalar(select(func.count()).select_from(Case)) == 32
    assert counts[0] == counts[1]


def statements(session: Session, ask: Callable[[], object]) -> int:
    """How many statements something takes, once it was asked for before."""
    ask()
    told: list[str] = []

    def note(*said: object) -> None:
        told.append(str(said[2]))

    event.listen(session.connection(), "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(session.connection(), "before_cursor_execute", note)
    return len(told)
