"""Areas a plan opens, moves, renames and closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update

from gisgrid.access.models import Duty
from gisgrid.areas.models import Area, AreaName, AreaParent, Level
from gisgrid.areas.view import View
from gisgrid.geometry.edits.codes import next_micro_code
from gisgrid.redraw.plans.store import OpenPlan
from gisgrid.redraw.publication.touched import gone_grids, new_grids, origin
from gisgrid.storage.base import new_id, valid_at


def open_areas(
    view: View, opened: OpenPlan, ids: dict[str, str], *, now: datetime, parent: str | None = None
) -> int:
    """New grids beside the one they came out of, or under a parent; new micro grids in their grid."""
    ground = opened.drawing.ground
    tree = view.division.tree
    grids = new_grids(opened)
    fresh: list[tuple[str, Level, str]] = []
    for code in grids:
        above = parent or tree.areas[ids[origin(opened, code)]].parent_id or ""
        ids[code] = new_id()
        fresh.append((code, Level.GRID, above))
    for code in opened.drawing.delta.opened:
        ids[code] = new_id()
        fresh.append((code, Level.MICRO_GRID, ids[ground.grid_of[code]]))
    if fresh:
        _insert(view, opened, fresh, ids, now=now)
    return len(fresh)


def _insert(
    view: View,
    opened: OpenPlan,
    fresh: Sequence[tuple[str, Level, str]],
    ids: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Write new areas, each a code, a level and the id above it, with their names and parents."""
    names, community = opened.drawing.names, view.community.id
    areas = [
        {"id": ids[code], "level": level, "community_id": community, "created_at": now}
        for code, level, _above in fresh
    ]
    dated = [{"id": new_id(), "area_id": ids[code], "valid_from": now} for code, _level, _above in fresh]
    view.session.execute(insert(Area), areas)
    view.session.execute(
        insert(AreaName),
        [
            {**row, "code": code, "name": names.get(code, code)}
            for row, (code, _level, _above) in zip(dated, fresh, strict=True)
        ],
    )
    view.session.execute(
        insert(AreaParent),
        [{**row, "parent_id": above} for row, (_code, _level, above) in zip(dated, fresh, strict=True)],
    )


def move_micro_grids(view: View, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> None:
    """A micro grid that moved gets the next free code of its new grid; it stays the same area."""
    ground = opened.drawing.ground
    used = set(ground.used) | set(ground.grid_of)
    for code in opened.drawing.delta.moved:
        grid = ground.grid_of[code]
        fresh = next_micro_code(grid, micros=ground.subdivision[grid], used=used)
        used.add(fresh)
        for table in (AreaParent, AreaName):
            view.session.execute(
                update(table)
                .where(table.area_id == ids[code], table.valid_to.is_(None))
                .values(valid_to=now)
                .execution_options(synchronize_session=False)
            )
        name = opened.drawing.names.get(code, view.division.tree.areas[ids[code]].name)
        view.session.add(AreaParent(area_id=ids[code], parent_id=ids[grid], valid_from=now))
        view.session.add(AreaName(area_id=ids[code], code=fresh, name=name, valid_from=now))
    view.session.flush()


def close_areas(view: View, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> None:
    """Names, parents and duties of grids and micro grids that are no more. Their codes stay used."""
    gone = [ids[code] for code in (*gone_grids(opened), *opened.drawing.delta.closed) if code in ids]
    if not gone:
        return
    for table in (AreaName, AreaParent, Duty):
        view.session.execute(
            update(table)
            .where(table.area_id.in_(gone), valid_at(table, now))
            .values(valid_to=now)
            .execution_options(synchronize_session=False)
        )


def rename(view: View, opened: OpenPlan, ids: Mapping[str, str], *, now: datetime) -> None:
    """Close the old name of an area and open the new one; one opened just now only changes."""
    for code, name in opened.drawing.names.items():
        known = view.division.tree.areas.get(ids.get(code, ""))
        is_moved = code in opened.drawing.delta.moved
        if known is None or known.name == name or is_moved or code in gone_grids(opened):
            continue
        is_open = (AreaName.area_id == known.id) & AreaName.valid_to.is_(None)
        row = view.session.scalars(select(AreaName).where(is_open)).one()
        if row.valid_from == now:
            row.name = name
            continue
        view.session.execute(update(AreaName).where(is_open).values(valid_to=now))
        view.session.add(AreaName(area_id=known.id, code=code, name=name, valid_from=now))
    view.session.flush()
