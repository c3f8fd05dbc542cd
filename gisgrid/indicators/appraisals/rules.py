"""A member's score of a month: parts from the logs, the outside mark, what an appeal added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from gisgrid.days import Period, check_day, day_of, period
from gisgrid.errors import InvalidInput
from gisgrid.indicators.formulas import BY_CODE, Ratio, ratios_of
from gisgrid.indicators.scores import Score, ScorePart, grade_of, score_of

EXTERNAL_SHARE: Final = 50
"""How much the outside mark weighs where a community has set nothing, in per cent: logs weigh no more."""
FEWEST_CASES: Final = 10
"""Of fewer cases in a month the logs give no score: it would tell of chance."""

MEMBER_SCORE: Final = Score(
    code="member_score",
    name="日志得分",
    name_en="Score from the logs",
    parts=(
        ScorePart(of="closure", weight=20),
        ScorePart(of="on_time_handling", weight=30),
        ScorePart(of="in_grid", weight=15),
        ScorePart(of="rework", weight=15, inverse=True),
        ScorePart(of="satisfaction", weight=20),
    ),
)
"""The weights are this application's own; a part that is a share of nothing is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    """A part of the score from the logs with the two numbers it is made of."""

    code: str
    weight: int
    inverse: bool
    ratio: Ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """A score with all its parts; ``share`` is how much ``external`` weighs, in per cent."""

    parts: Sequence[ShownPart]
    internal: float | None
    external: float | None
    share: int
    adjusted: int
    score: float | None

    @property
    def grade(self) -> str | None:
        """A to E, as for all scores."""
        return grade_of(self.score)


def appraised(
    counts: Mapping[str, int], *, marks: Sequence[float], share: int, adjusted: int = 0
) -> Appraisal:
    """The score of a month: logs and the mean of outside marks by weight, then what an appeal added.

    Logs of fewer than ``FEWEST_CASES`` cases give no score. Where one of the two is not there the other one
    stands alone; where both are missing there is no score. It never leaves 0 to 100.
    """
    parts = [
        ShownPart(code=part.of, weight=part.weight, inverse=part.inverse, ratio=BY_CODE[part.of].of(counts))
        for part in MEMBER_SCORE.parts
    ]
    cases = max(part.ratio.denominator for part in parts)
    internal = score_of(MEMBER_SCORE, counts, ratios_of(counts)) if cases >= FEWEST_CASES else None
    external = round(sum(marks) / len(marks), 2) if marks else None
    together = _together(internal, external, share)
    score = None if together is None else round(min(100.0, max(0.0, together + adjusted)), 2)
    return Appraisal(
        parts=parts, internal=internal, external=external, share=share, adjusted=adjusted, score=score
    )


def _together(internal: float | None, external: float | None, share: int) -> float | None:
    if internal is None or external is None:
        return external if internal is None else internal
    return (internal * (100 - share) + external * share) / 100


def month_of(text: str) -> date:
    """The first day of a month given as 2026-11.

    Raises
    ------
    InvalidInput
        It is none, or lies not between 1900 and 2199.
    """
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise InvalidInput("a month looks like 2026-11", field="month") from None
    check_day(month, "month")
    return month


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def span_of(month: date, tz: tzinfo) -> Period:
    """The days of a month."""
    last = date.fromordinal(following(month).toordinal() - 1)
    return period(month, last, today=last, tz=tz)


def is_over(month: date, *, now: datetime, tz: tzinfo) -> bool:
    """Whether a month has passed."""
    return following(month) <= day_of(now, tz)
