"""Each planted fault of a database is found, and a sound one has none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from sqlalchemy import delete, select, update

from gisgrid.access.actors import NOBODY
from gisgrid.areas.models import Area, AreaName, AreaOutline, CellMembership, Level, UnitCell
from gisgrid.crs import to_lattice
from gisgrid.errors import NotAllowed
from gisgrid.places.models import Building, Household
from gisgrid.positions.placement import place_objects
from gisgrid.upkeep.checks import StoredRule, check_database
from tests import world

AT = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def found(database):
    """A sound community with a building and a household, in a transaction of its own."""
    with database.write() as session:
        made = world.found(session)
        world.add_household(session, world.add_building(session, made, 0, 0), "101")
        place_objects(session, made.community, at=AT)
        yield session, made


def broken(session, made):
    checked = check_database(session, made.actor, at=AT)
    return {rule: count for rule, count in checked.counts().items() if count}


def test_a_sound_database_has_no_fault(found):
    session, made = found
    checked = check_database(session, made.actor, at=AT)
    assert checked.faults == ()
    assert (checked.communities, checked.cells, checked.objects) == (1, 16, 2)
    assert list(checked.counts()) == [rule.value for rule in StoredRule]


def test_a_moved_vertex_is_an_overlap_or_a_gap(found):
    session, made = found
    cell = session.scalars(select(UnitCell).where(UnitCell.number == 6)).one()
    xy = shapely.get_coordinates(cell.geom)
    xy[(xy == xy.max(axis=0)).all(axis=1)] += to_lattice(1e-5)
    cell.geom = shapely.Polygon(to_lattice(xy))
    session.flush()
    told = broken(session, made)
    assert told["overlap"] + told.get("gap", 0) >= 1
    assert told["outline"] >= 1


def test_a_lost_cell_is_a_gap(found):
    session, made = found
    lost = world.cell_id(session, 2, 2)
    session.execute(update(UnitCell).where(UnitCell.id == lost).values(valid_to=AT))
    told = broken(session, made)
    assert told["gap"] == 1
    assert told["membership"] == 1


def test_a_cell_without_owner_and_one_owned_by_a_grid_are_found(found):
    session, made = found
    one, two = world.cell_id(session, 2, 2), world.cell_id(session, 3, 2)
    session.execute(delete(CellMembership).where(CellMembership.cell_id == one))
    session.execute(
        update(CellMembership).where(CellMembership.cell_id == two).values(area_id=made.areas["G4"])
    )
    assert broken(session, made)["membership"] == 2


def test_an_outline_that_is_not_the_union_is_found(found):
    session, made = found
    session.execute(
        update(AreaOutline)
        .where(AreaOutline.area_id == made.areas["G2"])
        .values(geom=shapely.MultiPolygon([world.square(0, 0)]))
    )
    assert broken(session, made) == {"outline": 1}


def test_an_object_in_a_wrong_cell_is_found(found):
    session, made = found
    wrong = world.cell_id(session, 3, 3)
    session.execute(update(Building).values(cell_id=wrong))
    session.execute(update(Household).values(cell_id=None))
    assert broken(session, made) == {"placement": 2}


def test_a_code_in_use_twice_is_found(found):
    session, made = found
    session.execute(update(AreaName).where(AreaName.code == "G2").values(code="G1"))
    assert broken(session, made)["duplicate_code"] == 1


def test_a_grid_in_two_parts_is_told(found):
    session, made = found
    micro = session.scalar(select(AreaName.area_id).where(AreaName.code == "G100"))
    cell = world.cell_id(session, 3, 3)
    session.execute(update(CellMembership).where(CellMembership.cell_id == cell).values(area_id=micro))
    told = broken(session, made)
    assert told["outline"] == 4
    parts = [world.square(0, 0, 2), world.square(3, 3)]
    session.execute(
        update(AreaOutline)
        .where(AreaOutline.area_id == made.areas["G1"])
        .values(geom=shapely.MultiPolygon(parts))
    )
    assert broken(session, made)["multipart"] == 1


def test_nobody_may_ask_who_has_not_logged_in(found):
    session, _made = found
    assert session.scalars(select(Area.level).where(Area.level == Level.COMMUNITY)).all() == ["community"]
    with pytest.raises(NotAllowed):
        check_database(session, NOBODY, at=AT)
