"""The communities around one whose outline is redrawn: their land stays theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.areas.models import Area, AreaName, AreaOutline, Level
from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.measure import areas_m2
from gisgrid.storage.base import valid_at
from gisgrid.storage.dialect import in_bounds

_REACH_DEG: Final = 0.05
"""How far, about 5 km, an outline may be drawn beyond the one there is."""
_CRUMB_M2: Final = 1.0
"""Common land below this is the rounding of a border that two communities share."""


def outlines_around(
    session: Session, community_id: str, outline: BaseGeometry, *, at: datetime
) -> dict[str, BaseGeometry]:
    """Outlines (EPSG:4326) of the other communities near one, by their code."""
    rows = session.execute(
        select(AreaName.code, AreaOutline.geom)
        .join(Area, Area.id == AreaOutline.area_id)
        .join(AreaName, AreaName.area_id == Area.id)
        .where(
            Area.level == Level.COMMUNITY,
            Area.id != community_id,
            valid_at(AreaOutline, at),
            valid_at(AreaName, at),
            in_bounds(session, AreaOutline.geom, _reach(outline).bounds),
        )
    )
    return {row.code: row.geom for row in rows}


def _reach(outline: BaseGeometry) -> BaseGeometry:
    west, south, east, north = outline.bounds
    return shapely.box(west - _REACH_DEG, south - _REACH_DEG, east + _REACH_DEG, north + _REACH_DEG)


def refuse_taken(shape: BaseGeometry, outline: BaseGeometry, others: Mapping[str, BaseGeometry]) -> None:
    """Refuse a new outline that takes land of another community, or reaches far beyond the one there is.

    Raises
    ------
    InvalidInput
        With the codes of the communities whose land it is.
    """
    if not shapely.is_valid(shape):
        return  # the tool itself says what is wrong with the shape
    if not shapely.covers(_reach(outline), shape):
        raise InvalidInput("the new outline reaches too far beyond the one there is", field="polygon")
    fresh = shapely.difference(shape, outline)
    taken = [code for code, other in sorted(others.items()) if _common_m2(fresh, other) > _CRUMB_M2]
    if taken:
        message = say("the new outline takes land of {communities}", communities=", ".join(taken))
        raise InvalidInput(message, field="polygon")


def _common_m2(shape: BaseGeometry, other: BaseGeometry) -> float:
    """The land two shapes have in common."""
    parts = shapely.get_parts(shapely.intersection(shape, other))
    land = parts[shapely.get_dimensions(parts) == 2]
    return float(areas_m2(as_array(land)).sum()) if len(land) else 0.0
