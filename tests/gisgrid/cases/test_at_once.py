"""Reports at the same moment: no number twice, no case twice, and nobody waits in vain; on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from gisgrid.access.models import Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import Level
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case, IdempotencyKey
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.days import period
from gisgrid.errors import Conflict
from gisgrid.figures.hotspots import CaseFilter, hotspots
from gisgrid.storage.engine import Database
from tests import world
from tests.stepping import close, start
from tests.world import LAT, LON, STEP, TZ, World

THREADS = 4


def at_once(act: Callable[[int], str], count: int = THREADS) -> list[str]:
    """What so many threads get that begin together."""
    start = Barrier(count)

    def run(number: int) -> str:
        start.wait(timeout=10)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def send(database: Database, made: World, now: datetime, *, text: str, key: str | None = None) -> str:
    command = ReportCase(lon=LON + STEP / 2, lat=LAT + STEP / 2, category="garbage", description=text)
    repeat = Repeatable(key=key, client="a") if key else None
    with database.write() as session:
        kept = report(session, made.actor, command, caches=made.caches, now=now, tz=TZ, repeat=repeat)
        return kept.case.number


@pytest.fixture
def made(database: Database) -> World:
    with database.write() as session:
        return world.found(session)


@pytest.fixture
def made_on_postgis(postgis: Database) -> World:
    with postgis.write() as session:
        return world.found(session)


def test_the_same_key_at_once_is_one_case(database: Database, made: World, now: datetime) -> None:
    numbers = at_once(lambda _: send(database, made, now, text="x", key="k"))
    assert len(set(numbers)) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


def test_reports_at_once_get_numbers_of_their_own(database: Database, made: World, now: datetime) -> None:
    numbers = at_once(lambda number: send(database, made, now, text=f"{number}"))
    assert len(set(numbers)) == THREADS
    assert all(re.fullmatch(r"20261124-\d{6}", number) for number in numbers)


def test_a_case_closed_at_once_by_two_is_closed_by_one(
    database: Database, made: World, now: datetime
) -> None:
    send(database, made, now, text="x")
    with database.write() as session:
        head = world.add_actor(session, made, Role.HEAD, "C1")
        case_id = session.scalars(select(Case.id)).one()

    def settle(number: int) -> str:
        try:
            with database.write() as session:
                close(made.view(session, head, now=now), case_id, f"result {number}", now=now)
        except Conflict:
            return "refused"
        return "closed"

    assert sorted(at_once(settle, 2)) == ["closed", "refused"]


@pytest.mark.parametrize(
    ("late", "counted"), [(timedelta(0), 0), (timedelta(microseconds=-1), 1), (timedelta(days=-1), 1)]
)
def test_a_day_ends_at_midnight_in_shanghai(
    database: Database, made: World, late: timedelta, counted: int, now: datetime
) -> None:
    """Both days are included; a case at the very end of the last one belongs to the next day."""
    midnight = datetime(2026, 11, 11, tzinfo=TZ)
    send(database, made, midnight + late, text="x")
    span = period(date(2026, 11, 9), date(2026, 11, 10), today=date(2026, 11, 24), tz=TZ)
    with database.read() as session:
        table = hotspots(made.view(session, now=now), Level.GRID, CaseFilter(period=span))
    assert table.rows[0]["count"] == counted


def test_who_waits_for_a_community_holds_none_of_its_cases(
    postgis: Database, now: datetime, made_on_postgis: World
) -> None:
    """An import holds the community's row and then takes cases: a step must not hold one while it waits."""
    made = made_on_postgis
    send(postgis, made, now, text="x")
    with postgis.write() as session:
        head = world.add_actor(session, made, Role.HEAD, "C1")
        case_id = session.scalars(select(Case.id)).one()

    def step() -> None:
        with postgis.write() as session:
            start(made.view(session, head, now=now), case_id, now=now)

    with ThreadPoolExecutor(1) as pool:
        with postgis.write() as session:
            wait_for_others(session, made.community)
            stepping = pool.submit(step)
            with pytest.raises(TimeoutError):
                stepping.result(timeout=0.5)
            held = session.scalars(select(Case).where(Case.id == case_id).with_for_update(nowait=True)).one()
            held.address = "1号楼"
        stepping.result(timeout=10)
    with postgis.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.state, case.address) == ("handling", "1号楼")
