"""A small invented community for tests: 4 grids of 4 square cells each, built through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import shapely
from shapely import Point, Polygon
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import Actor, local_actor
from gisgrid.access.models import Account, Duty, DutyKind, Role, Worker
from gisgrid.areas.models import CellKind, Level, UnitCell
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.cases.core.models import Category
from gisgrid.crs import to_lattice
from gisgrid.people.core.models import Resident
from gisgrid.people.core.phone_digests import phone_digest, phone_digests
from gisgrid.places.address import AddressParts, search_keys, standard_address
from gisgrid.places.models import Building, Compound, Household
from gisgrid.storage.base import new_id
from tests import recording

TZ = ZoneInfo("Asia/Shanghai")
START = datetime(2020, 1, 1, tzinfo=UTC)
LON, LAT = 118.25, 33.5
STEP = 2**-10
"""Side of a cell in degrees, about 90 m; exact in binary, so cells lie on the lattice."""


@dataclass
class World:
    """Ids of what was made; ``cells[row][column]`` from the south-west corner."""

    community: str
    actor: Actor
    areas: dict[str, str] = field(default_factory=dict)
    caches: Caches = field(default_factory=Caches)

    def view(
        self, session: Session, actor: Actor | None = None, *, now: datetime, as_of: date | None = None
    ) -> View:
        asked = ViewRequest(community="C1", as_of=as_of)
        return open_view(session, actor or self.actor, asked, caches=self.caches, now=now, tz=TZ)


def square(column: float, row: float, size: float = 1.0) -> Polygon:
    """A square of ``size`` cells whose south-west corner is at a column and a row."""
    west, south = LON + column * STEP, LAT + row * STEP
    return shapely.box(west, south, west + size * STEP, south + size * STEP, ccw=True)


def middle(column: float, row: float) -> Point:
    """The middle of a cell."""
    return Point(*to_lattice([LON + (column + 0.5) * STEP, LAT + (row + 0.5) * STEP]))


def found(session: Session, *, at: datetime = START) -> World:
    """The community C1 with grids G1 (south-west), G2 (south-east), G3, G4 of 2 by 2 cells each.

    What the services wrote the first time is written as it was into every other empty database.
    """
    if not recording.is_empty(session):
        return _built(session, at)
    known = _recorded.get(at)
    if known is not None:
        recording.play(session, known[0])
        made = known[1]
        return World(community=made.community, actor=made.actor, areas=dict(made.areas))
    before = recording.count_rows(session)
    made = _built(session, at)
    _recorded[at] = (recording.record(session, before), made)
    return World(community=made.community, actor=made.actor, areas=dict(made.areas))


_recorded: dict[datetime, tuple[recording.Recording, World]] = {}


def _built(session: Session, at: datetime) -> World:
    ensure_local_account(session, now=at)
    actor = local_actor(session, "tester")
    community = NewArea(code="C1", name="示例社区", level=Level.COMMUNITY, parent_code="S1")
    community_id = create_community(session, actor, community, centre=(LON, LAT), at=at)
    grids = [
        NewArea(code=f"G{number}", name=f"第{number}网格", level=Level.GRID, parent_code="C1")
        for number in (1, 2, 3, 4)
    ]
    areas = add_areas(session, actor, community_id, grids, at=at)
    cells = [
        NewCell(geom=square(column, row), kind=CellKind.BLOCK, owner=f"G{1 + column // 2 + 2 * (row // 2)}")
        for row in range(4)
        for column in range(4)
    ]
    publish_cells(session, actor, community_id, cells, at=at, reason="first division")
    for position, (code, confidential) in enumerate([("garbage", False), ("dispute", True)]):
        session.add(
            Category(
                code=code,
                name=code,
                group="g",
                is_confidential=confidential,
                severity="big",
                position=position,
            )
        )
    session.flush()
    return World(community=community_id, actor=actor, areas=areas)


def found_beside(session: Session, made: World, *, at: datetime = START) -> str:
    """The community C2 in the east of C1 with one grid H1 of one column; gives its id."""
    community = NewArea(code="C2", name="邻近社区", level=Level.COMMUNITY, parent_code="S1")
    centre = (LON + 5 * STEP, LAT)
    community_id = create_community(session, made.actor, community, centre=centre, at=at)
    grid = NewArea(code="H1", name="邻一网格", level=Level.GRID, parent_code="C2")
    add_areas(session, made.actor, community_id, [grid], at=at)
    cells = [NewCell(geom=square(4, row), kind=CellKind.BLOCK, owner="H1") for row in range(4)]
    publish_cells(session, made.actor, community_id, cells, at=at, reason="first division")
    return community_id


def cell_id(session: Session, column: int, row: int) -> str:
    """Id of a cell of C1; a community founded beside it later has cells of the same numbers."""
    number = 1 + row * 4 + column
    found_id = session.scalar(
        select(UnitCell.id).where(UnitCell.number == number).order_by(UnitCell.id).limit(1)
    )
    assert found_id is not None
    return found_id


def add_building(
    session: Session, world: World, column: int, row: int, *, compound: str = "柳岸新村", number: str = "1"
) -> Building:
    """A building in the middle of a cell."""
    known = session.scalar(select(Compound).where(Compound.name == compound))
    if known is None:
        known = Compound(id=new_id(), community_id=world.community, name=compound)
        session.add(known)
        session.flush()
    keys = search_keys(compound, number)
    building = Building(
        id=new_id(),
        community_id=world.community,
        code=f"B{column}{row}-{number}",
        address=f"{compound}{number}幢",
        compound_id=known.id,
        floors=6,
        built_year=1995,
        condition="C",
        has_lift=False,
        footprint=square(column + 0.25, row + 0.25, 0.5),
        cell_id=cell_id(session, column, row),
        search_text=keys.text,
        search_pinyin=keys.pinyin,
        search_initials=keys.initials,
    )
    session.add(building)
    session.flush()
    return building


def add_household(
    session: Session, building: Building, room: str, *, unit: str = "1", consent: str | None = "granted"
) -> Household:
    """A household in a building."""
    compound, number = (
        building.address.split(building.search_text.split("-")[1])[0],
        building.search_text.split("-")[1],
    )
    centre = shapely.centroid(building.footprint)
    household = Household(
        id=new_id(),
        community_id=building.community_id,
        building_id=building.id,
        unit=unit,
        room=room,
        std_address=standard_address(AddressParts(compound=compound, building=number, unit=unit, room=room)),
        position=Point(*to_lattice([centre.x, centre.y])),
        cell_id=building.cell_id,
        consent=consent,
        lived_from=date(2010, 1, 1),
    )
    session.add(household)
    session.flush()
    return household


def add_resident(
    session: Session,
    household: Household,
    birth: date,
    *,
    name: str = "示例甲",
    status: str = "registered_here",
    consent: str = "granted",
    lived_from: date = date(2010, 1, 1),
) -> Resident:
    """A resident of a household."""
    resident = Resident(
        id=new_id(),
        household_id=household.id,
        name=name,
        phone="199-0000-0000",
        phone_digest=phone_digest(phone_digests(session), "199-0000-0000"),
        birth_date=birth,
        sex="f",
        residence_status=status,
        consent=consent,
        lived_from=lived_from,
    )
    session.add(resident)
    session.flush()
    return resident


def add_actor(session: Session, world: World, role: Role, *areas: str, primary: bool = True) -> Actor:
    """An account of a role; a member gets a duty for its grids, others an account scope."""
    worker = Worker(id=new_id(), name=f"{role}示例", office_phone="0527-80000000")
    session.add(worker)
    session.flush()
    account = Account(
        id=new_id(), name=f"{role}-{worker.id[-12:]}", role=role, worker_id=worker.id, created_at=START
    )
    session.add(account)
    for code in areas:
        kind = DutyKind.GRID_MEMBER if role == Role.MEMBER else DutyKind.GRID_SUPERVISOR
        is_primary = primary and role == Role.MEMBER
        session.add(
            Duty(
                worker_id=worker.id,
                area_id=world.areas[code],
                kind=kind,
                is_primary=is_primary,
                valid_from=START,
            )
        )
    session.flush()
    ids = frozenset(world.areas.get(code, code) for code in areas) or frozenset({world.community})
    return Actor(account_id=account.id, name=account.name, role=role, worker_id=worker.id, areas=ids)
