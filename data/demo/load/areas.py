"""Areas, cells, memberships through time, outlines and revisions of the demo.

The services make areas and revisions, division by division. Cells, memberships and outlines are inserted: the
three divisions share their cells, and publishing would cut new ones for each; an outline holds as long as the
land of its area stays the same, whichever grids divide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from shapely import MultiPolygon
from sqlalchemy import select, update

from data.demo.load.ids import Loading
from data.demo.records import DemoArea as AreaRecord
from data.demo.records import DemoCommunity
from gisgrid.areas.imports import close_areas
from gisgrid.areas.models import AreaName, AreaOutline, CellMembership, GridType, Level, UnitCell
from gisgrid.areas.publication import add_revision, as_multipolygon
from gisgrid.areas.service import NewArea, add_areas, create_community
from gisgrid.geometry.partition import union_outline
from gisgrid.storage.base import new_id


def load_areas(loading: Loading, demo: DemoCommunity) -> None:
    """The whole division with its past: every area, cell, membership, outline and revision."""
    _community(loading, demo)
    session, actor, community_id = loading.session, loading.actor, loading.community_id
    for revision in demo.revisions:
        at = revision.effective_at
        gone = [loading.ids["area"][area.code] for area in demo.areas if area.valid_to == at]
        close_areas(session, gone, at=at)
        fresh = [_new(area) for area in demo.areas[2:] if area.valid_from == at]
        loading.ids["area"] |= add_areas(session, actor, community_id, fresh, at=at)
        reason, is_backdated = revision.reason, revision.backdated
        add_revision(session, actor, community_id, at=at, reason=reason, backdated=is_backdated)
    _cells(loading, demo)
    _outlines(loading, demo)


def _community(loading: Loading, demo: DemoCommunity) -> None:
    """The community in its subdistrict, which the service calls by its code where it isn't there yet."""
    top, community = demo.areas[:2]
    west, south, east, north = demo.outline.bounds
    centre = ((west + east) / 2, (south + north) / 2)
    session, at = loading.session, community.valid_from
    loading.community_id = create_community(session, loading.actor, _new(community), centre=centre, at=at)
    session.execute(update(AreaName).where(AreaName.code == top.code).values(name=top.name))
    above = session.scalars(select(AreaName.area_id).where(AreaName.code == top.code)).one()
    loading.ids["area"] = {top.code: above, community.code: loading.community_id}


def _new(area: AreaRecord) -> NewArea:
    return NewArea(
        code=area.code,
        name=area.name,
        level=Level(area.level),
        parent_code=area.parent,
        grid_type=GridType(area.grid_type),
    )


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
            "cell_id": loading.ids["cell"][membership.cell],
            "area_id": loading.ids["area"][membership.area],
            "valid_from": membership.valid_from,
            "valid_to": membership.valid_to,
        }
        for membership in demo.memberships
    ]
    loading.add(CellMembership, memberships)


def _outlines(loading: Loading, demo: DemoCommunity) -> None:
    """One outline per area and span: an area keeps its outline as long as its cells stay the same."""
    place = {cell.key: position for position, cell in enumerate(demo.cells)}
    geoms = np.array([cell.geom for cell in demo.cells], dtype=np.object_)
    areas = {area.code: area for area in demo.areas}
    members: dict[str, set[int]] = {}
    for membership in demo.memberships:
        step: str | None = membership.area
        while step is not None and areas[step].level != Level.SUBDISTRICT:
            members.setdefault(step, set()).add(place[membership.cell])
            step = areas[step].parent
    shapes = {
        code: as_multipolygon(union_outline(geoms[np.array(sorted(places))]))
        for code, places in members.items()
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
