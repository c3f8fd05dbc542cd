"""Tables that leave the house: rows with what is hidden left out and named, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Unpack

import numpy as np
import pandas as pd
from typing_extensions import TypedDict, TypeVar

from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import Period

DaySpan = TypedDict("DaySpan", {"from": str, "to": str})
"""The first and the last day of a period."""


class FigureDetails(TypedDict, total=False):
    """What the legends of some figures say beside what all say."""

    distance_m: float
    straight_m: float
    walk_factor: float
    stations: int
    unregistered: int
    unassigned: int | None
    confidential_left_out: bool
    withheld: bool
    compared: DaySpan | None
    totals: dict[str, int]
    most: int
    fresh_days: int
    ageing_days: int
    case_days: int
    positions: str
    outside: dict[str, Any] | None
    by: str
    borders: str
    total: dict[str, float | str | None]
    count: str
    own_only: bool
    visits_day: str
    visit_days: int


class FigureMeta(FigureDetails):
    """What every legend says: unit, period, boundary date, number of records behind it."""

    unit: str
    period: DaySpan | None
    boundary_date: str
    revision: int
    records: int | None
    level: str


class FigureRow(TypedDict):
    """A row of figures: those named in `suppressed` are withheld and null, `reason` is their sign."""

    suppressed: list[str]
    reason: str | None


Row_co = TypeVar("Row_co", covariant=True, default=Mapping[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureTable(Generic[Row_co]):
    """Figures by area for one actor: JSON-ready ``rows`` and the ``meta`` a legend needs."""

    rows: Sequence[Row_co]
    meta: Mapping[str, Any] = field(default_factory=dict)


def to_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON-ready rows: missing values are null, numbers are plain numbers.

    Of whatever columns: what a row holds is for its caller to say.
    """
    columns = {str(name): _plain_column(frame[name]) for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain_column(column: pd.Series[Any]) -> list[Any]:
    """The values of a column; numbers of one kind at once, since lists of homes are long."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
        return list(column.tolist())
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        finite = np.isfinite(column.to_numpy())
        return [value if known else None for value, known in zip(column.tolist(), finite, strict=True)]
    return [_plain(value) for value in column]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, np.generic):
        return _plain(value.item())
    return value


def legend(
    view: View,
    *,
    unit: str,
    level: Level,
    records: int | None,
    period: Period | None = None,
    **more: Unpack[FigureDetails],
) -> FigureMeta:
    """What the legend of figures says."""
    return {
        "unit": unit,
        "period": span_of(period) if period else None,
        "boundary_date": (view.borders or view.when.day).isoformat(),
        "revision": view.version.revision,
        "records": records,
        "level": level.value,
        **more,
    }


def span_of(period: Period) -> DaySpan:
    """A period by its days, as legends say it."""
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}
