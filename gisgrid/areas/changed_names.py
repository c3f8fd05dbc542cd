"""Known areas get the name, parent and type that a file gives them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.imports import ImportNotes
from gisgrid.areas.imported_area import ImportedDivision
from gisgrid.areas.models import Area, AreaName, AreaParent, GridType, Level
from gisgrid.areas.tree import AreaTree, TreeArea
from gisgrid.errors import InvalidInput, say


def rename(
    session: Session,
    tree: AreaTree,
    given: ImportedDivision,
    *,
    at: datetime,
    notes: ImportNotes | None,
) -> list[str]:
    """Give known areas the name, parent and type of the file; codes of those that had others.

    Hidden micro grids share the name of their grid.
    """
    known, renamed = {area.code: area for area in tree.areas.values()}, []
    for area in given.areas:
        old = known.get(area.code)
        if old is None:
            continue
        changes = [
            old.name != area.name and _new_name(session, tree, old, name=area.name, at=at),
            _new_parent(session, tree, old, code=area.parent_code, at=at),
            _new_type(session, old, area.grid_type, notes=notes),
        ]
        if any(changes):
            renamed.append(area.code)
    return renamed


def _new_name(session: Session, tree: AreaTree, area: TreeArea, *, name: str, at: datetime) -> bool:
    hidden = [child for child in tree.children(area.id) if is_hidden(tree, child)]
    for member in [area, *hidden]:
        session.execute(
            update(AreaName)
            .where(AreaName.area_id == member.id, AreaName.valid_to.is_(None))
            .values(valid_to=at)
            .execution_options(synchronize_session=False)
        )
        session.add(AreaName(area_id=member.id, code=member.code, name=name, valid_from=at))
    session.flush()
    return True


def _new_parent(session: Session, tree: AreaTree, area: TreeArea, *, code: str | None, at: datetime) -> bool:
    if code is None:
        return False
    parent = next((candidate for candidate in tree.areas.values() if candidate.code == code), None)
    if parent is None:
        raise InvalidInput(say("the area {code} names no known parent", code=area.code), field="parent")
    if parent.id == area.parent_id:
        return False
    session.execute(
        update(AreaParent)
        .where(AreaParent.area_id == area.id, AreaParent.valid_to.is_(None))
        .values(valid_to=at)
        .execution_options(synchronize_session=False)
    )
    session.add(AreaParent(area_id=area.id, parent_id=parent.id, valid_from=at))
    session.flush()
    return True


def _new_type(
    session: Session, area: TreeArea, grid_type: GridType | None, *, notes: ImportNotes | None
) -> bool:
    stored = session.execute(select(*Area.__table__.columns).where(Area.id == area.id)).mappings().one()
    if grid_type is None or stored["grid_type"] == grid_type:
        return False
    fresh = {"grid_type": grid_type.value}
    session.execute(
        update(Area).where(Area.id == area.id).values(fresh).execution_options(synchronize_session=False)
    )
    if notes:
        notes.changed(Area, [(area.id, {str(name): value for name, value in stored.items()}, fresh)])
    return True


def is_hidden(tree: AreaTree, area: TreeArea) -> bool:
    """Whether a micro grid is only there because its grid is not divided."""
    return area.level == Level.MICRO_GRID and len(tree.children(area.parent_id)) == 1
