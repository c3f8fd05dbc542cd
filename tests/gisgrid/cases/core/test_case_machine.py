"""Whatever people do with a case, in any order: it stands in a legal state, owned, and its log tells all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from gisgrid.access.actors import Actor
from gisgrid.access.models import AccountScope, Role
from gisgrid.areas.view import View
from gisgrid.cases.claim_pool import assign_unclaimed
from gisgrid.cases.core.case_state import GIVEN_CHANNELS
from gisgrid.cases.core.models import Case, CaseErrand, CaseLog
from gisgrid.cases.core.owners import ownerless
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import ENDED_STATES, OPEN_STATES, CaseAction, CaseState
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.referrals.queue import step_errand
from gisgrid.cases.referrals.service import Entrust, entrust, withdraw
from gisgrid.cases.referrals.store import STEPS, ErrandStep, is_running
from gisgrid.cases.steps import open_steps, take
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.world import LAT, LON, STEP, TZ, World

REFUSALS = (Conflict, InvalidInput, NotAllowed, NotFound)
WHO = ("head", "staff", "member", "second", "other", "leader", "resident", "local")
TEXTS = st.sampled_from(["", "  ", "因故", "已处理"])
MAYBE = st.booleans()
SEEDS = st.integers(0, 2**32 - 1)


class Place:
    """A community with people of every role, made once; each sequence is taken back."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now
        with database.write() as session:
            self.made: World = world.found(session)
            self.actors: dict[str, Actor] = {
                "head": world.add_actor(session, self.made, Role.HEAD, "C1"),
                "staff": world.add_actor(session, self.made, Role.STAFF, "G1"),
                "member": world.add_actor(session, self.made, Role.MEMBER, "G1"),
                "second": world.add_actor(session, self.made, Role.MEMBER, "G1", primary=False),
                "other": world.add_actor(session, self.made, Role.MEMBER, "G2"),
                "leader": world.add_actor(session, self.made, Role.LEADER),
                "resident": world.add_actor(session, self.made, Role.RESIDENT),
                "local": self.made.actor,
            }
            self.company = world.add_actor(session, self.made, Role.PROPERTY)
            session.add(AccountScope(account_id=self.company.account_id, area_id=self.made.community))

    def worker(self, name: str) -> str:
        return self.actors[name].worker_id or "nobody"


def machine(place: Place) -> type[RuleBasedStateMachine]:
    """The machine of one database."""

    class Working(_Working):
        at = place

    return Working


