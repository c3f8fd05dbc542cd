"""Hotspots, heat and renovation count no rejected, void or repeated cases; earlier days stay."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.days import period
from gisgrid.figures.hotspots import CaseFilter, heat, hotspots
from gisgrid.figures.renovation import renovation
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ

DAY = timedelta(days=1)


def _told(view: View) -> tuple[int, int, int, int]:
    """Cases of G1, of the community, points of the heat map, cases of all compounds."""
    asked = CaseFilter(period=period(date(2026, 11, 1), view.when.day, today=view.when.day, tz=TZ))
    rows = {row["code"]: row["count"] for row in hotspots(view, Level.GRID, asked).rows}
    compounds = sum(row["cases"] for row in renovation(view, asked.period).rows)
    return rows["G1"], sum(rows.values()), len(heat(view, asked)["points"]), compounds


def test_what_was_no_case_is_not_counted(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        world.add_building(session, made, 0, 0)
        place = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "x"}
        cases = [
            report(
                session, made.actor, ReportCase(**place), caches=made.caches, now=now - 2 * DAY, tz=TZ
            ).case
            for _ in range(5)
        ]
        steps = [
            (CaseAction.REJECT, StepInput(reason="x")),
            (CaseAction.VOID, StepInput(reason="x")),
            (CaseAction.DUPLICATE, StepInput(duplicate_of=cases[4].id)),
            (CaseAction.SUSPEND, StepInput(reason="x")),
        ]
        assert _told(made.view(session, now=now)) == (5, 5, 5, 5)
        for case, (action, given) in zip(cases, steps, strict=False):
            take(made.view(session, now=now), case.id, action, given, now=now)
        assert _told(made.view(session, now=now)) == (2, 2, 2, 2)
        yesterday = (now - DAY).astimezone(TZ).date()
        assert _told(made.view(session, now=now, as_of=yesterday)) == (5, 5, 5, 5)
