"""Where cases happen: in and before buildings, along streets, and the places that are planted."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import Point

from data.demo.ground.compounds import compound_plans
from data.demo.ground.site import Site
from data.demo.planted import Hotspot
from data.demo.records import DemoBuilding
from gisgrid.crs import Datum, shift_datum, to_lattice

_BESIDE_M: Final = 9.0
_BEYOND_M: Final = (30.0, 140.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSpot:
    """A place on the lattice with the words for it."""

    point: Point
    address: str | None
    building: str | None = None


class PlaceChooser:
    """Draws ordinary places, more of them where the compound has more cases."""

    def __init__(self, site: Site, homes: dict[str, int], *, rng: random.Random) -> None:
        self._site = site
        self._rng = rng
        self._buildings = site.buildings
        weights = {plan.key: plan.case_weight for plan in compound_plans()}
        self._weights = [homes[b.key] * weights[b.compound] for b in site.buildings]

    def building(self) -> DemoBuilding:
        """A building, by its households and the weight of its compound."""
        return self._rng.choices(self._buildings, self._weights)[0]

    def inside(self) -> DemoSpot:
        """A place in a building."""
        building = self.building()
        west, south, east, north = building.geom.bounds
        while True:
            x, y = self._rng.uniform(west, east), self._rng.uniform(south, north)
            point = lattice_point(x, y)
            if building.geom.contains(point):
                return DemoSpot(point=point, address=building.address, building=building.key)

    def outside(self) -> DemoSpot:
        """A place in the open near a building: the path, the lane, the green before it."""
        building = self.building()
        x, y = self._site.metres(building.geom.centroid)
        angle, far = self._rng.uniform(0, 2 * np.pi), self._rng.uniform(_BESIDE_M, 3 * _BESIDE_M)
        point = self._site.point(x + far * np.cos(angle), y + far * np.sin(angle))
        if self._site.cell_at(point) is None:
            return self.outside()
        return DemoSpot(point=point, address=f"{building.address}附近")


def hotspot_place(site: Site, spot: Hotspot, *, rng: random.Random) -> DemoSpot:
    """A place of a planted hotspot: normally spread around its middle."""
    x, y = spot.place
    point = site.point(x + rng.gauss(0, spot.spread_m), y + rng.gauss(0, spot.spread_m))
    return DemoSpot(point=point, address=spot.name)


def border_places(site: Site, grid_of: dict[str, str], *, count: int, rng: random.Random) -> list[DemoSpot]:
    """Lattice points exactly on the border of two grids: vertices that cells of both have."""
    grids: dict[tuple[float, float], set[str]] = {}
    for cell in site.cells:
        for x, y in shapely.get_coordinates(cell.geom):
            grids.setdefault((float(x), float(y)), set()).add(grid_of[cell.key])
    shared = sorted(place for place, owners in grids.items() if len(owners) > 1)
    return [DemoSpot(point=Point(*place), address=None) for place in rng.sample(shared, count)]


def beyond_places(site: Site, *, count: int, rng: random.Random) -> list[DemoSpot]:
    """Places outside the community, not far from its outline."""
    xy = shapely.get_coordinates(site.frame.to_metres(site.outline))
    spots: list[DemoSpot] = []
    while len(spots) < count:
        x, y = xy[rng.randrange(len(xy))]
        far_m, angle = rng.uniform(*_BEYOND_M), rng.uniform(0, 2 * np.pi)
        point = site.point(x + far_m * np.cos(angle), y + far_m * np.sin(angle))
        if site.cell_at(point) is None:
            spots.append(DemoSpot(point=point, address=None))
    return spots


def as_gcj02(point: Point) -> Point:
    """The place as a phone map with GCJ-02 shows it: about 530 m away in this part of the country."""
    lon, lat = shift_datum([point.x], [point.y], Datum.WGS84, Datum.GCJ02)
    return lattice_point(float(lon[0]), float(lat[0]))


def lattice_point(lon: float, lat: float) -> Point:
    """A place in EPSG:4326 on the lattice."""
    x, y = to_lattice([lon, lat])
    return Point(float(x), float(y))