class _Working(RuleBasedStateMachine):
    """People of all roles at work with the cases of a community."""

    at: ClassVar[Place]
    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.session = self.open.enter_context(self.at.database.write())
        self.now = self.at.now
        self.cases: list[str] = []
        self.opened = self.at.made.view(self.session, now=self.now)
        self.checked = -1

    def teardown(self) -> None:
        self.session.rollback()
        self.open.close()
        self.counts["sequences"] += 1

    def view(self, name: str) -> View:
        """Opened once: the division stays what it is."""
        return replace(self.opened, actor=self.at.actors[name])

    @initialize(grid=st.sampled_from([0.5, 3.5]), coordination=MAYBE)
    def report_one(self, grid: float, *, coordination: bool) -> None:
        self.another(grid, coordination=coordination, severity=None)

    @rule(
        grid=st.sampled_from([0.5, 3.5, -9]),
        coordination=MAYBE,
        severity=st.sampled_from(["small", "emergency"]),
    )
    def another(self, grid: float, *, coordination: bool, severity: Any) -> None:
        if len(self.cases) == 2:
            return
        command = ReportCase(
            lon=LON + grid * STEP,
            lat=LAT + 0.5 * STEP,
            category="garbage",
            description="垃圾",
            severity=severity,
            needs_coordination=coordination,
        )
        made, actor = self.at.made, self.at.actors["resident"]
        kept = report(self.session, actor, command, caches=made.caches, now=self.now, tz=TZ)
        self.cases.append(kept.case.id)

    @rule(
        pick=st.integers(0, 9),
        name=st.sampled_from(WHO),
        action=st.sampled_from([action for action in CaseAction if action is not CaseAction.ASSIGN]),
        data=st.data(),
    )
    def anything(self, pick: int, name: str, action: CaseAction, data: st.DataObject) -> None:
        self.do(name, action, data.draw(self.given()), self.cases[pick % len(self.cases)])

    @rule(seed=SEEDS)
    def people_work(self, seed: int) -> None:
        """A few steps that are offered to somebody, mostly with what they need."""
        rng = random.Random(seed)
        for _ in range(4):
            case = self.case(rng.choice(self.cases))
            name = rng.choice(WHO)
            offered = open_steps(self.view(name), case, now=self.now)
            if offered:
                self.do(name, rng.choice(offered), self.fitting(rng, case), case.id)
                self.every_case_is_sound()

    @rule(seed=SEEDS)
    def people_work_on(self, seed: int) -> None:
        self.people_work(seed)

    @rule(pick=st.integers(0, 9), name=st.sampled_from(["head", "staff", "member"]))
    def entrust_one(self, pick: int, name: str) -> None:
        asked = Entrust(account=self.at.company.account_id or "", text="请清运", days=3)
        case_id = self.cases[pick % len(self.cases)]
        self.errand("asked", case_id, lambda: entrust(self.view(name), case_id, asked, now=self.now))

    @rule(pick=st.integers(0, 9), step=st.sampled_from([*STEPS, ErrandStep.WITHDRAW]))
    def go_on_with_an_errand(self, pick: int, step: ErrandStep) -> None:
        found = self.session.scalars(select(CaseErrand).order_by(CaseErrand.id)).all()
        if not found:
            return
        one = found[pick % len(found)]
        company = replace(self.opened, actor=self.at.company)
        if step is ErrandStep.WITHDRAW:
            take_back = partial(withdraw, self.view("head"), one.case_id, one.id, now=self.now)
            self.errand("taken back", one.case_id, take_back)
        else:
            go_on = partial(step_errand, company, one.id, step, result="已办", now=self.now)
            self.errand(f"stepped {step}", one.case_id, go_on)

    @rule(pick=st.integers(0, 9), far=st.integers(1, 3))
    def an_organisation_works(self, pick: int, far: int) -> None:
        """It takes the steps of an errand in their order."""
        found = self.session.scalars(select(CaseErrand).where(is_running()).order_by(CaseErrand.id)).all()
        if not found:
            return
        one = found[pick % len(found)]
        company = replace(self.opened, actor=self.at.company)
        for step in (ErrandStep.RECEIPT, ErrandStep.START, ErrandStep.FINISH)[:far]:
            go_on = partial(step_errand, company, one.id, step, result="已办", now=self.now)
            self.errand(f"stepped {step}", one.case_id, go_on)

    def errand(self, name: str, case_id: str, do: Callable[[], object]) -> None:
        """Nothing that happens to an errand changes how its case stands; it leaves one line."""
        before, lines = case_snapshot(self.session, self.case(case_id)), self.lines()
        try:
            do()
        except REFUSALS:
            assert self.lines() == lines
        else:
            self.counts[f"errand {name}"] += 1
            assert self.lines() == lines + 1
        assert case_snapshot(self.session, self.case(case_id)) == before

    def running(self, case_id: str) -> int:
        mine = (CaseErrand.case_id == case_id, is_running())
        return self.session.scalar(select(func.count()).select_from(CaseErrand).where(*mine)) or 0

    def fitting(self, rng: random.Random, case: Case) -> StepInput:
        """What steps need; now and then something of it is missing."""
        latest = max(self.now, case.due_at or self.now)
        others = [one for one in self.cases if one != case.id]
        workers = [self.at.worker(name) for name in ("member", "second", "other", "staff")]
        helping = [one.worker_id for one in case_snapshot(self.session, case).co_handlers]
        return StepInput(
            reason="因故" if rng.random() < 0.9 else "",
            result="已处理" if rng.random() < 0.9 else "",
            feedback=rng.choice([None, "phone", "anonymous"]),
            handler=rng.choice([None, *workers]),
            worker=rng.choice([*helping, *workers]),
            due=latest + timedelta(hours=rng.choice([-1, 5])),
            duplicate_of=rng.choice([*others, None]),
            speed=rng.randint(1, 5),
            effect=rng.randint(1, 5),
            kind=rng.choice(["leader", "important", "timeout"]),
        )

    @rule(hours=st.sampled_from([0, 0.1, 1, 3, 30, 400]))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def nobody_claims(self) -> None:
        self.counts["assigned"] += assign_unclaimed(self.view("local"), now=self.now)

    def given(self) -> st.SearchStrategy[StepInput]:
        workers = st.sampled_from([None, *(self.at.worker(name) for name in WHO)])
        return st.builds(
            StepInput,
            reason=TEXTS,
            result=TEXTS,
            feedback=st.sampled_from([None, "pigeon", *GIVEN_CHANNELS]),
            feedback_at=st.sampled_from([None, self.now, self.now + timedelta(days=1)]),
            handler=workers,
            worker=workers,
            due=st.sampled_from([None, self.now, self.now + timedelta(days=60)]),
            duplicate_of=st.sampled_from([None, "20200101-0001", *self.cases]),
            speed=st.integers(0, 5),
            effect=st.integers(1, 5),
            kind=st.sampled_from([None, "leader"]),
        )

    def case(self, case_id: str) -> Case:
        return self.session.scalars(select(Case).where(Case.id == case_id)).one()

    def lines(self) -> int:
        return self.session.scalar(select(func.count()).select_from(CaseLog)) or 0

    def do(self, name: str, action: CaseAction, given: StepInput, case_id: str) -> None:
        before, lines = case_snapshot(self.session, self.case(case_id)), self.lines()
        running = self.running(case_id)
        try:
            take(self.view(name), case_id, action, given, now=self.now)
        except REFUSALS as refusal:
            self.counts[f"refused {type(refusal).__name__}"] += 1
            assert case_snapshot(self.session, self.case(case_id)) == before
            assert self.lines() == lines
        else:
            self.counts["taken"] += 1
            self.counts[f"taken {action}"] += 1
            assert self.lines() == lines + 1 + running - self.running(case_id)

    @invariant()
    def every_case_is_sound(self) -> None:
        lines = self.lines()
        if lines == self.checked:
            return
        self.checked = lines
        self.session.expire_all()
        for case_id in self.cases:
            case = self.case(case_id)
            state = CaseState(case.state)
            assert state in OPEN_STATES + ENDED_STATES
            assert (case.closed_at is not None) == (state in ENDED_STATES)
            assert state in OPEN_STATES or not self.running(case_id)
            if state in (CaseState.CLOSED, CaseState.RATED):
                assert case.result
                assert (case.feedback_channel is None) == (case.feedback_at is None)
            assert rebuilt(self.session, case_id) == case_snapshot(self.session, case)
        assert ownerless(self.view("local"), now=self.now) == []


def proof(count: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if count < 1000 else (Phase.generate,),
        derandomize=count >= 1000,
    )


def test_any_work_of_anybody_leaves_sound_cases(database: Database, now: datetime) -> None:
    found = machine(Place(database, now))
    run_state_machine_as_test(found, settings=proof(12))  # type: ignore[no-untyped-call]


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_5000_sequences_on_each_database(
    database: Database, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    found = machine(Place(database, now))
    _Working.counts.clear()
    run_state_machine_as_test(found, settings=proof(5000))  # type: ignore[no-untyped-call]
    for name, count in sorted(_Working.counts.items()):
        record_property(name, count)
    assert _Working.counts["sequences"] >= 5000
    assert all(_Working.counts[f"errand stepped {step}"] for step in STEPS)
    assert all(_Working.counts[f"taken {action}"] for action in CaseAction if action is not CaseAction.ASSIGN)
