"""Takes back an import of areas: a first division goes whole, a later one gives way to the one before it.

A first division, upon which nothing was built, leaves no trace but its number, which stands among the
withdrawn ones. A division that stood before comes back as a revision of its own: what was true in between
stays so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, not_, select, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.imports import from_text
from gisgrid.access.models import AccountScope, Duty, ImportChange, ImportColumns, ImportRun
from gisgrid.areas.communities import touch
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.imports import close_areas, link_closed
from gisgrid.areas.lineage import write_lineage
from gisgrid.areas.models import (
    Area,
    AreaLineage,
    AreaName,
    AreaOutline,
    AreaParent,
    CellKind,
    CellMembership,
    CommunityState,
    Revision,
    UnitCell,
    WithdrawnRevision,
)
from gisgrid.areas.publication import NewCell, add_revision, publish_cells, withdrawn_of
from gisgrid.areas.tree import TreeArea
from gisgrid.cases.core.models import Case
from gisgrid.errors import Conflict, say
from gisgrid.imports.dependents import Since, count_using
from gisgrid.imports.undo_rows import Undone, write_past
from gisgrid.places.models import Building, Facility, Household
from gisgrid.redraw.plans.models import Plan

_OBJECTS: Final = (Building, Household, Facility, Case)
_OF_AREAS: Final = frozenset(
    model.__tablename__ for model in (Area, AreaName, AreaParent, AreaOutline, CellMembership, AreaLineage)
)
_OF_CELLS: Final = frozenset(model.__tablename__ for model in (CellMembership, *_OBJECTS))
_OF_COMMUNITY: Final = frozenset(
    model.__tablename__
    for model in (AreaName, AreaParent, AreaOutline, CommunityState, ImportRun, ImportColumns)
)
_A_MOMENT: Final = timedelta(microseconds=1)


def take_back_division(
    session: Session, actor: Actor, run: ImportRun, *, now: datetime
) -> tuple[Undone, bool]:
    """Undo an import of areas; and whether objects stand to be placed anew.

    Raises
    ------
    Conflict
        Something was built upon it since; or it changed a division that stood before, and the actor is not
        the command line.
    """
    revision = _revision(session, run)
    before = load_division(session, revision.community_id, at=revision.effective_at - _A_MOMENT, revision=0)
    made = _noted(session, run, Area)
    if not len(before.cell_ids) and _is_only_one(session, revision):
        _take_out(session, actor, revision, made=made, now=now)
        _as_before(session, run, AreaName)
        return _describe(run), False
    if not actor.sees_everything:
        message = say(
            "this import changed a division that stood before: restore revision {number} by a plan",
            number=revision.number - 1,
        )
        raise Conflict(message)
    _bring_back(session, actor, run, revision, before=before, made=made, now=now)
    return _describe(run), True


def _describe(run: ImportRun) -> Undone:
    """In the counts the import was told in: grids that nobody sees aren't counted."""
    new, updated, closed = (int(run.counts.get(name, 0)) for name in ("new", "updated", "closed"))
    return Undone(removed=new, restored=updated + closed, by_kind=Counter({Area.__tablename__: new}))


def _revision(session: Session, run: ImportRun) -> Revision:
    """The revision an import made, if it still is the community's last one."""
    noted = _noted(session, run, Revision)
    last = session.scalars(
        select(Revision).where(Revision.community_id == run.community_id).order_by(Revision.number.desc())
    ).first()
    if last is None or not noted:
        raise Conflict("this import changed nothing that could be taken back")
    if last.id not in noted:
        message = say("the division was published again (revision {number})", number=last.number)
        Since(more=[message]).refuse()
    return last


def _noted(session: Session, run: ImportRun, table: type[Area | Revision]) -> list[str]:
    """The ids of what an import made, the community itself left out."""
    statement = select(ImportChange.object_id).where(
        ImportChange.import_id == run.id,
        ImportChange.object_kind == table.__tablename__,
        ImportChange.before.is_(None),
        ImportChange.object_id != run.community_id,
    )
    return list(session.scalars(statement))


def _is_only_one(session: Session, revision: Revision) -> bool:
    count = select(func.count()).where(Revision.community_id == revision.community_id)
    return session.scalar(count) == 1


