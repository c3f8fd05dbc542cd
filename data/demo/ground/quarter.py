"""The ground of a community: layout, buildings with homes, cells, and all divisions of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.demo.ground.blocks import blocks_of
from data.demo.ground.buildings import Estate, estate_of
from data.demo.ground.cells import DemoGround, ground_of
from data.demo.ground.compounds import compound_plans
from data.demo.ground.footprints import houses_of
from data.demo.ground.frame import Frame, community_code, frame_of
from data.demo.ground.layout import Layout, read_layout
from data.demo.history.areas import numbered_cells
from data.demo.history.division import DividedLand
from data.demo.history.divisions import DemoDivision, divisions_of
from data.demo.records import Cell, DemoBuilding


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Random numbers of one community: each subject has its own, so that none disturbs another."""

    seed: int
    community: int

    def of(self, subject: str) -> random.Random:
        """The generator of a subject, always from its beginning."""
        return random.Random(f"{self.seed}/{self.community}/{subject}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """Everything on the ground; ``divisions`` end with the present one, ``homes`` counts per building."""

    code: str
    frame: Frame
    layout: Layout
    estates: tuple[Estate, ...]
    ground: DemoGround
    divisions: tuple[DemoDivision, ...]
    cells: tuple[Cell, ...]
    cell_keys: dict[int, str]
    buildings: tuple[DemoBuilding, ...]
    homes: dict[str, int]

    @property
    def present(self) -> DemoDivision:
        """The division that holds now."""
        return self.divisions[-1]

    def grid_of_cell(self) -> dict[str, str]:
        """Cell key to the code of its present grid."""
        return {
            self.cell_keys[int(index)]: grid.code for grid in self.present.grids for index in grid.members
        }


def quarter_of(chance: Chance) -> Quarter:
    """The quarter of a community, from the empty plan to numbered cells."""
    layout, frame, code = read_layout(), frame_of(chance.community), community_code(chance.community)
    estates = _estates(layout, frame, chance=chance)
    raw = [building for estate in estates for building in estate.buildings]
    homes = dict(Counter(home.building for estate in estates for home in estate.homes))
    ground = ground_of(layout, frame, buildings=raw, homes_per_building=homes)
    land = _land(ground, frame)
    divisions = divisions_of(code, ground, land=land, rng=chance.of("divisions"))
    cells, keys = numbered_cells(ground, land, micro=divisions[-1].micro)
    return Quarter(
        code=code,
        frame=frame,
        layout=layout,
        estates=estates,
        ground=ground,
        divisions=tuple(divisions),
        cells=tuple(cells),
        cell_keys=keys,
        buildings=_placed(raw, code, ground=ground, keys=keys),
        homes=homes,
    )


def _estates(layout: Layout, frame: Frame, *, chance: Chance) -> tuple[Estate, ...]:
    blocks = blocks_of(layout)
    return tuple(
        estate_of(
            plan,
            houses_of(plan, blocks, rng=chance.of(f"houses {plan.key}")),
            frame=frame,
            rng=chance.of(f"dwellings {plan.key}"),
        )
        for plan in compound_plans()
    )


def _land(ground: DemoGround, frame: Frame) -> DividedLand:
    middles = [frame.to_metres(cell).centroid for cell in ground.plan.cells]
    middle_m = np.array([(point.x, point.y) for point in middles])
    return DividedLand(graph=ground.graph, households=ground.households, middle_m=middle_m)


def _placed(
    buildings: Sequence[DemoBuilding], code: str, *, ground: DemoGround, keys: dict[int, str]
) -> tuple[DemoBuilding, ...]:
    """The buildings with their codes (never those of a grid) and cells."""
    return tuple(
        replace(building, code=f"{code}{number:05d}", cell=keys[ground.building_cell[building.key]])
        for number, building in enumerate(buildings, start=1)
    )
