"""Counting in SQL gives what plain loops give, whatever people did, within one's scope."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from gisgrid.access.models import Duty, DutyKind
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.days import period
from gisgrid.errors import InvalidInput
from gisgrid.indicators.drilldown import counted_cases
from gisgrid.indicators.formulas import COUNTS
from gisgrid.indicators.groups import Borders, By
from gisgrid.indicators.queries import IndicatorRequest, indicators, pivot
from gisgrid.storage.engine import Database
from tests.gisgrid.indicators.oracle import slow_counts
from tests.gisgrid.indicators.town import Town
from tests.world import LAT, LON, STEP, TZ

HOUR = timedelta(hours=1)
TODAY = date(2026, 12, 31)
NOVEMBER = period(date(2026, 11, 1), date(2026, 11, 30), today=TODAY, tz=TZ)
BOTH = period(date(2026, 11, 1), TODAY, today=TODAY, tz=TZ)


def _plain(found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {key: {name: number for name, number in counts.items() if number} for key, counts in found.items()}


@pytest.mark.parametrize("examples", [2, pytest.param(20, marks=pytest.mark.prove)])
def test_sql_counts_as_plain_loops_do(database: Database, now: datetime, examples: int) -> None:
    with database.write() as session:
        town = Town(session, now)

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck), deadline=None)
        @given(seed=st.integers(0, 2**32), hours=st.sampled_from([1, 60, 170, 400, 900]))
        def any_life(seed: int, hours: int) -> None:
            with session.begin_nested() as taken_back:
                town.live(seed)
                session.flush()
                at = now + hours * HOUR
                division = town.made.view(session, now=at).division
                primary = dict(
                    session.execute(
                        select(Duty.area_id, Duty.worker_id).where(
                            Duty.kind == DutyKind.GRID_MEMBER, Duty.is_primary.is_(True)
                        )
                    ).all()
                )

                def grid(case: Case) -> str:
                    found = division.grid_of(case.cell_id)
                    return found.code if found else ""

                keys = {
                    By.COMMUNITY: lambda _case: "C1",
                    By.GRID: grid,
                    By.CATEGORY: lambda case: case.category_code,
                    By.CLASS: lambda _case: "g",
                    By.DEPARTMENT: lambda case: case.line_code or "",
                }
                for span in (NOVEMBER, BOTH):
                    for by, key in keys.items():
                        slow = {
                            one: dict(counts)
                            for one, counts in slow_counts(session, span, at, key=key).items()
                        }
                        assert _plain(town.ask(by, span, at)) == slow, by
                    slow = slow_counts(
                        session,
                        span,
                        at,
                        key=lambda case: case.handler_id or primary.get(case.reported_grid_id, ""),
                    )
                    assert _plain(town.ask_by_member(span, at)) == {
                        one: dict(counts) for one, counts in slow.items()
                    }
                    assert town.ask(By.GRID, span, at) == town.ask(By.GRID, span, at, borders=Borders.THEN)
                taken_back.rollback()
            session.expire_all()

        any_life()


def test_what_stands_behind_a_number_is_as_many_cases(database: Database, now: datetime) -> None:
    with database.write() as session:
        town = Town(session, now)
        town.live(7, cases=24)
        at = now + 400 * HOUR
        for name in ("head", "leader", "one"):
            view = town.made.view(session, town.people[name], now=at)
            asked = IndicatorRequest(period=BOTH, by=By.GRID)
            table = indicators(view, asked, now=at)
            for row in table.rows:
                for count in ("due", "closed_on_time", "unclosed", "missed", "finished"):
                    found, total = counted_cases(view, asked, count, code=row["code"], now=at)
                    assert total == row[count] == len(found), (name, row["code"], count)
            assert sum(row["reported"] for row in table.rows) == table.meta["total"]["reported"] > 0
        whole = town.ask(By.COMMUNITY, BOTH, at)["C1"]
        assert not [name for name, number in whole.items() if not number]  # nothing above was about nothing
        counts = {}
        for name in ("head", "leader", "one"):
            counts[name] = sum(one["reported"] for one in town.ask(By.GRID, BOTH, at, name=name).values())
        reports = list(session.scalars(select(Case)))
        own = town.people["leader"].account_id
        assert counts["head"] == len(reports) > counts["leader"]
        assert counts["leader"] == sum(
            one.category_code != "dispute" or one.reporter_id == own for one in reports
        )


def test_two_ways_add_up(database: Database, now: datetime) -> None:
    with database.write() as session:
        town = Town(session, now)
        town.live(3, cases=12)
        at = now + 200 * HOUR
        view = town.made.view(session, town.people["head"], now=at)
        table = pivot(view, IndicatorRequest(period=BOTH, by=By.DEPARTMENT), count="reported", now=at)
        lines = town.ask(By.DEPARTMENT, BOTH, at)
        grids = town.ask(By.GRID, BOTH, at)
        assert {row["code"]: row["total"] for row in table["rows"]} == {
            code: counts["reported"] for code, counts in lines.items()
        }
        sums = [sum(column) for column in zip(*(row["cells"] for row in table["rows"]), strict=True)]
        found = {one["code"]: number for one, number in zip(table["columns"], sums, strict=True)}
        assert {code: number for code, number in found.items() if number} == {
            code: counts["reported"] for code, counts in grids.items()
        }


def test_statements_do_not_grow_with_cases(database: Database, now: datetime) -> None:
    with database.write() as session:
        town = Town(session, now)
        found = []
        for cases in (2, 14):
            town.live(cases, cases=cases)
            session.flush()
            at = now + 400 * HOUR
            view = town.made.view(session, town.people["head"], now=at)
            statements: list[str] = []

            def listen(_c: object, _u: object, text: str, *_rest: object) -> None:
                statements.append(text)  # noqa: B023 - used up within the turn

            event.listen(database.engine, "before_cursor_execute", listen)
            for by in (By.GRID, By.CLASS, By.CATEGORY, By.DEPARTMENT):
                indicators(view, IndicatorRequest(period=BOTH, by=by), now=at)
            event.remove(database.engine, "before_cursor_execute", listen)
            found.append(len(statements))
        assert found[0] == found[1] <= 20
        assert set(COUNTS) == {*town.ask(By.COMMUNITY, BOTH, at)["C1"]}


def test_a_leader_learns_no_confidential_count(database: Database, now: datetime) -> None:
    quarter = period(date(2026, 10, 1), TODAY, today=TODAY, tz=TZ)
    with database.write() as session:
        town = Town(session, now)
        town.live(11, cases=16)
        at = datetime(2027, 1, 20, tzinfo=TZ)
        view = town.made.view(session, town.people["leader"], now=at)
        for by in (By.GRID, By.COMMUNITY, By.MONTH, By.CATEGORY):
            asked = IndicatorRequest(period=quarter, by=by, categories=("dispute",))
            with pytest.raises(InvalidInput, match="hotspots alone"):
                indicators(view, asked, now=at)
            with pytest.raises(InvalidInput, match="hotspots alone"):
                counted_cases(view, asked, "due", code=None, now=at)
        plain = indicators(view, IndicatorRequest(period=quarter, by=By.CATEGORY), now=at)
        own = town.people["leader"].account_id
        mine = session.scalars(
            select(Case).where(Case.category_code == "dispute", Case.reporter_id == own)
        ).all()
        disputes = sum(row["reported"] for row in plain.rows if row["code"] == "dispute")
        assert disputes == len(mine)


def test_whether_a_case_was_suspended_is_told_as_of_then(database: Database, now: datetime) -> None:
    """A late case owes nobody an end while it is suspended, also when it went on later."""
    with database.write() as session:
        town = Town(session, now)
        command = ReportCase(lon=LON + 0.5 * STEP, lat=LAT + 0.5 * STEP, category="garbage", description="x")
        head = town.people["head"]
        case = report(session, head, command, caches=town.made.caches, now=now, tz=TZ).case
        for hours, action in ((30, CaseAction.SUSPEND), (50, CaseAction.RESUME)):
            at = now + hours * HOUR
            view = town.made.view(session, head, now=at)
            take(view, case.id, action, StepInput(reason="等材料"), now=at)
        assert (case.due_at, case.suspended_at) == (now + 24 * HOUR, None)
        due = [
            town.ask(By.COMMUNITY, BOTH, now + hours * HOUR)["C1"]["due"] for hours in (23, 29, 30, 49, 50)
        ]
        assert due == [0, 1, 0, 0, 1]
