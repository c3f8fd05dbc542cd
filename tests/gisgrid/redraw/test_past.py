"""Whatever is published, every earlier answer stays byte for byte the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import orjson
import pytest
from rebuilt import assert_whole
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.locate import locate
from gisgrid.areas.models import Level, UnitCell
from gisgrid.areas.view import Caches
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.figures.area_figures import area_figures
from gisgrid.figures.shapes import area_shapes, cell_shapes
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.plans import store
from gisgrid.redraw.publication import publish
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, World

LEVELS = (Level.COMMUNITY, Level.GRID, Level.MICRO_GRID)


def laid(session: Session) -> World:
    made = world.found(session)
    for column in range(4):
        for row in range(4):
            number = str(4 * row + column + 1)
            building = world.add_building(session, made, column, row, number=number)
            home = world.add_household(session, building, "101")
            world.add_resident(session, home, date(1950, 1, 1))
    return made


def answers(database: Database, made: World, day: date, *, now: datetime) -> bytes:
    """Areas, cells, figures and where points lie, as of a day, asked by a process that remembers nothing."""
    made.caches = Caches()
    with database.read() as session:
        view = made.view(session, now=now, as_of=day)
        spots = [
            locate(view.division, LON + x * STEP, LAT + y * STEP)
            for x in np.linspace(-0.5, 4.5, 21).tolist()
            for y in np.linspace(-0.5, 4.5, 21).tolist()
        ]
        told = {
            "areas": [_features(area_shapes(view, level)) for level in LEVELS],
            "cells": _features(cell_shapes(view)),
            "figures": [area_figures(view, level).to_dict("records") for level in LEVELS],
            "located": [
                (spot.cell_id, [area.code for area in spot.path], spot.is_on_border, spot.near_border_m)
                for spot in spots
            ],
        }
    return orjson.dumps(told, default=str)


def _features(features: Any) -> list[Any]:
    return [(shape.wkb_hex, properties) for shape, properties in features]


def random_op(session: Session, rng: random.Random, view: Any) -> dict[str, Any]:
    cells = session.scalars(select(UnitCell.id).where(UnitCell.valid_to.is_(None)).order_by(UnitCell.number))
    ids = list(cells)
    codes = [area.code for area in view.division.tree.at_level(Level.GRID)]
    kind = rng.choice(["paint", "paint", "merge", "split", "cut", "move", "divide"])
    if kind == "paint":
        return {"op": "paint", "cells": rng.sample(ids, 2), "to": rng.choice(codes)}
    if kind == "merge" and len(codes) > 3:
        chosen = rng.sample(codes, 2)
        return {"op": "merge", "grids": chosen, "keep": chosen[0]}
    if kind == "divide":
        return {"op": "divide", "cell": rng.choice(ids)}
    if kind == "move":
        column, row = rng.randint(1, 3), rng.randint(1, 3)
        at = LON + column * STEP, LAT + row * STEP
        return {
            "op": "move",
            "from": list(at),
            "to": [at[0] + rng.uniform(-0.2, 0.2) * STEP, at[1] + 0.1 * STEP],
        }
    y = [LAT + rng.uniform(0.2, 3.8) * STEP for _ in range(2)]
    line = {"type": "LineString", "coordinates": [[LON - STEP, y[0]], [LON + 5 * STEP, y[1]]]}
    return {"op": "split", "grid": rng.choice(codes), "line": line, "cut": kind == "cut"}


def publish_one(database: Database, made: World, rng: random.Random, *, now: datetime) -> str:
    """Publish a plan of one random edit that is accepted; what it was."""
    while True:
        caches = Caches()
        try:
            with database.write() as session:
                view = made.view(session, now=now)
                plan = store.new_plan(view, "plan", now=now)
                op = random_op(session, rng, view)
                plan_service.add_edit(view, plan.id, op, caches=caches, now=now)
                publish(view, plan.id, "random", caches=caches, now=now)
        except (Conflict, InvalidInput):
            continue
        return str(op["op"]) + (" cut" if op.get("cut") else "")


def prove_past(database: Database, now: datetime, *, publishes: int, seed: int) -> dict[str, int]:
    rng, kept, counts = random.Random(seed), dict[date, bytes](), dict[str, int]()
    with database.write() as session:
        made = laid(session)
    for step in range(publishes):
        at = now + timedelta(days=step)
        kept[(at - timedelta(days=1)).date()] = answers(
            database, made, (at - timedelta(days=1)).date(), now=at
        )
        tool = publish_one(database, made, rng, now=at)
        counts[tool] = counts.get(tool, 0) + 1
        later = at + timedelta(minutes=1)
        assert_whole(database, made.community, at=later)
        for day, known in kept.items():
            assert answers(database, made, day, now=later) == known
            counts["answers compared"] = counts.get("answers compared", 0) + 1
    return counts


def test_the_past_stays_as_it_was_to_the_byte(database: Database, now: datetime) -> None:
    assert prove_past(database, now, publishes=4, seed=2)["answers compared"] == 10


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_thirty_publishes_change_no_earlier_answer(
    database: Database, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    for name, count in sorted(prove_past(database, now, publishes=30, seed=7).items()):
        record_property(name, count)
