"""A small community in which every text a person may type tries to run, to break a map or a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.models import Account, AccountScope, Duty, DutyKind, Role, Worker
from gisgrid.access.passwords import hash_password
from gisgrid.areas.models import AreaName
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.places.address import search_keys
from gisgrid.places.models import Building, Compound, Facility, Household, Landscape, Street
from gisgrid.storage.base import new_id
from tests import world
from tests.demo_files import PASSWORD

PAYLOADS = (
    "</script><script>window.hacked=1</script>",
    "`${alert(1)}`",
    "<img src=x onerror=window.hacked=1>",
    "=cmd|'/C calc'!A0",
    "\\`</script>",
)
ROLES = (Role.HEAD, Role.STAFF, Role.MEMBER, Role.LEADER, Role.RESIDENT)
GRIDS = ("G1", "G2", "G3", "G4")


@dataclass
class HostileWorld:
    """Names of the accounts by role (they are hostile too), ids of cases and households, all texts used."""

    accounts: dict[Role, str]
    cases: list[str]
    households: list[str]
    texts: tuple[str, ...]


def build(session: Session, texts: Sequence[str], *, now: datetime) -> HostileWorld:
    """Fill an empty, migrated database; the texts take turns in the fields, one text fills them all."""
    made = world.found(session)
    turn = _numbered(texts)
    for name in session.scalars(select(AreaName)):
        name.name = next(turn)
    for category in session.scalars(select(Category)):
        category.name, category.name_en, category.group = next(turn), next(turn), next(turn)
    households = [_home(session, made, place, turn) for place in range(8)]
    _ground(session, made, turn)
    accounts = {role: _account(session, made, role, turn, households[0]) for role in ROLES}
    cases = [_case(session, made, place, turn, now=now) for place in range(10)]
    session.flush()
    return HostileWorld(accounts=accounts, cases=cases, households=households, texts=tuple(texts))


def _numbered(texts: Sequence[str]) -> Iterator[str]:
    """The texts in turn, each with a number behind it, since some names must be unique."""
    for number, text in enumerate(cycle(texts)):
        yield f"{text}{number}"


def _home(session: Session, made: world.World, place: int, turn: Iterator[str]) -> str:
    """A compound, a building and a household with two elders, in a cell of its own; the household's id."""
    column, row = place % 4, place // 4
    compound = Compound(id=new_id(), community_id=made.community, name=next(turn))
    keys = search_keys("例园", str(place))
    building = Building(
        id=new_id(),
        community_id=made.community,
        code=next(turn)[:60],
        address=next(turn),
        name=next(turn)[:80],
        compound_id=compound.id,
        floors=6,
        built_year=1995,
        condition="C",
        footprint=world.square(column + 0.25, row + 0.25, 0.5),
        cell_id=world.cell_id(session, column, row),
        search_text=keys.text,
        search_pinyin=keys.pinyin,
        search_initials=keys.initials,
    )
    household = Household(
        id=new_id(),
        community_id=made.community,
        building_id=building.id,
        unit=next(turn)[:20],
        room=next(turn)[:20],
        std_address=next(turn),
        position=world.middle(column, row),
        cell_id=building.cell_id,
        consent="granted",
        lived_from=date(2010, 1, 1),
    )
    for batch in (compound, building, household):
        session.add(batch)
        session.flush()
    for year in (1936, 1946):
        resident = world.add_resident(session, household, date(year, 3, 1), name=next(turn))
        resident.phone = next(turn)
    return household.id


def _ground(session: Session, made: world.World, turn: Iterator[str]) -> None:
    """A station in every grid, streets along the borders, and a pond."""
    for column in range(4):
        west, north = world.LON + column * world.STEP, world.LAT + 4 * world.STEP
        line = shapely.LineString([(west, world.LAT), (west, north)])
        session.add(Street(community_id=made.community, name=next(turn), kind=next(turn)[:60], geom=line))
        session.add(
            Facility(
                community_id=made.community,
                type="service_station",
                name=next(turn),
                address=next(turn),
                office_phone=next(turn)[:40],
                position=world.middle(column, column),
                cell_id=world.cell_id(session, column, column),
            )
        )
    pond = world.square(1.1, 1.1, 0.1)
    session.add(Landscape(community_id=made.community, kind="water", name=next(turn), geom=pond))


def _account(session: Session, made: world.World, role: Role, turn: Iterator[str], household: str) -> str:
    """An account of a role with the scope it needs; the name it logs in with."""
    worker = Worker(id=new_id(), name=next(turn)[:100], office_phone=next(turn)[:40])
    account = Account(
        id=new_id(),
        name=next(turn)[:80],
        role=role,
        worker_id=worker.id,
        password_hash=hash_password(PASSWORD),
        created_at=world.START,
    )
    for batch in (worker, account):
        session.add(batch)
        session.flush()
    _scope(session, made, account, household)
    return account.name


def _scope(session: Session, made: world.World, account: Account, household: str) -> None:
    if account.role == Role.RESIDENT:
        session.add(AccountScope(account_id=account.id, household_id=household))
    elif account.role in {Role.MEMBER, Role.STAFF}:
        is_member = account.role == Role.MEMBER
        kind = DutyKind.GRID_MEMBER if is_member else DutyKind.GRID_SUPERVISOR
        for grid in GRIDS:
            session.add(
                Duty(
                    worker_id=account.worker_id,
                    area_id=made.areas[grid],
                    kind=kind,
                    is_primary=is_member,
                    valid_from=world.START,
                )
            )
    else:
        session.add(AccountScope(account_id=account.id, area_id=made.community))


def _case(session: Session, made: world.World, place: int, turn: Iterator[str], *, now: datetime) -> str:
    """A case in a cell, every second one closed with a result; its id."""
    at = world.middle(place % 4, place // 4)
    command = ReportCase(
        lon=at.x,
        lat=at.y,
        category=("garbage", "dispute")[place % 2],
        description=next(turn),
        address=next(turn),
        contact=next(turn),
    )
    kept = report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ)
    case: Case = kept.case
    case.recorded_area, case.external_number = next(turn)[:120], next(turn)[:80]
    if place % 3 == 0:
        case.state, case.result, case.closed_at = "closed", next(turn), now + timedelta(minutes=1)
        case.feedback_channel = "earlier"
        log = CaseLog(case_id=case.id, at=now + timedelta(minutes=1), action="close", to_state="closed")
        log.text = next(turn)
        session.add(log)
    return case.id
