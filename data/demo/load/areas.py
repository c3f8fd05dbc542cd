"""Areas, cells, memberships through time, outlines and revisions of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from shapely import MultiPolygon
from sqlalchemy import select

from data.demo.load.ids import Loading
from data.demo.records import DemoArea as AreaRecord
from data.demo.records import DemoCommunity
from gisgrid.areas.models import (
    Area,
    AreaName,
    AreaOutline,
    AreaParent,
    CellMembership,
    CommunityState,
    Level,
    Revision,
    UnitCell,
)
from gisgrid.areas.publication import as_multipolygon
from gisgrid.crs import metric_epsg
from gisgrid.geometry.partition import union_outline
from gisgrid.storage.base import new_id


def load_areas(loading: Loading, demo: DemoCommunity) -> None:
    """The whole division with its past: every area, cell, membership, outline and revision."""
    _areas(loading, demo)
    _cells(loading, demo)
    _outlines(loading, demo)
    loading.add(Revision, [_revision(loading, record) for record in demo.revisions])


def _areas(loading: Loading, demo: DemoCommunity) -> None:
    known = _known_subdistrict(loading, demo.areas[0])
    fresh = demo.areas[1:] if known else demo.areas
    loading.new("area", [area.code for area in fresh])
    if known:
        loading.ids["area"][demo.areas[0].code] = known
    loading.community_id = loading.ids["area"][demo.code]
    loading.add(Area, [_area(loading, area) for area in fresh])
    loading.add(AreaName, [_name(loading, area) for area in fresh])
    loading.add(AreaParent, [_parent(loading, area) for area in fresh if area.parent is not None])
    west, south, east, north = demo.outline.bounds
    epsg = metric_epsg((west + east) / 2, (south + north) / 2)
    loading.add(
        CommunityState, [{"community_id": loading.community_id, "data_version": 1, "metric_epsg": epsg}]
    )


def _known_subdistrict(loading: Loading, area: AreaRecord) -> str | None:
    statement = select(AreaName.area_id).where(AreaName.code == area.code, AreaName.valid_to.is_(None))
    return loading.session.scalar(statement)


def _area(loading: Loading, area: AreaRecord) -> dict[str, Any]:
    return {
        "id": loading.ids["area"][area.code],
        "level": area.level,
        "grid_type": area.grid_type,
        "community_id": None if area.level == Level.SUBDISTRICT else loading.community_id,
        "created_at": area.valid_from,
    }


def _name(loading: Loading, area: AreaRecord) -> dict[str, Any]:
    return {
        "id": new_id(),
        "area_id": loading.ids["area"][area.code],
        "code": area.code,
        "name": area.name,
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
    }


def _parent(loading: Loading, area: AreaRecord) -> dict[str, Any]:
    return {
        "id": new_id(),
        "area_id": loading.ids["area"][area.code],
        "parent_id": loading.id_of("area", area.parent),
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
    }


def _cells(loading: Loading, demo: DemoCommunity) -> None:
    loading.new("cell", [cell.key for cell in demo.cells])
    since = demo.areas[1].valid_from
    cells = [
        {
            "id": loading.ids["cell"][cell.key],
            "community_id": loading.community_id,
            "number": cell.number,
            "kind": cell.kind,
            "geom": cell.geom,
            "valid_from": since,
        }
        for cell in demo.cells
    ]
    loading.add(UnitCell, cells)
    memberships = [
        {
            "id": new_id(),
            "cell_id": loading.ids["cell"][one.cell],
            "area_id": loading.ids["area"][one.area],
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
        }
        for one in demo.memberships
    ]
    loading.add(CellMembership, memberships)


def _outlines(loading: Loading, demo: DemoCommunity) -> None:
    """One outline per area and span: an area keeps its outline as long as its cells stay the same."""
    place = {cell.key: position for position, cell in enumerate(demo.cells)}
    geoms = np.array([cell.geom for cell in demo.cells], dtype=np.object_)
    areas = {area.code: area for area in demo.areas}
    members: dict[str, set[int]] = {}
    for one in demo.memberships:
        step: str | None = one.area
        while step is not None and areas[step].level != Level.SUBDISTRICT:
            members.setdefault(step, set()).add(place[one.cell])
            step = areas[step].parent
    shapes = {
        code: as_multipolygon(union_outline(geoms[np.array(sorted(found))]))
        for code, found in members.items()
    }
    loading.add(AreaOutline, [_outline(loading, areas[code], shape) for code, shape in shapes.items()])


def _outline(loading: Loading, area: AreaRecord, shape: MultiPolygon) -> Mapping[str, Any]:
    return {
        "id": new_id(),
        "area_id": loading.ids["area"][area.code],
        "geom": shape,
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
    }


def _revision(loading: Loading, record: Any) -> dict[str, Any]:
    published: datetime = record.published_at
    return {
        "id": new_id(),
        "community_id": loading.community_id,
        "number": record.number,
        "published_at": published,
        "effective_at": record.effective_at,
        "is_backdated": record.backdated,
        "account_id": loading.actor.account_id,
        "reason": record.reason,
    }
