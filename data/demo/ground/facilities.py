"""Service points. No home-care station lies within a walk of the far compound, on purpose."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import numpy as np
from shapely import Point

from data.demo.ground.compounds import compound_plans
from data.demo.ground.site import Site
from data.demo.records import DemoBuilding, DemoFacility
from data.demo.tables import read_table
from gisgrid.crs import to_lattice
from gisgrid.errors import InvalidInput

REACH_M: Final = 1000.0 / 1.3
"""A quarter of an hour on foot (1,000 m) as a straight line, with the usual detour factor 1.3."""


def facilities_of(site: Site, *, rng: random.Random) -> list[DemoFacility]:
    """The facilities of the table, with keys in its order: at a place, or in buildings of each compound."""
    facilities: list[DemoFacility] = []
    for row in read_table("demo/ground/facilities"):
        match row["where"].split():
            case ["middle"]:
                facilities += [_in(_middle(site, own), row) for own in _compounds(site)]
            case ["any", count]:
                for own in _compounds(site):
                    chosen = rng.sample(own, int(count))
                    facilities += [_in(building, row, number=n) for n, building in enumerate(chosen, start=1)]
            case [x, y]:
                facilities.append(_at(site, row, place=(float(x), float(y))))
    return [replace(facility, key=f"F{number:02d}") for number, facility in enumerate(facilities, start=1)]


def _compounds(site: Site) -> list[list[DemoBuilding]]:
    """The buildings of each compound."""
    return [
        [building for building in site.buildings if building.compound == plan.key]
        for plan in compound_plans()
    ]


def _at(site: Site, row: dict[str, str], *, place: tuple[float, float]) -> DemoFacility:
    """A facility on its own ground, beside a street."""
    point = site.point(*place)
    cell = site.cell_at(point)
    if cell is None:
        raise InvalidInput(f"{row['name']} lies outside the community")
    return DemoFacility(
        key="",
        kind=row["kind"],
        name=row["name"],
        address="",
        cell=cell,
        floor_area_m2=float(row["floor_area_m2"]) if row["floor_area_m2"] else None,
        geom=point,
    )


def _in(building: DemoBuilding, row: dict[str, str], *, number: int = 1) -> DemoFacility:
    """A facility on the ground floor of a building."""
    compound = next(plan.name for plan in compound_plans() if plan.key == building.compound)
    return DemoFacility(
        key="",
        kind=row["kind"],
        name=row["name"].format(compound=compound, number=number),
        address=f"{building.address} 1层",
        cell=building.cell,
        floor_area_m2=None,
        geom=ground_floor(building),
    )


def ground_floor(building: DemoBuilding) -> Point:
    """A lattice point in the building."""
    inner = building.geom.representative_point()
    return Point(*to_lattice([inner.x, inner.y]))


def _middle(site: Site, buildings: list[DemoBuilding]) -> DemoBuilding:
    """The building nearest to the middle of a compound's buildings."""
    places = np.array([site.metres(building.geom.centroid) for building in buildings])
    distance_m = np.hypot(*(places - places.mean(axis=0)).T)
    return buildings[int(distance_m.argmin())]
