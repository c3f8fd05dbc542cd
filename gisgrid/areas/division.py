"""A community's division as it stood at an instant: its tree, its cells, and which area owns which cell.

Held in the process as long as its revision is in force; compared on every use by one indexed read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy as np
import pyproj
import shapely
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gisgrid.areas.communities import Version, current_version
from gisgrid.areas.models import AreaOutline, CellMembership, Level, UnitCell
from gisgrid.areas.tree import AreaTree, TreeArea, load_tree
from gisgrid.cache import Memory
from gisgrid.crs import FAR_M, IntArray, stored_crs
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.locate import CoveringIndex
from gisgrid.geometry.measure import local_metric, transformed
from gisgrid.storage.base import valid_at

_KEPT: Final = 64
_ROUND: Final = 32
"""So many pieces of a quarter circle are within a metre of 2 km."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridBorders:
    """Border lines of the grids, in EPSG:4326 (``lines``) and in metres (``metric``), shape (grids,).

    ``grid_of_cell`` gives each cell's position among them, -1 without one; its last entry answers for
    "no cell".
    """

    lines: GeometryArray
    metric: GeometryArray
    crs: pyproj.CRS
    grid_of_cell: IntArray


@dataclass(frozen=True)
class Division:
    """Tree and cells of one community at one instant.

    ``cells`` are polygons of shape (n,) in EPSG:4326 on the lattice, ``cell_ids`` their ids and
    ``numbers`` the integers that decide ties; ``owners`` gives each cell's micro grid.
    """

    community_id: str
    revision: int
    at: datetime
    tree: AreaTree
    cell_ids: tuple[str, ...]
    numbers: IntArray
    cells: GeometryArray
    owners: dict[str, str]
    outlines: dict[str, shapely.MultiPolygon]

    @cached_property
    def index(self) -> CoveringIndex:
        """The covering index over the cells, with the one tie rule: lowest number."""
        return CoveringIndex.build(self.cells, rank=self.numbers)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each cell stands in the arrays."""
        return {cell_id: position for position, cell_id in enumerate(self.cell_ids)}

    @cached_property
    def grid_borders(self) -> GridBorders:
        """Border lines of all grids that have an outline, ready for measuring distances."""
        grids = [self.grid_of(cell_id) for cell_id in self.cell_ids]
        order = {grid.id: grid for grid in grids if grid and grid.id in self.outlines}
        place = {grid_id: position for position, grid_id in enumerate(order)}
        lines = shapely.boundary(np.array([self.outlines[grid_id] for grid_id in order], dtype=np.object_))
        crs = local_metric(self.cells)
        metric = transformed(lines, stored_crs(), crs)
        shapely.prepare(metric)
        of_cell = [place.get(grid.id, -1) if grid else -1 for grid in grids]
        return GridBorders(
            lines=lines, metric=metric, crs=crs, grid_of_cell=np.array([*of_cell, -1], dtype=np.int64)
        )

    @cached_property
    def surroundings(self) -> shapely.Geometry | None:
        """The community's land with 2 km round it, in EPSG:4326; nothing while it has no cells."""
        if not len(self.cells):
            return None
        crs = local_metric(self.cells)
        land = transformed(as_array(shapely.union_all(self.cells)), stored_crs(), crs)
        around = shapely.buffer(land, FAR_M, quad_segs=_ROUND)
        zone: shapely.Geometry = transformed(around, crs, stored_crs())[0]
        shapely.prepare(zone)
        return zone

    def owner_at(self, level: Level) -> dict[str, TreeArea]:
        """For each cell id the area of a level it lies in; cells without one are left out."""
        of_micro = {area: self.tree.ancestor(area, level) for area in set(self.owners.values())}
        owner_areas = ((cell, of_micro[micro]) for cell, micro in self.owners.items())
        return {cell: area for cell, area in owner_areas if area is not None}

    def cells_of(self, area_ids: Iterable[str]) -> set[str]:
        """Ids of the cells inside any of some areas, of whatever level."""
        wanted = {below.id for area_id in area_ids for below in self.tree.below(area_id)}
        return {cell for cell, micro in self.owners.items() if micro in wanted}

    def grid_of(self, cell_id: str | None) -> TreeArea | None:
        """The grid a cell belongs to."""
        micro = self.owners.get(cell_id or "")
        return self.tree.ancestor(micro, Level.GRID) if micro else None


def load_division(session: Session, community_id: str, *, at: datetime, revision: int) -> Division:
    """Read a division from the database."""
    rows = session.execute(
        select(UnitCell.id, UnitCell.number, UnitCell.geom)
        .where(UnitCell.community_id == community_id, valid_at(UnitCell, at))
        .order_by(UnitCell.number)
    ).all()
    tree = load_tree(session, community_id, at=at)
    outlines = session.execute(
        select(AreaOutline.area_id, AreaOutline.geom).where(
            AreaOutline.area_id.in_(tree.areas), valid_at(AreaOutline, at)
        )
    ).all()
    return Division(
        community_id=community_id,
        revision=revision,
        at=at,
        tree=tree,
        cell_ids=tuple(row.id for row in rows),
        numbers=np.array([row.number for row in rows], dtype=np.int64),
        cells=np.array([row.geom for row in rows], dtype=np.object_),
        owners={row.cell_id: row.area_id for row in session.execute(_memberships(community_id, at))},
        outlines={row.area_id: row.geom for row in outlines},
    )


def _memberships(community_id: str, at: datetime) -> Select[str, str]:
    return (
        select(CellMembership.cell_id, CellMembership.area_id)
        .join(UnitCell, UnitCell.id == CellMembership.cell_id)
        .where(UnitCell.community_id == community_id, valid_at(CellMembership, at))
    )


class DivisionCache:
    """Divisions by community and revision; the least recently used go first. Safe between threads."""

    def __init__(self) -> None:
        self._kept: Memory[Division] = Memory(_KEPT)

    def get(
        self, session: Session, community_id: str, *, at: datetime, version: Version | None = None
    ) -> Division:
        """The division in force at an instant; whoever knows the version then, gives it."""
        version = version or current_version(session, community_id, at=at)
        revision = version.revision
        return self._kept.get(
            (community_id, revision, version.revision_id),
            lambda: load_division(session, community_id, at=at, revision=revision),
        )
