"""The demo has a past to look back on, and a draft in which the rules find something; on both databases."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import load_actor
from gisgrid.access.models import Account
from gisgrid.areas.communities import has_community
from gisgrid.areas.models import Level
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.history import revision_history
from gisgrid.redraw.plans.list import list_plans
from gisgrid.redraw.plans.store import open_plan
from gisgrid.redraw.restoration import restore
from gisgrid.redraw.rules.checks import plan_findings
from gisgrid.storage.engine import Database
from tests.demo_files import fill
from tests.world import TZ


def _view(session: Session, caches: Caches, *, now: datetime, asked: ViewRequest | None = None) -> View:
    account = session.scalar(select(Account.id).where(Account.name == "staff"))
    actor = load_actor(session, str(account), now=now)
    assert actor is not None
    return open_view(session, actor, asked or ViewRequest(), caches=caches, now=now, tz=TZ)


def test_the_demo_has_a_past_and_a_draft(demo: Database, now: datetime) -> None:
    check_past_and_draft(demo, now)


@pytest.mark.prove
def test_the_same_demo_arrives_on_postgis(demo: Database, postgis: Database, now: datetime) -> None:
    with postgis.read() as session:
        assert not has_community(session)
    fill(postgis, now=now)
    counts = _counts(demo)
    assert counts == _counts(postgis)
    assert (counts["household"], counts["case_file"]) == (9600, 8000)
    with demo.read() as one, postgis.read() as other:
        for level in (Level.GRID, Level.MICRO_GRID, Level.COMPOUND):
            here, there = (area_figures(_view(one_of, Caches(), now=now), level) for one_of in (one, other))
            assert here.to_dict() == there.to_dict()
    check_past_and_draft(postgis, now)


def _counts(database: Database) -> dict[str, int]:
    tables = (
        "area",
        "unit_cell",
        "building",
        "household",
        "resident",
        "case_file",
        "case_log",
        "duty",
        "account",
    )
    with database.read() as session:
        return {
            name: session.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0  # noqa: S608
            for name in tables
        }


def check_past_and_draft(database: Database, now: datetime) -> None:
    """Divisions that were, one that is being drawn, and the past ones restored."""
    caches = Caches()
    with database.write() as session:
        _check_history(session, caches, now)
        _check_draft(session, caches, now)
        for number, grids in ((1, 12), (2, 18)):
            _check_restoring(session, caches, now, number=number, grids=grids)


def _check_history(session: Session, caches: Caches, now: datetime) -> None:
    """Divisions since 2013, backdated, each with a reason."""
    rows = revision_history(_view(session, caches, now=now))
    assert [row["effective_at"][:10] for row in rows] == ["2019-07-01", "2016-05-01", "2013-03-01"]
    assert all(row["backdated"] and row["reason"] for row in rows)
    assert [row["changes"]["grids"] for row in rows] == [20, 18, 12]
    for number, grids in ((1, 12), (2, 18), (3, 20)):
        figures = area_figures(
            _view(session, caches, now=now, asked=ViewRequest(revision=number)), Level.GRID
        )
        assert (len(figures), figures["households"].sum()) == (grids, 9600)
    past = _view(session, caches, now=now, asked=ViewRequest(as_of=date(2014, 1, 1)))
    assert len(past.division.tree.at_level(Level.GRID)) == 12


def _check_draft(session: Session, caches: Caches, now: datetime) -> None:
    """An open plan of staff with an overloaded and a memberless grid."""
    view = _view(session, caches, now=now)
    (plan,) = list_plans(view)
    assert (plan["state"], plan["drafter"], plan["edits"]) == ("open", "staff", 2)
    assert "submit" in plan["may"]
    opened = open_plan(view, plan["id"], caches=caches)
    found = plan_findings(view, opened.base, opened.drawing)
    assert any("600" in row["message"] for row in found)
    assert any("no primary grid member" in row["message"] for row in found)


def _check_restoring(session: Session, caches: Caches, now: datetime, *, number: int, grids: int) -> None:
    """A past division laid over today's cells: all codes are new, households per grid those of then."""
    view = _view(session, caches, now=now)
    done = restore(view, number, caches=caches, now=now)
    opened = open_plan(view, done.plan.id, caches=caches)
    assert len(opened.drawing.ground.grids) == len(done.reopened) == grids
    then = _view(session, caches, now=now, asked=ViewRequest(revision=number))
    homes = area_figures(then, Level.GRID).set_index("code")["households"]
    counts = opened.drawing.ground.points.households
    for one in done.reopened:
        assert sum(counts.get(cell, 0) for cell in opened.drawing.ground.grids[one.now]) == homes[one.code]
