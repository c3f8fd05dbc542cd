from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gisgrid.analysis.disclosure import Related, suppress_levels
from gisgrid.errors import InvalidInput

CHAIN = {"elders": "residents", "elders_80": "elders", "reached": "elders"}
COLUMNS = ("residents", "elders", "elders_80", "reached")


def level(rows: dict[str, tuple[str | None, int]]) -> pd.DataFrame:
    table = [(code, parent, elders) for code, (parent, elders) in rows.items()]
    return pd.DataFrame(table, columns=["code", "parent", "elders"])


def shown(frame: pd.DataFrame) -> dict[str, int | None]:
    values = [None if pd.isna(value) else int(value) for value in frame["elders"]]
    return dict(zip(frame["code"], values, strict=True))


def test_a_hidden_area_does_not_come_back_from_the_areas_below_it() -> None:
    subs = level({"a": (None, 3), "b": (None, 40), "c": (None, 90)})
    top = level({"top": (None, 133)})
    subs["parent"] = "top"
    grids = level({"a1": ("a", 3), "b1": ("b", 12), "b2": ("b", 28), "c1": ("c", 45), "c2": ("c", 45)})
    result = suppress_levels([top, subs, grids], ["elders"])
    assert shown(result[0]) == {"top": 133}
    assert shown(result[1]) == {"a": None, "b": None, "c": 90}
    assert shown(result[2]) == {"a1": None, "b1": None, "b2": None, "c1": 45, "c2": 45}
    assert result[2]["suppressed"].tolist() == [["elders"]] * 3 + [[], []]


def test_an_area_is_hidden_where_its_parts_do_not_suffice() -> None:
    subs = level({"a": ("top", 8), "b": ("top", 40)})
    grids = level({"a1": ("a", 4), "a2": ("a", 4), "b1": ("b", 20), "b2": ("b", 20)})
    result = suppress_levels([level({"top": (None, 48)}), subs, grids], ["elders"])
    assert shown(result[1]) == {"a": None, "b": None}
    assert shown(result[2]) == {"a1": None, "a2": None, "b1": None, "b2": None}


def test_a_parent_that_is_nowhere_above_is_refused() -> None:
    with pytest.raises(InvalidInput, match="in no level above"):
        suppress_levels([level({"top": (None, 9)}), level({"a": ("other", 9)})], ["elders"])


def test_counts_contained_in_a_circle_are_refused() -> None:
    frame = level({"a": (None, 9)}).assign(reached=9)
    circle = Related(parts={"elders": "reached", "reached": "elders"})
    with pytest.raises(InvalidInput, match="contained in itself"):
        suppress_levels([frame], ["elders", "reached"], related=circle)


