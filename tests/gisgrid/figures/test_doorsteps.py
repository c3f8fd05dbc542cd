"""Near a border the reporter says which building is meant, and the case lies in that building's cell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from gisgrid.access.actors import NOBODY
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.crs import Datum, shift_datum
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.figures.doorsteps import buildings_near, doorstep_of, doorsteps_by_text, is_doubtful
from gisgrid.figures.whereabouts import PlaceRequest, whereabouts
from gisgrid.places.models import Building
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ


class Scene:
    """Two buildings on both sides of the border between G1 and G2, which runs at column 2."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        self.west = self.building(1, 1.6, "1")
        self.east = self.building(2, 2.1, "2")

    def building(self, column: int, west: float, number: str) -> Building:
        row = world.add_building(self.session, self.made, column, 0, number=number)
        row.footprint = world.square(west, 0.4, 0.3)
        self.session.flush()
        return row

    def asking(self) -> PlaceRequest:
        return PlaceRequest(session=self.session, actor=NOBODY, caches=self.made.caches, now=self.now, tz=TZ)


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


def test_the_chosen_building_decides_where_the_case_lies(scene: Scene) -> None:
    lon, lat = LON + 2.02 * STEP, LAT + 0.5 * STEP
    spot = whereabouts(scene.asking(), [(lon, lat)])[0]
    assert spot is not None
    assert is_doubtful(spot["near_border_m"], None)
    found = buildings_near(scene.asking(), lon, lat, accuracy_m=20)
    assert [(one["id"], one["grid"]) for one in found] == [(scene.east.id, "G2"), (scene.west.id, "G1")]
    assert "households" not in found[0]
    for chosen, row in zip(found, (scene.east, scene.west), strict=True):
        command = ReportCase(
            lon=chosen["lon"], lat=chosen["lat"], building=chosen["id"], category="garbage", description="x"
        )
        kept = report(scene.session, NOBODY, command, caches=scene.made.caches, now=scene.now, tz=TZ)
        assert (kept.case.cell_id, kept.spot.grid.code if kept.spot.grid else "") == (
            row.cell_id,
            chosen["grid"],
        )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(column=st.floats(1.2, 2.9), row=st.floats(0.1, 0.9), datum=st.sampled_from(list(Datum)))
def test_the_point_of_every_building_offered_lies_in_its_cell(
    scene: Scene, column: float, row: float, datum: Datum
) -> None:
    place = LON + column * STEP, LAT + row * STEP
    given_lon, given_lat = shift_datum(*place, Datum.WGS84, datum)
    found = buildings_near(scene.asking(), float(given_lon), float(given_lat), datum=datum, accuracy_m=60)
    distances = [one["distance_m"] for one in found]
    assert distances == sorted(distances)
    here = shapely.Point(place)
    for one in found:
        building = scene.west if one["id"] == scene.west.id else scene.east
        assert building.footprint.covers(shapely.Point(one["lon"], one["lat"]))
        metres = here.distance(building.footprint) * 111_195
        assert one["distance_m"] <= metres + 1.5  # a degree of longitude is shorter than one of latitude
        spot = whereabouts(scene.asking(), [(one["lon"], one["lat"])])[0]
        assert spot is not None
        assert one["grid"] in [area["code"] for area in spot["areas"]]


@pytest.mark.parametrize(
    ("metres", "accuracy", "expected"),
    [(0.0, None, True), (14.9, None, True), (15.0, None, False), (40.0, 50.0, True), (120.0, 500.0, False),
     (None, 80.0, False)],
)  # fmt: skip
def test_doubt_goes_as_far_as_the_accuracy(
    metres: float | None, accuracy: float | None, *, expected: bool
) -> None:
    assert is_doubtful(metres, accuracy) is expected


def test_a_building_by_its_code_on_the_door_or_its_address(scene: Scene) -> None:
    one = doorstep_of(scene.asking(), scene.west.code or "")
    assert (one["id"], one["grid"], one["distance_m"]) == (scene.west.id, "G1", None)
    assert doorstep_of(scene.asking(), scene.west.id)["id"] == scene.west.id
    with pytest.raises(NotFound):
        doorstep_of(scene.asking(), "B99")
    assert [row["id"] for row in doorsteps_by_text(scene.asking(), "柳岸新村2幢")] == [scene.east.id]
    assert {row["id"] for row in doorsteps_by_text(scene.asking(), "lax")} == {scene.east.id, scene.west.id}
    assert doorsteps_by_text(scene.asking(), "  ") == []
    with pytest.raises(InvalidInput):
        buildings_near(scene.asking(), 190, 33)
