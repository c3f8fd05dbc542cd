"""The cell an object lay in at an instant, as SQL, and moving objects when cells or pins change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.days import AsOf


def cell_at(
    kind: PlacedKind,
    object_id: InstrumentedAttribute[str],
    cell_id: InstrumentedAttribute[str | None],
    when: AsOf,
) -> ColumnElement[Any]:
    """The cell of an object at a moment: the one it was next taken out of, else its present one."""
    if not when.is_past:
        return cell_id.expression
    later = and_(Placement.kind == kind, Placement.object_id == object_id, Placement.until > when.at)
    former = select(Placement.cell_id).where(later).order_by(Placement.until).limit(1).scalar_subquery()
    return case((exists().where(later), former), else_=cell_id.expression)
