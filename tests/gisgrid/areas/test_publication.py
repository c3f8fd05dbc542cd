"""Publishing writes cells, memberships and outlines, closes what was, and keeps every earlier answer."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy import select

from gisgrid.areas.models import AreaOutline, CellKind, Level, UnitCell
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas
from gisgrid.areas.view import ViewRequest, open_view
from gisgrid.errors import Conflict, InvalidInput, NotFound
from gisgrid.storage.engine import Database
from tests import world

LATER = datetime(2025, 6, 1, tzinfo=UTC)


def _halves(*, cut: float) -> list[NewCell]:
    """The whole community in two cells, west to G1 and east to the others."""
    west = shapely.box(world.LON, world.LAT, world.LON + cut * world.STEP, world.LAT + 4 * world.STEP)
    east = shapely.box(
        world.LON + cut * world.STEP, world.LAT, world.LON + 4 * world.STEP, world.LAT + 4 * world.STEP
    )
    return [
        NewCell(geom=west, kind=CellKind.AREA, owner="G1"),
        NewCell(geom=east, kind=CellKind.AREA, owner="G2"),
    ]


def test_outlines_of_all_levels_are_the_union_of_their_cells(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        division = made.view(session, now=now).division
        for area in division.tree.areas.values():
            if area.level == Level.SUBDISTRICT:
                continue
            cells = [division.cells[division.positions[c]] for c in division.cells_of([area.id])]
            assert division.outlines[area.id].equals(shapely.union_all(cells))


def test_a_new_revision_leaves_earlier_answers_as_they_were(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        before = made.view(session, now=now, as_of=date(2024, 1, 1)).division
        publish_cells(session, made.actor, made.community, _halves(cut=2), at=LATER, reason="merge")
        after = made.view(session, now=now, as_of=date(2024, 1, 1)).division
        today = made.view(session, now=now).division
        assert after.cell_ids == before.cell_ids
        assert after.outlines.keys() == before.outlines.keys()
        assert len(today.cell_ids) == 2
        assert min(today.numbers) > max(before.numbers)
        assert {area.code for area in today.owner_at(Level.GRID).values()} == {"G1", "G2"}
        open_outlines = session.scalars(
            select(AreaOutline.area_id).where(AreaOutline.valid_to.is_(None))
        ).all()
        assert made.areas["G3"] not in open_outlines


def test_cells_that_overlap_are_refused_and_nothing_is_left(database: Database) -> None:
    with database.write() as session:
        made = world.found(session)
    overlapping = _halves(cut=2)
    overlapping[0] = NewCell(geom=world.square(0, 0, 3), kind=CellKind.AREA, owner="G2")
    with pytest.raises(InvalidInput), database.write() as session:
        publish_cells(session, made.actor, made.community, overlapping, at=LATER, reason="bad")
    with database.read() as session:
        assert session.scalar(select(sa.func.count()).where(UnitCell.valid_to.is_(None))) == 16


def test_codes_are_never_used_twice(database: Database) -> None:
    with database.write() as session:
        made = world.found(session)
        with pytest.raises(Conflict, match="G1"):
            add_areas(
                session,
                made.actor,
                made.community,
                [NewArea(code="G1", name="again", level=Level.GRID, parent_code="C1")],
                at=LATER,
            )


def test_current_grid_shows_the_grids_of_today(database: Database) -> None:
    with database.write() as session:
        world.found(session)
        codes = session.execute(sa.text("SELECT code FROM current_grid ORDER BY code")).scalars().all()
    assert codes == ["G1", "G2", "G3", "G4"]


def test_a_stranger_sees_no_community(database: Database, now: datetime) -> None:
    from gisgrid.access.actors import Actor
    from gisgrid.access.models import Role

    with database.write() as session:
        made = world.found(session)
        stranger = Actor(account_id=None, name="x", role=Role.MEMBER)
        with pytest.raises(NotFound):
            open_view(session, stranger, ViewRequest(), caches=made.caches, now=now, tz=world.TZ)
