"""A list of cases that is taken to another installation and back: nothing lost, nothing counted twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from data.demo.ground.frame import community_code
from data.exporters.layer import ExportRequest
from data.exporters.layers import layer_named
from data.exporters.run import Ask, export
from data.importers.kinds.cases import NewCategories
from data.importers.outcome import ImportOutcome
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import run
from gisgrid.access.accounts import ensure_local_account
from gisgrid.access.actors import local_actor
from gisgrid.areas.models import Level
from gisgrid.areas.service import NewArea, create_community
from gisgrid.areas.view import Caches, open_view
from gisgrid.areas.view import ViewRequest as AskedLook
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot
from gisgrid.cases.core.workflow import CaseAction, CaseState
from gisgrid.cases.steps import take
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.exporting import read_csv, stocked
from tests.importing import thinned
from tests.world import TZ

COMMUNITY: Final = community_code(0)
SAME: Final = (
    "source", "external_number", "category", "state", "reported_at", "due_at", "closed_at", "suspended_at",
    "rated_at", "rating_speed", "rating_result", "lon", "lat", "address", "description", "result",
)  # fmt: skip
"""What a case is in any house; its own number there is another one."""


def listed(database: Database, out: Path, *, community: str, now: datetime, chinese: bool = False) -> Path:
    """The list of all cases of a community as a file."""
    with database.read() as session:
        asked = AskedLook(community=community)
        view = open_view(session, local_actor(session, "tester"), asked, caches=Caches(), now=now, tz=TZ)
        ask = Ask(layer=layer_named("cases"), wish=ExportRequest(now=now), in_chinese=chinese)
        with session.no_autoflush:
            export(view, ask, out)
        session.expunge_all()
    return out


def bring(database: Database, file: Path, *, community: str, now: datetime) -> dict[str, Any]:
    has_shapes = file.suffix not in {".csv", ".xlsx"}
    asked = ImportRequest(
        kind="cases",
        file=file,
        community=community,
        crs=None if has_shapes else "EPSG:4326",
        new_categories=NewCategories.OPEN,
    )
    outcome: ImportOutcome = run(
        database,
        lambda session: local_actor(session, "tester"),
        prepare(asked, tz=TZ),
        now=now,
        tz=TZ,
    )
    assert outcome.faults == []
    return {name: outcome.counts[name] for name in ("new", "updated", "unchanged", "refused")}


def kept(file: Path) -> Counter[tuple[str, ...]]:
    """The cases of a list as a multiset of what they are in any house."""
    return Counter(tuple(row[name] for name in SAME) for row in read_csv(file))


def refuse_other_logs(database: Database) -> None:
    """The log of each case alone tells how it stands."""
    with database.read() as session:
        for case in session.scalars(select(Case).where(Case.state.in_(["suspended", "rated", "closed"]))):
            assert rebuilt(session, case.id) == case_snapshot(session, case), case.state


@pytest.mark.parametrize("names", [("spatialite", "postgis"), ("postgis", "spatialite")], ids=["to", "fro"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg"])
def test_a_list_taken_elsewhere_is_the_same_list_there_and_known_at_home(
    request: pytest.FixtureRequest, names: tuple[str, str], form: str, tmp_path: Path, now: datetime
) -> None:
    home, elsewhere = (request.getfixturevalue(name) for name in names)
    depot = stocked(home, tmp_path / "out", now)
    with home.write() as session:
        view = depot.world.view(session, now=now)
        suspended, closed = session.scalars(select(Case.id).order_by(Case.number).limit(2))
        take(view, suspended, CaseAction.SUSPEND, StepInput(reason="等待施工"), now=now - timedelta(days=2))
        take(view, closed, CaseAction.CLOSE, StepInput(result="=已 处理\n好了", feedback="phone"), now=now)
    with elsewhere.write() as session:
        world.found(session)
    first = listed(home, tmp_path / f"home.{form}", community="C1", now=now)
    assert bring(home, first, community="C1", now=now) == {
        "new": 0,
        "updated": 0,
        "unchanged": 3,
        "refused": 0,
    }
    assert bring(elsewhere, first, community="C1", now=now)["new"] == 3
    assert bring(elsewhere, first, community="C1", now=now)["unchanged"] == 3
    plain, back = (
        listed(one, tmp_path / f"{name}.csv", community="C1", now=now)
        for one, name in ((home, "at_home"), (elsewhere, "elsewhere"))
    )
    assert kept(back) == kept(plain)
    assert bring(home, back, community="C1", now=now)["unchanged"] == 3
    refuse_other_logs(elsewhere)


@pytest.mark.parametrize("chinese", [False, True], ids=["names", "words"])
def test_a_suspended_case_goes_on_elsewhere_with_the_time_it_stood_still(
    spatialite: Database, postgis: Database, tmp_path: Path, now: datetime, *, chinese: bool
) -> None:
    depot = stocked(spatialite, tmp_path / "out", now)
    with spatialite.write() as session:
        view = depot.world.view(session, now=now)
        case_id = session.scalars(select(Case.id).order_by(Case.number)).first()
        assert case_id is not None
        take(view, case_id, CaseAction.SUSPEND, StepInput(reason="等待施工"), now=now - timedelta(days=2))
    with postgis.write() as session:
        made = world.found(session)
    file = listed(spatialite, tmp_path / "cases.csv", community="C1", now=now, chinese=chinese)
    bring(postgis, file, community="C1", now=now)
    due = {}
    for database, there in ((spatialite, depot.world), (postgis, made)):
        with database.write() as session:
            case = session.scalars(select(Case).where(Case.state == CaseState.SUSPENDED)).one()
            take(there.view(session, now=now), case.id, CaseAction.RESUME, StepInput(), now=now)
            assert case.suspended_seconds == 2 * 86_400
            due[database] = case.due_at
    assert abs(due[spatialite] - due[postgis]) < timedelta(seconds=1)


@pytest.mark.parametrize("every", [80, pytest.param(1, marks=pytest.mark.prove)])
def test_the_list_of_the_demo_is_the_same_list_elsewhere(
    demo: Database, database: Database, tmp_path: Path, now: datetime, every: int
) -> None:
    whole = listed(demo, tmp_path / "whole.csv", community=COMMUNITY, now=now)
    (tmp_path / "home").mkdir()
    home = thinned(whole, tmp_path / "home", every=every, beside=("suspended", "returned"))
    rows = read_csv(home)
    count, states = len(rows), {row["state"] for row in rows}
    assert count > 2900 / every
    assert {CaseState.RATED, CaseState.SUSPENDED, CaseState.VOID, CaseState.RETURNED} <= states
    assert bring(demo, home, community=COMMUNITY, now=now) == {
        "new": 0, "updated": 0, "unchanged": count, "refused": 0,
    }  # fmt: skip
    with database.write() as session:  # a house that has said nothing yet of where it lies
        ensure_local_account(session, now=now)
        new = NewArea(code="C1", name="别处社区", level=Level.COMMUNITY, parent_code=None)
        create_community(session, local_actor(session, "tester"), new, centre=(118.3, 33.9), at=now)
    assert bring(database, home, community="C1", now=now)["new"] == count
    there = listed(database, tmp_path / "there.csv", community="C1", now=now)
    assert kept(there) == kept(home)
    assert bring(database, home, community="C1", now=now)["unchanged"] == count
    assert bring(demo, there, community=COMMUNITY, now=now)["unchanged"] == count
    refuse_other_logs(database)
