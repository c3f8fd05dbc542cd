from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gisgrid.analysis.disclosure import Related, bin_heat, suppress
from gisgrid.errors import InvalidInput

GEOD = pyproj.Geod(ellps="WGS84")
ELDERS = Related(
    parts={"reached": "elders", "elders_80": "elders"},
    derived={"rate": ("elders",), "rest": ("elders", "reached")},
)
ELDER_COLUMNS = ["elders", "reached", "elders_80"]


def table(elders: list[int], parents: str | None = None, **more: list[int]) -> pd.DataFrame:
    frame = pd.DataFrame({"elders": elders, **more})
    frame["parent"] = list(parents or "a" * len(elders))
    return frame


def shown(frame: pd.DataFrame, name: str) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in frame[name]]


def test_small_count_is_hidden_with_its_next_smallest_sibling() -> None:
    result = suppress(table([30, 3, 12, 50]), ["elders"], group="parent")
    assert shown(result, "elders") == [30, None, None, 50]
    assert result["suppressed"].tolist() == [[], ["elders"], ["elders"], []]
    assert result["withheld_totals"].tolist() == [[]] * 4


FAR = Related(
    parts={"reached": "elders", "late": "elders", "far": "late"}, apart={"far": ("reached", "elders")}
)
FAR_COLUMNS = ["elders", "reached", "late", "far"]


