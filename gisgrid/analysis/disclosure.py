"""Disclosure control: counts of persons so small that they tell about one are hidden, with their shadows.

A hidden number must not come back by arithmetic. So with a small count its next-smallest sibling is hidden
too (siblings are rows of the same parent, whose total is shown), rates made from hidden counts are hidden,
and of a pair that can be subtracted (elders, reached) both halves are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from gisgrid.analysis.suppression import BoolArray, Bounds, hide
from gisgrid.crs import FloatArray, IntArray
from gisgrid.errors import Fault, InvalidInput

THRESHOLD: Final = 5
MIN_BIN_M: Final = 100.0
BIN_RADIUS_M: Final = 71.0
"""How far a place may lie from the middle of its bin, in whole metres."""

_M_PER_DEGREE_LAT: Final = 110_574.0
"""Metres in a degree of latitude where it is shortest, at the equator of the WGS-84 ellipsoid."""
_M_PER_DEGREE_LON: Final = 111_319.49
"""Metres in a degree of longitude at the equator; times cos(lat) it is never too long elsewhere."""

_ROW: Final = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """How the columns of a table hang together.

    ``parts`` names for a count the count that contains it (``{"reached": "elders"}``): their difference
    is a count of persons as well. ``derived`` names for a figure the counts it is made of
    (``{"rate": ("count",), "change": ("count", "previous")}``). ``apart`` names for a count another one and
    the whole of both where nobody is in the two (``{"far_and_late": ("reached", "elders")}``): whoever is
    shown the two can't be told of more than what is left.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    shown one that isn't 0 is hidden as well, equal ones together. A contained count is also hidden where
    its container is, and where the difference is small. Where more than one level is shown, use
    :func:`suppress_levels`.

    Raises
    ------
    InvalidInput
        Columns are missing, or hold negative or fractional counts.
    """
    related = related or Related()
    _check(frame, columns, related, places=[group] if group is not None else [])
    codes, n_groups = _groups(frame, group)
    counts = _counts(frame, columns)
    totals = {
        name: np.bincount(codes, np.nan_to_num(values), minlength=n_groups) for name, values in counts.items()
    }
    stacked = {name: np.concatenate([counts[name], totals[name]]) for name in columns}
    parent = np.concatenate([codes + len(frame), np.full(n_groups, -1)]).astype(np.int64)
    hidden = _hidden(stacked, parent=parent, threshold=threshold, related=related)
    result = _masked(frame, {name: mask[: len(frame)] for name, mask in hidden.items()}, related=related)
    withheld = {name: mask[len(frame) :][codes] for name, mask in hidden.items()}
    return result.assign(withheld_totals=_names(withheld, result.index))


def suppress_levels(
    levels: Sequence[pd.DataFrame],
    columns: Sequence[str],
    *,
    link: tuple[str, str] = ("code", "parent"),
    threshold: int = THRESHOLD,
    related: Related | None = None,
) -> list[pd.DataFrame]:
    """:func:`suppress` for all levels of a tree that may be shown together, from the top down.

    Hiding level by level isn't enough: a hidden sub-area comes back as the sum of its shown grids.

    Parameters
    ----------
    levels
        Tables as for :func:`suppress`, the highest level first. Levels that don't nest (compounds that
        cross grids) can't be protected together; leave them out.
    link
        Column with a row's own key, and with its parent's. Keys are unique within a level; a parent is
        the nearest one above. Rows of the highest level have no total; if theirs is shown as well, give
        it as a level of its own.

    Returns
    -------
    list
        The tables in the same order, hidden figures missing and named in ``suppressed``. Where siblings
        do not suffice the parent is hidden.

    Raises
    ------
    InvalidInput
        As for :func:`suppress`; or a parent is in no level above.
    """
    related = related or Related()
    for frame in levels:
        _check(frame, columns, related, places=list(link))
    parent = _parents(levels, link)
    tables = [_counts(frame, columns) for frame in levels]
    stacked = {name: np.concatenate([table[name] for table in tables]) for name in columns}
    hidden = _hidden(stacked, parent=parent, threshold=threshold, related=related)
    ends = np.cumsum([len(frame) for frame in levels])
    return [
        _masked(frame, {name: mask[end - len(frame) : end] for name, mask in hidden.items()}, related=related)
        for frame, end in zip(levels, ends, strict=True)
    ]


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
    # One whole number per brick sorts far faster than pairs; columns stay below 2**31 even at the poles.
    brick, weight = np.unique(row.astype(np.int64) * _ROW + column.astype(np.int64), return_counts=True)
    rows = (brick + _ROW // 2) // _ROW
    columns = brick - rows * _ROW
    centre_lon = np.asarray((columns + 0.5) * _brick_width(rows, height, cell_m), dtype=np.float64)
    centre_lat = np.asarray((rows + 0.5) * height, dtype=np.float64)
    return centre_lon, centre_lat, weight.astype(np.float64)


def bin_middle(lon: float, lat: float) -> tuple[float, float]:
    """The middle of the cell of :func:`bin_heat` in which a place lies, in degrees with six decimals."""
    west, south, east, north = bin_box(lon, lat)
    return round((west + east) / 2, 6), round((south + north) / 2, 6)


def bin_box(lon: float, lat: float) -> tuple[float, float, float, float]:
    """West, south, east and north of the cell of :func:`bin_heat` in which a place lies."""
    height = MIN_BIN_M / _M_PER_DEGREE_LAT
    row = np.floor(lat / height)
    width = float(_brick_width(np.array([row]), height, MIN_BIN_M)[0])
    column = np.floor(lon / width)
    return float(column * width), float(row * height), float((column + 1) * width), float((row + 1) * height)


def _brick_width(row: FloatArray | IntArray, height: float, cell_m: float) -> FloatArray:
    """Width in degrees of the columns in a row, measured at its edge nearer the pole."""
    edge = np.minimum(np.maximum(np.abs(row), np.abs(row + 1)) * height, 89.0)
    width: FloatArray = cell_m / (_M_PER_DEGREE_LON * np.cos(np.radians(edge)))
    return width


def _check(frame: pd.DataFrame, columns: Sequence[str], related: Related, *, places: Sequence[str]) -> None:
    wholes = [whole for part, whole in related.parts.items() if part in columns]
    wholes += [name for part, others in related.apart.items() if part in columns for name in others]
    needed = dict.fromkeys([*columns, *places])
    faults = [Fault(message="the column is missing", field=name) for name in needed if name not in frame]
    faults += [
        Fault(message="a container is protected too", field=name) for name in wholes if name not in columns
    ]
    known = [name for name in columns if name in frame]
    for name, values in _counts(frame, known).items():
        if bool(np.any((values < 0) | (values % 1 > 0))):
            faults.append(Fault(message="a count is a whole number from 0", field=name))
    if faults:
        raise InvalidInput(faults)


def _counts(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, FloatArray]:
    return {name: frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in columns}


def _groups(frame: pd.DataFrame, group: str | None) -> tuple[IntArray, int]:
    """Each row's group by number, and how many groups there are."""
    if group is None:
        return np.zeros(len(frame), dtype=np.int64), 1
    # Rows without a parent are siblings of one another.
    codes, groups = pd.factorize(frame[group], use_na_sentinel=False)
    return np.asarray(codes, dtype=np.int64), len(groups)


