"""Whom to ask: by specialty and distance as a slow oracle has it, and only those who can open the dispute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely import Point
from sqlalchemy import func, select, update

from gisgrid.access.actors import load_actor
from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.areas.models import AreaOutline
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.disputes.models import MediatorProfile
from gisgrid.cases.disputes.scope import dispute_within
from gisgrid.cases.lists.queries import case_card
from gisgrid.cases.mediation.mediators import (
    MediatorFields,
    drop_mediator,
    keep_mediator,
    list_mediators,
    possible_mediators,
    suggested_mediators,
)
from gisgrid.crs import to_lattice
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.places.models import Building, Facility
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.cases.mediation.disputes import Quarrel

GEOD = Geod(ellps="WGS84")


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Quarrel]:
    with database.write() as session:
        yield Quarrel(session, now)


def _station(scene: Quarrel, column: float, row: float) -> str:
    found = Facility(
        id=new_id(),
        community_id=scene.made.community,
        type="service_station",
        name=f"站{column}",
        position=world.middle(column, row),
    )
    scene.session.add(found)
    scene.session.flush()
    return found.id


def _asked(scene: Quarrel, case: Case) -> list[tuple[str, str, int | None]]:
    rows = suggested_mediators(scene.view("staff"), case, now=scene.now)
    return [(row["worker"], row["suits"], row["distance_m"]) for row in rows]


def _metres(place: Point, geometry: shapely.Geometry) -> float:
    """The oracle: the point of a shape nearest in degrees, and the geodesic to it."""
    near = shapely.get_point(shapely.shortest_line(geometry, place), 0)
    return float(GEOD.inv(place.x, place.y, near.x, near.y)[2])


def test_the_order_is_that_of_the_oracle(scene: Quarrel) -> None:
    session, rng = scene.session, np.random.default_rng(7)
    session.add(
        Category(
            code="family", name="家庭", group="g", is_confidential=True, severity="big", skill="mediation"
        )
    )
    places: dict[str, tuple[str, shapely.Geometry]] = {}
    for number in range(12):
        grid = f"G{rng.integers(1, 5)}"
        actor = world.add_actor(session, scene.made, Role.MEMBER, grid, primary=False)
        worker, kind = actor.worker_id or "", number % 3
        special = (("dispute",), (), ("family",))[int(rng.integers(0, 3))]
        building = facility = None
        if kind == 0:
            column, row = (int(one) for one in rng.integers(0, 4, 2))
            found = world.add_building(session, scene.made, column, row, number=str(number + 1))
            building, shape = found.id, shapely.centroid(found.footprint)
        elif kind == 1:
            facility = _station(scene, *(float(one) for one in rng.uniform(0, 4, 2)))
            shape = session.scalars(select(Facility.position).where(Facility.id == facility)).one()
        else:
            own = select(AreaOutline.geom).where(AreaOutline.area_id == scene.made.areas[grid])
            shape = session.scalars(own).one()
        given = MediatorFields(specialties=special, building=building, facility=facility)
        keep_mediator(scene.view("head"), worker, given, now=scene.now)
        suits = "special" if "dispute" in special else "any" if not special else "other"
        places[worker] = (suits, shape)
    session.execute(update(Account).where(Account.role != Role.LOCAL).values(password_hash="x"))
    own = select(AreaOutline.geom).where(AreaOutline.area_id == scene.made.areas["G3"])
    places[scene.worker("mediator")] = ("any", session.scalars(own).one())
    for column, row in rng.uniform(0, 4, (4, 2)):
        case = scene.report(float(column), float(row), by="staff")
        assert case.position is not None
        far = {worker: _metres(case.position, shape) for worker, (_suits, shape) in places.items()}
        found = _asked(scene, case)
        assert {worker for worker, _suits, _far in found} == set(places)
        for worker, suits, distance in found:
            assert suits == places[worker][0]
            assert distance is not None
            assert abs(distance - far[worker]) <= 0.51
        order = [(("special", "any", "other").index(suits), round(far[worker])) for worker, suits, _ in found]
        assert order == sorted(order)


def test_everybody_suggested_can_open_it_once_asked(scene: Quarrel) -> None:
    session = scene.session
    for name in ("head", "staff", "member", "other"):
        scene.teach(name)
    barred = {name: world.add_actor(session, scene.made, Role.MEMBER, "G4", primary=False) for name in "abcd"}
    session.execute(update(Account).where(Account.role != Role.LOCAL).values(password_hash="x"))
    for actor in barred.values():
        keep_mediator(scene.view("head"), actor.worker_id or "", MediatorFields(), now=scene.now)
    own = {name: Account.worker_id == actor.worker_id for name, actor in barred.items()}
    session.execute(update(Account).where(own["a"]).values(password_hash=None))
    session.execute(update(Account).where(own["b"]).values(disabled_at=scene.now))
    session.execute(update(Duty).where(Duty.worker_id == barred["c"].worker_id).values(valid_to=scene.now))
    session.execute(update(Account).where(own["d"]).values(role=Role.GRID_LEADER))
    nobody = Worker(id=new_id(), name="无账号")
    session.add(nobody)
    session.flush()
    session.add(
        Duty(
            worker_id=nobody.id,
            area_id=scene.made.areas["G1"],
            kind=DutyKind.SPECIALIST,
            valid_from=scene.now - timedelta(days=1),
        )
    )
    session.flush()
    keep_mediator(scene.view("head"), nobody.id, MediatorFields(), now=scene.now)
    case = scene.report()
    scene.do("member", case, "sort", grade="general")
    suggested = [row[0] for row in _asked(scene, case)]
    assert set(suggested) == {scene.worker(one) for one in ("head", "staff", "member", "other", "mediator")}
    for worker in suggested:
        scene.do("head", case, "ask", mediator=worker)
        account = session.scalars(select(Account.id).where(Account.worker_id == worker)).one()
        actor = load_actor(session, account, now=scene.now)
        view = scene.made.view(session, actor, now=scene.now)
        assert case_card(view, case.id, now=scene.now)["number"] == case.number
        assert dispute_within(view, case.id, lock=False) is case


def test_resting_ones_are_listed_but_not_asked(scene: Quarrel) -> None:
    case, worker = scene.report(), scene.worker("mediator")
    keep_mediator(scene.view("staff"), worker, MediatorFields(is_resting=True), now=scene.now)
    assert _asked(scene, case) == []
    (row,) = list_mediators(scene.view("staff"), now=scene.now)
    assert (row["worker"], row["resting"], row["able"]) == (worker, True, False)
    drop_mediator(scene.view("staff"), worker, now=scene.now)
    assert list_mediators(scene.view("staff"), now=scene.now) == []
    assert worker in {row["worker"] for row in possible_mediators(scene.view("staff"))}
    assert scene.session.scalar(select(func.count()).select_from(MediatorProfile)) == 0
    for gone in (worker, "nobody"):
        with pytest.raises(NotFound):
            drop_mediator(scene.view("staff"), gone, now=scene.now)


def test_a_case_without_a_place_is_asked_by_name(scene: Quarrel) -> None:
    case = scene.report()
    case.position = None
    scene.session.flush()
    assert _asked(scene, case) == [(scene.worker("mediator"), "any", None)]


def test_the_directory_refuses_what_is_not_here(scene: Quarrel) -> None:
    view, worker = scene.view("head"), scene.worker("mediator")
    building = world.add_building(scene.session, scene.made, 0, 0)
    wrong = MediatorFields(specialties=("garbage",), building=building.id, facility=new_id())
    with pytest.raises(InvalidInput) as caught:
        keep_mediator(view, worker, wrong, now=scene.now)
    assert {fault.field for fault in caught.value.faults} == {"specialties", "facility"}
    with pytest.raises(InvalidInput, match="nobody"):
        keep_mediator(view, new_id(), MediatorFields(), now=scene.now)
    foreign = update(Building).where(Building.id == building.id)
    scene.session.execute(foreign.values(community_id=world.found_beside(scene.session, scene.made)))
    with pytest.raises(InvalidInput, match="place"):
        keep_mediator(view, worker, MediatorFields(building=building.id), now=scene.now)
    for name in ("member", "leader", "resident"):
        with pytest.raises(NotAllowed):
            list_mediators(scene.view(name), now=scene.now)


def test_distance_is_that_of_the_lattice_point(scene: Quarrel) -> None:
    """A case at the station itself is 0 m away; one cell east about 80 m at this latitude."""
    station = _station(scene, 1, 1)
    given = MediatorFields(facility=station)
    keep_mediator(scene.view("head"), scene.worker("mediator"), given, now=scene.now)
    lon, lat = to_lattice([world.LON + 1.5 * world.STEP, world.LAT + 1.5 * world.STEP])
    near, east = scene.report(1.5, 1.5, by="staff"), scene.report(2.5, 1.5, by="staff")
    assert (near.position.x, near.position.y) == (lon, lat)  # type: ignore[union-attr]
    assert _asked(scene, near)[0][2] == 0
    assert _asked(scene, east)[0][2] == round(GEOD.inv(lon, lat, lon + world.STEP, lat)[2])
