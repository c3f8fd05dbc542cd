"""The demo goes to PostGIS and back, equal to the last bit, and every figure is the same on all three."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from gisgrid.access.keys.encryption import open_database
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.models import UnitCell
from gisgrid.cases.core.models import Case
from gisgrid.errors import Conflict
from gisgrid.places.models import Building, Household
from gisgrid.redraw.plans.models import Plan
from gisgrid.storage.engine import Database
from gisgrid.upkeep.backup import content_of
from gisgrid.upkeep.copy import copy_database
from tests import world
from tests.conftest import KEYS
from tests.demo_files import PASSWORD
from tests.exporting import stocked
from tests.web import browsing
from tests.web.browsing import LOCAL, Browser, add_account

FIGURES = (
    *("areas?level=grid", "areas?level=micro_grid&as_of=2024-06-30", "areas?level=community"),
    *(
        "cells?bbox=118,33,119,34",
        "basemap",
        "basemap?buildings=true",
        "facilities",
        "buildings?bbox=118,33,119,34",
    ),
    *("hotspots?from=2025-12-01&to=2026-11-24&level=grid", "hotspots.csv?from=2026-01-01&to=2026-06-30"),
    *("heat?from=2025-12-01&to=2026-11-24", "coverage/elderly", "coverage/elderly?distance=300"),
    *("coverage/elderly.csv", "coverage/elderly/uncovered", "needs/figures.csv", "coverage/elderly/stations"),
    *("records/figures", "records/figures.csv?form=visit5&level=micro_grid"),
    "records/figures/spans?form=elder_visit&from=2026-01-01&to=2026-11-24",
    "records/figures/spans.csv?form=elder_visit&from=2026-01-01&to=2026-11-24&by=quarter",
    *("territories", "territories.csv", "renovation", "renovation.csv", "revisions", "plans", "norm"),
    *("categories", "cases", "cases?state=all", "households?q=柳岸 3", "households?q=laxc1", "workers"),
)
PEOPLE = ("leader", "member01")


def _everything(
    app: OpenAPI, ids: list[str], people: Sequence[str], password: str
) -> dict[tuple[str, str], Any]:
    """The body of every figure, for each of some people."""
    found: dict[tuple[str, str], Any] = {}
    for name in people:
        browser = Browser(app)
        assert browser.log_in(name, password).status_code == 303, name
        for path in (*FIGURES, *ids):
            answer = browser.get(f"/api/v1/{path}")
            assert answer.status_code in {200, 403, 404}, (name, path, answer.text[:300])
            found[name, path] = (answer.status_code, answer.data)
    return found


def _single(database: Database) -> list[str]:
    """Pages of single things."""
    with database.read() as session:
        case = session.scalars(select(Case.id).order_by(Case.fid).limit(1)).one()
        home = session.scalars(select(Household.id).order_by(Household.fid).limit(1)).one()
        building = session.scalars(select(Building.id).order_by(Building.fid).limit(1)).one()
        plan = session.scalars(select(Plan.id).order_by(Plan.id).limit(1)).one()
    return [
        *(f"cases/{case}", f"households/{home}", f"buildings/{building}"),
        *(f"plans/{plan}", f"plans/{plan}/impact", f"plans/{plan}/findings", f"areas?level=grid&plan={plan}"),
    ]


@pytest.fixture
def small(
    spatialite_template: Path, tmp_path: Path, make_app: Callable[..., OpenAPI], now: datetime
) -> Database:
    """A community with something of everything, a plan that moves a cell, and the people who ask."""
    shutil.copy(spatialite_template, tmp_path / "small.sqlite")
    database = open_database(sa.make_url(f"sqlite:///{tmp_path / 'small.sqlite'}"), KEYS)
    made = stocked(database, tmp_path / "out", now).world
    app = make_app(database)
    grid = {"member01": made.areas["G1"]}
    for name, role in {"head": Role.HEAD, "leader": Role.LEADER, "member01": Role.MEMBER}.items():
        add_account(app, name, role, area_id=grid.get(name, made.community))
    head = Browser(app)
    head.log_in("head")
    plan = head.post_json("/api/v1/plans", {"name": "moves"}).json["id"]
    with database.read() as session:
        edit = {"op": "paint", "cells": [world.cell_id(session, 1, 0)], "to": "G2"}
    assert head.post_json(f"/api/v1/plans/{plan}/edits", edit).status_code == 200
    return database


def test_a_community_goes_to_postgis_and_back_and_every_figure_is_equal(
    small: Database, postgis: Database, spatialite: Database, make_app: Callable[..., OpenAPI], now: datetime
) -> None:
    figures = _there_and_back(small, postgis, spatialite, make_app, now, people=("head", *PEOPLE))
    answered = [key for key, (status, _body) in figures.items() if status == 200]
    assert len(answered) > 20 * 3


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_the_demo_goes_to_postgis_and_back_and_every_figure_is_equal(
    demo: Database, postgis: Database, spatialite: Database, make_app: Callable[..., OpenAPI], now: datetime
) -> None:
    figures = _there_and_back(
        demo, postgis, spatialite, make_app, now, people=("head", "staff", *PEOPLE), password=PASSWORD
    )
    assert content_of(demo).rows["household"] == 9600
    answered = [key for key, (status, _body) in figures.items() if status == 200]
    assert len(answered) > 20 * 4


def _there_and_back(
    demo: Database,
    postgis: Database,
    spatialite: Database,
    make_app: Callable[..., OpenAPI],
    now: datetime,
    *,
    people: Sequence[str],
    password: str = browsing.PASSWORD,
) -> dict[tuple[str, str], Any]:
    """Copy to PostGIS and on to SpatiaLite; gives every figure, which is the same on all three."""
    content = copy_database(demo, LOCAL, postgis, now=now)
    assert content == content_of(demo) == content_of(postgis)
    again = copy_database(postgis, LOCAL, spatialite, now=now)
    assert again == content_of(postgis) == content_of(spatialite)
    with spatialite.read() as session:
        assert not session.execute(sa.text("PRAGMA foreign_key_check")).all()
    with demo.read() as one, spatialite.read() as other:
        cells = select(UnitCell.id, UnitCell.geom).order_by(UnitCell.fid)
        pairs = zip(one.execute(cells), other.execute(cells), strict=True)
        assert all(a.id == b.id and a.geom.wkb == b.geom.wkb for a, b in pairs)
        entries = select(AuditEntry.id, AuditEntry.reason, AuditEntry.details).order_by(AuditEntry.id)
        known = other.execute(entries).all()
        assert [row for row in known if row in one.execute(entries).all()] == one.execute(entries).all()
    ids = _single(demo)
    first, *others = [
        _everything(make_app(database), ids, people, password) for database in (demo, postgis, spatialite)
    ]
    assert len(first) == len(people) * (len(FIGURES) + len(ids))
    for other in others:
        assert [key for key in first if first[key] != other[key]] == []
    return first


def test_a_copy_is_refused_where_it_would_destroy(
    database: Database, request: pytest.FixtureRequest, now: datetime
) -> None:
    other: Database = request.getfixturevalue("postgis" if database.is_sqlite else "spatialite")
    with database.write() as session:
        session.add(AuditEntry(at=now, action="a", object_kind="x"))
    copy_database(database, LOCAL, other, now=now)
    with other.write() as session:
        world.found(session)
    held = content_of(other)
    with pytest.raises(Conflict, match="--replace"):
        copy_database(database, LOCAL, other, now=now)
    assert content_of(other) == held
    with pytest.raises(Conflict, match="onto itself"):
        copy_database(database, LOCAL, database, now=now)
    assert copy_database(database, LOCAL, other, replaces=True, now=now) == content_of(other)
