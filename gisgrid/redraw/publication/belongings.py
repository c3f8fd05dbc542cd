"""Streets, water, green and compounds go along with a grid to another community."""

from __future__ import annotations

from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.areas.view import View
from gisgrid.places.models import Compound
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.rules.belongings import Share, belongings
from gisgrid.storage.base import new_id


def bring_belongings(view: View, opened: OpenPlan, to: str) -> None:
    """Write what goes along to the community with an id; of what is cut each keeps its side."""
    session = view.session
    goods = belongings(view, opened.base, opened.drawing)
    for share in goods.shares:
        if share.stay is None:
            _hand_over(session, share, to)
        else:
            _cut(session, share, share.stay, to)
    moved = [compound.id for compound in goods.compounds if compound.moves]
    if moved:
        session.execute(update(Compound).where(Compound.id.in_(moved)).values(community_id=to))
    session.flush()


def _hand_over(session: Session, share: Share, to: str) -> None:
    table = share.table
    session.execute(update(table).where(table.fid == share.fid).values(community_id=to))


def _cut(session: Session, share: Share, stay: BaseGeometry, to: str) -> None:
    """The row keeps its side, a new one of the same kind takes the other."""
    table: Any = share.table
    row: Any = session.scalars(select(table).where(table.fid == share.fid)).one()
    row.geom = stay
    left_out = {"fid", "id", "geom", "community_id"}
    names = {column.key for column in table.__table__.columns} - left_out
    same = {name: getattr(row, name) for name in names}
    session.add(table(id=new_id(), community_id=to, geom=share.go, **same))