def far_table(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    """Rows of elders, reached, late, and late out of reach."""
    elders, *more = (list(column) for column in zip(*rows, strict=True))
    return suppress(
        table(elders, **dict(zip(FAR_COLUMNS[1:], more, strict=True))),
        FAR_COLUMNS,
        group="parent",
        related=FAR,
    )


def test_who_is_in_neither_of_two_counts_is_no_small_number_either() -> None:
    """Of 30 elders 20 are reached; were 7 of the other 10 told to be late, 3 would not be."""
    result = far_table((30, 20, 15, 7), (30, 20, 15, 7), (30, 20, 15, 10), (30, 20, 15, 5))
    assert shown(result, "far") == [None, None, 10, 5]
    assert shown(result, "reached") == [20] * 4


def test_a_count_beside_a_hidden_one_is_hidden_but_where_nobody_is_left() -> None:
    """Reached hidden: how many are late out of reach would bound it. All reached: nobody is out of reach."""
    result = far_table((30, 27, 15, 0), (30, 26, 15, 2), (30, 30, 3, 0), (30, 30, 4, 0), (30, 20, 15, 5))
    assert shown(result, "reached") == [None, None, 30, 30, 20]
    assert shown(result, "late")[2:4] == [None, None]
    assert shown(result, "far")[:4] == [None, None, 0, 0]


def test_zero_is_shown_and_is_no_second() -> None:
    result = suppress(table([0, 3, 12, 0]), ["elders"], group="parent")
    assert shown(result, "elders") == [0, None, None, 0]


def test_small_counts_hide_one_that_is_not_small_too() -> None:
    # Their sum would give them back, or say that each is small: 80 - 75 over two rows.
    for small in ([3, 2], [1, 1], [4, 4]):
        result = suppress(table([30, *small, 50]), ["elders"], group="parent")
        assert shown(result, "elders") == [None, None, None, 50]


def test_five_is_shown_and_threshold_can_be_set() -> None:
    assert shown(suppress(table([5, 9]), ["elders"], group="parent"), "elders") == [5, 9]
    assert shown(suppress(table([5, 9]), ["elders"], group="parent", threshold=6), "elders") == [None, None]


def test_siblings_are_rows_of_the_same_parent_only() -> None:
    result = suppress(table([3, 12, 6, 20], "aabb"), ["elders"], group="parent")
    assert shown(result, "elders") == [None, None, 6, 20]


def test_without_parents_all_rows_are_siblings() -> None:
    result = suppress(table([3, 12, 6, 20], "aabb"), ["elders"], group=None)
    assert shown(result, "elders") == [None, 12, None, 20]


def test_total_is_withheld_where_no_sibling_remains() -> None:
    for lonely in ([3, 0, 0], [3], [1, 1, 1, 1, 1], [4, 4]):
        result = suppress(table(lonely), ["elders"], group="parent")
        assert result["withheld_totals"].tolist() == [["elders"]] * len(lonely)


def test_figures_made_of_hidden_counts_are_hidden_and_named() -> None:
    frame = table([3, 12, 40], reached=[3, 12, 40])
    frame["rate"] = [0.5, 1.25, 2.0]
    frame["rest"] = frame["elders"] - frame["reached"]
    result = suppress(frame, ["elders", "reached"], group="parent", related=ELDERS_SMALL)
    assert result["rate"].isna().tolist() == [True, True, False]
    assert result["suppressed"].tolist() == [["elders", "reached", "rate", "rest"]] * 2 + [[]]


ELDERS_SMALL = Related(
    parts={"reached": "elders"},
    derived={"rate": ("elders",), "rest": ("elders", "reached"), "other": ("elders",)},
)


def test_small_difference_hides_the_contained_count() -> None:
    # 12 - 10 would say that two are out of reach.
    result = suppress(
        table([12, 30, 40], reached=[10, 30, 20]), ["reached", "elders"], group="parent", related=ELDERS_SMALL
    )
    assert shown(result, "elders") == [12, 30, 40]
    assert shown(result, "reached") == [None, 30, None]


def test_contained_count_goes_with_its_container_even_when_it_is_zero() -> None:
    result = suppress(
        table([3, 30, 40, 50], reached=[0, 20, 9, 40]),
        ["elders", "reached"],
        group="parent",
        related=ELDERS_SMALL,
    )
    assert shown(result, "elders") == [None, None, 40, 50]
    assert shown(result, "reached") == [None, None, 9, 40]


def test_unknown_counts_stay_missing_and_are_not_called_suppressed() -> None:
    frame = pd.DataFrame({"elders": [np.nan, 3, 20], "parent": ["a", "a", "a"]})
    result = suppress(frame, ["elders"], group="parent")
    assert shown(result, "elders") == [None, None, None]
    assert result["suppressed"].tolist() == [[], ["elders"], ["elders"]]


def test_counts_stay_whole_numbers_and_the_table_is_not_changed() -> None:
    frame = table([3, 12, 40])
    before = frame.copy(deep=True)
    result = suppress(frame, ["elders"], group="parent")
    assert result["elders"].tolist()[2] == 40
    assert isinstance(result["elders"].tolist()[2], int)
    pd.testing.assert_frame_equal(frame, before)


def test_empty_table_gets_its_columns() -> None:
    result = suppress(table([]), ["elders"], group="parent")
    assert list(result.columns) == ["elders", "parent", "suppressed", "withheld_totals"]


def test_all_faults_are_named_at_once() -> None:
    frame = pd.DataFrame({"elders": [1, -1], "reached": [0.5, 1.0]})
    with pytest.raises(InvalidInput) as raised:
        suppress(frame, ["elders", "reached", "none"], group="parent")
    assert [fault.field for fault in raised.value.faults] == ["none", "parent", "elders", "reached"]


def test_a_container_must_be_protected_too() -> None:
    with pytest.raises(InvalidInput, match="container is protected too"):
        suppress(table([9], reached=[9]), ["reached"], group="parent", related=ELDERS_SMALL)


def test_a_whole_district_hides_every_small_count() -> None:
    rng = np.random.default_rng(5)
    elders = rng.poisson(8, 2000)
    frame = pd.DataFrame(
        {"elders": elders, "reached": rng.binomial(elders, 0.7), "parent": np.arange(2000) // 20}
    )
    shown = suppress(frame, ["elders", "reached"], group="parent", related=ELDERS_SMALL)
    is_small = (elders > 0) & (elders < 5)
    assert shown.loc[is_small, "elders"].isna().all()


@st.composite
def elder_tables(draw: st.DrawFn) -> pd.DataFrame:
    counts = st.one_of(st.integers(0, 6), st.integers(0, 60))
    rows = []
    for _ in range(draw(st.integers(1, 7))):
        elders = draw(counts)
        part = st.one_of(st.integers(0, elders), st.just(elders), st.just(0))
        rows.append(
            {
                "elders": elders,
                "reached": draw(part),
                "elders_80": draw(part),
                "parent": draw(st.sampled_from("ab")),
            }
        )
    return pd.DataFrame(rows)


class Attacker:
    """Knows all shown numbers and totals, that hidden ones aren't 0 and that parts fit in their wholes."""

    def __init__(self, truth: pd.DataFrame, published: pd.DataFrame, parts: dict[str, str]) -> None:
        self.truth, self.published, self.parts = truth, published, parts
        self.names = [name for name in ELDER_COLUMNS if name in published]
        self.unknowns = [
            (row, name)
            for name in self.names
            for row in range(len(truth))
            if pd.isna(published[name].iloc[row])
        ]
        self.place = {key: number for number, key in enumerate(self.unknowns)}

    def sums(self) -> tuple[list[list[float]], list[float]]:
        left, right = [], []
        for name in self.names:
            for parent in self.truth["parent"].unique():
                rows = np.flatnonzero(self.truth["parent"] == parent)
                if name in self.published["withheld_totals"].iloc[rows[0]]:
                    continue
                hidden = [row for row in rows if (row, name) in self.place]
                left.append(self.line({(row, name): 1.0 for row in hidden}))
                right.append(float(self.truth[name].iloc[hidden].sum()))
        return left, right

    def line(self, weights: dict[tuple[int, str], float]) -> list[float]:
        line = [0.0] * len(self.unknowns)
        for key, weight in weights.items():
            line[self.place[key]] = weight
        return line

    def bounds(self) -> list[tuple[float, float | None]]:
        result: list[tuple[float, float | None]] = []
        for row, name in self.unknowns:
            whole = self.parts.get(name)
            if whole is None:
                shown_parts = [
                    self.published[part].iloc[row] for part in self.parts if part in self.published
                ]
                result.append((max([1, *(int(part) for part in shown_parts if not pd.isna(part))]), None))
            elif (row, whole) in self.place:
                result.append((0, None))
            else:
                result.append((1, float(self.truth[whole].iloc[row])))
        return result

    def fits(self) -> list[list[float]]:
        pairs = [((row, name), (row, self.parts[name])) for row, name in self.unknowns if name in self.parts]
        return [self.line({part: 1.0, whole: -1.0}) for part, whole in pairs if whole in self.place]

    def range_of(self, unknown: int) -> float:
        left, right = self.sums()
        fits = self.fits()
        ends = []
        for sign in (1.0, -1.0):
            cost = [0.0] * len(self.unknowns)
            cost[unknown] = sign
            found = linprog(
                cost,
                A_ub=fits or None,
                b_ub=[0.0] * len(fits) or None,
                A_eq=left or None,
                b_eq=right or None,
                bounds=self.bounds(),
            )
            if found.status == 3:
                return np.inf
            assert found.status == 0
            ends.append(sign * found.fun)
        return ends[1] - ends[0]


@settings(max_examples=60, deadline=None)
@given(frame=elder_tables())
def test_no_hidden_number_can_be_computed_from_what_is_shown(frame: pd.DataFrame) -> None:
    for parts in ({}, {"reached": "elders"}, {"reached": "elders", "elders_80": "elders"}):
        columns = ["elders", *parts]
        published = suppress(frame, columns, group="parent", related=Related(parts=parts))
        attacker = Attacker(frame, published[[*columns, "withheld_totals"]], parts)
        for number, key in enumerate(attacker.unknowns):
            assert attacker.range_of(number) >= 1 - 1e-6, (key, parts)


@given(frame=elder_tables())
def test_no_small_count_or_difference_of_persons_is_shown(frame: pd.DataFrame) -> None:
    result = suppress(frame, ELDER_COLUMNS, group="parent", related=ELDERS)
    for name in ELDER_COLUMNS:
        known = result[name].dropna()
        assert not ((known > 0) & (known < 5)).any()
        rest = (result["elders"] - result[name]).dropna()
        assert not ((rest > 0) & (rest < 5)).any()


@given(frame=elder_tables(), seed=st.integers(0, 99))
def test_what_is_shown_is_true_and_each_missing_number_is_named(frame: pd.DataFrame, seed: int) -> None:
    frame = frame.sample(frac=1, random_state=seed)
    result = suppress(frame, ELDER_COLUMNS, group="parent", related=ELDERS)
    assert result.index.equals(frame.index)
    for name in ELDER_COLUMNS:
        is_hidden = result[name].isna().to_numpy(dtype=bool)
        assert (
            result[name].to_numpy(dtype=float, na_value=np.nan)[~is_hidden]
            == frame[name].to_numpy()[~is_hidden]
        ).all()
        assert [name in names for names in result["suppressed"]] == is_hidden.tolist()


def places(rng: np.random.Generator, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(118.2, 118.8, n), rng.uniform(33.8, 34.1, n)


def test_heat_keeps_every_point_and_shows_no_place() -> None:
    lon, lat = places(np.random.default_rng(1))
    bin_lon, bin_lat, weight = bin_heat(lon, lat)
    assert weight.sum() == 200
    assert not set(zip(bin_lon, bin_lat, strict=True)) & set(zip(lon, lat, strict=True))


@given(seed=st.integers(0, 1000), n=st.integers(1, 40))
def test_a_cell_does_not_depend_on_the_other_points(seed: int, n: int) -> None:
    lon, lat = places(np.random.default_rng(seed), n)
    together = dict(zip(zip(*bin_heat(lon, lat)[:2], strict=True), bin_heat(lon, lat)[2], strict=True))
    alone: dict[tuple[float, float], float] = {}
    for one_lon, one_lat in zip(lon, lat, strict=True):
        (key,) = zip(*bin_heat([one_lon], [one_lat])[:2], strict=True)
        alone[key] = alone.get(key, 0.0) + 1.0
    assert alone == together


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-80, 80),
    cell_m=st.sampled_from([100.0, 250.0]),
)
def test_a_cell_measures_at_least_what_it_promises(lon: float, lat: float, cell_m: float) -> None:
    bin_lon, bin_lat, _ = bin_heat([lon], [lat], cell_m=cell_m)
    height = cell_m / 110_574.0
    south, north = bin_lat[0] - height / 2, bin_lat[0] + height / 2
    assert south - 1e-9 <= lat <= north + 1e-9
    assert GEOD.inv(lon, south, lon, north)[2] >= cell_m * (1 - 1e-6)
    edge = max(abs(south), abs(north))
    width = cell_m / (111_319.49 * np.cos(np.radians(edge)))
    assert abs(lon - bin_lon[0]) <= width / 2 + 1e-9
    assert min(GEOD.inv(0, at, width, at)[2] for at in (south, north)) >= cell_m * (1 - 1e-6)


def test_heat_leaves_out_what_has_no_position() -> None:
    lon, lat, weight = bin_heat([118.3, np.nan, np.inf], [33.9, 33.9, 33.9])
    assert (len(lon), len(lat), weight.tolist()) == (1, 1, [1.0])
    assert [len(part) for part in bin_heat([], [])] == [0, 0, 0]


@pytest.mark.parametrize("cell_m", [99.9, 0, -100, float("nan")])
def test_cells_below_100_metres_are_refused(cell_m: float) -> None:
    with pytest.raises(InvalidInput, match="at least 100 m"):
        bin_heat([118.3], [33.9], cell_m=cell_m)


def test_heat_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(InvalidInput, match="same number"):
        bin_heat([118.3, 118.4], [33.9])
