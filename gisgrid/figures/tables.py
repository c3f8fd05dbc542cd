"""Tables that leave the house: rows with what is hidden left out and named, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gisgrid.areas.models import Level
from gisgrid.areas.view import Look
from gisgrid.days import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureTable:
    """Figures by area for one actor: JSON-ready ``rows`` and the ``meta`` a legend needs."""

    rows: list[dict[str, Any]]
    meta: dict[str, Any] = field(default_factory=dict)


def to_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON-ready rows: missing values are null, numbers are plain numbers."""
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
    look: Look, *, unit: str, level: Level, records: int | None, period: Period | None = None, **more: Any
) -> Mapping[str, Any]:
    """What every legend says: unit, period, boundary date, number of records behind it."""
    span = {"from": period.first.isoformat(), "to": period.last.isoformat()} if period else None
    return {
        "unit": unit,
        "period": span,
        "boundary_date": (look.borders or look.when.day).isoformat(),
        "revision": look.version.revision,
        "records": records,
        "level": level.value,
        **more,
    }