def _cells(community_id: str) -> Select[str]:
    return select(UnitCell.id).where(UnitCell.community_id == community_id)


def _take_out(
    session: Session, actor: Actor, revision: Revision, *, made: Sequence[str], now: datetime
) -> None:
    """Take a first division out whole; what lies in its cells stands without one, as before."""
    community, cells = revision.community_id, _cells(revision.community_id)
    _refuse_used(session, revision, made=made)
    for table in _OBJECTS:
        values: dict[Any, Any] = {table.cell_id: None}
        values |= {Case.is_on_border: False, Case.near_border_m: None} if table is Case else {}
        write_past(session, update(table).where(table.cell_id.in_(cells)).values(values))
    write_past(session, delete(AreaLineage).where(AreaLineage.revision_id == revision.id))
    write_past(session, delete(CellMembership).where(CellMembership.cell_id.in_(cells)))
    write_past(session, delete(UnitCell).where(UnitCell.community_id == community))
    write_past(session, delete(AreaOutline).where(AreaOutline.area_id.in_([*made, community])))
    for dated in (AreaParent, AreaName):
        write_past(session, delete(dated).where(dated.area_id.in_(made)))
    write_past(session, delete(Area).where(Area.id.in_(made)))
    session.add(withdrawn_of(revision, actor, "import taken back", now=now))
    session.delete(revision)
    session.flush()
    session.expire_all()


def _refuse_used(session: Session, revision: Revision, *, made: Sequence[str]) -> None:
    """Refuse where anything else than the division itself hangs on its areas, cells or number."""
    since, community = Since(), revision.community_id
    since.using = count_using(session, Area, made, beside=_OF_AREAS)
    since.using += count_using(session, UnitCell, _cells(community), beside=_OF_CELLS)
    plans = select(func.count()).where(Plan.community_id == community)
    since.using[Plan.__tablename__] += session.scalar(plans) or 0
    others = select(func.count()).where(
        Area.community_id == community, Area.id != community, Area.id.not_in(made)
    )
    since.using[Area.__tablename__] += session.scalar(others) or 0
    renamed = select(func.count()).where(
        AreaName.area_id.in_(made), AreaName.valid_from != revision.effective_at
    )
    since.changed[AreaName.__tablename__] += session.scalar(renamed) or 0
    since.refuse()


def _bring_back(
    session: Session,
    actor: Actor,
    done_by: ImportRun,
    revision: Revision,
    *,
    before: Division,
    made: Sequence[str],
    now: datetime,
) -> None:
    """Publish the division that stood before an import again, with its areas, names and cells."""
    community = revision.community_id
    since = Since()
    for table in (Duty, AccountScope):
        used = select(func.count()).where(table.area_id.in_(made))
        since.using[table.__tablename__] += session.scalar(used) or 0
    since.refuse()
    today = load_division(session, community, at=now, revision=revision.number)
    _reopen(session, before, today, now=now)
    gone = [area for area in today.tree.areas if area not in before.tree.areas]
    close_areas(session, gone, at=now)
    _as_before(session, done_by, Area)
    session.flush()
    reason = f"import taken back: revision {revision.number}"
    if before.cell_ids == today.cell_ids:
        add_revision(session, actor, community, at=now, reason=reason)
    else:
        _cells_again(session, actor, before, today, gone=gone, now=now, reason=reason)
    touch(session, [community])


def _reopen(session: Session, before: Division, today: Division, *, now: datetime) -> None:
    """Give areas the names and parents they had."""
    changed = [
        area
        for area in before.tree.areas.values()
        if today.tree.areas.get(area.id) != area and area.community_id == before.community_id
    ]
    for area in changed:
        known = today.tree.areas.get(area.id)
        if known is None or (known.code, known.name) != (area.code, area.name):
            _end(session, AreaName, area, now=now)
            session.add(AreaName(area_id=area.id, code=area.code, name=area.name, valid_from=now))
        if known is None or known.parent_id != area.parent_id:
            _end(session, AreaParent, area, now=now)
            if area.parent_id is not None:
                session.add(AreaParent(area_id=area.id, parent_id=area.parent_id, valid_from=now))
    session.flush()