def test_a_district_of_12000_areas_keeps_all_its_rows() -> None:
    rng = np.random.default_rng(1)
    leaf = pd.DataFrame({"elders": rng.poisson(9, 10_000), "parent": np.arange(10_000) // 5})
    leaf["code"] = [f"m{n}" for n in range(10_000)]
    grid = leaf.groupby("parent", as_index=False)["elders"].sum()
    grid = grid.assign(code=grid["parent"], parent=[f"s{n // 20}" for n in grid["parent"]])
    top = (
        grid.groupby("parent", as_index=False)["elders"]
        .sum()
        .rename(columns={"parent": "code"})
        .assign(parent=None)
    )
    hidden = suppress_levels([top, grid, leaf], ["elders"])
    assert [len(one) for one in hidden] == [len(top), len(grid), len(leaf)]


@st.composite
def trees(draw: st.DrawFn) -> list[pd.DataFrame]:
    """Three levels whose counts add up; the lowest has many small counts."""
    count = st.one_of(st.integers(0, 6), st.integers(0, 40))
    leaves = []
    for sub in range(draw(st.integers(1, 3))):
        for number in range(draw(st.integers(1, 4))):
            residents = draw(count)
            elders = draw(st.integers(0, residents) | st.just(residents))
            part = st.integers(0, elders) | st.just(elders) | st.just(0)
            row = {"code": f"{sub}-{number}", "parent": f"{sub}", "residents": residents, "elders": elders}
            leaves.append({**row, "elders_80": draw(part), "reached": draw(part)})
    low = pd.DataFrame(leaves)
    middle = low.groupby("parent", as_index=False)[list(COLUMNS)].sum().rename(columns={"parent": "code"})
    middle["parent"] = "top"
    top = middle.groupby("parent", as_index=False)[list(COLUMNS)].sum().rename(columns={"parent": "code"})
    return [top.assign(parent=None), middle, low]


class Attacker:
    """Knows every shown number of every level, that levels add up, and what can't be 0 or greater."""

    def __init__(
        self, truth: list[pd.DataFrame], published: list[pd.DataFrame], parts: dict[str, str]
    ) -> None:
        self.truth, self.published = pd.concat(truth), pd.concat(published)
        self.truth.index = self.published.index = pd.Index(self.truth["code"])
        self.parts = parts
        self.names = ["residents", *(name for name in COLUMNS if name in parts)]
        self.unknowns = [
            (code, name)
            for name in self.names
            for code in self.truth.index
            if pd.isna(self.published.loc[code, name])
        ]
        self.place = {key: number for number, key in enumerate(self.unknowns)}
        self.left, self.right = self.sums()
        self.fits = self.contained()

    def line(self, weights: dict[tuple[str, str], float]) -> list[float]:
        line = [0.0] * len(self.unknowns)
        for key, weight in weights.items():
            line[self.place[key]] = weight
        return line

    def sums(self) -> tuple[list[list[float]], list[float]]:
        left, right = [], []
        for name in self.names:
            for code in self.truth["parent"].dropna().unique():
                signs = {code: 1.0} | dict.fromkeys(self.truth.index[self.truth["parent"] == code], -1.0)
                hidden = {(one, name): sign for one, sign in signs.items() if (one, name) in self.place}
                known = sum(
                    sign * self.truth.loc[one, name]
                    for one, sign in signs.items()
                    if (one, name) not in hidden
                )
                left.append(self.line(hidden))
                right.append(-float(known))
        return left, right

    def contained(self) -> list[list[float]]:
        pairs = [
            ((code, name), (code, self.parts[name])) for code, name in self.unknowns if name in self.parts
        ]
        return [self.line({part: 1.0, whole: -1.0}) for part, whole in pairs if whole in self.place]

    def bounds(self) -> list[tuple[float, float | None]]:
        result: list[tuple[float, float | None]] = []
        for code, name in self.unknowns:
            whole = self.parts.get(name)
            inner = [self.published.loc[code, part] for part, one in self.parts.items() if one == name]
            least = max([1, *(int(value) for value in inner if not pd.isna(value))])
            if whole is None:
                result.append((least, None))
            elif (code, whole) in self.place:
                result.append((least if least > 1 else 0, None))
            else:
                result.append((least, float(self.truth.loc[code, whole])))
        return result

    def width(self, unknown: int) -> float:
        ends = []
        for sign in (1.0, -1.0):
            cost = [0.0] * len(self.unknowns)
            cost[unknown] = sign
            found = linprog(
                cost,
                A_ub=self.fits or None,
                b_ub=[0.0] * len(self.fits) or None,
                A_eq=self.left or None,
                b_eq=self.right or None,
                bounds=self.bounds(),
            )
            if found.status == 3:
                return np.inf
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[1] - ends[0]


@settings(max_examples=40, deadline=None)
@given(levels=trees(), n_parts=st.integers(0, 3))
def test_no_hidden_number_of_any_level_can_be_computed(levels: list[pd.DataFrame], n_parts: int) -> None:
    parts = dict(list(CHAIN.items())[:n_parts])
    published = suppress_levels(levels, ["residents", *parts], related=Related(parts=parts))
    attacker = Attacker(levels, published, parts)
    for number, key in enumerate(attacker.unknowns):
        assert attacker.width(number) >= 1 - 1e-6, key


@given(levels=trees())
def test_no_small_count_or_difference_is_shown_at_any_level(levels: list[pd.DataFrame]) -> None:
    for frame in suppress_levels(levels, COLUMNS, related=Related(parts=CHAIN)):
        for name in COLUMNS:
            known = frame[name].dropna()
            assert not ((known > 0) & (known < 5)).any()
        for part, whole in CHAIN.items():
            rest = (frame[whole] - frame[part]).dropna()
            assert not ((rest > 0) & (rest < 5)).any()
