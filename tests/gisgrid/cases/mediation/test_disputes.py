"""The pipeline of disputes on both databases: its way, what it refuses, and that its case goes along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, type_coerce, update
from sqlalchemy.exc import IntegrityError

from gisgrid.access.models import Account, AuditEntry
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot, log_of
from gisgrid.cases.core.workflow import CaseAction, Target, Who
from gisgrid.cases.disputes.models import Dispute, DisputeEntry
from gisgrid.cases.disputes.pipeline import PIPELINE, STEPS, DisputeStage, DisputeStep, allowed_steps
from gisgrid.cases.disputes.store import entries_of
from gisgrid.cases.mediation.service import open_dispute_steps
from gisgrid.cases.redaction import redact
from gisgrid.cases.steps import open_steps, take
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import ROOT
from tests.cases_by_log import rebuilt, rebuilt_dispute
from tests.gisgrid.cases.mediation.disputes import Quarrel
from tests.world import TZ


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Quarrel]:
    with database.write() as session:
        yield Quarrel(session, now)


def test_the_whole_way_from_the_clue_to_the_end(scene: Quarrel) -> None:
    case = scene.report()
    scene.do("member", case, "note", text="三楼漏水", people="王某与李某")
    scene.do("member", case, "sort", grade="complex")
    assert case.state == "accepted"
    scene.do("staff", case, "ask", mediator=scene.worker("mediator"))
    assert (case.state, case.handler_id) == ("dispatched", scene.worker("mediator"))
    scene.do("mediator", case, "meet", met_at=scene.now, place="居委会", people="双方", text="各说各的")
    assert case.state == "handling"
    scene.do("mediator", case, "agree", text="李某出一半修理费")
    assert (case.state, case.result) == ("feedback", "已达成调解协议 · agreed")
    snapshot, day = scene.snapshot(case), scene.now.astimezone(TZ).date()
    assert [(one - day).days for one in snapshot.planned] == [7, 30]
    scene.later(7)
    scene.do("member", case, "visit", channel="phone", holds=True)
    assert scene.snapshot(case).follow_up_on == day + timedelta(days=30)
    scene.do("mediator", case, "close")
    assert (case.state, case.feedback_channel, scene.snapshot(case).stage) == ("closed", "phone", "closed")
    assert rebuilt_dispute(scene.session, case.id) == scene.snapshot(case)
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    done = scene.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("disputes:%"))).all()
    assert len(done) == 7


@pytest.mark.parametrize(
    ("name", "state"), [("staff", "handling"), ("head", "handling"), ("other", "dispatched")]
)
def test_a_session_starts_the_case_for_its_mediator_whoever_notes_it(
    scene: Quarrel, name: str, state: str
) -> None:
    case = scene.report()
    scene.teach("other")
    scene.do("member", case, "sort", grade="complex")
    scene.do("staff", case, "ask", mediator=scene.worker("mediator"))
    take(
        scene.view("staff"),
        case.id,
        CaseAction.INVOLVE,
        StepInput(worker=scene.worker("other")),
        now=scene.now,
    )
    scene.do(name, case, "meet", met_at=scene.now, place="居委会", people="双方", text="各说各的")
    assert (case.state, case.handler_id) == (state, scene.worker("mediator"))
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    scene.do("mediator", case, "meet", met_at=scene.now, place="居委会", people="双方", text="又谈一次")
    assert (case.state, case.handler_id) == ("handling", scene.worker("mediator"))


def test_texts_are_sealed_and_nothing_of_them_is_in_the_case(scene: Quarrel) -> None:
    case = scene.settled()
    raw = [
        bytes(value)
        for column in (Dispute.parties, Dispute.agreement)
        for value in scene.session.scalars(select(type_coerce(column, LargeBinary())))
        if value
    ]
    for column in (DisputeEntry.text, DisputeEntry.people, DisputeEntry.place):
        found = scene.session.scalars(select(type_coerce(column, LargeBinary()))).all()
        raw += [bytes(value) for value in found if value]
    assert len(raw) == 7
    told = "王某与李某每晚十点后不放音乐居委会双方各说各的"
    assert not any(word.encode() in value for value in raw for word in (told[:2], "音乐", "居委", "双方"))
    texts = [case.description, case.result, *(line.text for line in log_of(scene.session, case.id))]
    assert not any("音乐" in (text or "") or "王某" in (text or "") for text in texts)
    assert scene.session.get_one(Dispute, case.id).agreement == "每晚十点后不放音乐"


@pytest.mark.parametrize("name", ["staff", "head", "member"])
def test_a_dispute_is_not_closed_as_a_case(scene: Quarrel, name: str) -> None:
    for case in (scene.report(), scene.mediated(), scene.settled()):
        with pytest.raises(Conflict, match="own page"):
            take(scene.view(name), case.id, CaseAction.CLOSE, StepInput(result="好了"), now=scene.now)
        given = StepInput(duplicate_of=scene.report().id)
        with pytest.raises(Conflict, match="merged"):
            take(scene.view(name), case.id, CaseAction.DUPLICATE, given, now=scene.now)
        offered = set(open_steps(scene.view(name), case, now=scene.now))
        assert not offered & {CaseAction.CLOSE, CaseAction.DUPLICATE}


def test_it_ends_only_after_a_settlement_and_a_follow_up(scene: Quarrel) -> None:
    case = scene.report()
    scene.do("member", case, "sort", grade="general")
    with pytest.raises(Conflict, match="stage"):
        scene.do("staff", case, "close")
    scene.do("staff", case, "ask", mediator=scene.worker("mediator"))
    with pytest.raises(Conflict, match="session"):
        scene.do("mediator", case, "agree", text="和好")
    scene.do("mediator", case, "fail", outcome="court", text="一方不来")
    with pytest.raises(Conflict, match="follow-up"):
        scene.do("mediator", case, "close")
    scene.do("member", case, "visit", channel="phone", holds=False)
    scene.do("staff", case, "close")
    assert (case.state, scene.snapshot(case).outcome) == ("closed", "court")


def test_a_broken_agreement_is_mediated_again(scene: Quarrel) -> None:
    case = scene.settled()
    scene.do("member", case, "visit", channel="on_spot", holds=False)
    with pytest.raises(Conflict, match="broken"):
        scene.do("staff", case, "close")
    scene.do("staff", case, "resume", text="又吵起来了")
    snapshot = scene.snapshot(case)
    assert (case.state, snapshot.stage, snapshot.sessions, snapshot.outcome) == (
        "handling",
        "mediating",
        0,
        None,
    )
    assert scene.session.get_one(Dispute, case.id).agreement is None
    kept = [row.text for row in entries_of(scene.session, case.id) if row.step == "agree"]
    assert kept == ["每晚十点后不放音乐"]


def test_a_closed_one_that_is_opened_again_is_mediated_again(scene: Quarrel) -> None:
    case = scene.settled()
    scene.do("member", case, "visit", channel="phone", holds=True)
    scene.do("staff", case, "close")
    take(scene.view("head"), case.id, CaseAction.REOPEN, StepInput(reason="又来了"), now=scene.now)
    assert scene.snapshot(case).stage == "mediating"
    scene.do("staff", case, "ask", mediator=scene.worker("mediator"))
    scene.do("mediator", case, "meet", met_at=scene.now, place="居委会", people="双方", text="再谈")
    scene.do("mediator", case, "agree", text="和好")
    scene.do("mediator", case, "visit", channel="phone", holds=True)
    scene.do("staff", case, "close")
    scene.do("staff", case, "resume", text="还是吵")
    assert (case.state, scene.snapshot(case).mediator_id) == ("accepted", None)
    assert rebuilt_dispute(scene.session, case.id) == scene.snapshot(case)


def test_clues_are_merged_and_nothing_is_lost(scene: Quarrel) -> None:
    first, second, elsewhere = scene.report(), scene.report(0.6), scene.report(2.5, by="other")
    scene.do("member", second, "note", text="听见摔东西", people="王某")
    with pytest.raises(InvalidInput, match="no such dispute"):
        scene.do("member", second, "merge", into=elsewhere.id)
    with pytest.raises(InvalidInput, match="itself"):
        scene.do("member", second, "merge", into=second.id)
    scene.do("member", second, "merge", into=first.number)
    assert (second.state, second.duplicate_of_id, scene.snapshot(second).stage) == (
        "void",
        first.id,
        "merged",
    )
    assert [row.text for row in entries_of(scene.session, second.id)] == ["听见摔东西", None]
    with pytest.raises(InvalidInput, match="merged"):
        scene.do("member", first, "merge", into=second.id)
    with pytest.raises(Conflict):
        scene.do("member", second, "note", text="还有")


def test_what_a_refused_case_step_leaves_is_nothing(scene: Quarrel) -> None:
    case = scene.mediated()
    take(
        scene.view("staff"),
        case.id,
        CaseAction.INVOLVE,
        StepInput(worker=scene.worker("other")),
        now=scene.now,
    )
    scene.do("mediator", case, "agree", text="和好")
    scene.do("member", case, "visit", channel="phone", holds=True)
    with pytest.raises(Conflict, match="signed off"):
        scene.do("staff", case, "close")
    assert scene.snapshot(case).stage == "follow_up"
    assert rebuilt_dispute(scene.session, case.id) == scene.snapshot(case)


@pytest.mark.parametrize("name", ["leader", "grid_leader", "resident"])
def test_others_can_do_nothing(scene: Quarrel, name: str) -> None:
    case = scene.report(by="resident")
    with pytest.raises(NotAllowed):
        scene.do(name, case, "note", text="我说")


def test_members_of_other_grids_see_none_and_the_mediator_only_the_own(scene: Quarrel) -> None:
    asked, unasked = scene.mediated(), scene.report()
    plain = scene.report(category="garbage")
    for name, case in (("other", asked), ("mediator", unasked), ("staff", plain)):
        with pytest.raises(NotFound):
            scene.do(name, case, "note", text="我说")
    scene.do("mediator", asked, "note", text="双方愿意谈")


def test_every_fault_is_told_at_once(scene: Quarrel) -> None:
    case = scene.mediated()
    with pytest.raises(InvalidInput) as caught:
        scene.do("mediator", case, "meet", met_at=scene.now + timedelta(days=1), people="双方")
    assert {fault.field for fault in caught.value.faults} == {"met_at", "place", "text"}
    scene.do("mediator", case, "agree", text="和好")
    with pytest.raises(InvalidInput) as caught:
        scene.do("member", case, "visit", channel="pigeon")
    assert {fault.field for fault in caught.value.faults} == {"channel", "holds"}


def test_who_cannot_sign_in_is_not_asked(scene: Quarrel) -> None:
    case = scene.report()
    scene.do("member", case, "sort", grade="general")
    for name in ("other", "leader"):
        with pytest.raises(InvalidInput, match="can't be asked"):
            scene.do("staff", case, "ask", mediator=scene.worker(name))
    own = Account.worker_id == scene.worker("mediator")
    scene.session.execute(update(Account).where(own).values(password_hash=None))
    with pytest.raises(InvalidInput, match="can't be asked"):
        scene.do("staff", case, "ask", mediator=scene.worker("mediator"))


def test_what_is_offered_is_what_is_allowed(scene: Quarrel) -> None:
    case = scene.settled()
    assert open_dispute_steps(scene.view("staff"), case) == ("note", "visit", "resume")
    assert open_dispute_steps(scene.view("mediator"), case) == ("note", "visit")
    assert set(STEPS) == {(stage, line.step) for line in PIPELINE for stage in line.sources}
    assert not allowed_steps(DisputeStage.MERGED, list(Who))
    assert len({(stage, line.step) for line in PIPELINE for stage in line.sources}) == sum(
        len(line.sources) for line in PIPELINE
    )
    assert {line.step for line in PIPELINE} == set(DisputeStep)


@pytest.mark.parametrize("stage", ["closed", "follow_up", "merged"])
def test_the_database_refuses_an_end_without_outcome_and_follow_up(scene: Quarrel, stage: str) -> None:
    scene.session.add(Dispute(case_id=scene.report().id, stage=stage))
    with pytest.raises(IntegrityError):
        scene.session.flush()
    scene.session.rollback()


def test_what_is_sealed_can_be_taken_out_for_good(scene: Quarrel, tmp_path: Path) -> None:
    case, other = scene.settled(), scene.mediated()
    scene.do("member", other, "note", text="另一件")
    redact(scene.view("head"), case.id, ["notes"], erasures=tmp_path / "erasures.jsonl", now=scene.now)
    kept = scene.session.get_one(Dispute, case.id)
    assert (kept.parties, kept.agreement, kept.stage) == (None, None, "follow_up")
    assert not any(row.text or row.people or row.place for row in entries_of(scene.session, case.id))
    assert entries_of(scene.session, other.id)[-1].text == "另一件"
    assert rebuilt_dispute(scene.session, case.id) == scene.snapshot(case)


def test_the_document_tells_the_pipeline_as_it_is() -> None:
    text = (ROOT / "docs" / "disputes.md").read_text(encoding="utf-8")
    for line in PIPELINE:
        target = "stays" if line.target is Target.SAME else line.target.value
        who = ", ".join(sorted(line.who))
        row = f"| `{line.step}` | {', '.join(line.sources)} | {target} | {who} | "
        assert row in text, row
