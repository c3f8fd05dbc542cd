"""The table of formulas: published figures, shares of nothing, composite scores and grades."""

from __future__ import annotations

import pytest

from gisgrid.indicators.formulas import BY_CODE, COUNTS, INDICATORS, Ratio, ratios_of
from gisgrid.indicators.scores import SCORES, VOLUME, scores_of

NONE = dict.fromkeys(COUNTS, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "told"),
    [
        (911, 972, "93.72%"),
        (737, 972, "75.82%"),
        (902, 956, "94.35%"),
        (9, 16, "56.25%"),
        (5912, 6026, "98.11%"),
    ],
)
def test_published_figures_come_out(numerator: int, denominator: int, told: str) -> None:
    assert str(BY_CODE["closure"].of({"closed": numerator, "due": denominator})) == told


def test_a_share_of_nothing_has_no_value() -> None:
    assert str(Ratio(numerator=0, denominator=0)) == "—"
    assert set(ratios_of(NONE).values()) == {None}
    assert set(scores_of(NONE, ratios_of(NONE)).values()) == {None}


def test_every_indicator_says_what_it_is_in_both_languages() -> None:
    assert len(BY_CODE) == len(INDICATORS)
    assert not {*BY_CODE} & {*COUNTS}
    for one in INDICATORS:
        assert all((one.name, one.name_en, one.definition, one.definition_en, one.source))
        assert "÷" in one.definition
    assert (
        len({one.name for one in INDICATORS}) == len({one.name_en for one in INDICATORS}) == len(INDICATORS)
    )


def test_weights_of_a_score_are_a_whole_and_name_indicators() -> None:
    for score in SCORES:
        assert sum(part.weight for part in score.parts) == 100
        assert {part.of for part in score.parts} <= {*BY_CODE, VOLUME}


def test_scores_by_hand() -> None:
    counts = {
        **NONE,
        "reported": 10,
        "reported_valid": 9,
        "filed": 8,
        "missed": 2,
        "verify_due": 4,
        "verified_on_time": 3,
        "check_due": 5,
        "checked_on_time": 5,
    }
    found = scores_of(counts, ratios_of(counts))
    assert found["collector_score"] == pytest.approx(0.4 * 90 + 0.2 * 75 + 0.2 * 75 + 0.2 * 100)
    assert found["collector_grade"] == "B"
    busy = {**NONE, "volume": 501, "dispatch_due": 4, "dispatched_on_time": 4, "dispatched": 4}
    # 75 at 20 %, 100 at 40 %, 0 at 40 %
    assert scores_of(busy, ratios_of(busy))["dispatcher_score"] == 55
    # Nobody was asked to check: the weights of the two other parts grow from 65 to 100.
    some = {**NONE, "volume": 2001, "verify_asked": 2, "verify_asked_on_time": 1}
    assert scores_of(some, ratios_of(some))["acceptor_score"] == round((25 * 100 + 40 * 50) / 65, 2)
