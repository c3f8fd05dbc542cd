"""How the community was divided since 2013: three divisions of the same cells, backdated."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np

from data.demo.ground.cells import DemoGround
from data.demo.ground.compounds import compound_plans
from data.demo.history.areas import DivisionPart, grid_parts, micro_parts
from data.demo.history.clock import moment
from data.demo.history.division import DividedLand, divide
from data.demo.records import DemoArea, DemoRevision, Membership
from data.demo.tables import read_records
from gisgrid.crs import IntArray

_MICRO_GRIDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Era:
    """A division: grids per compound (in the order of the plans) and their first number, in the past."""

    since: date
    grids: tuple[int, ...] = ()
    first_number: int = 0
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDivision:
    """Grids and micro grids that hold from a moment to another."""

    grids: tuple[DivisionPart, ...]
    micro: tuple[DivisionPart, ...]
    since: datetime
    until: datetime | None
    reason: str


def divisions_of(
    community: str, ground: DemoGround, *, land: DividedLand, rng: random.Random
) -> list[DemoDivision]:
    """All divisions, the present one last. Codes of the past are never used again."""
    *eras, last = read_records(_Era, "demo/history/divisions")
    present = _present(community, ground, land=land, era=last, rng=rng)
    starts = [moment(era.since) for era in eras] + [present.since]
    past = [
        replace(_past(community, ground, land=land, era=era, rng=rng), until=starts[n + 1])
        for n, era in enumerate(eras)
    ]
    return [*past, present]


def _members(ground: DemoGround, key: str) -> IntArray:
    return np.array([i for i, compound in enumerate(ground.compound) if compound == key], dtype=np.int64)


def _present(
    community: str, ground: DemoGround, *, land: DividedLand, era: _Era, rng: random.Random
) -> DemoDivision:
    by_compound = {
        plan.key: divide(land, _members(ground, plan.key), targets=plan.grid_households, rng=rng)
        for plan in compound_plans()
    }
    grids = grid_parts(community, land, grids=by_compound)
    equal = [1.0] * _MICRO_GRIDS
    micro = [
        part
        for grid in grids
        for part in micro_parts(land, grid, parts=divide(land, grid.members, targets=equal, rng=rng))
    ]
    since = moment(era.since)
    return DemoDivision(grids=tuple(grids), micro=tuple(micro), since=since, until=None, reason=era.reason)


def _past(
    community: str, ground: DemoGround, *, land: DividedLand, era: _Era, rng: random.Random
) -> DemoDivision:
    """Grids that were not subdivided: each has the one micro grid 00 that nobody sees."""
    by_compound = {
        plan.key: divide(land, _members(ground, plan.key), targets=[1.0] * count, rng=rng)
        for plan, count in zip(compound_plans(), era.grids, strict=True)
    }
    grids = tuple(
        replace(part, code=f"{community}{era.first_number + n:03d}", name=f"{era.since.year}年{part.name}")
        for n, part in enumerate(grid_parts(community, land, grids=by_compound))
    )
    micro = tuple(replace(part, code=f"{part.code}00", parent=part.code) for part in grids)
    return DemoDivision(grids=grids, micro=micro, since=moment(era.since), until=None, reason=era.reason)


def lower_areas(divisions: Sequence[DemoDivision]) -> list[DemoArea]:
    """Grids and micro grids of all divisions with the time they held."""
    return [
        DemoArea(
            code=part.code,
            name=part.name,
            level=level,
            parent=part.parent,
            valid_from=division.since,
            valid_to=division.until,
        )
        for division in divisions
        for level, parts in (("grid", division.grids), ("micro_grid", division.micro))
        for part in parts
    ]


def memberships_of(divisions: Sequence[DemoDivision], keys: dict[int, str]) -> list[Membership]:
    """Every cell in exactly one micro grid at any time since the first division."""
    return [
        Membership(cell=keys[int(index)], area=part.code, valid_from=division.since, valid_to=division.until)
        for division in divisions
        for part in division.micro
        for index in part.members
    ]


def revisions_of(divisions: Sequence[DemoDivision]) -> list[DemoRevision]:
    """One revision per division, numbered from 1, all of them loaded afterwards."""
    return [
        DemoRevision(
            number=number,
            effective_at=division.since,
            published_at=division.since,
            grids=len(division.grids),
            reason=division.reason,
            backdated=True,
        )
        for number, division in enumerate(divisions, start=1)
    ]
