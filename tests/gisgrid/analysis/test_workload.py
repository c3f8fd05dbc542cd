from __future__ import annotations

import pandas as pd
import pytest

from gisgrid.analysis.workload import NormClass, NormPolicy, gravest, load, norm_class, territories
from gisgrid.errors import InvalidInput


def grids(*rows: tuple[str, str | None, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["grid", "member", "households"])
    return frame.assign(elders=frame["households"] // 5, open_cases=2)


@pytest.mark.parametrize(
    ("households", "expected"),
    [(0, "low"), (299, "low"), (300, "ok"), (500, "ok"), (501, "high"), (600, "high"), (601, "over")],
)
def test_norm_classes_have_their_bounds(households: int, expected: str) -> None:
    assert norm_class(households) is NormClass(expected)


def test_the_norm_is_a_setting_and_its_bounds_rise() -> None:
    assert norm_class(200, NormPolicy(ok_from=100, ok_to=150, high_to=250)) is NormClass.HIGH
    for wrong in ({"ok_from": 0}, {"ok_to": 200}, {"high_to": 400}, {"per_member": 0}):
        with pytest.raises(InvalidInput, match="have to rise"):
            NormPolicy(**wrong)


def test_load_is_households_by_600() -> None:
    assert load([0, 480, 600, 900]).tolist() == [0.0, 0.8, 1.0, 1.5]


def test_the_gravest_class_stands_for_all() -> None:
    assert gravest([NormClass.OK, NormClass.LOW, NormClass.OVER]) is NormClass.OVER
    assert gravest([NormClass.OK, NormClass.LOW]) is NormClass.LOW
    with pytest.raises(InvalidInput, match="no grid"):
        gravest([])


def test_members_have_one_row_with_all_their_grids() -> None:
    result = territories(grids(("g1", "zhang", 400), ("g2", "li", 480), ("g3", "zhang", 700)))
    assert result["member"].tolist() == ["zhang", "li"]
    assert result["grids"].tolist() == [["g1", "g3"], ["g2"]]
    assert result["households"].tolist() == [1100, 480]
    assert result["elders"].tolist() == [220, 96]
    assert result["open_cases"].tolist() == [4, 2]
    assert result["load"].tolist() == [pytest.approx(1100 / 600), 0.8]
    assert result["norm_class"].tolist() == ["over", "ok"]


def test_grids_without_a_member_are_rows_of_their_own() -> None:
    result = territories(grids(("g1", None, 400), ("g2", "li", 480), ("g3", None, 200)))
    assert result["member"].tolist() == [None, "li", None]
    assert result["grids"].tolist() == [["g1"], ["g2"], ["g3"]]


def test_all_grids_without_a_member_and_no_grid_at_all_make_a_table() -> None:
    assert territories(grids(("g1", None, 400)))["member"].tolist() == [None]
    assert territories(grids()).empty
    assert "load" in territories(grids()).columns


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(InvalidInput, match=r"elders.*open_cases"):
        territories(pd.DataFrame({"grid": [], "member": [], "households": []}))
