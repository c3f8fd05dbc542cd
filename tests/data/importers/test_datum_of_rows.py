"""Households and facilities with positions are compared with the buildings near before they are stored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from data.importers.values.datum_check import LEAST_FOOTPRINTS, ComparedBy, KnownGround, check_datum
from gisgrid.crs import Datum, shift_datum, to_lattice
from gisgrid.geometry.lattice import as_array
from gisgrid.places.models import Facility, Household
from gisgrid.storage.engine import Database
from tests import world
from tests.importing import Desk
from tests.world import square

PLACES = [(column, row) for row in (1, 2) for column in range(4)] + [(1, 3), (2, 3)]
"""Cells of the world that get a building beside those of the desk."""


@pytest.fixture
def desk(database: Database, tmp_path: Path, now: datetime) -> Desk:
    return Desk(database, tmp_path, now)


def build(desk: Desk) -> None:
    with desk.database.write() as session:
        for number, (column, row) in enumerate(PLACES, 11):
            world.add_building(session, desk.world, column, row, number=str(number))


def rows_of(kind: str, drawn_in: Datum) -> list[dict[str, str]]:
    """A row in each building, its position in a datum."""
    found = []
    for number, (column, row) in enumerate(PLACES, 11):
        point = world.middle(column, row)
        lon, lat = shift_datum([point.x], [point.y], Datum.WGS84, drawn_in)
        place = {"经度": repr(float(lon[0])), "纬度": repr(float(lat[0]))}
        if kind == "households":
            found.append({"地址": f"柳岸新村{number}幢1单元101室", **place})
        else:
            found.append({"名称": f"站{number}", "类型": "红色驿站", **place})
    return found


@pytest.mark.parametrize("kind", ["households", "facilities"])
@pytest.mark.parametrize("real", [Datum.GCJ02, Datum.BD09])
def test_positions_in_another_datum_are_warned_of_and_kept_as_said(
    desk: Desk, kind: str, real: Datum
) -> None:
    build(desk)
    rows = rows_of(kind, real)
    outcome = desk.bring(kind, *rows, crs="EPSG:4326")
    check = outcome.datum
    assert check is not None
    assert (check.by, check.said, check.compared) == (ComparedBy.FOOTPRINTS, Datum.WGS84, len(rows))
    assert (check.agreement[real], check.agreement[Datum.WGS84], check.better) == (1.0, 0.0, real)
    assert f"--crs {real.value}" in str(check.sentences()[1])
    table = Household if kind == "households" else Facility
    with desk.database.read() as session:
        kept = {(one.x, one.y) for one in session.scalars(select(table.position))}
    assert kept == {tuple(to_lattice([float(row["经度"]), float(row["纬度"])]).tolist()) for row in rows}


@pytest.mark.parametrize("kind", ["households", "facilities"])
@pytest.mark.parametrize("said", list(Datum))
def test_positions_in_the_datum_that_was_said_are_not_warned_of(desk: Desk, kind: str, said: Datum) -> None:
    build(desk)
    check = desk.bring(kind, *rows_of(kind, said), crs=said.value).datum
    assert check is not None
    assert (check.agreement[said], check.better, len(check.sentences())) == (1.0, None, 1)


@pytest.mark.parametrize("kind", ["households", "facilities"])
def test_too_few_buildings_say_nothing(desk: Desk, kind: str) -> None:
    assert desk.bring(kind, *rows_of(kind, Datum.GCJ02), crs="EPSG:4326").datum is None


def test_rows_without_a_position_are_not_compared(desk: Desk) -> None:
    build(desk)
    assert desk.bring("households", {"地址": "柳岸新村11幢1单元101室"}).datum is None


def test_only_points_with_a_building_near_are_compared() -> None:
    houses = [square(column, 0, 0.5) for column in range(LEAST_FOOTPRINTS)]
    ground = KnownGround(outlines=as_array([]), names={}, footprints=as_array(houses))
    near = np.array([[one.centroid.x, one.centroid.y] for one in houses])
    far = near + np.array([0.5, 0.0])
    lon, lat = np.concatenate([near, far]).T
    found = check_datum(lon, lat, said=Datum.WGS84, ground=ground)
    assert found is not None
    assert (found.compared, found.agreement[Datum.WGS84]) == (len(houses), 1.0)
    assert check_datum(*far.T, said=Datum.WGS84, ground=ground) is None
