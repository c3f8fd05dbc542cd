from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gisgrid.analysis.coverage import (
    WALKS_M,
    Reason,
    coverage,
    is_reached,
    nearest_station_m,
    straight_m,
    uncovered,
)
from gisgrid.errors import InvalidInput

GEOD = pyproj.Geod(ellps="WGS84")


def household(**changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "grid": 0,
        "elders": 1,
        "elders_80": 0,
        "with_visitor": 0,
        "station_m": 100.0,
        "has_member": True,
        "is_registered": True,
    }
    return {**usual, **changes}


def test_a_walk_is_1_3_times_the_straight_line() -> None:
    assert straight_m(500) == pytest.approx(384.615, abs=1e-3)
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="positive number of metres"):
            straight_m(wrong)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), n=st.integers(1, 20), n_stations=st.integers(1, 5))
def test_nearest_station_agrees_with_measuring_each_on_the_ellipsoid(
    seed: int, n: int, n_stations: int
) -> None:
    rng = np.random.default_rng(seed)
    # Around 118.5 degrees east, where the metric zone changes.
    lon, lat = rng.uniform(118.47, 118.53, n), rng.uniform(33.93, 33.98, n)
    at_lon, at_lat = rng.uniform(118.47, 118.53, n_stations), rng.uniform(33.93, 33.98, n_stations)
    slow = [
        min(GEOD.inv(x, y, a, b)[2] for a, b in zip(at_lon, at_lat, strict=True))
        for x, y in zip(lon, lat, strict=True)
    ]
    # The metric CRS stretches by up to 0.04 % half a zone from its middle.
    np.testing.assert_allclose(
        nearest_station_m(lon, lat, station_lon=at_lon, station_lat=at_lat), slow, rtol=5e-4
    )


def test_no_station_or_no_position_is_infinitely_far() -> None:
    assert nearest_station_m([118.3], [33.9], station_lon=[], station_lat=[]).tolist() == [np.inf]
    result = nearest_station_m(
        [118.3, np.nan], [33.9, 33.9], station_lon=[np.nan, 118.3], station_lat=[1.0, 33.9]
    )
    assert result.tolist() == [0.0, np.inf]
    assert nearest_station_m([], [], station_lon=[118.3], station_lat=[33.9]).tolist() == []
    assert nearest_station_m([np.nan], [33.9], station_lon=[118.3], station_lat=[33.9]).tolist() == [np.inf]


def test_reach_includes_its_border_and_grows_with_the_walk() -> None:
    distance = np.array([0.0, 300 / 1.3, 300.0, 500.0, 800.0, np.inf])
    assert is_reached(distance, 300).tolist() == [True, True, False, False, False, False]
    assert [int(is_reached(distance, walk).sum()) for walk in WALKS_M] == [2, 3, 4]


def test_rows_hold_all_grids_and_sum_people_not_households() -> None:
    frame = pd.DataFrame(
        [
            household(elders=2, elders_80=1, with_visitor=1),
            household(elders=3, station_m=900.0),
            household(grid=2, elders=1, has_member=False),
            household(grid=2, elders=0, is_registered=False),
            household(grid=-1, elders=5, with_visitor=2),
        ]
    )
    result = coverage(frame, 3)
    assert result["elders"].tolist() == [5, 0, 1]
    assert result["elders_80"].tolist() == [1, 0, 0]
    assert result["reached"].tolist() == [2, 0, 1]
    assert result["with_member"].tolist() == [5, 0, 0]
    assert result["with_visitor"].tolist() == [1, 0, 0]
    assert result["unregistered"].tolist() == [0, 0, 1]
    assert coverage(frame, 3, walk_m=2000)["reached"].tolist() == [5, 0, 1]


def test_uncovered_lists_households_with_elders_and_the_graver_reason() -> None:
    frame = pd.DataFrame(
        [
            household(),
            household(station_m=900.0, has_member=False),
            household(has_member=False),
            household(elders=0, has_member=False),
        ],
        index=["a", "b", "c", "d"],
    )
    result = uncovered(frame)
    assert result["reason"].to_dict() == {"b": Reason.NO_STATION, "c": Reason.NO_MEMBER}
    assert "reason" not in frame.columns


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(InvalidInput, match=r"elders_80.*is_registered"):
        coverage(pd.DataFrame({"grid": [0], "elders": [1], "station_m": [1.0], "has_member": [True]}), 1)
