"""Cases per area: counts, rates, change against the period before, classes for the legend.

Counts are taken with an index of areas per case, so a million cases take milliseconds. What is too little
to say something stays missing (``NaN``), which the map shows as a class of its own.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from gisgrid.crs import FloatArray, IntArray
from gisgrid.errors import InvalidInput

RATE_PER_HOUSEHOLDS: Final = 100
MIN_HOUSEHOLDS: Final = 30
MIN_CASES: Final = 5


def count_per_area(area: npt.ArrayLike, n_areas: int) -> IntArray:
    """Number of cases in each area, also 0.

    Parameters
    ----------
    area
        For each case the index of its area, 0 to ``n_areas - 1``; negative for a case in none.
    n_areas
        Number of areas.

    Raises
    ------
    InvalidInput
        An index is beyond the last area.
    """
    return sum_per_area(area, None, n_areas)


def sum_per_area(area: npt.ArrayLike, amount: npt.ArrayLike | None, n_areas: int) -> IntArray:
    """Sum of whole amounts in each area; each counts 1 without ``amount``. See :func:`count_per_area`."""
    index = np.ravel(np.asarray(area, dtype=np.int64))
    if index.size and int(index.max()) >= n_areas:
        raise InvalidInput("an area index lies beyond the last area", field="area")
    is_inside = index >= 0
    weights = None if amount is None else np.ravel(np.asarray(amount, dtype=np.float64))[is_inside]
    # Sums of whole numbers stay exact in doubles up to 2**53.
    return np.bincount(index[is_inside], weights=weights, minlength=n_areas).astype(np.int64)


def rate_per_100(count: npt.ArrayLike, households: npt.ArrayLike) -> FloatArray:
    """Cases per 100 households; ``NaN`` below 30 households or 5 cases, where a rate says nothing."""
    counts = np.asarray(count, dtype=np.float64)
    homes = np.asarray(households, dtype=np.float64)
    is_enough = (counts >= MIN_CASES) & (homes >= MIN_HOUSEHOLDS)
    result: FloatArray = np.full(np.broadcast(counts, homes).shape, np.nan)
    np.divide(RATE_PER_HOUSEHOLDS * counts, homes, out=result, where=is_enough)
    return result


def previous_period(first: date, last: date) -> tuple[date, date]:
    """The days of equal number just before a period; both ends are included.

    Raises
    ------
    InvalidInput
        The period ends before it begins.
    """
    if last < first:
        raise InvalidInput("the period ends before it begins", field="to")
    end = first - timedelta(days=1)
    return end - (last - first), end


def hotspots(
    area: npt.ArrayLike, households: npt.ArrayLike, *, previous_area: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """The table behind the hotspot map: one row per area, also with count 0.

    Parameters
    ----------
    area
        For each case of the period the index of its area; negative for a case in none.
    households
        Households per area; its length is the number of areas.
    previous_area
        The same for the period before; without it ``previous`` and ``change`` are missing.

    Returns
    -------
    pandas.DataFrame
        Columns ``count``, ``rate`` (per 100 households, ``NaN`` where too little), ``households``,
        ``previous`` and ``change`` (count minus previous; nullable integers), in the order of the areas.
    """
    homes = np.ravel(np.asarray(households, dtype=np.int64))
    count = count_per_area(area, len(homes))
    frame = pd.DataFrame({"count": count, "rate": rate_per_100(count, homes), "households": homes})
    if previous_area is None:
        nothing = pd.array([pd.NA] * len(homes), dtype="Int64")
        return frame.assign(previous=nothing, change=nothing)
    previous = count_per_area(previous_area, len(homes))
    return frame.assign(
        previous=pd.array(previous, dtype="Int64"), change=pd.array(count - previous, dtype="Int64")
    )
