"""Who among the elders can walk to a home-care station, and who has a grid member to look in.

Without a network of footpaths a walk is taken as 1.3 times the straight line (the usual detour factor of
planning practice), so 500 m of walking are 385 m straight. Measured in the metric CRS of the place.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from gisgrid.analysis.hotspots import sum_per_area
from gisgrid.crs import FloatArray, metric_crs, reproject, stored_crs
from gisgrid.errors import Fault, InvalidInput

DETOUR: Final = 1.3
WALKS_M: Final = (300, 500, 1000)
"""Walks of about 5, 10 and 15 minutes for elders."""

HOUSEHOLD_COLUMNS: Final = (
    "grid",
    "elders",
    "elders_80",
    "with_visitor",
    "station_m",
    "has_member",
    "is_registered",
)

BoolArray = npt.NDArray[np.bool_]


class Reason(StrEnum):
    """Why a household of elders stands in the list of uncovered ones; the graver one is named."""

    NO_STATION = "no_station"
    NO_MEMBER = "no_member"


def straight_m(walk_m: float) -> float:
    """The straight line in metres that stands for a walk in metres.

    Raises
    ------
    InvalidInput
        The walk isn't a positive number.
    """
    if not 0 < walk_m < np.inf:
        raise InvalidInput("a walking distance is a positive number of metres", field="distance")
    return walk_m / DETOUR


def nearest_station_m(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, station_lon: npt.ArrayLike, station_lat: npt.ArrayLike
) -> FloatArray:
    """Straight distance in metres from each household to its nearest station.

    Degrees in EPSG:4326; measured in the metric CRS at the middle of the households. Infinite where
    there is no station, or where a household has no position. Stations without one are left out.
    """
    lons, lats = np.ravel(np.asarray(lon, np.float64)), np.ravel(np.asarray(lat, np.float64))
    result: FloatArray = np.full(lons.shape, np.inf)
    stations = _finite(station_lon, station_lat)
    is_place = np.isfinite(lons) & np.isfinite(lats)
    if not len(stations) or not is_place.any():
        return result
    homes = np.column_stack([lons[is_place], lats[is_place]])
    middle = np.median(homes, axis=0)
    metric = metric_crs(float(middle[0]), float(middle[1]))
    sites, targets = (
        np.column_stack(reproject(part[:, 0], part[:, 1], stored_crs(), metric)) for part in (homes, stations)
    )
    result[is_place] = cKDTree(targets).query(sites)[0]
    return result


def is_reached(station_m: npt.ArrayLike, walk_m: float) -> BoolArray:
    """Whether a station lies within a walk; ``station_m`` are straight metres. The border counts."""
    flags: BoolArray = np.asarray(station_m, dtype=np.float64) <= straight_m(walk_m)
    return flags


def coverage(households: pd.DataFrame, n_grids: int, *, walk_m: float = 500.0) -> pd.DataFrame:
    """The table behind the map of elderly care: one row per grid, also without elders.

    Parameters
    ----------
    households
        One row per household: ``grid`` (index of its grid, negative for none), ``elders``, ``elders_80``,
        ``with_visitor`` (elders; whole numbers), ``station_m`` (straight metres, see
        :func:`nearest_station_m`), ``has_member`` (its grid has a primary grid member), ``is_registered``
        (its people agreed to be registered).
    n_grids
        Number of grids.
    walk_m
        Walking distance in metres.

    Returns
    -------
    pandas.DataFrame
        Columns ``elders``, ``elders_80``, ``reached`` (elders within the walk), ``with_member`` and
        ``with_visitor`` (elders) and ``unregistered`` (households), in the order of the grids.

    Raises
    ------
    InvalidInput
        Columns are missing, or a grid index is beyond the last grid.
    """
    _check(households)
    grid = households["grid"].to_numpy(dtype=np.int64)
    elders = households["elders"].to_numpy(dtype=np.int64)
    amounts = {
        "elders": elders,
        "elders_80": households["elders_80"].to_numpy(dtype=np.int64),
        "reached": elders * is_reached(households["station_m"].to_numpy(dtype=np.float64), walk_m),
        "with_member": elders * households["has_member"].to_numpy(dtype=np.bool_),
        "with_visitor": households["with_visitor"].to_numpy(dtype=np.int64),
        "unregistered": ~households["is_registered"].to_numpy(dtype=np.bool_),
    }
    return pd.DataFrame({name: sum_per_area(grid, amount, n_grids) for name, amount in amounts.items()})


def uncovered(households: pd.DataFrame, *, walk_m: float = 500.0) -> pd.DataFrame:
    """The households with elders that no station or no member serves, with a column ``reason``.

    Columns as for :func:`coverage`; all columns and the order of the rows are kept. Out of reach comes
    before lack of a member where both hold, since a member is appointed in a day.
    """
    _check(households)
    is_far = ~is_reached(households["station_m"].to_numpy(dtype=np.float64), walk_m)
    is_alone = ~households["has_member"].to_numpy(dtype=np.bool_)
    is_listed = (households["elders"].to_numpy(dtype=np.int64) > 0) & (is_far | is_alone)
    reason = np.where(is_far, str(Reason.NO_STATION), str(Reason.NO_MEMBER))
    listed: pd.DataFrame = households.assign(reason=reason).loc[is_listed]
    return listed


def _check(households: pd.DataFrame) -> None:
    missing = [name for name in HOUSEHOLD_COLUMNS if name not in households.columns]
    if missing:
        raise InvalidInput([Fault(message="the column is missing", field=name) for name in missing])


def _finite(lon: npt.ArrayLike, lat: npt.ArrayLike) -> FloatArray:
    places = np.column_stack([np.ravel(np.asarray(part, dtype=np.float64)) for part in (lon, lat)])
    result: FloatArray = places[np.isfinite(places).all(axis=1)]
    return result
