"""Publishing a plan: memberships, areas, outlines and duties in one transaction, and a new revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Duty, DutyKind
from gisgrid.areas.communities import current_version, touch
from gisgrid.areas.look import Caches, Look
from gisgrid.areas.models import (
    Area,
    AreaLineage,
    AreaName,
    AreaParent,
    CellMembership,
    CommunityState,
    Level,
    Revision,
)
from gisgrid.areas.publishing import add_revision, write_outlines
from gisgrid.errors import Conflict, InvalidInput, NotAllowed
from gisgrid.geometry.editing.naming import next_micro_code
from gisgrid.redraw.checking import plan_findings
from gisgrid.redraw.models import NoteKind, Plan, PlanState
from gisgrid.redraw.plans import OpenPlan, add_note, allowed, is_own, open_plan
from gisgrid.redraw.rules import Weight
from gisgrid.storage.base import new_id

_INHERITED = (DutyKind.GRID_MEMBER, DutyKind.GRID_SUPERVISOR, DutyKind.COMMUNITY_POLICE, DutyKind.PARTY_CADRE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published plan: its revision, and how many rows of memberships and areas were written."""

    revision: Revision
    memberships: int
    areas: int


def publish(look: Look, plan_id: str, reason: str, *, caches: Caches, now: datetime) -> Published:
    """Make a plan the division in force from now on. By an approver it counts as approval.

    Households and cases are not touched: they lie in cells, and cells only change hands. Pieces of a split
    inherit the duties of the grid they came out of until they are given others.

    Raises
    ------
    NotAllowed
        The actor may neither approve it nor publish an approved plan of one's own.
    Conflict
        Nothing is changed by it, a rule forbids it, or the division has changed since.
    InvalidInput
        A reason is missing.
    """
    require(look.actor, Action.REDRAW_VIEW)
    if not reason.strip():
        raise InvalidInput("a redraw is published with a reason", field="reason")
    # Whoever publishes in this community waits here: the revision that was read can't change any more.
    look.session.execute(
        select(CommunityState.data_version)
        .where(CommunityState.community_id == look.community.id)
        .with_for_update()
    )
    if current_version(look.session, look.community.id, at=now).revision != look.version.revision:
        raise Conflict("somebody has published in the meantime: load the plan again")
    opened = open_plan(look, plan_id, caches=caches, lock=True)
    _refuse_wrong_hands(look, opened.plan)
    _refuse_unsound(look, opened)
    written = _write(look, opened, now=now)
    revision = add_revision(look.session, look.actor, look.community.id, at=now, reason=reason.strip())
    ids = _written_areas(look, opened)
    _write_lineage(look, opened, ids, revision=revision)
    write_outlines(look.session, look.community.id, at=now)
    opened.plan.state, opened.plan.published_revision = PlanState.PUBLISHED, revision.number
    add_note(look, opened.plan, NoteKind.PUBLISH, text=reason, now=now)
    touch(look.session, [look.community.id])
    record(look.session, look.actor, "plan:publish", "plan", now=now, object_id=opened.plan.id)
    return Published(revision=revision, memberships=written[0], areas=written[1])


def _refuse_wrong_hands(look: Look, plan: Plan) -> None:
    if "publish" in allowed(look, plan):
        return
    if plan.state in {PlanState.PUBLISHED, PlanState.DISCARDED}:
        raise Conflict("this plan has been published already")
    if is_own(look.session, plan, look.actor.account_id):
        raise NotAllowed("one's own plan is approved by somebody else")
    raise NotAllowed("this account may not publish")


def _refuse_unsound(look: Look, opened: OpenPlan) -> None:
    drawing = opened.drawing
    if not drawing.delta.owners and not drawing.delta.micros and not drawing.names:
        raise Conflict("this plan changes nothing")
    if drawing.delta.removed or drawing.delta.added:
        raise Conflict("plans that cut cells can't be published yet")
    found = plan_findings(look, opened.base, drawing)
    blocking = [row["message"] for row in found if row["level"] == Weight.BLOCK]
    if blocking:
        raise Conflict(blocking[0])


def _write(look: Look, opened: OpenPlan, *, now: datetime) -> tuple[int, int]:
    """Close and open what changes; gives how many memberships and areas."""
    ids = _area_ids(look)
    opened_areas = _open_areas(look, opened, ids, now=now)
    _move_micro_grids(look, opened, ids, now=now)
    count = _move_cells(look, opened, ids, now=now)
    _close_areas(look, opened, ids, now=now)
    _rename(look, opened, ids, now=now)
    return count, opened_areas


def _area_ids(look: Look) -> dict[str, str]:
    return {area.code: area.id for area in look.division.tree.areas.values()}


def _new_grids(opened: OpenPlan) -> list[str]:
    return sorted(opened.drawing.ground.grids.keys() - opened.base.drawing.ground.grids.keys())


def _gone_grids(opened: OpenPlan) -> list[str]:
    return sorted(opened.base.drawing.ground.grids.keys() - opened.drawing.ground.grids.keys())


def _open_areas(look: Look, opened: OpenPlan, ids: dict[str, str], *, now: datetime) -> int:
    """New grids beside the one they came out of, new micro grids in their grid."""
    ground = opened.drawing.ground
    tree = look.division.tree
    grids = _new_grids(opened)
    for code in grids:
        origin = tree.areas[ids[_origin(opened, code)]]
        ids[code] = _open_area(look, code, Level.GRID, parent=origin.parent_id or "", opened=opened, now=now)
        _inherit_duties(look, origin.id, ids[code], now=now)
    for code in opened.drawing.delta.opened:
        parent = ids[ground.grid_of[code]]
        ids[code] = _open_area(look, code, Level.MICRO_GRID, parent=parent, opened=opened, now=now)
    return len(grids) + len(opened.drawing.delta.opened)


