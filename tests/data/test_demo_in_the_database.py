"""The demo in the database: everything arrives, what was planted is found, nothing small is given away."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import data.demo
from gisgrid.access.actors import Actor, load_actor, local_actor
from gisgrid.access.models import Account
from gisgrid.areas.locate import locate
from gisgrid.areas.models import AreaOutline, Level
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.cases.core.case_state import REPORTED, CaseSnapshot, Event, replayed
from gisgrid.cases.core.models import Case, CaseCoHandler, CaseErrand, CaseLog, Category
from gisgrid.cases.core.store import case_snapshot, event_of
from gisgrid.cases.core.workflow import RUNNING_STATES, CaseAction, CaseState
from gisgrid.cases.deadlines.status import Clocks
from gisgrid.cases.escalation import escalate_due
from gisgrid.cases.referrals.store import ErrandStep
from gisgrid.days import period
from gisgrid.figures.area_figures import area_figures, territories
from gisgrid.figures.elderly import elderly_coverage
from gisgrid.figures.hotspots import CaseFilter, hotspots
from gisgrid.figures.search import find
from gisgrid.geometry.partition import check_tiling, oracle_check
from gisgrid.indicators.evaluation.models import EvaluationCase, EvaluationSample
from gisgrid.indicators.evaluation.rules import drawn
from gisgrid.indicators.evaluation.service import closed_in
from gisgrid.people.core.models import Resident
from gisgrid.places.models import Household
from gisgrid.storage.engine import Database
from tests.cases_by_log import rebuilt
from tests.world import TZ

PLANTED = Path(data.demo.__file__).with_name("planted.json")


def _actor(session: Session, name: str, now: datetime) -> Actor:
    account = session.scalar(select(Account.id).where(Account.name == name))
    assert account is not None
    actor = load_actor(session, account, now=now)
    assert actor is not None
    return actor


_CACHES = Caches()
"""Every test has a copy of the same demo: what one has read of the division serves the next."""


def _view(session: Session, name: str, now: datetime, as_of: date | None = None) -> View:
    return open_view(
        session, _actor(session, name, now), ViewRequest(as_of=as_of), caches=_CACHES, now=now, tz=TZ
    )


def test_the_stored_division_passes_the_complete_check(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        division = _view(session, "head", now).division
        outline = shapely.get_geometry(division.outlines[division.community_id], 0)
    owners = np.unique([division.owners[cell] for cell in division.cell_ids], return_inverse=True)[1]
    assert check_tiling(division.cells, outline) == []
    assert oracle_check(division.cells, outline, owners=owners) == []


def test_every_case_lies_in_the_grid_whose_outline_covers_it(demo: Database, now: datetime) -> None:
    """The slow way, by outlines in SQL, gives what assignment by cells gave, except exactly on borders."""
    with demo.read() as session:
        division = _view(session, "head", now).division
        grids = [area.id for area in division.tree.at_level(Level.GRID)]
        by_outline = session.execute(
            select(Case.id, Case.cell_id, AreaOutline.area_id)
            .join(AreaOutline, func.ST_Covers(AreaOutline.geom, Case.position) == 1)
            .where(AreaOutline.area_id.in_(grids), Case.is_on_border.is_(False), Case.fid % 8 == 0)
        ).all()
        outside = session.scalar(select(func.count()).where(Case.cell_id.is_(None)))
    assert len(by_outline) > 900
    for row in by_outline:
        grid = division.grid_of(row.cell_id)
        assert grid is not None
        assert grid.id == row.area_id
    assert outside is not None
    assert 25 <= outside < 60


def test_planted_hotspots_stand_in_the_top_three_of_the_table(demo: Database, now: datetime) -> None:
    planted = json.loads(PLANTED.read_text(encoding="utf-8"))
    with demo.read() as session:
        view = _view(session, "head", now)
        year = CaseFilter(period=period(None, None, today=date(2026, 11, 20), tz=TZ))
        compounds = hotspots(view, Level.COMPOUND, year).rows
        for spot in planted["hotspots"]:
            grid = locate(view.division, spot["lon"], spot["lat"]).grid
            first, last = date.fromisoformat(spot["first"]), date.fromisoformat(spot["last"])
            span = CaseFilter(
                period=period(first, last, today=date(2026, 11, 24), tz=TZ), categories=(spot["category"],)
            )
            rows = hotspots(view, Level.GRID, span).rows
            top = sorted(rows, key=lambda row: -row["count"])[:3]
            assert grid is not None
            assert grid.code in [row["code"] for row in top], spot
    assert max(compounds, key=lambda row: row["rate"])["code"].endswith(planted["hot_compound"])


def test_the_far_compound_and_the_overloaded_grid_stand_out(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        view = _view(session, "head", now)
        coverage = elderly_coverage(view, walk_m=1000).rows
        loads = territories(view).rows
    reached = [row for row in coverage if row["reached"] == 0]
    assert len(reached) == 4
    assert [row["norm_class"] for row in loads].count("over") == 1
    assert all(row["member"] for row in loads)


def test_the_past_has_its_own_divisions(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        grids = [
            len(_view(session, "head", now, as_of=day).division.tree.at_level(Level.GRID))
            for day in (date(2014, 1, 1), date(2017, 1, 1), date(2026, 1, 1))
        ]
    assert grids == [12, 18, 20]


def test_every_household_is_found_by_its_address(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        view = _view(session, "member01", now)
        addresses = session.scalars(select(Household.std_address).where(Household.fid % 480 == 7)).all()
        assert len(addresses) == 20
        for address in addresses:
            assert find(view, address, now=now)[0].title == address


def test_names_and_phones_are_sealed_in_the_file(demo: Database) -> None:
    with demo.read() as session:
        person = session.scalars(select(Resident).where(Resident.phone.is_not(None)).limit(1)).one()
        name, phone = person.name, person.phone
    raw = Path(str(demo.engine.url.database)).read_bytes()
    assert name
    assert phone
    assert phone.encode() not in raw


@pytest.mark.parametrize("name", ["head", "staff", "member01", "leader"])
def test_all_who_read_maps_see_the_community(demo: Database, now: datetime, name: str) -> None:
    with demo.read() as session:
        assert len(area_figures(_view(session, name, now), Level.GRID)) == 20


@pytest.mark.parametrize(
    "name", ["steward01", "resident01", "evaluator", "org01", "property01", "grid_leader01", "admin"]
)
def test_every_account_belongs_to_the_community(demo: Database, now: datetime, name: str) -> None:
    with demo.read() as session:
        assert _view(session, name, now).community.name == "幸福社区(示例)"


def test_every_case_of_the_demo_stands_as_its_log_says(demo: Database, now: datetime) -> None:
    del now
    with demo.read() as session:
        logs = defaultdict[str, list[Event]](list)
        for row in session.scalars(select(CaseLog).order_by(CaseLog.at, CaseLog.id)):
            logs[row.case_id].append(event_of(row))
        cases = session.scalars(select(Case)).all()
        helped = set(session.scalars(select(CaseCoHandler.case_id)))
        wrong = [
            case.number
            for case in cases
            if replace(replayed(logs[case.id]), co_handlers=()) != replace(_standing(case), co_handlers=())
        ]
        for case in [case for case in cases if case.id in helped][:40]:
            assert rebuilt(session, case.id) == case_snapshot(session, case)
    assert wrong == []
    assert len(helped) > 100


def _standing(case: Case) -> CaseSnapshot:
    """How a case stands by its row, without a query for each."""
    names = [one for one in CaseSnapshot.__dataclass_fields__ if one != "co_handlers"]
    return CaseSnapshot(**{name: getattr(case, name) for name in names})


def test_the_demo_uses_the_whole_workflow(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        states = Counter(session.scalars(select(Case.state)))
        steps = Counter(session.scalars(select(CaseLog.action)))
        sources = Counter(session.scalars(select(Case.source)))
        rated = session.execute(
            select(Case.rating_speed, Case.rating_result).where(Case.rated_at.is_not(None))
        )
        stars = [min(row) for row in rated]
        running = session.scalars(select(Case).where(Case.state.in_(RUNNING_STATES))).all()
        clocks = Clocks(_view(session, "head", now), running, now=now)
        lights = Counter(clocks.fields(case)["light"] for case in running)
    assert set(states) == set(CaseState)
    of_errands = set(ErrandStep) - {ErrandStep.WITHDRAW}
    assert set(steps) == {REPORTED, *CaseAction, *of_errands} - {CaseAction.RELEASE}
    assert {"web", "wechat", "hotline", "12345", "patrol", "property", "open311"} <= set(sources)
    assert 0.5 < sum(star >= 4 for star in stars) / len(stars) < 0.9
    total = sum(lights.values())
    assert lights["green"] > 0.25 * total
    assert lights["amber"] > 0.1 * total
    assert 0.15 * total < lights["red"] < 0.5 * total


def test_nobody_is_told_at_once_of_all_that_was_late_before(demo: Database, now: datetime) -> None:
    with demo.write() as session:
        view = open_view(
            session, local_actor(session, "clock"), ViewRequest(), caches=Caches(), now=now, tz=TZ
        )
        late = select(func.count()).where(Case.state.in_(RUNNING_STATES), Case.due_at < now)
        assert (session.scalar(late) or 0) > 10
        assert escalate_due(view, now=now) == 0
        assert escalate_due(view, now=now + timedelta(days=2)) > 0


def test_every_grid_member_finds_something_to_do(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        grids = area_figures(_view(session, "head", now), Level.GRID)
    assert (grids["open_cases"] > 0).all()


def test_every_organisation_finds_errands_of_every_kind(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        accounts = session.scalars(
            select(Account).where(Account.role.in_(["property", "org"])).order_by(Account.name)
        ).all()
        rows = session.execute(
            select(CaseErrand, Case.state, Case.closed_at).join(Case, Case.id == CaseErrand.case_id)
        ).all()
    assert len(accounts) == 7
    assert all("示例" in (account.organisation or "") for account in accounts)
    running = Counter(
        one.account_id for one, *_ in rows if one.finished_at is None and one.returned_at is None
    )
    finished = Counter(one.account_id for one, *_ in rows if one.finished_at is not None)
    assert [account.name for account in accounts if not running[account.id]] == []
    assert [account.name for account in accounts if finished[account.id] <= 20] == []
    assert sum(one.returned_at is not None for one, *_ in rows) > 10
    for one, state, closed_at in rows:
        steps = [one.asked_at, one.receipted_at, one.started_at, one.finished_at or one.returned_at]
        taken = [at for at in steps if at is not None]
        assert taken == sorted(taken)
        assert taken[-1] <= now
        if state in ("closed", "rated"):
            assert closed_at is not None
            assert one.finished_at or one.returned_at
            assert taken[-1] <= closed_at
    # Their time stood still while their case was suspended: of these more than whole days were given.
    put_off = [one for one, *_ in rows if (one.due_at - one.asked_at) % timedelta(days=1)]
    assert 0 < len(put_off) < len(rows) / 4


def test_a_sample_of_the_month_before_is_half_checked_and_can_be_drawn_again(
    demo: Database, now: datetime
) -> None:
    with demo.read() as session:
        sample = session.scalars(select(EvaluationSample)).one()
        rows = session.scalars(select(EvaluationCase).order_by(EvaluationCase.place)).all()
        days = period(sample.first_day, sample.last_day, today=now.date(), tz=TZ)
        statement = select(Case.id).join(Category, Category.code == Case.category_code)
        ids = session.scalars(statement.where(closed_in(sample.community_id, days))).all()
        names = dict(session.execute(select(Account.id, Account.name)).all())
    assert (sample.first_day, sample.last_day) == (date(2026, 10, 1), date(2026, 10, 31))
    assert sample.population == len(ids)
    assert [row.case_id for row in rows] == drawn(ids, sample.size, seed=sample.seed)
    checked = [row for row in rows if row.checked_at is not None]
    assert [row.place for row in checked] == list(range(1, len(rows) // 2 + 1))
    assert all(sample.drawn_at < row.checked_at < now for row in checked if row.checked_at)
    assert {names[row.checked_by or ""] for row in checked} == {"evaluator"}
    assert names[sample.drawn_by or ""] == "head"
