"""The cell and the community an object lay in at an instant, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gisgrid.areas.models import PlacedKind, Placement
from gisgrid.areas.view import View
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
    session: Session, community_id: str, *, kind: PlacedKind, table: Any, when: AsOf
) -> ColumnElement[bool]:
    """Whether an object was in a community at a moment: the one it next left, else its present one.

    Parameters
    ----------
    table
        Where objects of the kind are kept.
    """
    present: ColumnElement[bool] = table.community_id == community_id
    if not when.is_past or not _has_any_left(session, kind):
        return present
    left = and_(Placement.kind == kind, Placement.until > when.at, Placement.community_id.is_not(None))
    own = and_(left, Placement.object_id == table.id)
    first = select(Placement.community_id).where(own).order_by(Placement.until).limit(1).scalar_subquery()
    # Nearly all are where they were: only those that left this community are looked for beside them.
    gone = select(Placement.object_id).where(left, Placement.community_id == community_id)
    return or_(and_(present, ~exists().where(own)), and_(table.id.in_(gone), first == community_id))


def _has_any_left(session: Session, kind: PlacedKind, community_id: str | None = None) -> bool:
    """Whether anything of a kind ever went to another community, or from this one: mostly nothing did.

    Asked first, since with the whole question a database can't go by its index on communities.
    """
    came_from = Placement.community_id
    where = came_from.is_not(None) if community_id is None else came_from == community_id
    statement = select(Placement.id).where(where, Placement.kind == kind).limit(1)
    return session.scalar(statement) is not None


def is_of(view: View, kind: PlacedKind, table: Any) -> ColumnElement[bool]:
    """Whether an object of a kind, kept in a table, is of the community at the moment of the view."""
    return was_in(view.session, view.community.id, kind=kind, table=table, when=view.when)


def was_ever_of(view: View, kind: PlacedKind, table: Any) -> ColumnElement[bool]:
    """Whether an object is of the community at the moment of the view, or went from it to another one."""
    here, community_id = is_of(view, kind, table), view.community.id
    if not _has_any_left(view.session, kind, community_id):
        return here
    own = and_(Placement.kind == kind, Placement.community_id == community_id)
    return or_(here, table.id.in_(select(Placement.object_id).where(own)))
