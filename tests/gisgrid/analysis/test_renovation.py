from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gisgrid.analysis.renovation import WEIGHTS, renovation
from gisgrid.errors import InvalidInput


def building(**changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "compound": "c1",
        "built_year": 1995,
        "condition": "B",
        "floors": 6,
        "has_lift": False,
        "households": 24,
        "elders": 6,
        "cases": 2,
    }
    return {**usual, **changes}


def table(*rows: dict[str, object]) -> pd.DataFrame:
    return renovation(pd.DataFrame([building(**row) for row in rows]))


def test_a_compound_is_summed_up_over_its_buildings() -> None:
    result = table(
        {"built_year": 1988, "condition": "C"},
        {"built_year": 2003, "has_lift": True, "households": 36, "elders": 2, "cases": 4},
        {"built_year": None, "condition": None, "has_lift": None},
    )
    row = result.loc["c1"]
    assert row[["buildings", "built_from", "built_to"]].tolist() == [3, 1988, 2003]
    assert row[["grade", "grade_share"]].tolist() == ["C", 0.5]
    assert row[["grade_a", "grade_b", "grade_c", "grade_d"]].tolist() == [0, 1, 1, 0]
    assert row[["households", "elders", "cases"]].tolist() == [84, 14, 8]
    assert row["lift_share"] == 0.5
    assert row["rate"] == pytest.approx(800 / 84)
    # condition (0.6 + 0.2) / 2, age (24 + 36 / 2) / 60, lift 1/2, elders 14/84/2, cases 9.52 / 20
    assert row["score"] == round(40 * 0.4 + 25 * 0.7 + 15 * 0.5 + 10 * 14 / 168 + 10 * 800 / 84 / 20)


def test_the_most_urgent_compound_comes_first_and_bounds_are_0_and_100() -> None:
    good = {
        "compound": "new",
        "built_year": 2015,
        "condition": "A",
        "has_lift": True,
        "elders": 0,
        "cases": 0,
    }
    bad = {"compound": "old", "built_year": 1980, "condition": "D", "elders": 48, "cases": 24}
    result = table(good, bad)
    assert result.index.tolist() == ["old", "new"]
    assert result["score"].tolist() == [100.0, 0.0]
    assert sum(WEIGHTS.values()) == 100


def test_unknown_parts_are_left_out_and_too_little_known_gives_no_score() -> None:
    unknown_lift = table({"has_lift": None, "built_year": 2010, "condition": "D", "elders": 0, "cases": 0})
    assert unknown_lift["score"].tolist() == [round(100 * 40 / 85)]
    assert np.isnan(unknown_lift["lift_share"].iloc[0])
    nothing = table({"has_lift": None, "built_year": None, "condition": None})
    assert np.isnan(nothing["score"].iloc[0])
    assert nothing["grade"].tolist() == [None]
    assert np.isnan(nothing["grade_share"].iloc[0])
    assert nothing["built_from"].isna().all()


def test_low_houses_need_no_lift() -> None:
    low = table({"floors": 3, "built_year": 2010, "condition": "A", "elders": 0, "cases": 0})
    assert low["score"].tolist() == [0.0]


def test_buildings_without_a_compound_are_left_out_and_no_building_makes_an_empty_table() -> None:
    result = table({"compound": None}, {})
    assert result.index.tolist() == ["c1"]
    empty = renovation(pd.DataFrame([building()]).iloc[:0])
    assert empty.empty
    assert {"score", "grade", "rate"} <= set(empty.columns)


def test_the_order_of_the_buildings_changes_nothing() -> None:
    rng = np.random.default_rng(7)
    rows = [
        building(
            compound=f"c{n % 4}",
            built_year=int(rng.integers(1970, 2020)),
            condition="ABCD"[int(rng.integers(4))],
        )
        for n in range(40)
    ]
    frame = pd.DataFrame(rows)
    expected = renovation(frame)
    pd.testing.assert_frame_equal(renovation(frame.sample(frac=1, random_state=1)), expected)


def test_faults_are_named() -> None:
    with pytest.raises(InvalidInput, match="one of A, B, C, D"):
        table({"condition": "E"})
    with pytest.raises(InvalidInput, match=r"built_year.*cases"):
        renovation(pd.DataFrame({"compound": ["c1"]}))
