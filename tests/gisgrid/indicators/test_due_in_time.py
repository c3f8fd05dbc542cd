"""A case counts in the period it falls due in; over real requests as a table computes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select

from data.importers.kinds.areas import import_areas, read_areas
from data.importers.kinds.cases import NewCategories, import_cases, read_cases
from data.importers.readers.files import read_table
from gisgrid.access.actors import local_actor
from gisgrid.access.models import Account, Role
from gisgrid.areas.communities import choose_community
from gisgrid.areas.models import Level
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.deadlines.deadlines import time_of
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.days import Period, period
from gisgrid.indicators.queries import IndicatorRequest as Figures
from gisgrid.indicators.queries import counts_of
from gisgrid.storage.engine import Database
from tests import world
from tests.data.importers.real_imports import CASE
from tests.importing import thinned
from tests.world import LAT, LON, STEP, TZ

HOUR = timedelta(hours=1)


def in_time(view: View, wanted: Period, now: datetime) -> tuple[int, int, int]:
    """How many were due in a period, of them closed, and of these on time."""
    found = counts_of(view, Figures(period=wanted), now=now)
    return found["due"], found["closed"], found["closed_on_time"]


def test_a_case_counts_where_it_falls_due_and_a_suspended_one_nowhere(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        where = {"lon": LON + 0.5 * STEP, "lat": LAT + 0.5 * STEP, "category": "garbage", "description": "x"}
        cases = [
            report(session, made.actor, ReportCase(**where), caches=made.caches, now=at, tz=TZ).case
            for at in (now, now, now, now, now + 40 * HOUR)
        ]
        view = made.view(session, now=now + 90 * HOUR)
        steps = [
            (CaseAction.CLOSE, StepInput(result="x"), 24),
            (CaseAction.CLOSE, StepInput(result="x"), 30),
            (CaseAction.SUSPEND, StepInput(reason="x"), 10),
        ]
        for case, (action, given, hours) in zip(cases, steps, strict=False):
            take(view, case.id, action, given, now=now + hours * HOUR)
        second = period(date(2026, 11, 25), date(2026, 11, 25), today=date(2026, 12, 1), tz=TZ)
        assert in_time(view, second, now + 90 * HOUR) == (3, 2, 1)
        later = replace(second, start=second.end, end=second.end + timedelta(days=2))
        assert in_time(view, later, now + 90 * HOUR) == (1, 0, 0)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("every", "known"),
    [(15, (971, 683, 621)), pytest.param(1, (14_561, 10_533, 9_670), marks=pytest.mark.prove)],
)
def test_requests_of_washington_are_on_time_as_their_file_says(
    database: Database, real_data: Path, tmp_path: Path, every: int, known: tuple[int, int, int]
) -> None:
    folder = real_data / "dc_311_requests_wards"
    path = thinned(folder / "dc_311_requests_2016_07_08.csv", tmp_path, every=every)
    at = datetime(2026, 1, 1, tzinfo=TZ)
    with database.write() as session:
        session.add(Account(name="local", role=Role.LOCAL, created_at=at))
        session.flush()
        actor = local_actor(session, "tester")
        wards = read_areas(
            read_table(folder / "ward_2012.geojson"), level=Level.GRID, columns=["code=WARD_ID"]
        )
        import_areas(session, actor, wards, community="DC", at=at)
        rows = read_cases(read_table(path), tz=TZ, crs="4326", columns=CASE)
        community = choose_community(session, actor, "DC", now=at)
        import_cases(session, actor, rows, community=community, new_categories=NewCategories.OPEN, now=at)
        view = open_view(session, actor, ViewRequest(community="DC"), caches=Caches(), now=at, tz=TZ)
        whole = period(date(2016, 1, 1), date(2016, 12, 31), today=at.date(), tz=TZ)
        sheet = pd.read_csv(path, dtype=str)
        due = pd.to_datetime(sheet["SERVICEDUEDATE"], utc=True, format="ISO8601")
        closed = pd.to_datetime(sheet["RESOLUTIONDATE"], utc=True, format="ISO8601")
        expected = (
            int(due.notna().sum()),
            int((due.notna() & closed.notna()).sum()),
            int((closed <= due).sum()),
        )
        assert in_time(view, whole, at) == expected == known
        books = Books(session, TZ)
        for one in session.scalars(select(Case).where(Case.closed_at.is_not(None)).limit(2000)):
            time = time_of(books, one, now=at)
            assert time is not None
            assert one.closed_at is not None
            assert one.due_at is not None
            assert (time.elapsed <= 1) == (one.closed_at <= one.due_at)
