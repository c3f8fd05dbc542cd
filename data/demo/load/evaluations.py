"""The demo's sample of the month before: drawn by the published method, and half checked by the evaluator."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

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
from gisgrid.indicators.evaluation.service import closed_in
from gisgrid.storage.base import new_id

_SIZE: Final = 20
_NOTHING: Final = {"result": None, "score": None, "note": None, "checked_at": None, "checked_by": None}


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
    accounts = {one.role: loading.ids["account"][one.name] for one in first}
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
    sample = {
        "id": new_id(),
        "community_id": loading.community_id,
        "first_day": days.first,
        "last_day": days.last,
        "size": _SIZE,
        "population": len(ids),
        "seed": rng.randrange(SEEDS),
        "drawn_at": days.end + (loading.now - days.end) * 0.1,
        "drawn_by": accounts[Role.HEAD],
    }
    loading.add(EvaluationSample, [sample])
    loading.add(EvaluationCase, _rows(loading, sample, ids, rng, evaluator=accounts[Role.EVALUATOR]))


def _rows(
    loading: Loading, sample: dict[str, Any], ids: Sequence[str], rng: random.Random, *, evaluator: str
) -> list[dict[str, Any]]:
    places = drawn(ids, _SIZE, seed=sample["seed"])
    half = len(places) // 2
    span = loading.now - sample["drawn_at"]
    rows = []
    for place, case_id in enumerate(places, start=1):
        row = {"id": new_id(), "sample_id": sample["id"], "place": place, "case_id": case_id, **_NOTHING}
        if place <= half:
            at = sample["drawn_at"] + span * (place / (half + 1))
            row |= _finding(rng) | {"checked_at": at.replace(microsecond=0), "checked_by": evaluator}
        rows.append(row)
    return rows


def _finding(rng: random.Random) -> dict[str, Any]:
    habits = read_records(FindingHabit, "demo/load/evaluation_findings")
    habit = rng.choices(habits, [one.weight for one in habits])[0]
    score = rng.randint(*habit.scores)
    return {"result": habit.result.value, "score": score, "note": rng.choice(habit.notes) or None}
