"""The demo's sample of the month before: drawn by the published method, and half checked by the evaluator.

The service writes what was found. The sample is inserted, since the service draws a seed of its own.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from data.demo.history.clock import zone
from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from data.demo.tables import read_records
from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case, Category
from gisgrid.days import day_of, period
from gisgrid.indicators.evaluation.models import EvaluationCase, EvaluationSample
from gisgrid.indicators.evaluation.rules import SEEDS, CheckResult, drawn
from gisgrid.indicators.evaluation.service import SiteFinding, check, closed_in
from gisgrid.storage.base import new_id

_SIZE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingHabit:
    """How often a result is found on site, with which scores, and in which words, if any."""

    result: CheckResult
    weight: float
    scores: tuple[int, int]
    notes: tuple[str, ...]


def load_evaluations(loading: Loading, demo: DemoCommunity) -> None:
    """A sample drawn by the head some days after the month, its first half checked since."""
    first = reversed(demo.accounts)  # of several with a role the first one counts
    accounts = {account.role: loading.ids["account"][account.name] for account in first}
    if not {Role.HEAD, Role.EVALUATOR} <= accounts.keys():
        return
    today = day_of(loading.now, zone())
    last = today.replace(day=1) - timedelta(days=1)
    days = period(last.replace(day=1), last, today=today, tz=zone())
    statement = select(Case.id).join(Category, Category.code == Case.category_code)
    ids = loading.session.scalars(statement.where(closed_in(loading.community_id, days))).all()
    if not ids:
        return
    rng = random.Random(f"{demo.seed}/{demo.index}/evaluations")
    sample = EvaluationSample(
        id=new_id(),
        community_id=loading.community_id,
        first_day=days.first,
        last_day=days.last,
        size=_SIZE,
        population=len(ids),
        seed=rng.randrange(SEEDS),
        drawn_at=days.end + (loading.now - days.end) * 0.1,
        drawn_by=accounts[Role.HEAD],
    )
    loading.session.add(sample)
    loading.session.flush()
    rows = [
        {"id": new_id(), "sample_id": sample.id, "place": place, "case_id": case_id}
        for place, case_id in enumerate(drawn(ids, _SIZE, seed=sample.seed), start=1)
    ]
    loading.add(EvaluationCase, rows)
    _check(loading, sample, len(rows) // 2, evaluator=accounts[Role.EVALUATOR], rng=rng)


def _check(
    loading: Loading, sample: EvaluationSample, count: int, *, evaluator: str, rng: random.Random
) -> None:
    """The evaluator writes down what was found at the first cases of the sample."""
    for place in range(1, count + 1):
        at = sample.drawn_at + (loading.now - sample.drawn_at) * (place / (count + 1))
        at = at.replace(microsecond=0)
        check(loading.view_as(evaluator, at), sample.id, place, _finding(rng), now=at)


def _finding(rng: random.Random) -> SiteFinding:
    habits = read_records(FindingHabit, "demo/load/evaluation_findings")
    habit = rng.choices(habits, [row.weight for row in habits])[0]
    score = rng.randint(*habit.scores)
    return SiteFinding(result=habit.result, score=score, note=rng.choice(habit.notes))
