"""Tables that leave the house: rows with what is hidden left out and named, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gisgrid.access.models import Role
from gisgrid.analysis.disclosure import Related, suppress
from gisgrid.areas.look import Look
from gisgrid.areas.models import Level
from gisgrid.days import Period
from gisgrid.overview.groups import Groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures by area for one actor: JSON-ready ``rows`` and the ``meta`` a legend needs."""

    rows: list[dict[str, Any]]
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Which columns of a table are counts of persons or confidential cases, and how they hang together."""

    columns: Sequence[str]
    related: Related = field(default_factory=Related)


def guarded(frame: pd.DataFrame, look: Look, groups: Groups, guard: Guard) -> pd.DataFrame:
    """The frame as the actor may see it, with a column ``suppressed``.

    Exact for roles with exact counts; for others small counts are hidden, but not in rows that lie wholly
    inside their own areas. What they know is taken out before siblings are compared.
    """
    if look.actor.sees_exact_counts or not guard.columns:
        return _open(frame)
    own = _own_rows(look, groups)
    shown = _open(frame.loc[own])
    hidden = suppress(frame.loc[~own], guard.columns, group="parent", related=guard.related)
    hidden = hidden.drop(columns=["withheld_totals"])
    if shown.empty or hidden.empty:
        return hidden if shown.empty else shown
    return pd.concat([shown.astype(object), hidden.astype(object)]).sort_index()


def _open(frame: pd.DataFrame) -> pd.DataFrame:
    nothing: pd.Series[Any] = pd.Series([[] for _ in range(len(frame))], index=frame.index, dtype=object)
    return frame.assign(suppressed=nothing)


def _own_rows(look: Look, groups: Groups) -> npt.NDArray[np.bool_]:
    """Rows that lie wholly inside areas whose persons the actor knows by duty."""
    knows = look.actor.role == Role.MEMBER
    own = look.division.cells_of(look.actor.areas) if knows else set()
    cells: dict[str, set[str]] = {}
    for cell, key in groups.of_cell.items():
        cells.setdefault(key, set()).add(cell)
    flags = [row.key in cells and cells[row.key] <= own for row in groups.rows]
    return np.array(flags, dtype=np.bool_)


def to_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON-ready rows: missing values are null, numbers are plain numbers."""
    columns = {str(name): [_plain(value) for value in frame[name]] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, np.generic):
        return _plain(value.item())
    return value


def legend(
    look: Look, *, unit: str, level: Level, records: int, period: Period | None = None, **more: Any
) -> Mapping[str, Any]:
    """What every legend says: unit, period, boundary date, number of records behind it."""
    span = {"from": period.first.isoformat(), "to": period.last.isoformat()} if period else None
    return {
        "unit": unit,
        "period": span,
        "boundary_date": look.when.day.isoformat(),
        "revision": look.version.revision,
        "records": records,
        "level": level.value,
        **more,
    }
