"""Street blocks, and the land in them on which houses may stand (metres of the plan)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.ground.layout import Layout

_SETBACK_M: Final = 2.5
_GARDEN_SETBACK_M: Final = 3.0
_OPEN_SHARE: Final = 0.25
_SMALLEST_M2: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block between street centre lines; ``usable`` is empty where the land stays open."""

    compound: str
    shape: Polygon
    usable: BaseGeometry


def blocks_of(layout: Layout) -> list[Block]:
    """All blocks, west to east. Parks, school yards, market and canal banks get no houses."""
    lines = shapely.union_all([layout.outline.exterior, *(way.line for way in layout.ways)])
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inside = [face for face in faces if layout.outline.covers(face.representative_point())]
    taken = _taken(layout)
    blocks = [_block(face, layout, taken=taken) for face in inside]
    return sorted(blocks, key=lambda block: (block.shape.centroid.x, block.shape.centroid.y))


def _taken(layout: Layout) -> BaseGeometry:
    """Land on which no house stands: carriageways, gardens, water, each with its setback."""
    carriageways = [way.line.buffer(way.width_m / 2 + _SETBACK_M) for way in layout.ways]
    lands = [land.shape.buffer(_GARDEN_SETBACK_M) for land in layout.lands]
    return shapely.union_all([*carriageways, *lands])


def _block(face: Polygon, layout: Layout, *, taken: BaseGeometry) -> Block:
    point = face.representative_point()
    compound = next(key for key, zone in layout.zones.items() if zone.covers(point))
    open_m2 = sum(land.shape.intersection(face).area for land in layout.lands if land.is_large)
    is_open = open_m2 > _OPEN_SHARE * face.area or face.area < _SMALLEST_M2
    usable = Polygon() if is_open else shapely.difference(face, taken)
    return Block(compound=compound, shape=face, usable=usable)
