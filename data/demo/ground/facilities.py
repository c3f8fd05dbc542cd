"""Service points. No home-care station lies within a walk of the far compound, on purpose."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import numpy as np
from shapely import Point

from data.demo.ground.compound_plans import PLANS
from data.demo.ground.site import Site
from data.demo.records import DemoBuilding, DemoFacility
from gisgrid.crs import to_lattice
from gisgrid.errors import InvalidInput

CENTER: Final = (836.0, 594.0)
_CENTER_AREA_M2: Final = 800.0

HOME_CARE: Final = (
    ("柳岸居家养老服务站(示例)", (336.0, 712.0)),
    ("惠民居家养老服务站(示例)", (520.0, 322.0)),
    ("御景居家养老服务站(示例)", (822.0, 74.0)),
)
"""Places in metres of the plan, all in the west and south."""

REACH_M: Final = 1000.0 / 1.3
"""A quarter of an hour on foot (1,000 m) as a straight line, with the usual detour factor 1.3."""

RED_POSTS: Final = (
    ("柳岸红色驿站(示例)", (318.0, 652.0)),
    ("书院红色驿站(示例)", (560.0, 950.0)),
    ("御景红色驿站(示例)", (1132.0, 424.0)),
    ("北园红色驿站(示例)", (1188.0, 916.0)),
)
_POINTS_PER_COMPOUND: Final = 3


def facilities_of(site: Site, *, rng: random.Random) -> list[DemoFacility]:
    """Centre, stations, home-care stations, red posts and volunteer points, with keys in this order."""
    found = [
        _at(site, "service_center", name="幸福社区党群服务中心(示例)", place=CENTER, area_m2=_CENTER_AREA_M2)
    ]
    for plan in PLANS:
        own = [building for building in site.buildings if building.compound == plan.key]
        station = _middle(site, own)
        found.append(_in(station, "service_station", name=f"{plan.name}党员服务站(示例)"))
    found += [_at(site, "home_care_station", name=name, place=place) for name, place in HOME_CARE]
    found += [_at(site, "red_post", name=name, place=place) for name, place in RED_POSTS]
    for plan in PLANS:
        own = [building for building in site.buildings if building.compound == plan.key]
        found += [
            _in(building, "volunteer_point", name=f"{plan.name}第{number}义工服务点(示例)")
            for number, building in enumerate(rng.sample(own, _POINTS_PER_COMPOUND), start=1)
        ]
    return [replace(facility, key=f"F{number:02d}") for number, facility in enumerate(found, start=1)]


def _at(
    site: Site, kind: str, *, name: str, place: tuple[float, float], area_m2: float | None = None
) -> DemoFacility:
    """A facility on its own ground, beside a street."""
    point = site.point(*place)
    cell = site.cell_at(point)
    if cell is None:
        raise InvalidInput(f"{name} lies outside the community")
    return DemoFacility(
        key="", kind=kind, name=name, address="", cell=cell, floor_area_m2=area_m2, geom=point
    )


def _in(building: DemoBuilding, kind: str, *, name: str) -> DemoFacility:
    """A facility on the ground floor of a building."""
    return DemoFacility(
        key="",
        kind=kind,
        name=name,
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
