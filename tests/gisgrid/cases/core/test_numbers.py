"""Numbers of cases tell nothing but the day, whoever sees how many of them."""

from __future__ import annotations

import random
import re
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
import pytest
from sqlalchemy import select, update

from data.demo.history.clock import zone
from gisgrid.cases.core import numbers
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, list_cases
from gisgrid.errors import Conflict
from gisgrid.storage.engine import Database
from tests import world
from tests.world import TZ, World

NUMBER: Final = re.compile(r"\d{8}-\d{6}")
NOON: Final = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Rigged:
    """Digits that come in a known order, so that two writers draw the same."""

    def __init__(self, *digits: int) -> None:
        self._digits = iter(digits)
        self._last = digits[-1]

    def randbelow(self, _span: int) -> int:
        return next(self._digits, self._last)


def tell(database: Database, made: World, *, at: datetime = NOON, category: str = "garbage") -> str:
    spot = world.middle(0, 0)
    command = ReportCase(lon=spot.x, lat=spot.y, category=category, description="乱堆放")
    with database.write() as session:
        return report(session, made.actor, command, caches=made.caches, now=at, tz=TZ).case.number


@pytest.fixture
def made(database: Database) -> World:
    with database.write() as session:
        return world.found(session)


def test_every_number_has_six_drawn_digits_of_whatever_category(database: Database, made: World) -> None:
    told = [tell(database, made, category=one) for one in ("garbage", "dispute", "garbage")]
    assert all(NUMBER.fullmatch(one) and one.startswith("20261124-") for one in told)
    assert len({int(one[9:]) for one in told} & {1, 2, 3}) < 3


def test_neither_gaps_nor_order_tell_of_what_is_hidden_now_or_later(spatialite: Database) -> None:
    """Who sees the open ones guesses the others as well as who sees nothing."""
    rng = random.Random(7)
    with spatialite.write() as session:
        made = world.found(session)
        days = [date(2026, 11, 1) + timedelta(days=one) for one in range(20)]
        hidden = {day: rng.randrange(1, 12) for day in days}
        for day in days:
            kinds = ["dispute"] * hidden[day] + ["garbage"] * 10
            rng.shuffle(kinds)
            at = datetime.combine(day, NOON.timetz())
            spot = world.middle(0, 0)
            for place, kind in enumerate(kinds):
                command = ReportCase(lon=spot.x, lat=spot.y, category=kind, description="x")
                moment = at + timedelta(minutes=place)
                report(session, made.actor, command, caches=made.caches, now=moment, tz=TZ)
        rows = session.execute(select(Case.number, Case.category_code, Case.reported_at)).all()
    seen: dict[str, list[int]] = {}
    for row in rows:
        if row.category_code == "garbage":
            seen.setdefault(row.number[:8], []).append(int(row.number[9:]))
    gaps = [max(digits) - len(digits) == hidden[day] for day, digits in zip(days, seen.values(), strict=True)]
    assert not any(gaps)
    digits = np.array([int(row.number[9:]) for row in rows], dtype=float)
    is_secret = np.array([row.category_code == "dispute" for row in rows], dtype=float)
    order = np.array([row.reported_at.hour * 60 + row.reported_at.minute for row in rows], dtype=float)
    bound = 5 / np.sqrt(len(rows))  # five times what chance alone gives
    assert abs(np.corrcoef(digits, is_secret)[0, 1]) < bound
    assert abs(np.corrcoef(digits, order)[0, 1]) < bound
    with spatialite.write() as session:
        before = set(session.scalars(select(Case.number)))
        session.execute(update(Category).where(Category.code == "garbage").values(is_confidential=True))
        assert set(session.scalars(select(Case.number))) == before
    assert {len(one) for one in before} == {15}


def test_a_number_that_a_case_has_is_drawn_again(
    database: Database, made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "secrets", Rigged(7, 7, 7, 8))
    assert [tell(database, made) for _ in range(2)] == ["20261124-000007", "20261124-000008"]


def test_many_cases_of_a_day_get_a_number_each_though_digits_repeat(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "secrets", Rigged(*[1, 2, 2, 3, 1], *range(1, 9)))
    given: list[str] = []
    with database.write() as session:
        numbers.keep_numbered(session, [date(2026, 11, 24)] * 5, given.extend)
    assert len(set(given)) == 5


def test_a_day_without_numbers_left_says_so(
    database: Database, made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "secrets", Rigged(7))
    tell(database, made)
    with pytest.raises(Conflict, match="2026-11-24"):
        tell(database, made)


def test_two_who_draw_the_same_number_at_once_get_two(
    postgis: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second waits for the first, is refused by the index, and draws again: nobody is told of it."""
    with postgis.write() as session:
        made = world.found(session)
    monkeypatch.setattr(numbers, "secrets", Rigged(7, 7, 8))
    second: list[str] = []
    with postgis.write() as session:
        command = ReportCase(lon=118.2505, lat=33.5005, category="garbage", description="x")
        first = report(session, made.actor, command, caches=made.caches, now=NOON, tz=TZ).case.number
        other = threading.Thread(target=lambda: second.append(tell(postgis, made)))
        other.start()
        other.join(1.0)
        assert other.is_alive()
    other.join(20)
    assert [first, *second] == ["20261124-000007", "20261124-000008"]


def test_an_old_number_is_found_by_whoever_may_see_its_case(database: Database, made: World) -> None:
    tell(database, made)
    with database.write() as session:
        session.execute(update(Case).values(number="20261124-0007"))
        view = made.view(session, now=NOON + timedelta(hours=1))
        for text in ("20261124-0007", "202611240007", "20261124"):
            rows, _total = list_cases(view, CaseSearch(state="all", text=text), now=NOON)
            assert [row["number"] for row in rows] == ["20261124-0007"], text


def test_numbers_of_the_demo_are_drawn_too(demo: Database) -> None:
    with demo.read() as session:
        rows = session.execute(
            select(Case.number, Case.reported_at, Category.is_confidential).join(
                Category, Category.code == Case.category_code
            )
        ).all()
    assert all(NUMBER.fullmatch(row.number) for row in rows)
    by_day: dict[str, tuple[list[int], int]] = {}
    for row in rows:
        day = f"{row.reported_at.astimezone(zone()):%Y%m%d}"
        assert row.number.startswith(day)
        seen, hidden = by_day.get(day, ([], 0))
        by_day[day] = (
            [*seen, *([] if row.is_confidential else [int(row.number[9:])])],
            hidden + row.is_confidential,
        )
    right = [max(seen) - len(seen) == hidden for seen, hidden in by_day.values() if seen]
    assert len(right) > 600
    assert sum(right) < 6
