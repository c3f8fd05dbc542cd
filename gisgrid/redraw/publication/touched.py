"""Which grids a plan opens and closes, and the ids of areas by code."""

from __future__ import annotations

from sqlalchemy import select

from gisgrid.areas.models import Area, AreaName
from gisgrid.areas.view import View
from gisgrid.redraw.plans.store import OpenPlan


def area_ids(view: View) -> dict[str, str]:
    """Ids of the areas of the revision by code."""
    return {area.code: area.id for area in view.division.tree.areas.values()}


def new_grids(opened: OpenPlan) -> list[str]:
    """Codes of the grids that the plan opens."""
    return sorted(opened.drawing.ground.grids.keys() - opened.base.ground.grids.keys())


def gone_grids(opened: OpenPlan) -> list[str]:
    """Codes of the grids that the plan closes."""
    return sorted(opened.base.ground.grids.keys() - opened.drawing.ground.grids.keys())


def origin(opened: OpenPlan, code: str) -> str:
    """The grid of the revision that a new one came out of, over however many edits."""
    known, origin = opened.base.ground.grids, opened.drawing.delta.origin
    while code not in known and code in origin:
        code = origin[code]
    return code


def written_areas(view: View, opened: OpenPlan) -> dict[str, str]:
    """Ids of all grids that are or were, by code, the new ones included."""
    codes = {*new_grids(opened), *opened.base.ground.grids}
    rows = view.session.execute(
        select(AreaName.code, AreaName.area_id)
        .join(Area, Area.id == AreaName.area_id)
        .where(Area.community_id == view.community.id, AreaName.code.in_(codes))
    )
    return {row.code: row.area_id for row in rows}
