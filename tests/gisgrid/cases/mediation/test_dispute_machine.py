"""Whatever people of any role do with disputes and their cases: stages stay legal, the log tells all."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction, CaseState
from gisgrid.cases.disputes.models import Dispute, DisputeEntry
from gisgrid.cases.disputes.pipeline import (
    STEPS,
    DisputeSnapshot,
    DisputeStage,
    DisputeStep,
    MediationOutcome,
)
from gisgrid.cases.disputes.store import entries_of
from gisgrid.cases.mediation.service import DisputeStepInput, open_dispute_steps, take_dispute
from gisgrid.cases.steps import open_steps, take
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests.cases_by_log import rebuilt, rebuilt_dispute
from tests.gisgrid.cases.mediation.disputes import Quarrel

REFUSALS = (Conflict, InvalidInput, NotAllowed, NotFound)
WHO = ("head", "staff", "member", "other", "mediator", "leader", "grid_leader", "resident")
STRANGERS = frozenset({"leader", "grid_leader", "resident"})
SEEDS = st.integers(0, 2**32 - 1)
ENDS = {DisputeStage.CLOSED: (CaseState.CLOSED, CaseState.RATED), DisputeStage.MERGED: (CaseState.VOID,)}

WAY = (DisputeStep.SORT, DisputeStep.ASK, DisputeStep.MEET, DisputeStep.AGREE, DisputeStep.VISIT)
LAST = (DisputeStep.CLOSE, DisputeStep.RESUME)


class _Disputing(RuleBasedStateMachine):
    """Two clues, at one address, and everybody at work with them."""

    database: ClassVar[Database]
    start: ClassVar[datetime]
    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.session = self.open.enter_context(self.database.write())
        self.scene = Quarrel(self.session, self.start)
        self.scene.teach("other")
        self.opened = self.scene.view("head")
        self.cases: list[str] = []

    def teardown(self) -> None:
        self.session.rollback()
        self.open.close()
        self.counts["sequences"] += 1

    def view(self, name: str) -> View:
        return replace(self.opened, actor=self.scene.actors[name])

    @initialize()
    def clues(self) -> None:
        self.cases = [self.scene.report().id, self.scene.report(0.6, by="resident").id]

    @rule(pick=st.integers(0, 1), name=st.sampled_from(WHO), step=st.sampled_from(DisputeStep), seed=SEEDS)
    def anything(self, pick: int, name: str, step: DisputeStep, seed: int) -> None:
        self.do(name, self.cases[pick], step, self.given(random.Random(seed), self.cases[pick]))

    @rule(seed=SEEDS)
    def people_work(self, seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(6):
            case, name = self.case(rng.choice(self.cases)), rng.choice(WHO)
            offered = open_dispute_steps(self.view(name), case)
            if offered:
                self.do(name, case.id, rng.choice(offered), self.given(rng, case.id))

    @rule(seed=SEEDS)
    def the_case_is_worked_on_too(self, seed: int) -> None:
        rng = random.Random(seed)
        case, name = self.case(rng.choice(self.cases)), rng.choice(WHO)
        offered = open_steps(self.view(name), case, now=self.scene.now)
        actions = [*offered, rng.choice(list(CaseAction))]
        given = StepInput(
            reason="因故",
            result="已处理",
            feedback="phone",
            worker=self.scene.worker(rng.choice(WHO)),
            duplicate_of=rng.choice(self.cases),
            due=self.scene.now + timedelta(days=60),
            speed=1,
            effect=1,
            kind="leader",
        )
        try:
            with self.session.begin_nested():
                take(self.view(name), case.id, rng.choice(actions), given, now=self.scene.now)
        except REFUSALS:
            self.session.expire_all()
        else:
            self.counts["case steps"] += 1

    @rule(pick=st.integers(0, 1), far=st.integers(1, len(WAY) + 1), last=st.sampled_from(LAST))
    def a_dispute_is_led_on(self, pick: int, far: int, last: DisputeStep) -> None:
        """The head takes the steps in their order, with all they need."""
        case_id, view = self.cases[pick], self.view("head")
        for step in (*WAY, last)[:far]:
            if step in open_dispute_steps(view, self.case(case_id)):
                self.do("head", case_id, step, self.whole())

    def whole(self) -> DisputeStepInput:
        """All that any step needs."""
        return DisputeStepInput(
            text="说定了",
            place="居委会",
            people="双方",
            grade="general",
            mediator=self.scene.worker("mediator"),
            met_at=self.scene.now,
            outcome=MediationOutcome.AGREED,
            channel="phone",
            holds=True,
        )

    @rule(days=st.sampled_from([0, 1, 8, 40]))
    def time_passes(self, days: int) -> None:
        self.scene.later(days)

    def given(self, rng: random.Random, case_id: str) -> DisputeStepInput:
        """What steps need; now and then something of it is missing or foreign."""
        others = [one for one in self.cases if one != case_id]
        return DisputeStepInput(
            text=rng.choice(["说定了", "说定了", ""]),
            place="居委会",
            people=rng.choice(["双方", "双方", " "]),
            grade=rng.choice(["general", "complex", "major", "huge"]),
            into=rng.choice([*others, case_id, "20200101-0001"]),
            mediator=rng.choice([self.scene.worker("mediator"), self.scene.worker("other"), "nobody", None]),
            met_at=rng.choice([self.scene.now, self.scene.now, None]),
            outcome=rng.choice([*MediationOutcome, "peace"]),
            channel=rng.choice(["phone", "on_spot", None]),
            holds=rng.choice([True, True, False, None]),
        )

    def case(self, case_id: str) -> Case:
        return self.session.scalars(select(Case).where(Case.id == case_id)).one()

    def snapshot(self, case_id: str) -> DisputeSnapshot:
        return self.scene.snapshot(self.case(case_id))

    def lines(self) -> int:
        return self.session.scalar(select(func.count()).select_from(DisputeEntry)) or 0

    def do(self, name: str, case_id: str, step: DisputeStep, given: DisputeStepInput) -> None:
        before, lines = self.snapshot(case_id), self.lines()
        case_before = case_snapshot(self.session, self.case(case_id))
        try:
            take_dispute(self.view(name), case_id, step, given, now=self.scene.now)
        except REFUSALS as refusal:
            self.counts[f"refused {type(refusal).__name__}"] += 1
            self.session.expire_all()
            assert self.snapshot(case_id) == before
            assert self.lines() == lines
            assert case_snapshot(self.session, self.case(case_id)) == case_before
        else:
            self.counts[f"taken {step}"] += 1
            assert name not in STRANGERS
            assert (before.stage, step) in STEPS
            assert self.lines() == lines + 1

    @invariant()
    def every_dispute_is_sound(self) -> None:
        for case_id in self.cases:
            case, snapshot = self.case(case_id), self.snapshot(case_id)
            assert rebuilt_dispute(self.session, case_id) == snapshot
            assert rebuilt(self.session, case_id) == case_snapshot(self.session, case)
            if snapshot.stage in ENDS:
                assert case.state in ENDS[snapshot.stage]
            if case.state in (CaseState.CLOSED, CaseState.RATED):
                assert snapshot.stage is DisputeStage.CLOSED
                assert snapshot.outcome
                assert snapshot.follow_ups
            stages = [row.to_stage for row in entries_of(self.session, case_id)]
            before = ["clue", *stages[:-1]]
            assert [row.from_stage for row in entries_of(self.session, case_id)] == before[: len(stages)]
            row = self.session.get(Dispute, case_id)
            assert row is None or row.follow_up_on == snapshot.follow_up_on
            for name in STRANGERS:
                assert not open_dispute_steps(self.view(name), case)


def machine(at: Database, now: datetime) -> type[RuleBasedStateMachine]:
    """The machine of one database."""

    class Working(_Disputing):
        database, start = at, now

    return Working


def run(found: type[RuleBasedStateMachine], count: int) -> None:
    many = count >= 300
    chosen: dict[str, Any] = {"derandomize": True, "phases": (Phase.generate,)} if many else {}
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        found,
        settings=settings(
            max_examples=count,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **chosen,
        ),
    )


def test_any_pipeline_of_anybody_leaves_sound_disputes(database: Database, now: datetime) -> None:
    run(machine(database, now), 12)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_300_pipelines_on_each_database(database: Database, now: datetime) -> None:
    _Disputing.counts.clear()
    run(machine(database, now), 300)
    assert all(_Disputing.counts[f"taken {step}"] for step in DisputeStep), _Disputing.counts
