"""The timeline: what each revision changed, and figures by the grids of any of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.models import Role
from gisgrid.areas.models import Level
from gisgrid.areas.view import View, ViewRequest, open_view
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.figures.area_figures import area_figures, territories
from gisgrid.figures.history import revision_history
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World


def _filled(session: Session) -> World:
    """Two households in every cell of the lowest row, and a member for every grid."""
    made = world.found(session)
    for grid in ("G1", "G2", "G3", "G4"):
        world.add_actor(session, made, Role.MEMBER, grid)
    for column in range(4):
        building = world.add_building(session, made, column, 0, number=str(column))
        for room in ("101", "102"):
            world.add_resident(session, world.add_household(session, building, room), date(1950, 1, 1))
    return made


def _publish(
    session: Session, made: World, *ops: dict[str, Any], at: datetime, day: date | None = None
) -> None:
    view = made.view(session, now=at)
    plan = store.new_plan(view, "changes", now=at)
    for op in ops:
        plan_service.add_edit(view, plan.id, op, caches=made.caches, now=at)
    publish(view, plan.id, "changes", caches=made.caches, now=at, effective=day)


def _line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[LON + x * STEP, LAT + y * STEP] for x, y in points]}


def _by(session: Session, made: World, now: datetime, revision: int, **more: Any) -> View:
    asked = ViewRequest(community="C1", revision=revision, as_of=more.get("as_of"))
    actor = more.get("actor") or made.actor
    return open_view(session, actor, asked, caches=made.caches, now=now, tz=TZ)


def _homes(view: View) -> dict[str, int]:
    frame = area_figures(view, Level.GRID).set_index("code")
    return {str(code): int(count) for code, count in frame["households"].items()}


def test_each_revision_tells_what_it_changed(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        paint = {"op": "paint", "cells": [world.cell_id(session, 2, 0)], "to": "G1"}
        rename = {"op": "rename", "area": "G3", "name": "西北"}
        _publish(session, made, paint, rename, at=now)
        split = {"op": "split", "grid": "G4", "line": _line((3, -1), (3, 5))}
        merge = {"op": "merge", "grids": ["G1", "G2"], "keep": "G1"}
        _publish(session, made, split, merge, at=now + timedelta(days=1))
        cut = {"op": "split", "grid": "G3", "line": _line((0, 3), (2.5, 2.4)), "cut": True}
        _publish(session, made, cut, at=now + timedelta(days=2))
        later = made.view(session, now=now + timedelta(days=3))
        rows = {row["revision"]: row for row in revision_history(later)}
    assert list(rows) == [4, 3, 2, 1]
    first, second, third, fourth = (rows[number]["changes"] for number in (1, 2, 3, 4))
    assert not any(one["outline"] for one in (first, second, third, fourth))
    assert (first["grids"], first["cells"], first["new_cells"]) == (4, 0, 16)
    assert [area["code"] for area in first["opened"]] == ["G1", "G2", "G3", "G4"]
    assert (second["cells"], second["households"], second["changed"]) == (1, 2, ["G1", "G2"])
    assert second["renamed"] == [{"code": "G3", "name": "西北"}]
    assert third["split"] == [{"grid": "G5", "other": "G4"}]
    assert third["merged"] == [{"grid": "G2", "other": "G1"}]
    assert [area["code"] for area in third["closed"]] == ["G2"]
    assert third["households"] == 2
    assert fourth["new_cells"] >= 2
    assert [area["code"] for area in fourth["opened"]] == ["G6"]


def test_a_scheduled_revision_stands_in_the_line_as_such(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        merge = {"op": "merge", "grids": ["G1", "G2"], "keep": "G1"}
        _publish(session, made, merge, at=now, day=now.astimezone(TZ).date() + timedelta(days=2))
        rows = revision_history(made.view(session, now=now))
        assert [(row["revision"], row["scheduled"]) for row in rows] == [(2, True), (1, False)]
        assert rows[0]["changes"]["households"] == 4
        with pytest.raises(InvalidInput, match="not come into force"):
            _by(session, made, now, 2)
        with pytest.raises(NotFound):
            _by(session, made, now, 3)
        after = made.view(session, now=now + timedelta(days=3))
        assert not revision_history(after)[0]["scheduled"]


def test_figures_by_the_grids_of_then_count_the_same_people(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = _filled(session)
        cut = {"op": "split", "grid": "G2", "line": _line((1.5, 0.7), (4, 1)), "cut": True}
        merge = {"op": "merge", "grids": ["G3", "G4"], "keep": "G3"}
        _publish(session, made, cut, merge, at=now)
        later = now + timedelta(days=2)
        assert _homes(made.view(session, now=later))["G1"] == 4
        then = _by(session, made, later, 1)
        assert _homes(then) == {"G1": 4, "G2": 4, "G3": 0, "G4": 0}
        assert territories(then).meta["boundary_date"] == "2020-01-01"
        assert _homes(_by(session, made, later, 2, as_of=date(2024, 1, 1))).keys() == {"G1", "G2", "G3", "G5"}


def test_who_sees_no_small_counts_gets_the_figures_of_that_day(database: Database, now: datetime) -> None:
    """The same people told by two divisions would give away those who live between their borders."""
    with database.write() as session:
        made = _filled(session)
        leader = world.add_actor(session, made, Role.LEADER)
        paint = {"op": "paint", "cells": [world.cell_id(session, 2, 0)], "to": "G1"}
        _publish(session, made, paint, at=now)
        view = _by(session, made, now + timedelta(days=1), 1, actor=leader)
        assert view.when.is_past
        assert view.when.day == date(2020, 1, 1)
