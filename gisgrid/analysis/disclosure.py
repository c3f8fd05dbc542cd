"""Disclosure control: counts of persons so small that they tell about one are hidden, with their shadows.

A hidden number must not come back by arithmetic. So with a small count its next-smallest sibling is hidden
too (siblings are rows of the same parent, whose total is shown), rates made from hidden counts are hidden,
and of a pair that can be subtracted (elders, reached) both halves are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from gisgrid.crs import FloatArray, IntArray
from gisgrid.errors import Fault, InvalidInput

BoolArray = npt.NDArray[np.bool_]

THRESHOLD: Final = 5
MIN_BIN_M: Final = 100.0

_M_PER_DEGREE_LAT: Final = 110_574.0
"""Metres in a degree of latitude where it is shortest, at the equator of the WGS-84 ellipsoid."""
_M_PER_DEGREE_LON: Final = 111_319.49
"""Metres in a degree of longitude at the equator; times cos(lat) it is never too long elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """How the columns of a table hang together.

    ``parts`` names for a count the count that contains it (``{"reached": "elders"}``): their difference
    is a count of persons as well. ``derived`` names for a figure the counts it is made of
    (``{"rate": ("count",), "change": ("count", "previous")}``).
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Masks:
    """What is hidden so far, and groups whose totals can't be shown, per column."""

    hidden: dict[str, BoolArray]
    withheld: dict[str, BoolArray]


def suppress(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    group: str | None,
    threshold: int = THRESHOLD,
    related: Related | None = None,
) -> pd.DataFrame:
    """The table with hidden counts as missing, and two new columns that name them.

    Parameters
    ----------
    frame
        One row per area; counts are whole numbers from 0, missing where not known. Not changed.
    columns
        The counts of persons, or of confidential cases, to protect.
    group
        Column with each row's parent, whose totals are shown elsewhere; ``None``: all are siblings.
    threshold
        Counts from 1 up to and without this are hidden. 0 is shown: nobody is no person.
    related
        Counts contained in others, and figures made from counts.

    Returns
    -------
    pandas.DataFrame
        Same rows and index; protected figures are nullable, hidden ones missing.
        ``suppressed`` lists the hidden names of a row.
        ``withheld_totals`` lists the columns whose total over the row's group must not be shown either,
        because the siblings do not suffice to keep a hidden number apart.

    Notes
    -----
    Per group and count: small counts are hidden; while the shown rows and the total would still give a
    hidden number away (only one is hidden, or all lie at the least or greatest they can be), the smallest
    shown one that isn't 0 is hidden as well, ties by row order. A contained count is also hidden where
    its container is, and where the difference is small. Someone who replays this very rule may narrow a
    number further than by arithmetic, never from the shown figures alone.

    Raises
    ------
    InvalidInput
        Columns are missing, or hold negative or fractional counts.
    """
    related = related or Related()
    _check(frame, columns, group, related)
    codes = _group_codes(frame, group)
    masks = _Masks(hidden={}, withheld={})
    for name in sorted(columns, key=lambda one: one in related.parts):
        _protect(frame, name, codes=codes, masks=masks, rule=(threshold, related.parts.get(name)))
    return _result(frame, columns, masks=masks, related=related)


