"""Files that leave the community of `tests.world`, which has something of every layer in it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.exporters.layer import ExportRequest
from data.exporters.layers import layer_named
from data.exporters.run import Ask, Made, export
from gisgrid.access.actors import Actor
from gisgrid.access.models import Duty, DutyKind, Role, Worker
from gisgrid.areas.models import Level
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.places.models import Facility, Household, Street
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.fieldwork import add_record
from tests.working import install
from tests.world import TZ, World

PEOPLE = [(date(1950, 1, 1), "示例甲"), (date(2010, 1, 1), "示例乙"), (date(2020, 1, 1), "幼")]
"""Birth date and name in each household: an elder, one of 16 years, one below 14."""
FORMULA = '=HYPERLINK("http://example.org")'


@dataclass
class Depot:
    """Somebody who takes files out of the community C1; each is written for real."""

    database: Database
    folder: Path
    now: datetime
    world: World
    made: Made | None = None

    def take(
        self,
        layer: str,
        ending: str,
        *,
        actor: Actor | None = None,
        as_of: date | None = None,
        level: Level = Level.GRID,
        **how: Any,
    ) -> Path:
        """The file of a layer; its audit entry is kept as the application keeps it."""
        out = self.folder / f"{layer}{len(list(self.folder.iterdir()))}.{ending}"
        ask = Ask(layer=layer_named(layer), wish=ExportRequest(now=self.now, level=level), **how)
        with self.database.read() as session, session.no_autoflush:
            view = self.world.view(session, actor, now=self.now, as_of=as_of)
            self.made = export(view, ask, out)
            entries = list(session.new)
            for entry in entries:
                session.expunge(entry)
        with self.database.write() as session:
            session.add_all(entries)
        return out

    def rows(self, layer: str, **how: Any) -> list[dict[str, str]]:
        """The rows of a layer by the names of programs."""
        return read_csv(self.take(layer, "csv", **how))


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def actor_of(made: World, role: Role, *grids: str) -> Actor:
    """Somebody of a role for the community, or for some of its grids."""
    areas = frozenset(made.areas[code] for code in grids) or frozenset({made.community})
    return Actor(name=role.value, role=role, areas=areas)


def stocked(database: Database, folder: Path, now: datetime) -> Depot:
    """One building with two households in each of G1, G2, G4; a street, a station, members and cases."""
    folder.mkdir(exist_ok=True)
    with database.write() as session:
        made = world.found(session)
        for place, (column, row) in enumerate([(0, 0), (2, 0), (3, 3)], start=1):
            building = world.add_building(session, made, column, row, number=str(place))
            for room in ("101", "0113"):
                home = world.add_household(session, building, room)
                for birth, name in PEOPLE:
                    world.add_resident(session, home, birth, name=f"{name}{place}{room}")
        refused = world.add_household(session, building, "201", consent="refused")
        world.add_resident(session, refused, date(1960, 1, 1), name="不愿登记")
        _things(session, made)
        _records(session, made, now)
        _cases(session, made, now)
    return Depot(database, folder, now, made)


def _things(session: Session, made: World) -> None:
    line = shapely.LineString([world.middle(0, 0), world.middle(3, 0)])
    session.add(
        Street(id=new_id(), community_id=made.community, name="示例路", kind="residential", geom=line)
    )
    station = {
        "type": "service_station",
        "name": "示例站",
        "address": "柳岸新村1幢",
        "office_phone": "+86 527",
    }
    position = world.middle(0, 0)
    session.add(Facility(id=new_id(), community_id=made.community, position=position, capacity=30, **station))
    for code, name in [("G1", "示例丙"), ("G2", "示例丁")]:
        worker = Worker(id=new_id(), name=name, office_phone="0527-80000001", code=f"W{code}")
        session.add(worker)
        session.flush()
        term = {"area_id": made.areas[code], "kind": DutyKind.GRID_MEMBER, "is_primary": True}
        # In the middle of a day, as where a plan made it.
        begun = world.START + timedelta(hours=3, minutes=20)
        session.add(Duty(worker_id=worker.id, valid_from=begun, **term))


def _records(session: Session, made: World, now: datetime) -> None:
    """A visit to each household, the first of each building with nobody met."""
    version = install(session, made, now=now)["household_check"]
    for home in session.scalars(select(Household).where(Household.consent == "granted")):
        at, met = now - timedelta(days=int(home.room or 0) % 5), home.room != "101"
        add_record(session, version, home.id, at=at, kind="household", met=met, marks={"met": met})


def _cases(session: Session, made: World, now: datetime) -> None:
    told = [(0, 0, "garbage", FORMULA), (2, 0, "dispute", "邻里争吵,已劝"), (3, 3, "garbage", "路灯不亮")]
    for place, (column, row, category, text) in enumerate(told):
        spot = world.middle(column, row)
        told_by = {"source": "12345", "hotline": HotlineClass.COMPLEX} if place == 2 else {}
        command = ReportCase(lon=spot.x, lat=spot.y, category=category, description=text, **told_by)  # type: ignore[arg-type]
        at = now - timedelta(days=10 + place, microseconds=123456)
        report(session, made.actor, command, caches=made.caches, now=at, tz=TZ)
