"""Publishes a division: cells, memberships, a revision and the outlines that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.models import (
    Area,
    AreaName,
    AreaOutline,
    AreaParent,
    CellKind,
    CellMembership,
    Level,
    Revision,
    UnitCell,
    WithdrawnRevision,
)
from gisgrid.areas.service import open_codes
from gisgrid.areas.tree import AreaTree, load_tree
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.partition import union_outline
from gisgrid.storage.base import new_id, valid_at


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCell:
    """A cell to be made: a polygon in EPSG:4326 on the lattice and the area that owns it.

    ``owner`` is the code of a micro grid, or of a grid that isn't subdivided.
    """

    geom: Polygon
    kind: CellKind
    owner: str


def publish_cells(
    session: Session, actor: Actor, community_id: str, cells: Sequence[NewCell], *, at: datetime, reason: str
) -> Revision:
    """Give a community new cells in place of all it has, as a new revision.

    The cells must tile: their outlines are checked as one coverage. Old cells and memberships are closed,
    outlines of every level are written anew. Objects are placed afterwards by their own subjects.

    Raises
    ------
    InvalidInput
        The cells don't fit together, or one names no area that can own cells.
    """
    require(actor, Action.AREAS_IMPORT)
    owners = _cell_owners(session, community_id, at)
    unknown = sorted({cell.owner for cell in cells} - owners.keys())
    if unknown:
        raise InvalidInput(
            [Fault(message=say("no grid with the code {code}", code=code), field="code") for code in unknown]
        )
    _close_cells(session, community_id, at)
    first = 1 + (session.scalar(_highest_number(community_id)) or 0)
    rows = [
        {
            "id": new_id(),
            "community_id": community_id,
            "number": first + place,
            "kind": cell.kind,
            "geom": cell.geom,
            "valid_from": at,
        }
        for place, cell in enumerate(cells)
    ]
    session.execute(insert(UnitCell), rows)
    session.execute(
        insert(CellMembership),
        [
            {"id": new_id(), "cell_id": row["id"], "area_id": owners[cell.owner], "valid_from": at}
            for row, cell in zip(rows, cells, strict=True)
        ],
    )
    revision = add_revision(session, actor, community_id, at=at, reason=reason)
    write_outlines(session, community_id, at=at)
    touch(session, [community_id])
    record(session, actor, "division:publish", "revision", now=at, object_id=revision.id, count=len(cells))
    return revision


def _highest_number(community_id: str) -> Select[int]:
    return select(func.max(UnitCell.number)).where(UnitCell.community_id == community_id)


def _cell_owners(session: Session, community_id: str, at: datetime) -> dict[str, str]:
    """Codes that can own cells and the micro grid behind each: micro grids, and grids with a single one."""
    rows = session.execute(
        select(Area.id, AreaName.code, AreaParent.parent_id)
        .join(AreaName, (AreaName.area_id == Area.id) & valid_at(AreaName, at))
        .join(AreaParent, (AreaParent.area_id == Area.id) & valid_at(AreaParent, at))
        .where(Area.community_id == community_id, Area.level == Level.MICRO_GRID)
    ).all()
    owners = {row.code: row.id for row in rows}
    codes = {row.area_id: row.code for row in session.execute(open_codes(community_id, at))}
    within = Counter(row.parent_id for row in rows)
    owners |= {codes[row.parent_id]: row.id for row in rows if within[row.parent_id] == 1}
    return owners


def _close_cells(session: Session, community_id: str, at: datetime) -> None:
    open_cells = select(UnitCell.id).where(UnitCell.community_id == community_id, UnitCell.valid_to.is_(None))
    session.execute(
        update(CellMembership)
        .where(CellMembership.cell_id.in_(open_cells), CellMembership.valid_to.is_(None))
        .values(valid_to=at)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(UnitCell)
        .where(UnitCell.community_id == community_id, UnitCell.valid_to.is_(None))
        .values(valid_to=at)
        .execution_options(synchronize_session=False)
    )


def add_revision(
    session: Session, actor: Actor, community_id: str, *, at: datetime, reason: str, backdated: bool = False
) -> Revision:
    """The next revision of a community, effective at ``at``. No number is given twice."""
    last = max(
        session.scalar(select(func.max(table.number)).where(table.community_id == community_id)) or 0
        for table in (Revision, WithdrawnRevision)
    )
    revision = Revision(
        id=new_id(),
        community_id=community_id,
        number=last + 1,
        published_at=at,
        effective_at=at,
        is_backdated=backdated,
        account_id=actor.account_id,
        reason=reason,
    )
    session.add(revision)
    session.flush()
    return revision


def write_outlines(
    session: Session,
    community_id: str,
    *,
    at: datetime,
    areas: Collection[str] | None = None,
    tree: AreaTree | None = None,
) -> None:
    """Store the outlines of areas whose cells have changed: the union of their cells, checked equal.

    Parameters
    ----------
    areas
        Ids of the areas that may have changed, also of closed ones; without, all of the community are
        looked at.
    tree
        The areas at that instant, where they are known.

    Raises
    ------
    InvalidInput
        Cells of an area overlap or aren't noded against each other.
    """
    tree = tree or load_tree(session, community_id, at=at)
    own = [area for area in tree.areas.values() if area.community_id == community_id]
    chosen = own if areas is None else [area for area in own if area.id in areas]
    below = {area.id: [micro.id for micro in tree.below(area.id)] for area in chosen}
    cells = _cells_by_owner(session, {micro for micros in below.values() for micro in micros}, at=at)
    land = {area_id: tuple(micro for micro in micros if micro in cells) for area_id, micros in below.items()}
    # A grid and its only micro grid are one piece of land: it is put together once.
    made = {micros: _united(cells, micros) for micros in set(land.values()) if micros}
    wanted = {area_id: made[micros] for area_id, micros in land.items() if micros}
    known = _known_outlines(session, set(tree.areas) if areas is None else set(areas), at=at)
    _replace_outlines(session, wanted, known=known, at=at)


def _united(cells: Mapping[str, list[Polygon]], micros: Sequence[str]) -> MultiPolygon:
    return as_multipolygon(union_outline(as_array([shape for micro in micros for shape in cells[micro]])))


def _cells_by_owner(session: Session, micros: set[str], *, at: datetime) -> dict[str, list[Polygon]]:
    """The cells of some micro grids."""
    rows = session.execute(
        select(CellMembership.area_id, UnitCell.geom)
        .join(UnitCell, UnitCell.id == CellMembership.cell_id)
        .where(CellMembership.area_id.in_(micros), valid_at(CellMembership, at), valid_at(UnitCell, at))
        .order_by(UnitCell.number)
    )
    cells: dict[str, list[Polygon]] = {}
    for row in rows:
        cells.setdefault(row.area_id, []).append(row.geom)
    return cells


def _known_outlines(session: Session, areas: set[str], *, at: datetime) -> dict[str, MultiPolygon]:
    rows = session.execute(
        select(AreaOutline.area_id, AreaOutline.geom).where(
            AreaOutline.area_id.in_(areas), valid_at(AreaOutline, at)
        )
    )
    return {row.area_id: row.geom for row in rows}


def _replace_outlines(
    session: Session, wanted: Mapping[str, MultiPolygon], *, known: Mapping[str, MultiPolygon], at: datetime
) -> None:
    def changed(area_id: str) -> bool:
        return area_id not in wanted or not shapely.equals_exact(wanted[area_id], known[area_id])

    gone = [area_id for area_id in known if changed(area_id)]
    if gone:
        session.execute(
            update(AreaOutline)
            .where(AreaOutline.area_id.in_(gone), AreaOutline.valid_to.is_(None))
            .values(valid_to=at)
            .execution_options(synchronize_session=False)
        )
    fresh = [area_id for area_id in wanted if area_id in gone or area_id not in known]
    if fresh:
        session.execute(
            insert(AreaOutline),
            [
                {"id": new_id(), "area_id": area_id, "geom": wanted[area_id], "valid_from": at}
                for area_id in fresh
            ],
        )


def as_multipolygon(shape: BaseGeometry) -> MultiPolygon:
    """A polygon as a multipolygon of one part."""
    if isinstance(shape, Polygon):
        return MultiPolygon([shape])
    if isinstance(shape, MultiPolygon):
        return shape
    raise InvalidInput(say("an outline is a polygon, not a {kind}", kind=shape.geom_type))


def withdrawn_of(revision: Revision, actor: Actor, reason: str, *, now: datetime) -> WithdrawnRevision:
    """What stays of a revision, so that the history tells of it and its number is never given again."""
    return WithdrawnRevision(
        id=new_id(),
        community_id=revision.community_id,
        number=revision.number,
        published_at=revision.published_at,
        effective_at=revision.effective_at,
        account_id=revision.account_id,
        reason=revision.reason,
        withdrawn_at=now,
        withdrawn_by_id=actor.account_id,
        withdrawn_reason=reason,
    )