def _origin(opened: OpenPlan, code: str) -> str:
    """The grid of the revision that a new one came out of, over however many edits."""
    known, origin = opened.base.drawing.ground.grids, opened.drawing.delta.origin
    while code not in known and code in origin:
        code = origin[code]
    return code


def _open_area(look: Look, code: str, level: Level, *, parent: str, opened: OpenPlan, now: datetime) -> str:
    area_id = new_id()
    name = opened.drawing.names.get(code, code)
    session = look.session
    session.add(Area(id=area_id, level=level, community_id=look.community.id, created_at=now))
    session.flush()
    session.add(AreaName(area_id=area_id, code=code, name=name, valid_from=now))
    session.add(AreaParent(area_id=area_id, parent_id=parent, valid_from=now))
    session.flush()
    return area_id


def _inherit_duties(look: Look, source: str, target: str, *, now: datetime) -> None:
    duties = look.session.scalars(
        select(Duty).where(Duty.area_id == source, Duty.valid_to.is_(None), Duty.kind.in_(_INHERITED))
    ).all()
    for duty in duties:
        look.session.add(
            Duty(
                worker_id=duty.worker_id,
                area_id=target,
                kind=duty.kind,
                is_primary=duty.is_primary,
                valid_from=now,
            )
        )


def _move_micro_grids(look: Look, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> None:
    """A micro grid that moved gets the next free code of its new grid; it stays the same area."""
    ground = opened.drawing.ground
    used = set(ground.used) | set(ground.grid_of)
    for code in opened.drawing.delta.moved:
        grid = ground.grid_of[code]
        fresh = next_micro_code(grid, micros=ground.subdivision[grid], used=used)
        used.add(fresh)
        for table in (AreaParent, AreaName):
            look.session.execute(
                update(table)
                .where(table.area_id == ids[code], table.valid_to.is_(None))
                .values(valid_to=now)
                .execution_options(synchronize_session=False)
            )
        name = opened.drawing.names.get(code, look.division.tree.areas[ids[code]].name)
        look.session.add(AreaParent(area_id=ids[code], parent_id=ids[grid], valid_from=now))
        look.session.add(AreaName(area_id=ids[code], code=fresh, name=name, valid_from=now))
    look.session.flush()


def _move_cells(look: Look, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> int:
    """Memberships of the cells whose micro grid changes; of no others."""
    changes = {
        opened.base.ids[cell]: after
        for cell, (_before, after) in opened.drawing.delta.owners.items()
        if after is not None
    }
    if not changes:
        return 0
    look.session.execute(
        update(CellMembership)
        .where(CellMembership.cell_id.in_(changes), CellMembership.valid_to.is_(None))
        .values(valid_to=now)
        .execution_options(synchronize_session=False)
    )
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "cell_id": cell, "area_id": ids[code], "valid_from": now}
        for cell, code in changes.items()
    ]
    look.session.execute(insert(CellMembership), rows)
    return len(rows)


def _close_areas(look: Look, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> None:
    """Names, parents and duties of grids and micro grids that are no more. Their codes stay used."""
    gone = [ids[code] for code in (*_gone_grids(opened), *opened.drawing.delta.closed) if code in ids]
    for table in (AreaName, AreaParent, Duty):
        look.session.execute(
            update(table)
            .where(table.area_id.in_(gone), table.valid_to.is_(None))
            .values(valid_to=now)
            .execution_options(synchronize_session=False)
        )


def _rename(look: Look, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> None:
    for code, name in opened.drawing.names.items():
        known = look.division.tree.areas.get(ids.get(code, ""))
        is_moved = code in opened.drawing.delta.moved
        if known is None or known.name == name or is_moved or code in _gone_grids(opened):
            continue
        look.session.execute(
            update(AreaName)
            .where(AreaName.area_id == known.id, AreaName.valid_to.is_(None))
            .values(valid_to=now)
        )
        look.session.add(AreaName(area_id=known.id, code=code, name=name, valid_from=now))
    look.session.flush()


def _written_areas(look: Look, opened: OpenPlan) -> dict[str, str]:
    """Ids of all grids that are or were, by code, the new ones included."""
    codes = {*_new_grids(opened), *opened.base.drawing.ground.grids}
    rows = look.session.execute(
        select(AreaName.code, AreaName.area_id)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == look.community.id, AreaName.code.in_(codes))
    )
    return {row.code: row.area_id for row in rows}


def _write_lineage(look: Look, opened: OpenPlan, ids: Mapping[str, str], *, revision: Revision) -> None:
    """Which grids were split from others, and which went up in others."""
    split = [(code, _origin(opened, code), "split_from") for code in _new_grids(opened)]
    heirs = opened.drawing.delta.heir
    merged = [(code, heirs[code], "merged_into") for code in _gone_grids(opened) if heirs.get(code) in ids]
    for code, other, kind in (*split, *merged):
        look.session.add(
            AreaLineage(
                id=new_id(), area_id=ids[code], other_id=ids[other], kind=kind, revision_id=revision.id
            )
        )
    look.session.flush()
