"""The communities beside one that could take a grid of it in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.models import Area, AreaName, Level
from gisgrid.areas.view import View
from gisgrid.redraw.ground.plan_ground import base_of
from gisgrid.storage.base import valid_at

_BESIDE_DEG: Final = 1e-6
"""So near, about 0.1 m, two outlines lie on each other."""
_LEAST_DEG: Final = 1e-5
"""Outlines that meet over less, about 1 m, meet in a point."""


class RecipientRow(TypedDict):
    """A community beside this one, with the grids along the border to it."""

    code: str
    name: str
    grids: list[str]


def recipients(view: View) -> list[RecipientRow]:
    """Communities with a border to this one, with the grids of ours along it.

    Raises
    ------
    NotAllowed
        The actor may give no grid away.
    """
    require(view.actor, Action.REDRAW_OUTLINE)
    return view.remembered("takers", make=lambda: _found(view))


def _found(view: View) -> list[RecipientRow]:
    outlines = view.division.outlines
    grids = {area.code: outlines[area.id] for area in view.division.tree.at_level(Level.GRID)}
    others = base_of(view).others
    names = community_names(view, others)
    rows: list[RecipientRow] = [
        {"code": code, "name": names.get(code, code), "grids": _along(other, grids)}
        for code, other in sorted(others.items())
    ]
    return [row for row in rows if row["grids"]]


def _along(other: BaseGeometry, grids: Mapping[str, BaseGeometry]) -> list[str]:
    """Codes of the grids that have a border with an outline."""
    reach = shapely.buffer(other, _BESIDE_DEG)
    shapely.prepare(reach)
    return [
        code
        for code, grid in sorted(grids.items())
        if shapely.intersects(reach, grid)
        and shapely.length(shapely.intersection(shapely.boundary(grid), reach)) > _LEAST_DEG
    ]


def community_names(view: View, codes: Collection[str]) -> dict[str, str]:
    """Names of communities by code, as they are called now."""
    if not codes:
        return {}
    rows = view.session.execute(
        select(AreaName.code, AreaName.name)
        .join(Area, Area.id == AreaName.area_id)
        .where(
            Area.level == Level.COMMUNITY, AreaName.code.in_(list(codes)), valid_at(AreaName, view.when.at)
        )
    )
    return {row.code: row.name for row in rows}
