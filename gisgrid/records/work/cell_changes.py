"""Since when something lies in which cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.areas.view import View
from gisgrid.days import day_of, start_of
from gisgrid.forms.tasks.model import CellPlacement

Left = Mapping[str, list[tuple[date, str | None]]]
"""By id the cells that something was taken out of, each with the day, in order."""


def cells_left(view: View, kind: PlacedKind, wanted: Any, *, since: date) -> Left:
    """The cells that things of a kind (ids as SQL) were taken out of since a day."""
    statement = (
        select(Placement.object_id, Placement.cell_id, Placement.until)
        .where(
            Placement.kind == kind,
            Placement.until >= start_of(since, view.tz),
            Placement.until <= view.when.at,
            Placement.object_id.in_(wanted),
        )
        .order_by(Placement.until, Placement.id)
    )
    left: dict[str, list[tuple[date, str | None]]] = defaultdict(list)
    for object_id, cell, until in view.session.execute(statement):
        left[object_id].append((day_of(until, view.tz), cell))
    return left


def cells_since(cell: str | None, left: list[tuple[date, str | None]]) -> tuple[CellPlacement, ...]:
    """Since when it lies in which cell, the one of today last."""
    days = [date.min, *(day for day, _cell in left)]
    cells = [*(former for _day, former in left), cell]
    return tuple(CellPlacement(since=day, cell=where) for day, where in zip(days, cells, strict=True))