def bin_heat(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, cell_m: float = MIN_BIN_M
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points as weighted centres of fixed cells, so that no exact place is shown.

    The cells are bricks laid from longitude 0, latitude 0: rows of equal height, in each row columns of
    equal width, both at least ``cell_m`` metres. They hang on nothing but ``cell_m``, so a filter, a
    period or one point more never moves a cell, and two answers can't be played against each other.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326, same shape. Positions that are not finite are left out.
    cell_m
        Least side of a cell in metres, 100 or more.

    Returns
    -------
    tuple
        ``lon, lat, weight``: centres in degrees and number of points, from south to north and west to
        east; empty for no points.

    Raises
    ------
    InvalidInput
        ``cell_m`` is below 100 metres, or the arrays differ in shape.
    """
    lons, lats = np.ravel(np.asarray(lon, np.float64)), np.ravel(np.asarray(lat, np.float64))
    if not cell_m >= MIN_BIN_M:
        raise InvalidInput("a cell of the binned heat map has at least 100 m", field="cell_m")
    if lons.shape != lats.shape:
        raise InvalidInput("lon and lat need the same number of values", field="lon")
    is_place = np.isfinite(lons) & np.isfinite(lats)
    height = cell_m / _M_PER_DEGREE_LAT
    row = np.floor(lats[is_place] / height)
    column = np.floor(lons[is_place] / _brick_width(row, height, cell_m))
    bricks, weight = np.unique(np.column_stack([row, column]).astype(np.int64), axis=0, return_counts=True)
    centre_lon = (bricks[:, 1] + 0.5) * _brick_width(bricks[:, 0], height, cell_m)
    centre_lat = np.asarray((bricks[:, 0] + 0.5) * height, dtype=np.float64)
    return centre_lon, centre_lat, weight.astype(np.float64)


def _brick_width(row: FloatArray | IntArray, height: float, cell_m: float) -> FloatArray:
    """Width in degrees of the columns in a row, measured at its edge nearer the pole."""
    edge = np.minimum(np.maximum(np.abs(row), np.abs(row + 1)) * height, 89.0)
    width: FloatArray = cell_m / (_M_PER_DEGREE_LON * np.cos(np.radians(edge)))
    return width


def _check(frame: pd.DataFrame, columns: Sequence[str], group: str | None, related: Related) -> None:
    wholes = [whole for part, whole in related.parts.items() if part in columns]
    needed = [*columns, *wholes, *([group] if group is not None else [])]
    faults = [Fault(message="the column is missing", field=name) for name in needed if name not in frame]
    faults += [
        Fault(message="a container is protected too", field=name) for name in wholes if name not in columns
    ]
    faults += [
        Fault(message="a container is contained in nothing else", field=name)
        for name in wholes
        if name in related.parts
    ]
    for name in columns:
        values = _counts(frame, name) if name in frame else np.zeros(0)
        if bool(np.any((values < 0) | (values % 1 > 0))):
            faults.append(Fault(message="a count is a whole number from 0", field=name))
    if faults:
        raise InvalidInput(faults)


def _counts(frame: pd.DataFrame, name: str) -> FloatArray:
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _group_codes(frame: pd.DataFrame, group: str | None) -> npt.NDArray[np.intp]:
    if group is None:
        return np.zeros(len(frame), dtype=np.intp)
    # Rows without a parent are siblings of one another.
    return np.asarray(pd.factorize(frame[group], use_na_sentinel=False)[0], dtype=np.intp)


def _protect(
    frame: pd.DataFrame,
    name: str,
    *,
    codes: npt.NDArray[np.intp],
    masks: _Masks,
    rule: tuple[int, str | None],
) -> None:
    """Hides one column: small counts, what its container forces, then siblings group by group."""
    threshold, whole = rule
    values = _counts(frame, name)
    hidden = (values > 0) & (values < threshold)
    low, high = np.ones(len(values)), np.full(len(values), np.inf)
    if whole is not None:
        contained = _counts(frame, whole)
        rest = contained - values
        is_forced = masks.hidden[whole] & ~np.isnan(values)
        hidden |= is_forced | ((rest > 0) & (rest < threshold))
        # A forced 0 is hidden too, so nobody knows that it isn't one.
        low[is_forced] = 0.0
        high = np.where(masks.hidden[whole] | np.isnan(contained), np.inf, contained)
    bounds = (low, high)
    withheld = np.zeros(len(values), dtype=np.bool_)
    for code in np.unique(codes[hidden]):
        rows = np.flatnonzero((codes == code) & ~np.isnan(values))
        withheld[codes == code] = not _hide_siblings(
            values, hidden, rows=rows, bounds=bounds, threshold=threshold
        )
    masks.hidden[name], masks.withheld[name] = hidden, withheld


def _hide_siblings(
    values: FloatArray,
    hidden: BoolArray,
    *,
    rows: npt.NDArray[np.intp],
    bounds: tuple[FloatArray, FloatArray],
    threshold: int,
) -> bool:
    """Hides siblings in ``hidden`` until nothing can be computed; false when the total must go too."""
    shown = rows[~hidden[rows] & (values[rows] > 0)]
    waiting = list(shown[np.argsort(values[shown], kind="stable")])
    while _is_given_away(values, rows[hidden[rows]], bounds=bounds, threshold=threshold):
        if not waiting:
            return False
        hidden[waiting.pop(0)] = True
    return True


def _is_given_away(
    values: FloatArray,
    rows: npt.NDArray[np.intp],
    *,
    bounds: tuple[FloatArray, FloatArray],
    threshold: int,
) -> bool:
    """Whether the sum of hidden counts gives any of them away.

    With two or more the sum leaves room exactly when not all lie at their least and not all at their
    greatest. Who assumes that only small counts are hidden has a greatest of ``threshold - 1``.
    """
    low, high = bounds
    is_at_least = bool(np.all(values[rows] == low[rows]))
    is_at_most = bool(np.all(values[rows] == high[rows])) or bool(np.all(values[rows] == threshold - 1))
    return len(rows) == 1 or is_at_least or is_at_most


def _result(frame: pd.DataFrame, columns: Sequence[str], *, masks: _Masks, related: Related) -> pd.DataFrame:
    hidden = {name: masks.hidden[name] for name in columns}
    for name, sources in related.derived.items():
        known = [masks.hidden[source] for source in sources if source in masks.hidden]
        if name in frame and known:
            hidden[name] = np.logical_or.reduce(known)
    result = frame.copy()
    for name, mask in hidden.items():
        is_whole = name in columns or pd.api.types.is_integer_dtype(frame[name])
        # Nullable integers: a table with one hidden count doesn't turn its neighbours into 12.0.
        result[name] = frame[name].astype("Int64" if is_whole else "Float64").mask(mask)
    result["suppressed"] = _names(hidden, len(frame))
    result["withheld_totals"] = _names(masks.withheld, len(frame))
    return result


def _names(masks: Mapping[str, BoolArray], n_rows: int) -> list[list[str]]:
    names: list[list[str]] = [[] for _ in range(n_rows)]
    for name, mask in masks.items():
        for row in np.flatnonzero(mask):
            names[row].append(name)
    return names
