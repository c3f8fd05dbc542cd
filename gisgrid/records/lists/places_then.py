"""Where the subject of a record lay when it was noted."""

from __future__ import annotations

from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.areas.models import CellMembership, Level, UnitCell
from gisgrid.areas.tree import load_tree
from gisgrid.areas.view import View
from gisgrid.records.core.record_models import Record
from gisgrid.storage.base import valid_at


class PlaceThen(TypedDict):
    """The unit cell in which a subject lay at that time, by its number, and the grid that had it then."""

    cell: int
    grid: str | None
    grid_name: str | None


def place_then(view: View, record: Record) -> PlaceThen | None:
    """Where the subject of a record lay on its day; nothing where it lay in no cell."""
    cell = view.session.scalar(select(UnitCell.number).where(UnitCell.id == record.cell_id))
    if cell is None:
        return None
    at = record.filled_at
    membership = select(CellMembership.area_id).where(
        CellMembership.cell_id == record.cell_id, valid_at(CellMembership, at)
    )
    micro = view.session.scalar(membership)
    tree = load_tree(view.session, view.community.id, at=at)
    grid = tree.ancestor(micro, Level.GRID) if micro in tree.areas else None
    return PlaceThen(cell=cell, grid=grid.code if grid else None, grid_name=grid.name if grid else None)
