"""Floors, flats and their numbers: how many dwellings a house has and which of them are lived in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.demo.ground.compounds import CompoundPlan
from data.demo.ground.footprints import House
from gisgrid.errors import InvalidInput

_VACANT_AT_LEAST: Final = 0.03
_FEWEST_HOUSEHOLDS: Final = 6
_MOST_DWELLINGS: Final = 60
_EXTRA_FLOORS: Final = 2

_COURT_PLACES: Final = (
    (0.15, 0.2), (0.15, 0.5), (0.15, 0.8), (0.4, 0.82), (0.6, 0.82), (0.85, 0.8), (0.85, 0.5), (0.85, 0.2),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    """A flat: ``place`` in metres of the plan; ``room`` as on the door, such as 301."""

    unit: int
    floor: int
    room: str
    place: tuple[float, float]


def floors_of(plan: CompoundPlan, houses: Sequence[House], *, rng: random.Random) -> list[int]:
    """Floors of each house, so that the compound has a few per cent more dwellings than households.

    Raises
    ------
    InvalidInput
        Even with one floor more on every house there are too few dwellings.
    """
    floors = [rng.choice(house.type.floors) for house in houses]
    wanted = round(plan.households * (1 + _VACANT_AT_LEAST))
    can_grow = [i for i, h in enumerate(houses) if _dwellings(h, max(h.type.floors) + 1) <= _MOST_DWELLINGS]
    can_grow = [i for i in can_grow if houses[i].type.kind not in ("courtyard", "terrace")]
    for extra in range(_EXTRA_FLOORS + 1):
        for i in rng.sample(can_grow, len(can_grow)):
            if sum(map(_dwellings, houses, floors)) >= wanted:
                return floors
            floors[i] = max(floors[i], max(houses[i].type.floors) + extra)
    if sum(map(_dwellings, houses, floors)) >= wanted:
        return floors
    raise InvalidInput(f"the houses of {plan.key} are too small for {plan.households} households")


def _dwellings(house: House, floors: int) -> int:
    return house.units * floors * house.type.per_floor


def dwellings_of(house: House, floors: int) -> list[Dwelling]:
    """All flats of a house, unit by unit and floor by floor, each at its own place in the footprint."""
    if house.type.kind == "courtyard":
        return [
            Dwelling(unit=1, floor=1, room=str(100 + n), place=house.place(u, v))
            for n, (u, v) in enumerate(_COURT_PLACES, start=1)
        ]
    return [
        Dwelling(unit=unit, floor=floor, room=f"{floor}{n:02d}", place=_place(house, unit, floor=floor, n=n))
        for unit in range(1, house.units + 1)
        for floor in range(1, floors + 1)
        for n in range(1, house.type.per_floor + 1)
    ]


def _place(house: House, unit: int, *, floor: int, n: int) -> tuple[float, float]:
    """Flats of a stairwell lie side by side; floors are drawn apart a little so that points differ."""
    inner = (n - 0.5) / house.type.per_floor
    u = (unit - 1 + 0.12 + 0.76 * inner) / house.units
    v = 0.28 + 0.44 * (floor * 0.618 % 1.0)
    return house.place(u, v)


def lived_in(sizes: Sequence[int], wanted: int, *, rng: random.Random) -> list[list[int]]:
    """For each house the indexes of its lived-in flats, ``wanted`` in all and at least 6 in each house."""
    spare = [(house, flat) for house, size in enumerate(sizes) for flat in range(size)]
    kept: list[set[int]] = [set(rng.sample(range(size), min(size, _FEWEST_HOUSEHOLDS))) for size in sizes]
    rest = [(house, flat) for house, flat in spare if flat not in kept[house]]
    for house, flat in rng.sample(rest, wanted - sum(map(len, kept))):
        kept[house].add(flat)
    return [sorted(flats) for flats in kept]
