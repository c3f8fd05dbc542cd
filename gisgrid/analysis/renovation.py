"""Old compounds: their buildings in figures, and a score that says which to look at first."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from gisgrid.analysis.hotspots import rate_per_100
from gisgrid.crs import FloatArray
from gisgrid.errors import Fault, InvalidInput

GRADES: Final = ("A", "B", "C", "D")
OLD_UNTIL: Final = 2000
"""Compounds built up to this year are old ones (老旧小区); from 2001 to 2005 they may be taken in."""
OLDISH_UNTIL: Final = 2005
LIFT_FROM_FLOORS: Final = 4
FULL_RATE: Final = 20.0
"""Cases per 100 households and period that give all points for cases."""
FULL_ELDER_SHARE: Final = 2.0
"""Elders per household that give all points for elders."""

BUILDING_COLUMNS: Final = (
    "compound",
    "built_year",
    "condition",
    "floors",
    "has_lift",
    "households",
    "elders",
    "cases",
)
WEIGHTS: Final = {"condition": 40.0, "age": 25.0, "lift": 15.0, "elders": 10.0, "cases": 10.0}

_GRADE_POINTS: Final = {"A": 0.0, "B": 0.2, "C": 0.6, "D": 1.0}
_LEAST_KNOWN: Final = 0.5


def renovation(buildings: pd.DataFrame) -> pd.DataFrame:
    """The renovation table: one row per compound, the most urgent first.

    Parameters
    ----------
    buildings
        One row per building: ``compound`` (rows without one are left out), ``built_year``, ``condition``
        (A sound to D dangerous), ``floors``, ``has_lift`` (each missing where not known), ``households``,
        ``elders``, ``cases`` of the period (whole numbers). Not changed.

    Returns
    -------
    pandas.DataFrame
        Index ``compound``. Columns ``buildings``, ``built_from``, ``built_to`` (nullable years), ``grade``
        (worst one, ``None`` where none is known), ``grade_share`` (share of the graded buildings that have
        it), ``grade_a`` to ``grade_d`` (buildings), ``households``, ``elders``, ``lift_share`` (of the
        buildings of which it is known), ``cases``, ``rate`` (per 100 households) and ``score``.

    Notes
    -----
    The score is 0 to 100 in whole points, the sum of five parts, each 0 to 1 times its weight:

    ==========  ======  ==========================================================================
    part        weight  1 means
    ==========  ======  ==========================================================================
    condition   40      all graded buildings are D (C counts 0.6, B 0.2)
    age         25      all households live in houses built up to 2000 (2001 to 2005 count half)
    lift        15      no house of four floors or more has a lift
    elders      10      two or more elders to a household
    cases       10      20 or more cases per 100 households
    ==========  ======  ==========================================================================

    A part nothing is known about is left out and the rest scaled up; where less than half of the weight
    is known the score is missing: a survey comes before a ranking. It orders the talk, it decides nothing.

    Raises
    ------
    InvalidInput
        Columns are missing, or a condition isn't one of A to D.
    """
    _check(buildings)
    rows = _prepared(buildings.loc[buildings["compound"].notna().to_numpy()])
    groups = rows.groupby("compound", sort=True)
    counts = groups[[f"grade_{grade.lower()}" for grade in GRADES]].sum().astype(np.int64)
    result = groups.agg(
        buildings=("compound", "size"),
        built_from=("built_year", "min"),
        built_to=("built_year", "max"),
        households=("households", "sum"),
        elders=("elders", "sum"),
        cases=("cases", "sum"),
        lift_share=("lift", "mean"),
    ).join(counts)
    result["grade"], result["grade_share"] = _worst(counts)
    homes = result["households"].to_numpy(dtype=np.float64)
    result["rate"] = rate_per_100(result["cases"].to_numpy(dtype=np.float64), homes)
    result["score"] = _score(_parts(rows, result))
    return result.sort_values("score", ascending=False, kind="stable", na_position="last")


def _prepared(buildings: pd.DataFrame) -> pd.DataFrame:
    """The rows with plain numbers, missing as NaN, and the columns that are averaged."""
    year = buildings["built_year"].to_numpy(dtype=np.float64, na_value=np.nan)
    floors = buildings["floors"].to_numpy(dtype=np.float64, na_value=np.nan)
    lift = buildings["has_lift"].astype("boolean").to_numpy(dtype=np.float64, na_value=np.nan)
    homes = buildings["households"].to_numpy(dtype=np.float64)
    old = np.select([year <= OLD_UNTIL, year <= OLDISH_UNTIL, np.isnan(year)], [1.0, 0.5, np.nan], 0.0)
    flags = {f"grade_{grade.lower()}": buildings["condition"] == grade for grade in GRADES}
    return buildings.assign(
        built_year=pd.array(year, dtype="Int64"),
        lift=lift,
        condition_points=buildings["condition"].map(_GRADE_POINTS).astype(np.float64),
        old_homes=old * homes,
        dated_homes=np.where(np.isnan(year), 0.0, homes),
        missing_lift=np.where(floors >= LIFT_FROM_FLOORS, 1.0 - lift, np.nan),
        **flags,
    )


def _worst(counts: pd.DataFrame) -> tuple[list[str | None], FloatArray]:
    """Worst grade of each compound and the share of its graded buildings that have it."""
    table = counts.to_numpy(dtype=np.float64)
    worst = len(GRADES) - 1 - np.argmax(table[:, ::-1] > 0, axis=1)
    graded = table.sum(axis=1)
    grades = [GRADES[place] if total else None for place, total in zip(worst, graded, strict=True)]
    share: FloatArray = np.full(len(graded), np.nan)
    np.divide(table[np.arange(len(graded)), worst], graded, out=share, where=graded > 0)
    return grades, share


def _parts(rows: pd.DataFrame, result: pd.DataFrame) -> dict[str, FloatArray]:
    """The parts of the score per compound, 0 to 1, ``NaN`` where nothing is known."""
    groups = rows.groupby("compound", sort=True)
    homes = result["households"].to_numpy(dtype=np.float64)
    means = groups[["condition_points", "missing_lift"]].mean()
    dated = groups[["old_homes", "dated_homes"]].sum()
    cases = result["cases"].to_numpy(dtype=np.float64)
    return {
        "condition": means["condition_points"].to_numpy(dtype=np.float64),
        "age": _ratio(dated["old_homes"].to_numpy(), dated["dated_homes"].to_numpy()),
        "lift": means["missing_lift"].to_numpy(dtype=np.float64),
        "elders": np.minimum(_ratio(result["elders"].to_numpy(), homes) / FULL_ELDER_SHARE, 1.0),
        "cases": np.minimum(_ratio(100.0 * cases, homes) / FULL_RATE, 1.0),
    }


def _score(parts: dict[str, FloatArray]) -> FloatArray:
    values = np.column_stack([parts[name] for name in WEIGHTS])
    weights = np.array(list(WEIGHTS.values()))
    known = np.where(np.isnan(values), 0.0, weights)
    total = known.sum(axis=1)
    points = np.nansum(values * weights, axis=1)
    score: FloatArray = np.full(len(values), np.nan)
    np.divide(100.0 * points, total, out=score, where=total >= _LEAST_KNOWN * weights.sum())
    # Whole points: finer ones would let a hidden number of elders be read off.
    return np.round(score)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    result: FloatArray = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result


def _check(buildings: pd.DataFrame) -> None:
    missing = [name for name in BUILDING_COLUMNS if name not in buildings.columns]
    if missing:
        raise InvalidInput([Fault(message="the column is missing", field=name) for name in missing])
    known = buildings["condition"].dropna()
    if not known.isin(GRADES).all():
        raise InvalidInput("a condition is one of A, B, C, D", field="condition")
