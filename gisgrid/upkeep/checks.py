"""Checks what the database holds: cells that tile, owners, outlines, codes, and where every object lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.models import Area, AreaName, CellMembership, Level, UnitCell
from gisgrid.areas.tree import TreeArea
from gisgrid.errors import InvalidInput
from gisgrid.geometry.partition import TilingFault, TilingRule, check_tiling, oracle_check, union_outline
from gisgrid.positions.placement import locate_all
from gisgrid.storage.base import valid_at


class StoredRule(StrEnum):
    """The rules a database is checked by: those of files of areas, then those only a database can break."""

    INVALID = "invalid"
    OVERLAP = "overlap"
    GAP = "gap"
    VERTEX = "vertex"
    MULTIPART = "multipart"
    DUPLICATE_CODE = "duplicate_code"
    OUTSIDE = "outside"
    COVERAGE = "coverage"
    MEMBERSHIP = "membership"
    OUTLINE = "outline"
    PLACEMENT = "placement"


_OF_TILING: Final = {
    TilingRule.NOT_POLYGON: StoredRule.INVALID,
    TilingRule.INVALID: StoredRule.INVALID,
    TilingRule.ORIENTATION: StoredRule.INVALID,
    TilingRule.OFF_LATTICE: StoredRule.INVALID,
    TilingRule.OVERLAP: StoredRule.OVERLAP,
    TilingRule.GAP: StoredRule.GAP,
    TilingRule.OUTSIDE: StoredRule.OUTSIDE,
    TilingRule.VERTEX: StoredRule.VERTEX,
    TilingRule.COVERAGE: StoredRule.COVERAGE,
    TilingRule.AREA: StoredRule.COVERAGE,
    TilingRule.OWNER: StoredRule.MULTIPART,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFault:
    """One fault: codes of the areas concerned and its place in EPSG:4326, empty where it has none."""

    rule: StoredRule
    areas: tuple[str, ...]
    message: str
    place: BaseGeometry
    area_m2: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseChecked:
    """How much was looked at, and every fault found."""

    communities: int
    areas: int
    cells: int
    objects: int
    faults: tuple[StoredFault, ...]

    def counts(self) -> dict[str, int]:
        """How many faults of each rule, none left out."""
        counts = Counter(fault.rule for fault in self.faults)
        return {rule.value: counts[rule] for rule in StoredRule}


def check_database(session: Session, actor: Actor, *, at: datetime) -> DatabaseChecked:
    """Check every community as it stands at ``at``, by the exact check and by the whole oracle.

    Each cell needs exactly one owner, each outline must be the union of its cells, each object must lie in
    the cell that the tie rule gives, and no code may be in use twice.
    """
    require(actor, Action.AREAS_VIEW)
    communities = visible_communities(session, actor, now=at)
    faults = list(_duplicate_codes(session, at))
    areas = cells = objects = 0
    for community in communities:
        division = load_division(session, community.id, at=at, revision=0)
        areas += sum(area.community_id == community.id for area in division.tree.areas.values())
        cells += len(division.cell_ids)
        faults += _tiling(division)
        faults += _memberships(session, division, at=at)
        faults += _outlines(division)
        wrong, looked_at = _placements(session, division)
        faults += wrong
        objects += looked_at
    return DatabaseChecked(
        communities=len(communities), areas=areas, cells=cells, objects=objects, faults=tuple(faults)
    )


def _duplicate_codes(session: Session, at: datetime) -> Iterator[StoredFault]:
    codes = session.scalars(
        select(AreaName.code).join(Area, Area.id == AreaName.area_id).where(valid_at(AreaName, at))
    )
    for code, count in sorted(Counter(codes).items()):
        if count > 1:
            yield _fault(StoredRule.DUPLICATE_CODE, f"{count} areas have the code {code}", code)


def _tiling(division: Division) -> list[StoredFault]:
    if not len(division.cell_ids):
        return []
    outline = division.outlines.get(division.community_id)
    if outline is None:
        return [_fault(StoredRule.OUTLINE, "the community has no outline", _code(division))]
    findings = check_tiling(division.cells, outline) + oracle_check(division.cells, outline)
    unlike = {(finding.rule, finding.cells, finding.place.wkb): finding for finding in findings}
    return [_of_finding(division, finding) for finding in unlike.values()]


def _of_finding(division: Division, finding: TilingFault) -> StoredFault:
    grids = (division.grid_of(division.cell_ids[index]) for index in finding.cells)
    codes = tuple(sorted({grid.code for grid in grids if grid})) or (_code(division),)
    return StoredFault(
        rule=_OF_TILING[finding.rule],
        areas=codes,
        message=finding.message,
        place=finding.place,
        area_m2=finding.area_m2,
    )


def _memberships(session: Session, division: Division, *, at: datetime) -> list[StoredFault]:
    """Cells without an owner, with several, or with one that owns no cells (any other level, or closed)."""
    rows = session.execute(
        select(CellMembership.cell_id, CellMembership.area_id)
        .join(UnitCell, UnitCell.id == CellMembership.cell_id)
        .where(UnitCell.community_id == division.community_id, valid_at(CellMembership, at))
    ).all()
    owners: dict[str, list[str]] = {cell: [] for cell in division.cell_ids}
    closed = 0
    for row in rows:
        if row.cell_id in owners:
            owners[row.cell_id].append(row.area_id)
        else:
            closed += 1
    faults = [
        _fault(StoredRule.MEMBERSHIP, f"a cell has {len(owner_ids)} owners", _code(division), place=cell)
        for cell, owner_ids in zip(division.cells, owners.values(), strict=True)
        if len(owner_ids) != 1
    ]
    faults += [
        _fault(StoredRule.MEMBERSHIP, "a cell's owner is no micro grid of now", _code(division), place=cell)
        for cell, owner_ids in zip(division.cells, owners.values(), strict=True)
        if len(owner_ids) == 1 and not _can_own(division.tree.areas.get(owner_ids[0]))
    ]
    if closed:
        message = f"{closed} memberships are open whose cell is closed"
        faults.append(_fault(StoredRule.MEMBERSHIP, message, _code(division)))
    return faults


def _can_own(area: TreeArea | None) -> bool:
    return area is not None and area.level == Level.MICRO_GRID


def _outlines(division: Division) -> list[StoredFault]:
    """Outlines that are not the union of their cells, and grids that lie in several parts."""
    faults = []
    for area in division.tree.areas.values():
        if area.community_id != division.community_id:
            continue
        own = division.cells_of([area.id]) & division.positions.keys()
        stored = division.outlines.get(area.id)
        union = _union(division, own) if own else None
        if stored is None and union is None:
            continue
        if stored is None or union is None or not _is_same(stored, union):
            message = "the stored outline is not the union of its cells"
            faults.append(_fault(StoredRule.OUTLINE, message, area.code, place=stored))
        if area.level == Level.GRID and stored is not None and len(stored.geoms) > 1:
            message = f"the grid lies in {len(stored.geoms)} parts"
            faults.append(_fault(StoredRule.MULTIPART, message, area.code, place=stored))
    return faults


def _union(division: Division, cell_ids: set[str]) -> BaseGeometry | None:
    positions = np.array(sorted(division.positions[cell] for cell in cell_ids))
    try:
        return union_outline(division.cells[positions])
    except InvalidInput:
        return None


def _is_same(stored: BaseGeometry, union: BaseGeometry) -> bool:
    """Whether two outlines have the same vertices, whatever they start with."""
    parts = [shapely.normalize(shapely.multipolygons(shapely.get_parts(shape))) for shape in (stored, union)]
    return bool(shapely.equals_exact(parts[0], parts[1], tolerance=0.0))


def _placements(session: Session, division: Division) -> tuple[list[StoredFault], int]:
    """Objects that are not in the cell the tie rule gives; their places are not told, only how many."""
    faults, count = [], 0
    for kind, located in locate_all(session, division).items():
        count += len(located.ids)
        wrong = sum(
            wanted != known for wanted, known in zip(located.wanted(division), located.known, strict=True)
        )
        faults += [
            _fault(StoredRule.PLACEMENT, f"a {kind.value} is not in the cell that covers it", _code(division))
            for _each in range(wrong)
        ]
    return faults, count


def _code(division: Division) -> str:
    return division.tree.areas[division.community_id].code


def _fault(rule: StoredRule, message: str, code: str, *, place: BaseGeometry | None = None) -> StoredFault:
    where = place if place is not None else shapely.Point()
    return StoredFault(rule=rule, areas=(code,), message=message, place=where)
