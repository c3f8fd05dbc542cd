"""Published figures from cases that are generated, imported through the service and counted in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from gisgrid.areas.view import View
from gisgrid.cases.core.models import Category
from gisgrid.cases.core.rules import CaseState
from gisgrid.cases.intake.imported_case import ImportedCase
from gisgrid.cases.intake.imports import save_cases
from gisgrid.days import period
from gisgrid.indicators.formulas import BY_CODE
from gisgrid.indicators.groups import By
from gisgrid.indicators.queries import IndicatorRequest, counts_of, indicators
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

HOUR = timedelta(hours=1)


def _months(first: date, last: date) -> IndicatorRequest:
    return IndicatorRequest(period=period(first, last, today=date(2026, 11, 24), tz=TZ))


def _told(view: View, asked: IndicatorRequest, code: str, now: datetime) -> str:
    return str(BY_CODE[code].of(counts_of(view, asked, now=now)))


def _keep(session: Session, made: World, cases: list[ImportedCase], now: datetime) -> None:
    division = made.view(session, now=now).division
    kept = save_cases(session, made.actor, division, cases=cases, now=now, tz=TZ)
    assert kept.new == len(cases)


class Ledger:
    """Makes rows of a city's ledger: when each was reported, is due, was closed."""

    def __init__(self, source: str) -> None:
        self.source, self.count = source, 0

    def rows(
        self,
        count: int,
        category: str,
        *,
        reported: datetime,
        due: datetime | None,
        closed: datetime | None = None,
        state: CaseState = CaseState.HANDLING,
    ) -> Iterator[ImportedCase]:
        for _ in range(count):
            self.count += 1
            yield ImportedCase(
                row=self.count,
                source=self.source,
                number=f"{self.source}-{self.count}",
                category=category,
                reported_at=reported,
                lon=LON + (self.count % 4 + 0.5) * STEP,
                lat=LAT + 0.5 * STEP,
                description="示例",
                due_at=due,
                closed_at=closed,
                state=CaseState.CLOSED if closed and state is CaseState.HANDLING else state,
            )


def _tianmen() -> list[ImportedCase]:
    """1,054 accepted, 996 filed, 972 due in December (956 events, 16 components), 911 closed, 737 on time.

    Some were reported in November and fell due in December; some of December fall due in January.
    """
    book = Ledger("TM")
    autumn, winter = datetime(2016, 11, 29, 1, tzinfo=UTC), datetime(2016, 12, 10, 1, tzinfo=UTC)
    due, later = datetime(2016, 12, 20, 1, tzinfo=UTC), datetime(2017, 1, 9, 1, tzinfo=UTC)
    early, late = due - HOUR, due + HOUR
    return [
        *book.rows(30, "event", reported=autumn, due=due, closed=early),
        *book.rows(702, "event", reported=winter, due=due, closed=due),
        *book.rows(170, "event", reported=winter, due=due, closed=late),
        *book.rows(54, "event", reported=winter, due=due),
        *book.rows(5, "component", reported=winter, due=due, closed=early),
        *book.rows(4, "component", reported=winter, due=due, closed=late),
        *book.rows(7, "component", reported=winter, due=due),
        *book.rows(54, "event", reported=winter, due=later),
        *book.rows(58, "event", reported=winter, due=due, closed=early, state=CaseState.REJECTED),
    ]


def _categories(session: Session) -> None:
    for place, code in enumerate(("event", "component")):
        names = {"code": code, "name": code, "group": code, "severity": "big", "position": 10 + place}
        session.add(Category(**names, is_confidential=False))
    session.flush()


def test_tianmen_december_2016(database: Database, now: datetime) -> None:
    december = _months(date(2016, 12, 1), date(2016, 12, 31))
    with database.write() as session:
        made = world.found(session, at=datetime(2016, 1, 1, tzinfo=UTC))
        _categories(session)
        _keep(session, made, _tianmen(), now)
        view = made.view(session, now=now)
        found = counts_of(view, december, now=now)
        assert found["reported"] == 1054
        assert found["reported_filed"] == 996
        assert (found["due"], found["closed"], found["closed_on_time"]) == (972, 911, 737)
        # What others did tells nothing of how fast or in which grid people here work.
        assert (found["filed"], found["ended"]) == (0, 0)
        assert _told(view, december, "closure", now) == "93.72%"
        assert _told(view, december, "on_time_closure", now) == "75.82%"
        table = indicators(view, IndicatorRequest(period=december.period, by=By.CLASS), now=now)
        shares = {row["code"]: f"{100 * row['closure']:.2f}%" for row in table.rows}
        assert shares == {"event": "94.35%", "component": "56.25%"}
        november = counts_of(view, _months(date(2016, 11, 1), date(2016, 11, 30)), now=now)
        assert (november["reported"], november["due"]) == (30, 0)


def test_a_district_of_fujian_may_2019(database: Database, now: datetime) -> None:
    may = _months(date(2019, 5, 1), date(2019, 5, 31))
    book = Ledger("FJ")
    reported, due = datetime(2019, 5, 6, 1, tzinfo=UTC), datetime(2019, 5, 20, 1, tzinfo=UTC)
    cases = [
        *book.rows(5752, "event", reported=reported, due=due, closed=due),
        *book.rows(160, "event", reported=reported, due=due, closed=due + HOUR),
        *book.rows(114, "event", reported=reported, due=due),
        *book.rows(397, "event", reported=reported, due=due + 30 * 24 * HOUR),
    ]
    with database.write() as session:
        made = world.found(session, at=datetime(2016, 1, 1, tzinfo=UTC))
        _categories(session)
        _keep(session, made, cases, now)
    database.refresh_statistics()
    with database.read() as session:
        view = made.view(session, now=now)
        found = counts_of(view, may, now=now)
        assert (found["reported"], found["due"], found["closed"]) == (6423, 6026, 5912)
        assert _told(view, may, "closure", now) == "98.11%"
        assert _told(view, may, "on_time_closure", now) == "95.45%"
