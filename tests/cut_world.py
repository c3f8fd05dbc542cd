"""A small community whose cells can be cut, full of things that lie in them, and edits at random places."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gisgrid.areas.models import CellKind
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.cases.core.models import Case
from gisgrid.crs import to_lattice
from gisgrid.places.models import Facility
from gisgrid.positions.placement import place_objects
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.storage.base import new_id
from tests import world
from tests.world import LAT, LON, STEP, World

DIVIDED = datetime(2022, 1, 1, tzinfo=UTC)
"""When the cells of today came in place of those of the beginning."""
_TOOLS = ("paint", "paint", "merge", "split", "cut", "cut", "ring", "ring cut", "move", "divide", "outline")


def filled(session: Session, seed: int = 0) -> World:
    """The community of `tests.world` with vertices every few metres, and objects in and on its cells."""
    made = world.found(session)
    rng = random.Random(seed)
    _fill(session, made, rng)
    cells = [
        NewCell(
            geom=shapely.segmentize(world.square(column, row), STEP / 16),
            kind=CellKind.BLOCK,
            owner=f"G{1 + column // 2 + 2 * (row // 2)}",
        )
        for row in range(4)
        for column in range(4)
    ]
    publish_cells(session, made.actor, made.community, cells, at=DIVIDED, reason="finer vertices")
    place_objects(session, made.community, at=DIVIDED)
    return made


def _fill(session: Session, made: World, rng: random.Random) -> None:
    for column in range(4):
        for row in range(4):
            building = world.add_building(session, made, column, row, number=f"{column}{row}")
            for room in range(rng.randrange(3)):
                home = world.add_household(session, building, f"10{room}")
                world.add_resident(session, home, date(rng.choice([1935, 1950, 1990]), 1, 1))
            if rng.random() < 0.6:
                second = world.add_building(session, made, column, row, number=f"{column}{row}2")
                west = LON + (column + 0.05) * STEP
                south = LAT + (row + 0.05) * STEP
                second.footprint = shapely.box(west, south, west + STEP * 0.1, south + STEP * 0.1)
                world.add_household(session, second, "201").position = None
    for index in range(40):
        _add_case(session, made, _spot(rng), is_open=index % 2 == 0)
    for _one in range(6):
        session.add(
            Facility(
                id=new_id(),
                community_id=made.community,
                type="red_post",
                name="示例驿站",
                position=_spot(rng),
            )
        )
    session.flush()


def _spot(rng: random.Random) -> shapely.Point:
    """Somewhere in or just outside the community, often exactly on a border or a corner."""
    steps = 16 if rng.random() < 0.6 else 1024
    x, y = (rng.randrange(-steps // 4, 4 * steps + steps // 4) / steps for _axis in range(2))
    return shapely.Point(*to_lattice([LON + x * STEP, LAT + y * STEP]))


def _add_case(session: Session, made: World, spot: shapely.Point, *, is_open: bool) -> None:
    number = new_id()[-12:]
    case = Case(
        id=new_id(),
        number=number,
        receipt=number,
        community_id=made.community,
        category_code="garbage",
        severity="big",
        state="reported" if is_open else "closed",
        feedback_channel=None if is_open else "earlier",
        source="test",
        description="示例",
        position=spot,
        reported_at=datetime(2021, 1, 1, tzinfo=UTC),
        closed_at=None if is_open else datetime(2023, 1, 1, tzinfo=UTC),
    )
    session.add(case)


def random_op(opened: OpenPlan, rng: random.Random, tools: tuple[str, ...] = _TOOLS) -> dict[str, Any]:
    """An operation with any tool, at a random place of a plan as it stands; many are refused."""
    return _OPS[rng.choice(tools)](opened, rng)


def _paint(opened: OpenPlan, rng: random.Random) -> dict[str, Any]:
    ground = opened.drawing.ground
    cells = rng.sample(ground.land.numbers, min(rng.randint(1, 3), len(ground.land.numbers)))
    codes = sorted(ground.grids if rng.random() < 0.8 else ground.micro_grids)
    return {"op": "paint", "cells": [opened.base.id_of(cell) for cell in cells], "to": rng.choice(codes)}


def _merge(opened: OpenPlan, rng: random.Random) -> dict[str, Any]:
    grids = sorted(opened.drawing.ground.grids)
    chosen = rng.sample(grids, min(2, len(grids)))
    return {"op": "merge", "grids": chosen, "keep": chosen[0]}


def _line(rng: random.Random) -> dict[str, Any]:
    """A line across the whole community, a little slanted or bent."""
    ends = [-0.5, rng.uniform(0.5, 3.5), 4.5]
    level = rng.uniform(0.4, 3.6)
    across = [(end, level + rng.uniform(-0.3, 0.3)) for end in ends]
    turned = across if rng.random() < 0.5 else [(y, x) for x, y in across]
    return {"type": "LineString", "coordinates": [[LON + x * STEP, LAT + y * STEP] for x, y in turned]}


def _split(opened: OpenPlan, rng: random.Random, *, cut: bool = False) -> dict[str, Any]:
    grid = rng.choice(sorted(opened.drawing.ground.grids))
    return {"op": "split", "grid": grid, "line": _line(rng), "cut": cut}


def _reshape(opened: OpenPlan, rng: random.Random, *, cut: bool = False) -> dict[str, Any]:
    ground = opened.drawing.ground
    grid = rng.choice(sorted(ground.grids))
    whole = shapely.union_all(ground.land.shapes_of(ground.grids[grid]))
    ring = whole.buffer(rng.uniform(-0.3, 0.3) * STEP).simplify(0.1 * STEP)
    largest = max(shapely.get_parts(ring), key=lambda part: part.area)
    polygon = shapely.geometry.mapping(shapely.Polygon(largest.exterior))
    return {"op": "reshape", "grid": grid, "polygon": _plain(polygon), "cut": cut}


def _move(opened: OpenPlan, rng: random.Random) -> dict[str, Any]:
    land = opened.drawing.ground.land
    corner = rng.choice(shapely.get_coordinates(land.cells[rng.choice(land.numbers)]).tolist())
    to = [one + rng.uniform(-0.03, 0.03) * STEP for one in corner]
    return {"op": "move", "from": corner, "to": to}


def _divide(opened: OpenPlan, rng: random.Random) -> dict[str, Any]:
    return {"op": "divide", "cell": opened.base.id_of(rng.choice(opened.drawing.ground.land.numbers))}


def _outline(opened: OpenPlan, rng: random.Random) -> dict[str, Any]:
    """The outline with a bite taken out, or with some land added."""
    outline = opened.drawing.ground.outline
    place = shapely.Point(rng.choice(shapely.get_coordinates(outline).tolist()))
    patch = place.buffer(rng.uniform(0.1, 0.6) * STEP, quad_segs=2)
    change = shapely.difference if rng.random() < 0.5 else shapely.union
    shape = shapely.set_precision(change(outline, patch), 2.0**-24)
    return {"op": "outline", "polygon": _plain(shapely.geometry.mapping(shape))}


def _plain(geometry: Any) -> Any:
    """A mapping as JSON gives it, with lists for tuples."""
    if isinstance(geometry, dict):
        return {key: _plain(value) for key, value in geometry.items()}
    return [_plain(one) for one in geometry] if isinstance(geometry, tuple | list) else geometry


_OPS = {
    "paint": _paint,
    "merge": _merge,
    "split": _split,
    "cut": lambda opened, rng: _split(opened, rng, cut=True),
    "ring": _reshape,
    "ring cut": lambda opened, rng: _reshape(opened, rng, cut=True),
    "move": _move,
    "divide": _divide,
    "outline": _outline,
}


def digest(opened: OpenPlan) -> tuple[Any, ...]:
    """Everything of a drawing that must come back to the bit when all edits are taken back."""
    ground = opened.drawing.ground
    return (
        {cell: shape.wkb for cell, shape in ground.land.cells.items()},
        dict(ground.owner),
        dict(ground.grid_of),
        ground.points.cell.tolist(),
        shapely.to_wkb(ground.outline),
        opened.drawing.delta.is_empty,
    )


def probes(count: int = 60, seed: int = 5) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Places, shape (n, 2), at which it is asked in which grid they lie."""
    rng = random.Random(seed)
    return np.array([[spot.x, spot.y] for spot in (_spot(rng) for _one in range(count))])
