"""The finished ground: numbered cells and placed buildings, and the question which cell a place is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely import Point, Polygon

from data.demo.ground.frame import Frame
from data.demo.records import Cell, DemoBuilding
from gisgrid.geometry.lattice import as_array
from gisgrid.geometry.locate import CoveringIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Cells in the order of their numbers, buildings with their cells, and the frame of the plan."""

    frame: Frame
    outline: Polygon
    cells: tuple[Cell, ...]
    buildings: tuple[DemoBuilding, ...]
    index: CoveringIndex
    cell_by_building: dict[str, Cell]

    def cell_at(self, place: Point) -> str | None:
        """The covering cell of lowest number, ``None`` outside (EPSG:4326)."""
        number, _ = self.index.locate_one(place.x, place.y)
        return None if number < 0 else self.cells[number].key

    def cell_of_building(self, key: str) -> Cell:
        """The cell a building lies in."""
        return self.cell_by_building[key]

    def point(self, x: float, y: float) -> Point:
        """A place of the plan (metres) in EPSG:4326, on the lattice."""
        placed = self.frame.to_degrees(Point(x, y))
        return Point(*shapely.get_coordinates(placed)[0])

    def metres(self, place: Point) -> tuple[float, float]:
        """A place of EPSG:4326 in metres of the plan."""
        x, y = shapely.get_coordinates(self.frame.to_metres(place))[0]
        return float(x), float(y)


def site_of(
    frame: Frame, outline: Polygon, *, cells: Sequence[Cell], buildings: Sequence[DemoBuilding]
) -> Site:
    """The site with its index; ``cells`` come in the order of their numbers."""
    by_key = {cell.key: cell for cell in cells}
    return Site(
        frame=frame,
        outline=outline,
        cells=tuple(cells),
        buildings=tuple(buildings),
        index=CoveringIndex.build(as_array([cell.geom for cell in cells])),
        cell_by_building={building.key: by_key[building.cell] for building in buildings},
    )
