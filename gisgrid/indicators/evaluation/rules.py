"""The published method of drawing, and the comparison of the office's own account with the third party's."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from gisgrid.errors import Fault, InvalidInput, say

MOST: Final = 500
"""How many cases a sample has at most."""
LONGEST_NOTE: Final = 500
SCORES: Final = range(1, 6)
SEEDS: Final = 2**31
"""A seed is a whole number below this."""


class CheckResult(StrEnum):
    """Whether what was reported is settled, as seen on site."""

    SOLVED = "solved"
    PARTLY = "partly"
    NOT = "not"


def drawn(ids: Iterable[str], size: int, *, seed: int) -> list[str]:
    """A simple random sample in the order of its places: ``random.Random(seed).sample(sorted(ids), size)``.

    With fewer ids than asked for it holds all of them.
    """
    ordered = sorted(ids)
    return random.Random(seed).sample(ordered, min(size, len(ordered)))  # noqa: S311 - published, not secret


def check_sample(first: date, last: date, size: int, *, today: date) -> None:
    """Refuse days that aren't over yet and sizes out of range.

    Raises
    ------
    InvalidInput
        One of them.
    """
    faults = []
    if last < first:
        faults.append(Fault(message="the period ends before it begins", field="last_day"))
    elif last >= today:
        faults.append(Fault(message="a sample is drawn of days that are over", field="last_day"))
    if not 1 <= size <= MOST:
        faults.append(Fault(message=say("a sample has 1 to {most} cases", most=MOST), field="size"))
    if faults:
        raise InvalidInput(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case of a sample as both sides see it: in time and rated (1 to 5) here, result and score there."""

    in_time: bool | None
    rating: int | None
    result: str | None
    score: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Means and shares over the cases of a sample that are still shown, each with what it is made of.

    A mean or share of nothing is None. ``difference``: score less rating, over the ``both`` that have both.
    """

    cases: int
    in_time: int
    timed: int
    in_time_share: float | None
    rated: int
    rating_mean: float | None
    checked: int
    solved: int
    partly: int
    solved_share: float | None
    score_mean: float | None
    both: int
    difference: float | None


def compared(cases: Sequence[Judged]) -> Comparison:
    """The office's own account of some cases beside the third party's."""
    timed = [case.in_time for case in cases if case.in_time is not None]
    ratings = [case.rating for case in cases if case.rating is not None]
    results = [case.result for case in cases if case.result is not None]
    scores = [case.score for case in cases if case.score is not None]
    gaps = [case.score - case.rating for case in cases if case.score is not None and case.rating is not None]
    solved = results.count(CheckResult.SOLVED)
    return Comparison(
        cases=len(cases),
        in_time=sum(timed),
        timed=len(timed),
        in_time_share=_mean(timed),
        rated=len(ratings),
        rating_mean=_mean(ratings),
        checked=len(results),
        solved=solved,
        partly=results.count(CheckResult.PARTLY),
        solved_share=solved / len(results) if results else None,
        score_mean=_mean(scores),
        both=len(gaps),
        difference=_mean(gaps),
    )


def _mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None
