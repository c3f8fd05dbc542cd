"""The unit cells of the community: each building with its land, and each park, bank, yard or garden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.demo.ground.frame import Frame
from data.demo.ground.layout import Layout
from data.demo.records import DemoBuilding
from gisgrid.crs import IntArray
from gisgrid.geometry.cells import Buildings, CellPlan, Streets, make_cells
from gisgrid.geometry.lattice import GeometryArray, as_array
from gisgrid.geometry.neighbours import Neighbours, neighbour_graph


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoGround:
    """The cells in no particular order, their neighbour graph, and households per cell.

    ``compound``: key of the zone each cell lies in; ``building_cell``: building key to index of its cell.
    """

    plan: CellPlan
    graph: Neighbours
    compound: tuple[str, ...]
    building_cell: dict[str, int]
    households: IntArray


def ground_of(
    layout: Layout, frame: Frame, *, buildings: Sequence[DemoBuilding], homes_per_building: dict[str, int]
) -> DemoGround:
    """Cells inside the five zones, divided by streets and by the edges of water and green."""
    keys = sorted(layout.zones)
    plan = make_cells(
        areas=_degrees(frame, [layout.zones[key] for key in keys]),
        streets=Streets(lines=_degrees(frame, _dividing(layout))),
        buildings=Buildings(footprints=as_array([building.geom for building in buildings])),
    )
    cell_of = {b.key: int(cell) for b, cell in zip(buildings, plan.building_cell, strict=True)}
    households = np.zeros(len(plan.cells), dtype=np.int64)
    for key, cell in cell_of.items():
        households[cell] += homes_per_building[key]
    return DemoGround(
        plan=plan,
        graph=neighbour_graph(plan.cells),
        compound=tuple(keys[area] for area in plan.area),
        building_cell=cell_of,
        households=households,
    )


def _dividing(layout: Layout) -> list[shapely.LineString]:
    """Street centre lines and the edges of open land."""
    edges = [shapely.LineString(land.shape.exterior.coords) for land in layout.lands]
    return [way.line for way in layout.ways] + edges


def _degrees(frame: Frame, shapes: Sequence[BaseGeometry]) -> GeometryArray:
    return as_array([frame.to_degrees(shape) for shape in shapes])
