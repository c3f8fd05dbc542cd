from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.analysis.hotspots import (
    count_per_area,
    hotspots,
    previous_period,
    rate_per_100,
    sum_per_area,
)
from gisgrid.errors import InvalidInput


def test_areas_without_cases_count_zero_and_cases_outside_count_nowhere() -> None:
    assert count_per_area([0, 2, 2, -1], 4).tolist() == [1, 0, 2, 0]
    assert count_per_area([], 2).tolist() == [0, 0]


def test_an_index_beyond_the_last_area_is_refused() -> None:
    with pytest.raises(InvalidInput, match="beyond the last area"):
        count_per_area([4], 4)


@given(area=st.lists(st.integers(-1, 5)), seed=st.integers(0, 99))
def test_counts_agree_with_counting_and_not_with_the_order(area: list[int], seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(np.array(area, dtype=np.int64))
    assert count_per_area(shuffled, 6).tolist() == [area.count(index) for index in range(6)]


@given(rows=st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 9))))
def test_sums_agree_with_adding(rows: list[tuple[int, int]]) -> None:
    area, amount = [row[0] for row in rows], [row[1] for row in rows]
    expected = [sum(value for index, value in rows if index == one) for one in range(4)]
    assert sum_per_area(area, amount, 4).tolist() == expected


@pytest.mark.parametrize(
    ("count", "households", "rate"),
    [(5, 30, 100 * 5 / 30), (4, 30, None), (5, 29, None), (0, 0, None), (12, 480, 2.5)],
)
def test_rate_is_missing_below_30_households_or_5_cases(
    count: int, households: int, rate: float | None
) -> None:
    (value,) = rate_per_100([count], [households]).tolist()
    assert np.isnan(value) if rate is None else value == pytest.approx(rate)


def test_period_before_has_as_many_days_and_ends_the_day_before() -> None:
    assert previous_period(date(2026, 3, 1), date(2026, 3, 31)) == (date(2026, 1, 29), date(2026, 2, 28))
    assert previous_period(date(2026, 3, 1), date(2026, 3, 1)) == (date(2026, 2, 28), date(2026, 2, 28))
    with pytest.raises(InvalidInput, match="ends before"):
        previous_period(date(2026, 3, 2), date(2026, 3, 1))


def test_table_holds_all_areas_with_change_against_the_period_before() -> None:
    frame = hotspots([0] * 6 + [1] * 2, [100, 300, 0], previous_area=[0] * 2 + [1] * 5)
    assert frame["count"].tolist() == [6, 2, 0]
    assert frame["rate"].tolist()[0] == 6.0
    assert frame["rate"].isna().tolist() == [False, True, True]
    assert frame["previous"].tolist() == [2, 5, 0]
    assert frame["change"].tolist() == [4, -3, 0]


def test_table_without_comparison_has_no_change() -> None:
    frame = hotspots([0], [100])
    assert list(frame.columns) == ["count", "rate", "households", "previous", "change"]
    assert frame[["previous", "change"]].isna().all(axis=None)


def test_a_million_cases_are_all_counted() -> None:
    rng = np.random.default_rng(3)
    area, homes = rng.integers(0, 20_000, 1_000_000), rng.integers(1, 600, 20_000)
    assert hotspots(area, homes)["count"].sum() == 1_000_000
