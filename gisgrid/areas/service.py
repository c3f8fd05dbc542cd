"""Writes areas, cells, memberships, outlines and revisions. Nothing is overwritten, only closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.imports import ImportNotes
from gisgrid.areas.hidden import HIDDEN, codes_below, codes_in_use, make_room
from gisgrid.areas.models import (
    Area,
    AreaName,
    AreaParent,
    CommunityState,
    GridType,
    Level,
)
from gisgrid.crs import metric_epsg
from gisgrid.errors import Conflict, Fault, InvalidInput, say, some_of
from gisgrid.storage.base import Base, new_id, valid_at


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArea:
    """An area to be made. ``parent_code`` names an area of the same list or one that stands already."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    grid_type: GridType = GridType.GENERAL


def create_community(
    session: Session, actor: Actor, new: NewArea, *, centre: tuple[float, float], at: datetime
) -> str:
    """Make a community without cells and give its id. ``centre`` (lon, lat) chooses its metric CRS.

    Raises
    ------
    Conflict
        The code is taken.
    """
    require(actor, Action.AREAS_IMPORT)
    _refuse_taken(session, [new.code])
    area = Area(id=new_id(), level=Level.COMMUNITY, created_at=at)
    area.community_id = area.id
    session.add(area)
    session.flush()
    session.add(AreaName(area_id=area.id, code=new.code, name=new.name, valid_from=at))
    session.add(CommunityState(community_id=area.id, metric_epsg=metric_epsg(*centre)))
    if new.parent_code is not None:
        parent = _subdistrict(session, new.parent_code, at=at)
        session.add(AreaParent(area_id=area.id, parent_id=parent, valid_from=at))
    session.flush()
    record(session, actor, "area:create", "area", now=at, object_id=area.id)
    return area.id


def _subdistrict(session: Session, code: str, *, at: datetime) -> str:
    """The subdistrict of a code, made if it doesn't stand yet."""
    known = session.scalar(
        select(AreaName.area_id)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.level == Level.SUBDISTRICT, AreaName.code == code, valid_at(AreaName, at))
    )
    if known is not None:
        return known
    area = Area(id=new_id(), level=Level.SUBDISTRICT, created_at=at)
    session.add(area)
    session.flush()
    session.add(AreaName(area_id=area.id, code=code, name=code, valid_from=at))
    session.flush()
    return area.id


def add_areas(
    session: Session,
    actor: Actor,
    community_id: str,
    areas: Sequence[NewArea],
    *,
    at: datetime,
    notes: ImportNotes | None = None,
) -> dict[str, str]:
    """Make areas of a community, parents before children in the list, and give their ids by code.

    A grid that gets no micro grid of its own gets one with sequence 00, which nobody sees, and which gives
    way to an area that is to have its code.

    Raises
    ------
    Conflict
        A code is taken.
    InvalidInput
        A parent is unknown.
    """
    require(actor, Action.AREAS_IMPORT)
    make_room(session, {area.code: area.parent_code for area in areas}, notes=notes)
    areas = [*areas, *_hidden_micro_grids(session, areas)]
    _refuse_taken(session, [area.code for area in areas])
    ids = {row.code: row.area_id for row in session.execute(open_codes(community_id, at))}
    unknown: list[Fault] = []
    rows: dict[type[Base], list[dict[str, Any]]] = {Area: [], AreaName: [], AreaParent: []}
    for area in areas:
        parent = ids.get(area.parent_code or "")
        if parent is None:
            message = say("the area {code} names no known parent", code=area.code)
            unknown.append(Fault(message=message, field="parent"))
            continue
        ids[area.code] = own = new_id()
        made = {"level": area.level, "grid_type": area.grid_type, "community_id": community_id}
        rows[Area].append({"id": own, **made, "created_at": at})
        rows[AreaName].append({"area_id": own, "code": area.code, "name": area.name, "valid_from": at})
        rows[AreaParent].append({"area_id": own, "parent_id": parent, "valid_from": at})
    if unknown:
        raise InvalidInput(unknown)
    for table, fresh in rows.items():
        if fresh:
            session.execute(insert(table), fresh)
    record(session, actor, "area:create", "area", now=at, count=len(areas))
    return ids


def _hidden_micro_grids(session: Session, areas: Sequence[NewArea]) -> list[NewArea]:
    divided = {area.parent_code for area in areas if area.level == Level.MICRO_GRID}
    whole = [area for area in areas if area.level == Level.GRID and area.code not in divided]
    codes = codes_below(session, [area.code for area in whole], HIDDEN, beside=[area.code for area in areas])
    return [
        NewArea(code=code, name=area.name, level=Level.MICRO_GRID, parent_code=area.code)
        for area, code in zip(whole, codes, strict=True)
    ]


def _refuse_taken(session: Session, codes: Sequence[str]) -> None:
    taken = codes_in_use(session, codes) | {code for code, count in Counter(codes).items() if count > 1}
    if taken:
        raise Conflict(say("area codes that are taken: {codes}", codes=some_of(taken)))


def open_codes(community_id: str, at: datetime) -> Select[str, str]:
    """Codes and ids of a community's areas at an instant."""
    return (
        select(AreaName.code, AreaName.area_id)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == community_id, valid_at(AreaName, at))
    )
