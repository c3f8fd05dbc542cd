"""Whether a division is whole: cells tile, each has one owner, outlines are those of the cells."""

from __future__ import annotations

from datetime import datetime

import shapely
from sqlalchemy import select

from gisgrid.areas.division import load_division
from gisgrid.areas.models import CellMembership, Revision
from gisgrid.areas.view import View
from gisgrid.geometry.partition import check_tiling
from gisgrid.redraw.plans import store
from gisgrid.storage.engine import Database


def owners(view: View) -> dict[str, str]:
    """Code of the micro grid of each cell, by its id."""
    tree = view.division.tree
    return {cell: tree.areas[area].code for cell, area in view.division.owners.items()}


def drawn_owners(opened: store.OpenPlan) -> dict[str, str]:
    """The same as a plan that cuts nothing has it."""
    return {opened.base.ids[cell]: micro for cell, micro in opened.drawing.ground.owner.items()}


def assert_whole(database: Database, community: str, *, at: datetime) -> None:
    """Fail unless the division in force is whole and its revisions are numbered without a gap."""
    with database.read() as session:
        division = load_division(session, community, at=at, revision=0)
        assert check_tiling(division.cells, division.outlines[community].geoms[0]) == []
        open_rows = session.scalars(select(CellMembership.cell_id).where(CellMembership.valid_to.is_(None)))
        assert sorted(open_rows) == sorted(division.cell_ids)
        for area_id, outline in division.outlines.items():
            inside = division.cells_of([area_id])
            cells = [division.cells[division.positions[cell]] for cell in inside]
            assert shapely.union_all(cells).equals(outline)
        numbers = session.scalars(select(Revision.number).order_by(Revision.number)).all()
        assert list(numbers) == list(range(1, len(numbers) + 1))
