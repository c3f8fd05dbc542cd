"""Point to cell to grid: the array path, the SQL path and the slow oracle give one answer."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from gisgrid.areas.division import Division
from gisgrid.areas.locate import communities_at, find_spot, locate, locate_many
from gisgrid.areas.models import UnitCell
from gisgrid.crs import to_lattice
from gisgrid.storage.base import valid_at
from gisgrid.storage.dialect import in_bounds
from gisgrid.storage.engine import Database
from gisgrid.storage.types import Shape
from tests import world
from tests.world import LAT, LON, STEP

quarter = st.integers(-4, 20).map(lambda n: n / 4)
"""Quarters of a cell: vertices, edges, middles, and places outside."""


def _expected(division, lon: float, lat: float) -> str | None:
    covering = [
        (number, cell_id)
        for number, cell_id, cell in zip(division.numbers, division.cell_ids, division.cells, strict=True)
        if cell.covers(shapely.Point(lon, lat))
    ]
    return min(covering)[1] if covering else None


def cells_by_sql(session: Session, division: Division, lon: float, lat: float) -> list[str]:
    """The SQL path of the same question: ids of the cells covering a point, lowest number first."""
    point = literal(shapely.Point(lon, lat), Shape("POINT"))
    statement = (
        select(UnitCell.id)
        .where(
            UnitCell.community_id == division.community_id,
            valid_at(UnitCell, division.at),
            in_bounds(session, UnitCell.geom, (lon, lat, lon, lat)),
            func.ST_Covers(UnitCell.geom, point),
        )
        .order_by(UnitCell.number)
    )
    return list(session.scalars(statement))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(quarter, quarter)
def test_array_sql_and_slow_path_agree_also_on_borders(
    database: Database, now: datetime, column: float, row: float
) -> None:
    lon, lat = (float(v) for v in to_lattice([LON + column * STEP, LAT + row * STEP]))
    with database.write() as session:
        made = world.found(session)
        division = made.view(session, now=now).division
        expected = _expected(division, lon, lat)
        assert locate(division, lon, lat).cell_id == expected
        assert next(iter(cells_by_sql(session, division, lon, lat)), None) == expected
        assert bool(communities_at(session, lon, lat, at=now)) == (expected is not None)
        session.rollback()


def test_a_point_of_a_building_falls_to_the_buildings_cell(database: Database, now: datetime) -> None:
    """On the border of two cells the building decides, not the lower number."""
    with database.write() as session:
        made = world.found(session)
        division = made.view(session, now=now).division
        lon, lat = LON + 2 * STEP, LAT + 0.5 * STEP
        lower, higher = world.cell_id(session, 1, 0), world.cell_id(session, 2, 0)
        assert locate(division, lon, lat).cell_id == lower
        assert locate(division, lon, lat, building_cell=higher).cell_id == higher
        assert locate(division, LON, LAT, building_cell=higher).cell_id == world.cell_id(session, 0, 0)


def test_border_of_the_grid_is_told_exactly_and_in_metres(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        on_grid_border = locate(view.division, LON + 2 * STEP, LAT + 0.5 * STEP)
        on_cell_border = locate(view.division, LON + STEP, LAT + 0.5 * STEP)
        assert on_grid_border.is_on_border
        assert on_grid_border.near_border_m == 0
        assert not on_cell_border.is_on_border
        assert on_cell_border.near_border_m == pytest.approx(0.5 * STEP * 110_920, rel=0.01)
        assert [area.code for area in on_grid_border.path] == ["S1", "C1", "G1", "G100"]


def test_points_outside_are_kept_without_a_cell(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        spots = locate_many(view.division, np.array([LON - 1, np.nan]), np.array([LAT, LAT]))
        assert spots.cell.tolist() == [-1, -1]
        community, spot = find_spot(
            session, made.caches.divisions, (LON - 1, LAT), at=now, building_cell=None
        )
        assert community is None
        assert spot.path == ()
