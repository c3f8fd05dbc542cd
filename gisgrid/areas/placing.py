"""The cell and the community an object lay in at an instant, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.areas.look import Look
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


def was_in(
    community_id: str,
    kind: PlacedKind,
    object_id: InstrumentedAttribute[str],
    now_in: InstrumentedAttribute[str],
    when: AsOf,
) -> ColumnElement[bool]:
    """Whether an object was in a community at a moment: the one it next left, else its present one.

    Parameters
    ----------
    object_id, now_in
        Columns of the object's id and of the community it is in today.
    """
    present: ColumnElement[bool] = now_in == community_id
    if not when.is_past:
        return present
    left = and_(Placement.kind == kind, Placement.until > when.at, Placement.community_id.is_not(None))
    own = and_(left, Placement.object_id == object_id)
    first = select(Placement.community_id).where(own).order_by(Placement.until).limit(1).scalar_subquery()
    # Nearly all are where they were: only those that left this community are looked for beside them.
    gone = select(Placement.object_id).where(left, Placement.community_id == community_id)
    return or_(and_(present, ~exists().where(own)), and_(object_id.in_(gone), first == community_id))


def is_of(look: Look, kind: PlacedKind, table: Any) -> ColumnElement[bool]:
    """Whether an object of a kind, kept in a table, is of the community at the moment of the look."""
    return was_in(look.community.id, kind, table.id, table.community_id, look.when)
