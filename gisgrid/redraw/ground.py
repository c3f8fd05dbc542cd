"""The ground a plan is drawn on: a revision as the editing tools see it, read once and remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import select

from gisgrid.areas.look import Look
from gisgrid.areas.models import Area, AreaName, Level, UnitCell
from gisgrid.geometry.editing import Ground, Land, Points
from gisgrid.places.models import Building, Household


@dataclass(frozen=True, kw_only=True)
class Base:
    """What a plan is drawn on: the ground of a revision, and how cells are called outside."""

    ground: Ground
    ids: Mapping[int, str]
    numbers: Mapping[str, int]


def base_of(look: Look) -> Base:
    """The ground of the revision in force, remembered as long as nothing changes."""
    return look.remembered("ground", make=lambda: _read_base(look))


def _read_base(look: Look) -> Base:
    division = look.division
    codes = {area.id: area.code for area in division.tree.areas.values()}
    owner = {
        int(number): codes[division.owners[cell]]
        for number, cell in zip(division.numbers, division.cell_ids, strict=True)
    }
    grid_of = {
        micro.code: grid.code
        for micro in division.tree.at_level(Level.MICRO_GRID)
        if (grid := division.tree.ancestor(micro.id, Level.GRID)) and micro.code in set(owner.values())
    }
    numbers = {cell: int(number) for number, cell in zip(division.numbers, division.cell_ids, strict=True)}
    ground = Ground(
        land=Land.of(division.numbers.tolist(), division.cells),
        owner=owner,
        grid_of=grid_of,
        outline=division.outlines[look.community.id],
        points=_points(look, numbers),
        used=frozenset(_used_codes(look)),
        floor=_highest(look),
    )
    ids = {number: cell for cell, number in numbers.items()}
    return Base(ground=ground, ids=ids, numbers=numbers)


def _points(look: Look, numbers: Mapping[str, int]) -> Points:
    """Buildings (a point on their surface) and households, each with its cell."""
    session, community = look.session, look.community.id
    buildings = session.execute(
        select(Building.id, Building.footprint, Building.cell_id).where(Building.community_id == community)
    ).all()
    homes = session.execute(
        select(Household.building_id, Household.position, Household.cell_id).where(
            Household.community_id == community, Household.position.is_not(None)
        )
    ).all()
    inside = [shapely.point_on_surface(row.footprint) for row in buildings]
    place = {row.id: index for index, row in enumerate(buildings)}
    shapes = np.array([*inside, *(row.position for row in homes)], dtype=np.object_)
    building = [-1] * len(buildings) + [place.get(row.building_id, -1) for row in homes]
    cells = [numbers.get(row.cell_id, -1) for row in (*buildings, *homes)]
    return Points(
        xy=shapely.get_coordinates(shapes),
        building=np.array(building, dtype=np.int64),
        is_household=np.arange(len(shapes)) >= len(buildings),
        cell=np.array(cells, dtype=np.int64),
    )


def _used_codes(look: Look) -> list[str]:
    statement = (
        select(AreaName.code)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == look.community.id)
    )
    return list(look.session.scalars(statement))


def _highest(look: Look) -> int:
    statement = select(UnitCell.number).where(UnitCell.community_id == look.community.id)
    return max(look.session.scalars(statement), default=0)