def _end(session: Session, table: type[AreaName | AreaParent], area: TreeArea, *, now: datetime) -> None:
    still = update(table).where(table.area_id == area.id, table.valid_to.is_(None))
    write_past(session, still.values(valid_to=now))


def _as_before(session: Session, done_by: ImportRun, table: type[Area | AreaName]) -> None:
    """What an import changed in place is as it was: types of grids, codes that nobody sees."""
    changed = select(ImportChange.object_id, ImportChange.before).where(
        ImportChange.import_id == done_by.id,
        ImportChange.object_kind == table.__tablename__,
        ImportChange.before.is_not(None),
    )
    for row in session.execute(changed).all():
        former = from_text(table, str(row.before))
        write_past(session, update(table).where(table.id == row.object_id).values(former))


def _cells_again(
    session: Session,
    actor: Actor,
    before: Division,
    today: Division,
    *,
    gone: Sequence[str],
    now: datetime,
    reason: str,
) -> None:
    """New cells in the shape and order of the former ones, so that every tie falls as it did."""
    kinds = dict(
        session.execute(select(UnitCell.id, UnitCell.kind).where(UnitCell.id.in_(_ids(before)))).all()
    )
    cells = [
        NewCell(geom=shape, kind=CellKind(kinds[cell]), owner=before.tree.areas[before.owners[cell]].code)
        for cell, shape in zip(before.cell_ids, before.cells, strict=True)
    ]
    revision = publish_cells(session, actor, before.community_id, cells, at=now, reason=reason)
    after = load_division(session, before.community_id, at=now, revision=revision.number)
    write_lineage(session, today, after)
    codes = [today.tree.areas[area].code for area in gone]
    link_closed(session, today, after, closed=codes, revision_id=revision.id)


def _ids(division: Division) -> Select[str]:
    """Ids of the cells of a division, as a statement: there may be many."""
    at = division.at
    return select(UnitCell.id).where(
        UnitCell.community_id == division.community_id,
        UnitCell.valid_from <= at,
        (UnitCell.valid_to.is_(None)) | (UnitCell.valid_to > at),
    )


def forget_notes(session: Session, done_by: ImportRun) -> None:
    """Drop what an undone import noted; that it made the community is kept until that goes."""
    founded = _founded(done_by.community_id)
    notes = select(ImportChange.id).where(ImportChange.import_id == done_by.id, not_(founded))
    write_past(session, delete(ImportChange).where(ImportChange.id.in_(notes)))


def _founded(community_id: str | None) -> ColumnElement[bool]:
    """The note that an import made a community, as SQL."""
    return and_(
        ImportChange.object_kind == Area.__tablename__,
        ImportChange.object_id == (community_id or ""),
        ImportChange.before.is_(None),
    )


def forget_community(session: Session, done_by: ImportRun) -> bool:
    """Remove a community that an undone import had made, if nothing is left in it; whether it is gone.

    That its first division was withdrawn says nothing any more then.
    """
    community = done_by.community_id
    founder = select(ImportRun.id).join(ImportChange, ImportChange.import_id == ImportRun.id)
    if community is None or not session.scalar(
        founder.where(_founded(community), ImportRun.undone_at.is_not(None))
    ):
        return False
    used = count_using(session, Area, [community], beside=_OF_COMMUNITY | {WithdrawnRevision.__tablename__})
    used[Area.__tablename__] -= 1  # its own row names itself
    if used.total():
        return False
    write_past(session, delete(WithdrawnRevision).where(WithdrawnRevision.community_id == community))
    write_past(session, delete(ImportChange).where(_founded(community)))
    for kept in (ImportRun, ImportColumns):
        write_past(session, update(kept).where(kept.community_id == community).values(community_id=None))
    done_by.community_id = None
    write_past(session, delete(CommunityState).where(CommunityState.community_id == community))
    for table in (AreaOutline, AreaParent, AreaName):
        write_past(session, delete(table).where(table.area_id == community))
    write_past(session, update(Area).where(Area.id == community).values(community_id=None))
    write_past(session, delete(Area).where(Area.id == community))
    session.flush()
    return True