def _parents(levels: Sequence[pd.DataFrame], link: tuple[str, str]) -> IntArray:
    """Place of each row's parent in the stacked levels, -1 in the highest level."""
    key, above = link
    places: dict[object, int] = {}
    parents: list[int] = []
    for number, frame in enumerate(levels):
        start = len(parents)
        own = [-1 if number == 0 else places.get(parent, -1) for parent in frame[above]]
        if number and -1 in own:
            raise InvalidInput("a parent is in no level above", field=above)
        parents += own
        places |= {name: start + row for row, name in enumerate(frame[key])}
    return np.array(parents, dtype=np.int64)


def _hidden(
    counts: Mapping[str, FloatArray], *, parent: IntArray, threshold: int, related: Related
) -> dict[str, BoolArray]:
    """Flags of what to hide, per column; containers before what they contain."""
    hidden: dict[str, BoolArray] = {}
    for name in _containers_first(list(counts), related):
        values = counts[name]
        is_hidden = (values > 0) & (values < threshold)
        low, high = np.ones(len(values)), np.full(len(values), np.inf)
        whole = related.parts.get(name)
        if whole is not None:
            rest = counts[whole] - values
            is_hidden |= hidden[whole] | ((rest > 0) & (rest < threshold))
            # A 0 is hidden too where its container is, so nobody knows that it isn't one.
            low[hidden[whole]] = 0.0
            high = np.where(hidden[whole] | np.isnan(counts[whole]), np.inf, counts[whole])
        if name in related.apart:
            other, both = related.apart[name]
            left = counts[both] - counts[other]
            is_untold = hidden[other] | hidden[both]
            is_hidden |= is_untold | ((left - values > 0) & (left - values < threshold))
            is_hidden &= ~_below((high == 0) | (~is_untold & (left == 0)), parent)
            low[is_untold] = 0.0
            high = np.where(is_untold | np.isnan(left), high, np.minimum(high, left))
        bounds = Bounds(low=low, high=high)
        hidden[name] = hide(values, is_hidden, parent=parent, bounds=bounds, threshold=threshold)
    return {name: hidden[name] for name in counts}


def _below(empty: BoolArray, parent: IntArray) -> BoolArray:
    """Nodes of which everybody knows that nobody is in them, as one above them says so too."""
    known = empty
    while True:
        wider = known | (known[parent] & (parent >= 0))
        if bool(np.all(wider == known)):
            return known
        known = wider


def _containers_first(columns: list[str], related: Related) -> list[str]:
    ordered: list[str] = []
    while len(ordered) < len(columns):
        ready = [
            name
            for name in columns
            if name not in ordered
            and related.parts.get(name) in (None, *ordered)
            and set(related.apart.get(name, ())) <= {*ordered}
        ]
        if not ready:
            raise InvalidInput("a count can't be contained in itself", field="parts")
        ordered += ready
    return ordered


def _masked(frame: pd.DataFrame, hidden: dict[str, BoolArray], *, related: Related) -> pd.DataFrame:
    masks = dict(hidden)
    for name, sources in related.derived.items():
        known = [hidden[source] for source in sources if source in hidden]
        if name in frame and known:
            masks[name] = np.logical_or.reduce(known)
    result = frame.copy()
    for name, mask in masks.items():
        is_whole = name in hidden or pd.api.types.is_integer_dtype(frame[name])
        # Nullable integers: a table with one hidden count doesn't turn its neighbours into 12.0.
        result[name] = frame[name].astype("Int64" if is_whole else "Float64").mask(mask)
    return result.assign(suppressed=_names(masks, result.index))


def _names(masks: Mapping[str, BoolArray], index: pd.Index[Any]) -> pd.Series[Any]:
    names: list[list[str]] = [[] for _ in index]
    for name, mask in masks.items():
        for row in np.flatnonzero(mask):
            names[row].append(name)
    return pd.Series(names, index=index, dtype=object)
