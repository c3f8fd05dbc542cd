"""A cell's number is unique among open cells only, and the spatial index knows all of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.areas.models import CellMembership, UnitCell
from gisgrid.storage.base import new_id
from gisgrid.storage.dialect import in_bounds
from gisgrid.storage.engine import Database
from tests import world

LATER = datetime(2025, 6, 1, tzinfo=UTC)


def _again(session: Session, number: int) -> None:
    """Close the cell of a number and open one with the same number in its place."""
    old = session.scalars(select(UnitCell).where(UnitCell.number == number)).one()
    session.execute(update(UnitCell).where(UnitCell.id == old.id).values(valid_to=LATER))
    row = {"community_id": old.community_id, "number": number, "kind": old.kind, "geom": old.geom}
    session.execute(insert(UnitCell), [row | {"id": new_id(), "valid_from": LATER}])


def test_a_number_of_a_closed_cell_may_be_given_again(database: Database) -> None:
    with database.write() as session:
        world.found(session)
        _again(session, 3)
        numbers = session.scalars(select(UnitCell.number)).all()
        assert (numbers.count(3), len(numbers)) == (2, 17)
        assert session.scalar(select(func.count()).select_from(CellMembership)) == 16
        west, south = world.LON + 0.5 * world.STEP, world.LAT + 0.5 * world.STEP
        near = in_bounds(session, UnitCell.geom, (west, south, west, south))
        assert session.scalars(select(UnitCell.number).where(near)).all() == [1]
        third = west + 2 * world.STEP
        near_third = in_bounds(session, UnitCell.geom, (third, south, third, south))
        assert len(session.scalars(select(UnitCell.id).where(near_third)).all()) == 2


def test_two_open_cells_have_two_numbers(database: Database) -> None:
    with database.write() as session:
        world.found(session)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(UnitCell).where(UnitCell.number == 2).values(number=3))
