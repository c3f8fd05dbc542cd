"""The buildings of a territory as the phone lists and draws them."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.offline.territory import buildings_here, filled, outer_rings
from gisgrid.places.models import Building, Compound

_NUMBER: Final = re.compile(r"(\S+?)(?:幢|栋|号楼|号|座)$")


def buildings_part(view: View) -> list[dict[str, Any]]:
    """The buildings of the territory by address; see the part ``buildings``."""
    statement = (
        select(Building, Compound.name.label("compound"))
        .outerjoin(Compound, Compound.id == Building.compound_id)
        .where(buildings_here(view))
        .order_by(Building.address, Building.id)
    )
    return [_building(view, row.Building, row.compound) for row in view.session.execute(statement)]


def _building(view: View, building: Building, compound: str | None) -> dict[str, Any]:
    grid = view.present.grid_of(building.cell_id)
    return filled(
        id=building.id,
        code=building.code,
        address=building.address,
        number=number_of(building.address),
        grid=grid.code if grid else None,
        compound=compound,
        floors=building.floors,
        lift=building.has_lift,
        year=building.built_year,
        condition=building.condition,
        ring=next(outer_rings(building.footprint), None) if building.footprint is not None else None,
        pinyin=building.search_pinyin,
        initials=building.search_initials,
    )


def number_of(address: str) -> str:
    """What stands on a map for a building: its number, else the last word of its address.

    >>> number_of("园丁花园 6幢"), number_of("府前路 12号楼"), number_of("老粮站")
    ('6', '12', '老粮站')
    """
    words = address.split()
    last = words[-1] if words else ""
    match = _NUMBER.fullmatch(last)
    return match[1] if match else last
