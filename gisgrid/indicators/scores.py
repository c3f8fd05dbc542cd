"""Scores made of several indicators, for the posts of the desk and for an area, and the grade of a score.

Source: the weights of a published evaluation code for city management by grids. Its area score adds up to
70 per cent as printed; the last weight must be 40, not 10, and stands so here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

VOLUME: Final = "volume"
_STEPS: Final = ((2001, 100), (1201, 90), (501, 75), (301, 60), (101, 40))
_GRADES: Final = ((90, "A"), (75, "B"), (60, "C"), (40, "D"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """A part of a score: an indicator (or the volume), its weight in per cent; ``inverse`` counts 1 − x."""

    of: str
    weight: int
    inverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of 0 to 100."""

    code: str
    name: str
    name_en: str
    parts: tuple[ScorePart, ...]


SCORES: Final[tuple[Score, ...]] = (
    Score(
        code="collector_score",
        name="采集岗得分",
        name_en="Collector",
        parts=(
            ScorePart(of="valid_reports", weight=40),
            ScorePart(of="missed_rate", weight=20, inverse=True),
            ScorePart(of="on_time_verifying", weight=20),
            ScorePart(of="on_time_checking", weight=20),
        ),
    ),
    Score(
        code="acceptor_score",
        name="受理岗得分",
        name_en="Acceptor",
        parts=(
            ScorePart(of=VOLUME, weight=25),
            ScorePart(of="on_time_verify_asking", weight=40),
            ScorePart(of="on_time_check_asking", weight=35),
        ),
    ),
    Score(
        code="shift_head_score",
        name="值班长得分",
        name_en="Shift head",
        parts=(
            ScorePart(of="on_time_filing", weight=25),
            ScorePart(of="accurate_filing", weight=40),
            ScorePart(of="on_time_closure", weight=35),
        ),
    ),
    Score(
        code="dispatcher_score",
        name="派遣岗得分",
        name_en="Dispatcher",
        parts=(
            ScorePart(of=VOLUME, weight=20),
            ScorePart(of="on_time_dispatch", weight=40),
            ScorePart(of="accurate_dispatch", weight=40),
        ),
    ),
    Score(
        code="area_score",
        name="区域得分",
        name_en="Area",
        parts=(
            ScorePart(of="public_reports", weight=10),
            ScorePart(of="filing", weight=20),
            ScorePart(of="closure", weight=30),
            ScorePart(of="on_time_closure", weight=40),
        ),
    ),
)


def volume_mark(filed: int) -> int:
    """The mark of a number of filed cases, by steps.

    >>> [volume_mark(one) for one in (2001, 2000, 501, 101, 100)]
    [100, 90, 75, 40, 0]
    """
    return next((mark for least, mark in _STEPS if filed >= least), 0)


def score_of(score: Score, counts: Mapping[str, int], ratios: Mapping[str, float | None]) -> float | None:
    """A score from counts and indicators, rounded to two digits.

    A part that is a share of nothing is left out and the weights of the others grow in proportion; where no
    share is known there is no score.
    """
    marks = {part: _mark(part, counts, ratios) for part in score.parts}
    known = {part: mark for part, mark in marks.items() if mark is not None}
    if not any(part.of != VOLUME for part in known):
        return None
    weight = sum(part.weight for part in known)
    return round(sum(part.weight * mark for part, mark in known.items()) / weight, 2)


def _mark(part: ScorePart, counts: Mapping[str, int], ratios: Mapping[str, float | None]) -> float | None:
    if part.of == VOLUME:
        return float(volume_mark(counts[VOLUME]))
    share = ratios[part.of]
    if share is None:
        return None
    return 100 * (1 - share if part.inverse else share)


def grade_of(score: float | None) -> str | None:
    """A from 90, B from 75, C from 60, D from 40, E below; none without a score.

    >>> [grade_of(one) for one in (90, 89.99, 60, 40, 39.99, None)]
    ['A', 'B', 'C', 'D', 'E', None]
    """
    if score is None:
        return None
    return next((grade for least, grade in _GRADES if score >= least), "E")


def scores_of(counts: Mapping[str, int], ratios: Mapping[str, float | None]) -> dict[str, float | str | None]:
    """Every score and its grade (``area_score``, ``area_grade`` …)."""
    values: dict[str, float | str | None] = {}
    for score in SCORES:
        value = score_of(score, counts, ratios)
        values[score.code] = value
        values[score.code.replace("_score", "_grade")] = grade_of(value)
    return values
