"""A whole division of a community from outside: new areas, changed names, changed land, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.audit import record
from gisgrid.access.imports import ImportNotes
from gisgrid.areas.changed_names import rename
from gisgrid.areas.communities import touch, visible_communities, wait_for_others
from gisgrid.areas.division import Division, load_division
from gisgrid.areas.hidden import codes_below, make_room
from gisgrid.areas.imported_area import ImportedDivision
from gisgrid.areas.levels import levels_in, refuse_unused
from gisgrid.areas.lineage import write_lineage
from gisgrid.areas.models import (
    Area,
    AreaLineage,
    AreaName,
    AreaOutline,
    AreaParent,
    CellKind,
    GridType,
    Level,
    Revision,
)
from gisgrid.areas.nearness import FAR, far_outside
from gisgrid.areas.publication import NewCell, add_revision, publish_cells
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.areas.tree import AreaTree, load_tree
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.geometry.cells.faces import steps_of
from gisgrid.geometry.lattice import GeometryArray, LatticeFrame, as_array
from gisgrid.geometry.measure import middle
from gisgrid.geometry.partition import union_outline
from gisgrid.heartbeat import Step, no_step
from gisgrid.storage.base import valid_at

IMPORT_LEVELS: Final = (Level.SUB_AREA, Level.COMPOUND, Level.GRID, Level.MICRO_GRID)
"""Levels that can tile a community."""

_HEIR_SHARE: Final = 0.01

SAME_WITHIN_M: Final = 0.01
"""Outlines that differ nowhere by more than this on both sides are the same drawing on the lattice."""

SAVING_STEPS: Final = 5
"""How often `save_division` calls its step."""


@dataclass(slots=True, kw_only=True)
class SavedDivision:
    """What became of the areas, by code, and the revision that was published, if any."""

    community_id: str
    new: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    reshaped: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    revision: int | None = None
    cells_replaced: int = 0

    @property
    def changed(self) -> set[str]:
        """Codes of all areas that are not as they were."""
        return {*self.new, *self.renamed, *self.reshaped, *self.closed}


def community_for(
    session: Session,
    actor: Actor,
    code: str,
    *,
    shapes: GeometryArray,
    at: datetime,
    notes: ImportNotes | None,
) -> str:
    """The id of the community of a code, which is made where it isn't there.

    ``shapes`` (EPSG:4326) say where a new one lies, which chooses its metric CRS; that it is new is noted.

    Raises
    ------
    Conflict
        The code belongs to an area of another level.
    NotFound
        It lies outside what the actor may see, or isn't there and the actor may not make it.
    """
    statement = (
        select(Area.id)
        .join(AreaName, AreaName.area_id == Area.id)
        .where(Area.level == Level.COMMUNITY, AreaName.code == code, valid_at(AreaName, at))
    )
    community_id = session.scalar(statement)
    if community_id is not None:
        if community_id not in {community.id for community in visible_communities(session, actor, now=at)}:
            raise NotFound("no such community")
        return community_id
    if not may(actor, Action.AREAS_IMPORT):
        raise NotFound("no such community")
    new = NewArea(code=code, name=code, level=Level.COMMUNITY, parent_code=None)
    community = create_community(session, actor, new, centre=middle(shapes), at=at)
    if notes:
        notes.made_now(Area, [community])
    return community


def save_division(
    session: Session,
    actor: Actor,
    code: str,
    *,
    given: ImportedDivision,
    at: datetime,
    step: Step = no_step,
    notes: ImportNotes | None = None,
) -> SavedDivision:
    """Bring a community to a given division: a revision where anything differs, nothing where all is so.

    The community is made where it isn't there. New codes become areas with a hidden micro grid, known ones
    take the file's name and land. An area the file lacks is closed where the file's areas cover its land.
    ``step`` is called `SAVING_STEPS` times; ``notes`` take down which areas and revision are new.

    Raises
    ------
    InvalidInput
        The community doesn't use the level, land lies more than 2 km outside the division that stands, a code
        stands for an area of another level, a parent is unknown, an area has several micro grids whose share
        of the new land is not said, or land of an area that the file lacks would be lost.
    Conflict
        A new code belongs to another community, or was used before; a revision waits for its day; or the
        community has another division and the actor is not the command line.
    """
    require(actor, Action.AREAS_IMPORT)
    community_id = community_for(session, actor, code, shapes=given.cells, at=at, notes=notes)
    wait_for_others(session, community_id)
    refuse_scheduled(session, community_id, at=at)
    refuse_unused(levels_in(session, community_id), given.level)
    saved = SavedDivision(community_id=community_id)
    is_micro = given.level == Level.MICRO_GRID
    make_room(
        session,
        {area.code: area.parent_code for area in given.areas if area.parent_code or not is_micro},
        notes=notes,
    )
    before = load_division(session, community_id, at=at, revision=0)
    _refuse_far(before, given)
    _refuse_other_levels(before.tree, given)
    step()
    _close_lost(session, before, given, saved=saved, at=at)
    step()
    _add_new(session, actor, before.tree, given=given, saved=saved, at=at, notes=notes)
    step()
    saved.renamed += rename(session, before.tree, given, at=at, notes=notes)
    saved.reshaped = _reshaped(before, given)
    step()
    _publish(session, actor, before, given=given, saved=saved, at=at)
    if notes:
        _note(session, notes, before, saved=saved, at=at)
    step()
    if saved.changed:
        _refuse_replacing(actor, before)
        touch(session, [community_id])
    record(
        session,
        actor,
        "areas:import",
        "area",
        now=at,
        object_id=community_id,
        count=len(given.areas),
        reason=f"{len(saved.new)} new, {len(saved.changed) - len(saved.new)} changed",
    )
    return saved


def _note(
    session: Session, notes: ImportNotes, before: Division, *, saved: SavedDivision, at: datetime
) -> None:
    """Take down which areas and which revision an import made."""
    after = load_tree(session, saved.community_id, at=at)
    notes.made_now(Area, sorted(after.areas.keys() - before.tree.areas.keys()))
    of_it = select(Revision.id).where(
        Revision.community_id == saved.community_id, Revision.number == saved.revision
    )
    notes.made_now(Revision, session.scalars(of_it).all())


def refuse_scheduled(session: Session, community_id: str, *, at: datetime) -> None:
    """Refuse to change a community's division while a revision waits for its day.

    Raises
    ------
    Conflict
        There is one.
    """
    waiting = select(Revision.number).where(Revision.community_id == community_id, Revision.effective_at > at)
    number = session.scalar(waiting)
    if number is not None:
        raise Conflict(
            say("revision {number} of this community waits for its day: withdraw it first", number=number)
        )


def _refuse_replacing(actor: Actor, before: Division) -> None:
    """A division that stands is changed by a plan that somebody else approves, or by an operator."""
    if len(before.cell_ids) and not actor.sees_everything:
        raise Conflict("this community has a division: change it by a plan in the redraw tool")


def _refuse_far(before: Division, given: ImportedDivision) -> None:
    """No piece of an area lies more than 2 km outside what the community has by now."""
    owners = np.unique(given.owner[far_outside(before, given.cells)])
    faults = [Fault(message=FAR, row=given.areas[index].row, field="geometry") for index in owners.tolist()]
    if faults:
        raise InvalidInput(faults)


def _refuse_other_levels(tree: AreaTree, given: ImportedDivision) -> None:
    known = {area.code: area for area in tree.areas.values()}
    faults = [
        Fault(
            message=say(
                "{code} is the code of a {known}, not of a {given}",
                code=area.code,
                known=known[area.code].level,
                given=given.level,
            ),
            row=area.row,
            field="code",
        )
        for area in given.areas
        if area.code in known and known[area.code].level != given.level
    ]
    if faults:
        raise InvalidInput(faults)


def _close_lost(
    session: Session, before: Division, given: ImportedDivision, *, saved: SavedDivision, at: datetime
) -> None:
    """Close areas that the file lacks; those under them go too."""
    codes = {area.code for area in given.areas}
    lost = [area for area in before.tree.at_level(given.level) if area.code not in codes]
    if not lost:
        return
    land = shapely.union_all(given.cells)
    faults = [
        Fault(
            message=say("the area {code} is missing and nothing else covers its land", code=area.code),
            field="code",
        )
        for area in lost
        if area.id in before.outlines and not _mostly_covers(land, before.outlines[area.id])
    ]
    if faults:
        raise InvalidInput(faults)
    saved.closed = [area.code for area in lost]
    close_areas(session, [below.id for area in lost for below in before.tree.below(area.id)], at=at)


def _mostly_covers(land: BaseGeometry, shape: BaseGeometry) -> bool:
    return bool(shapely.intersection(land, shape).area * 2 > shape.area)


def close_areas(session: Session, area_ids: Sequence[str], *, at: datetime) -> None:
    """End the names, parents and outlines of areas; their codes are never used again."""
    for table in (AreaName, AreaParent, AreaOutline):
        session.execute(
            update(table)
            .where(table.area_id.in_(area_ids), table.valid_to.is_(None))
            .values(valid_to=at)
            .execution_options(synchronize_session=False)
        )


def _add_new(
    session: Session,
    actor: Actor,
    tree: AreaTree,
    *,
    given: ImportedDivision,
    saved: SavedDivision,
    at: datetime,
    notes: ImportNotes | None,
) -> None:
    known = {area.code for area in tree.areas.values()}
    community = tree.areas[saved.community_id].code
    fresh = [area for area in given.areas if area.code not in known]
    saved.new = [area.code for area in fresh]
    wanted = [
        NewArea(
            code=area.code,
            name=area.name,
            level=given.level,
            parent_code=area.parent_code or community,
            grid_type=area.grid_type or GridType.GENERAL,
        )
        for area in fresh
    ]
    if given.level in (Level.SUB_AREA, Level.COMPOUND):
        below = codes_below(session, saved.new, "01", beside=[area.code for area in given.areas])
        wanted += [
            NewArea(code=code, name=area.name, level=Level.GRID, parent_code=area.code)
            for area, code in zip(fresh, below, strict=True)
        ]
    if wanted:
        add_areas(session, actor, saved.community_id, wanted, at=at, notes=notes)


def _reshaped(before: Division, given: ImportedDivision) -> list[str]:
    """Codes of the known areas whose land is not as it stands."""
    known = {area.code: before.outlines.get(area.id) for area in before.tree.areas.values()}
    return [
        area.code
        for position, area in enumerate(given.areas)
        if area.code in known
        and _differs(union_outline(given.cells[given.owner == position]), known[area.code])
    ]


def _differs(wanted: BaseGeometry, known: BaseGeometry | None) -> bool:
    """Whether two outlines (EPSG:4326) are more apart than one drawing is from itself on the lattice."""
    if known is None:
        return True
    if shapely.equals_exact(shapely.normalize(wanted), shapely.normalize(known), tolerance=0.0):
        return False
    pair = as_array([wanted, known])
    steps = LatticeFrame.around(pair).to_units(pair)
    apart = shapely.symmetric_difference(steps[0], steps[1])
    return not shapely.buffer(apart, -steps_of(SAME_WITHIN_M)).is_empty


def _publish(
    session: Session,
    actor: Actor,
    before: Division,
    *,
    given: ImportedDivision,
    saved: SavedDivision,
    at: datetime,
) -> None:
    """Publish new cells where land changed, a bare revision where only names did, else nothing."""
    if not saved.changed:
        return
    reason = f"import: {len(given.areas)} areas"
    if not (saved.new or saved.reshaped or saved.closed):
        saved.revision = add_revision(session, actor, saved.community_id, at=at, reason=reason).number
        return
    owners = _owners(load_tree(session, saved.community_id, at=at), given)
    cells = [
        NewCell(geom=given.cells[place], kind=CellKind.AREA, owner=owners[int(given.owner[place])])
        for place in _cell_order(given)
    ]
    revision = publish_cells(session, actor, saved.community_id, cells, at=at, reason=reason)
    after = load_division(session, saved.community_id, at=at, revision=revision.number)
    write_lineage(session, before, after)
    link_closed(session, before, after, closed=saved.closed, revision_id=revision.id)
    saved.revision, saved.cells_replaced = revision.number, len(before.cell_ids)


def link_closed(
    session: Session, before: Division, after: Division, *, closed: Sequence[str], revision_id: str
) -> None:
    """Say of each closed area into which ones it was merged: all that took more than a hundredth of it."""
    heirs = [area for area in after.tree.areas.values() if area.id in after.outlines]
    for code in closed:
        old = before.tree.by_code(code)
        shape = before.outlines.get(old.id)
        for heir in heirs:
            if shape is None or heir.level != old.level:
                continue
            if shapely.intersection(shape, after.outlines[heir.id]).area > _HEIR_SHARE * shape.area:
                session.add(
                    AreaLineage(area_id=old.id, other_id=heir.id, kind="merged_into", revision_id=revision_id)
                )
    session.flush()


def _owners(tree: AreaTree, given: ImportedDivision) -> list[str]:
    """Per given area the code of the one micro grid that gets its land."""
    micros = [
        [child.code for child in tree.below(tree.by_code(area.code).id) if child.level == Level.MICRO_GRID]
        for area in given.areas
    ]
    faults = [
        Fault(
            message=say(
                "{code} has {count} micro grids: import those, or change it in a redraw",
                code=area.code,
                count=len(codes),
            ),
            row=area.row,
            field="code",
        )
        for area, codes in zip(given.areas, micros, strict=True)
        if len(codes) != 1
    ]
    if faults:
        raise InvalidInput(faults)
    return [codes[0] for codes in micros]


def _cell_order(given: ImportedDivision) -> list[int]:
    """The order in which cells get their numbers: by code of the area (length, text), then by position."""
    centres = shapely.get_coordinates(shapely.centroid(given.cells))
    codes = [given.areas[int(index)].code for index in given.owner]
    return sorted(
        range(len(codes)),
        key=lambda place: (len(codes[place]), codes[place], centres[place, 0], centres[place, 1]),
    )
