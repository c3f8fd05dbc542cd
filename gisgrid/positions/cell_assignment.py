"""Makes a community's unit cells from its streets and buildings, inside each lowest area.

In two steps: the plan only reads and may take its time; publishing writes and refuses a plan that the
community has outgrown in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.areas.communities import Version, current_version
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.imports import SAME_WITHIN_M, refuse_scheduled
from gisgrid.areas.lineage import write_lineage
from gisgrid.areas.models import CellKind, Level
from gisgrid.areas.publication import NewCell, publish_cells
from gisgrid.areas.service import NewArea, add_areas
from gisgrid.crs import FloatArray
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.geometry.cells import Buildings, CellPlan, Streets, make_cells
from gisgrid.geometry.cells.faces import steps_of
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array
from gisgrid.geometry.partition import union_outline
from gisgrid.places.models import Building, Street
from gisgrid.positions.placement import PlacementCounts, place_objects

_ONLY_GRID = "001"
_ONLY_GRID_NAME = "第1网格"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityPlan:
    """Cells made for a community, from what it was at ``version``.

    ``owners`` are codes of micro grids by the plan's area index, empty where the community has no areas
    and gets one grid; ``is_same`` tells that it has these cells already.
    """

    community_id: str
    version: Version
    plan: CellPlan
    owners: tuple[str, ...]
    is_same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCells:
    """What publishing a plan did; ``revision`` is nothing where the cells were so already."""

    cells: int
    revision: int | None
    replaced: int
    placed: PlacementCounts


def plan_cells(
    session: Session, actor: Actor, community_id: str, *, outline: BaseGeometry | None, at: datetime
) -> CommunityPlan:
    """Make cells from what the community has: its areas, streets and buildings.

    ``outline`` (EPSG:4326) is for a community without areas; left out, it is the hull of its buildings.

    Raises
    ------
    InvalidInput
        An outline is given though there are areas; areas without land; nothing to make cells of.
    """
    require(actor, Action.AREAS_IMPORT)
    division = load_division(session, community_id, at=at, revision=0)
    micros = division.tree.at_level(Level.MICRO_GRID)
    if micros and outline is not None:
        raise InvalidInput("the community has areas: their outline is used, none can be given")
    if micros and not division.cell_ids:
        raise InvalidInput("the community's areas have no land yet: import them with their shapes")
    owned = [micro for micro in micros if micro.id in set(division.owners.values())]
    plan = make_cells(
        outline,
        areas=as_array([_land_of(division, micro.id) for micro in owned]) if owned else None,
        streets=_streets(session, community_id),
        buildings=_buildings(session, community_id),
    )
    return CommunityPlan(
        community_id=community_id,
        version=current_version(session, community_id, at=at),
        plan=plan,
        owners=tuple(micro.code for micro in owned),
        is_same=_is_same(division, plan),
    )


def _land_of(division: Division, micro_id: str) -> BaseGeometry:
    own = [at for at, cell in enumerate(division.cell_ids) if division.owners[cell] == micro_id]
    return union_outline(division.cells[np.array(own)])


def _streets(session: Session, community_id: str) -> Streets | None:
    rows = session.execute(
        select(Street.geom, Street.kind, Street.name, Street.tunnel, Street.bridge, Street.layer)
        .where(Street.community_id == community_id)
        .order_by(Street.fid)
    ).all()
    if not rows:
        return None
    return Streets(
        lines=as_array([row.geom for row in rows]),
        kinds=[row.kind for row in rows],
        names=[row.name for row in rows],
        is_tunnel=[row.tunnel for row in rows],
        is_bridge=[row.bridge for row in rows],
        layers=[row.layer for row in rows],
    )


def _buildings(session: Session, community_id: str) -> Buildings | None:
    footprints: Sequence[BaseGeometry] = session.scalars(
        select(Building.footprint).where(Building.community_id == community_id).order_by(Building.fid)
    ).all()
    return Buildings(footprints=as_array(list(footprints))) if footprints else None


def _is_same(division: Division, plan: CellPlan) -> bool:
    """Whether the community has these cells already: each lies on one of its own, but for the lattice."""
    old, new = division.cells, plan.cells
    if len(old) != len(new):
        return False
    twin = division.index.locate(*_inner(new)).area
    if (twin < 0).any() or len(np.unique(twin)) != len(new):
        return False
    frame = LatticeFrame.around(new)
    apart = shapely.symmetric_difference(frame.to_units(new), frame.to_units(old[twin]))
    return bool(shapely.is_empty(shapely.buffer(apart, -steps_of(SAME_WITHIN_M))).all())


def _inner(cells: GeometryArray) -> tuple[FloatArray, FloatArray]:
    points = shapely.point_on_surface(cells)
    return np.asarray(shapely.get_x(points)), np.asarray(shapely.get_y(points))


def publish_plan(session: Session, actor: Actor, made: CommunityPlan, *, at: datetime) -> PublishedCells:
    """Give the community its new cells as a revision, link them to the old ones, and place all objects.

    Each new cell belongs to the micro grid of its area, so no grid changes. The same cells again change
    nothing.

    Raises
    ------
    Conflict
        The community has changed since the plan was made, or a revision waits for its day.
    """
    require(actor, Action.AREAS_IMPORT)
    refuse_scheduled(session, made.community_id, at=at)
    if current_version(session, made.community_id, at=at) != made.version:
        raise Conflict("the community has changed while its cells were made: start again")
    if made.is_same:
        return PublishedCells(cells=len(made.plan.cells), revision=None, replaced=0, placed=PlacementCounts())
    before = load_division(session, made.community_id, at=at, revision=0)
    owners = made.owners or (_only_grid(session, actor, before, at=at),)
    plan = made.plan
    cells = [
        NewCell(
            geom=plan.cells[place],
            kind=CellKind(plan.kind[place].value),
            owner=owners[max(int(plan.area[place]), 0)],
        )
        for place in _tie_order(before, plan)
    ]
    revision = publish_cells(session, actor, made.community_id, cells, at=at, reason="unit cells made")
    after = load_division(session, made.community_id, at=at, revision=revision.number)
    write_lineage(session, before, after)
    placed = place_objects(session, made.community_id, at=at)
    record(session, actor, "cells:make", "cell", now=at, object_id=made.community_id, count=len(cells))
    return PublishedCells(
        cells=len(cells), revision=revision.number, replaced=len(before.cell_ids), placed=placed
    )


def _tie_order(before: Division, plan: CellPlan) -> list[int]:
    """The order in which new cells get their numbers: that of the old cells they lie in.

    So a point on the border of two grids falls, as far as it can, to the same one as before.
    """
    if not len(before.cell_ids):
        return list(range(len(plan.cells)))
    old = before.index.locate(*_inner(plan.cells)).area
    numbers = np.where(old >= 0, before.numbers[old], np.iinfo(np.int64).max)
    order: list[int] = np.argsort(numbers, kind="stable").tolist()
    return order


def _only_grid(session: Session, actor: Actor, division: Division, *, at: datetime) -> str:
    """The code of the one grid a community without areas gets."""
    code = f"{division.tree.areas[division.community_id].code}{_ONLY_GRID}"
    community = division.tree.areas[division.community_id].code
    grid = NewArea(code=code, name=_ONLY_GRID_NAME, level=Level.GRID, parent_code=community)
    add_areas(session, actor, division.community_id, [grid], at=at)
    return code
