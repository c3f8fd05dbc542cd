"""A community in which things happen to cases at random, for figures to be counted over."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import open_steps, take
from gisgrid.days import Period
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.indicators.groups import By, members
from gisgrid.indicators.queries import IndicatorRequest, counted, counted_within
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

HOUR = timedelta(hours=1)
LIKELY = {
    CaseAction.VERIFY: 9,
    CaseAction.CHECK: 9,
    CaseAction.REWORK: 9,
    CaseAction.START: 6,
    CaseAction.FINISH: 9,
    CaseAction.FILE: 6,
    CaseAction.DISPATCH: 4,
}
"""How likely a step is beside the others, so that all of the desk is seen."""
TURNS = {
    CaseAction.EXTEND: 6,
    CaseAction.SUSPEND: 6,
    CaseAction.RESUME: 12,
    CaseAction.CLOSE: 9,
    CaseAction.REOPEN: 30,
}
"""The same, so that deadlines move and ends don't last."""
REFUSALS = (Conflict, InvalidInput, NotAllowed)


class Town:
    """A community with people of every kind, in which things happen at random."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.made: World = world.found(session)
        self.people = {
            "head": world.add_actor(session, self.made, Role.HEAD),
            "one": world.add_actor(session, self.made, Role.MEMBER, "G1"),
            "two": world.add_actor(session, self.made, Role.MEMBER, "G2"),
            "leader": world.add_actor(session, self.made, Role.LEADER),
            "resident": world.add_actor(session, self.made, Role.RESIDENT),
        }
        for code, line in (("garbage", "L1"), ("dispute", None)):
            category = session.get(Category, code)
            assert category is not None
            category.line_code, category.line_name = line, line and "城管"

    def live(self, seed: int, cases: int = 12, *, turns: bool = False) -> None:
        """Report cases and work at them. ``turns``: so that deadlines move, and ends don't last."""
        rng = random.Random(seed)
        for _ in range(cases):
            at = self.now + rng.choice([0, 30, 100, 150, 160]) * HOUR
            by = rng.choice(["head", "one", "leader", "resident"])
            told = ReportCase(
                lon=LON + rng.choice([0.5, 2.5, 3.5, -9]) * STEP,
                lat=LAT + rng.choice([0.5, 2.5]) * STEP,
                category=rng.choice(["garbage", "garbage", "dispute"]),
                description="x",
                source=rng.choice(["web", "patrol", "hotline"]),
                needs_coordination=rng.random() < 0.2,
            )
            kept = report(
                self.session,
                self.people["one" if told.source != "web" and by != "head" else by],
                told,
                caches=self.made.caches,
                now=at,
                tz=TZ,
            )
            self.work(kept.case.id, at, rng, turns=turns)

    def work(self, case_id: str, at: datetime, rng: random.Random, *, turns: bool) -> None:
        """What the head does with it, and at its end its reporter."""
        likely = TURNS if turns else LIKELY
        for _ in range(rng.randint(0, 9)):
            at += rng.choice([0, 0.5, 2, 3, 22, 24, 26]) * HOUR
            case = self.session.scalars(select(Case).where(Case.id == case_id)).one()
            view = self.made.view(self.session, self.people["head"], now=at)
            steps = open_steps(view, case, now=at)
            if case.state == "closed" and rng.random() < (0.1 if turns else 0.9):
                case.rating_speed, case.rating_result, case.rated_at = (
                    rng.choice([2, 4, 5, 5]),
                    rng.choice([3, 4, 5, 5]),
                    at,
                )
                case.state = "rated"
                return
            if not steps:
                continue
            asked = StepInput(
                reason="x",
                result="x",
                feedback="phone",
                handler=self.people[rng.choice(["one", "two"])].worker_id,
                due=at + 70 * HOUR,
                kind="important",
                worker=self.people["two"].worker_id,
            )
            try:
                with self.session.begin_nested():
                    step = rng.choices(steps, [likely.get(one, 1) for one in steps])[0]
                    take(view, case_id, step, asked, now=at)
            except REFUSALS:
                continue

    def ask(
        self, by: By, span: Period, now: datetime, name: str = "head", **more: object
    ) -> dict[str, dict[str, int]]:
        view = self.made.view(self.session, self.people[name], now=now)
        return self.counted(view, by, span, now, **more)

    def ask_by_member(self, span: Period, now: datetime) -> dict[str, dict[str, int]]:
        """By who answers for a case, as appraisals count."""
        view = self.made.view(self.session, self.people["head"], now=now)
        return counted_within(view, span, members(view), visible_cases(view), now=now)

    def counted(
        self, view: View, by: By, span: Period, now: datetime, **more: object
    ) -> dict[str, dict[str, int]]:
        return counted(view, IndicatorRequest(period=span, by=by, **more), now=now)  # type: ignore[arg-type]
