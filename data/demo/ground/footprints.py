"""Rows of houses on the free land of the blocks: oriented footprints that touch nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import shapely
from shapely import LineString, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from data.demo.ground.blocks import Block
from data.demo.ground.compounds import CompoundPlan, HouseType
from gisgrid.errors import InvalidInput

_SPACINGS: Final = (2.2, 2.0, 1.8, 1.65, 1.5, 1.4, 1.3, 1.2, 1.1, 1.0, 0.9, 0.82, 0.75, 0.68)
_STEP_M: Final = 3.0

_SLAB: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_OUTLINES: Final = {
    "tower": (
        (0.22, 0.0), (0.78, 0.0), (0.78, 0.2), (1.0, 0.2), (1.0, 0.8), (0.78, 0.8),
        (0.78, 1.0), (0.22, 1.0), (0.22, 0.8), (0.0, 0.8), (0.0, 0.2), (0.22, 0.2),
    ),
    "courtyard": (
        (0.0, 0.0), (0.3, 0.0), (0.3, 0.62), (0.7, 0.62), (0.7, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0),
    ),
}  # fmt: skip
"""Corners of a footprint as shares of its width and depth, counter-clockwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house in metres of the plan.

    ``axes`` is a line of three points: the far end of the south front, the corner of origin, the far end
    of the side. A place in the house is told as shares ``u`` of the front and ``v`` of the side.
    """

    compound: str
    type: HouseType
    units: int
    axes: LineString

    def place(self, u: float, v: float) -> tuple[float, float]:
        """The place at shares of front and side."""
        (ax, ay), (x, y), (bx, by) = self.axes.coords
        return x + u * (ax - x) + v * (bx - x), y + u * (ay - y) + v * (by - y)

    @property
    def shape(self) -> Polygon:
        """The footprint: a slab, a tower with notched corners, or a courtyard open to the south."""
        return Polygon([self.place(u, v) for u, v in _OUTLINES.get(self.type.kind, _SLAB)])


def houses_of(plan: CompoundPlan, blocks: list[Block], *, rng: random.Random) -> list[House]:
    """Exactly the wanted number of houses, at the loosest spacing that holds so many.

    Raises
    ------
    InvalidInput
        The land is too small for the wanted number at any spacing.
    """
    own = [block for block in blocks if block.compound == plan.key and not block.usable.is_empty]
    state = rng.getstate()
    for spacing in _SPACINGS:
        rng.setstate(state)
        houses = [house for block in own for house in _fill(plan, block, spacing=spacing, rng=rng)]
        if len(houses) >= plan.buildings:
            kept = sorted(rng.sample(range(len(houses)), plan.buildings))
            return [houses[i] for i in kept]
    raise InvalidInput(f"the land of {plan.key} holds only {len(houses)} houses")


def _fill(plan: CompoundPlan, block: Block, *, spacing: float, rng: random.Random) -> Iterator[House]:
    """Houses row by row from south to north, in the block's own direction."""
    turn = plan.turn_deg + rng.uniform(-plan.sway_deg, plan.sway_deg)
    pivot = block.shape.centroid
    land = affinity.rotate(block.usable, -turn, origin=pivot)
    shapely.prepare(land)
    types = _types_for(plan, block)
    west, south, _, north = land.bounds
    y = south + rng.uniform(0, 2)
    while y < north:
        house_type = rng.choices(types, [t.weight for t in types])[0]
        model = House(compound=plan.key, type=house_type, units=1, axes=LineString())
        houses = list(_row(model, land, start=(west, y), spacing=spacing, rng=rng))
        yield from (replace(house, axes=affinity.rotate(house.axes, turn, origin=pivot)) for house in houses)
        full_step = house_type.depth_m + house_type.row_gap_m * spacing
        y += full_step if houses else _STEP_M


def _types_for(plan: CompoundPlan, block: Block) -> list[HouseType]:
    is_old = block.shape.centroid.x < plan.old_quarter_x_m
    return [t for t in plan.houses if (t.kind == "courtyard") == is_old]


def _row(
    model: House, land: BaseGeometry, *, start: tuple[float, float], spacing: float, rng: random.Random
) -> Iterator[House]:
    """Houses of one row from west to east: the wanted units, or as many as fit, or one step on."""
    x, y = start
    house_type = model.type
    while x < land.bounds[2]:
        back = rng.uniform(0, 0.12) * house_type.row_gap_m
        house = _fitting(model, land, at=(x, y + back), wanted=rng.choice(house_type.units))
        if house is None:
            x += _STEP_M
            continue
        yield house
        x += house.units * house_type.unit_m + house_type.gap_m * spacing * rng.uniform(0.9, 1.3)


def _fitting(model: House, land: BaseGeometry, *, at: tuple[float, float], wanted: int) -> House | None:
    x, y = at
    outline = _OUTLINES.get(model.type.kind, _SLAB)
    for units in range(wanted, min(model.type.units) - 1, -1):
        width, depth = units * model.type.unit_m, model.type.depth_m
        if not all(shapely.intersects_xy(land, x + u * width, y + v * depth) for u, v in outline):
            continue  # most places: asked of the corners first, for which nothing need be built
        house = replace(model, units=units, axes=LineString([(x + width, y), (x, y), (x, y + depth)]))
        if land.contains(house.shape):
            return house
    return None
