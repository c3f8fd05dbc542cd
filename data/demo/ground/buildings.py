"""Buildings of a compound with number, age, condition and address; their flats with households or not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.demo.ground.compounds import CompoundPlan
from data.demo.ground.dwellings import Dwelling, dwellings_of, floors_of, lived_in
from data.demo.ground.footprints import House
from data.demo.ground.frame import Frame
from data.demo.records import DemoBuilding

_FLOORS_WITHOUT_LIFT: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A lived-in flat, before anyone is said to live in it."""

    building: str
    address: str
    dwelling: Dwelling


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lot:
    """A house with its number in the compound, floors and count of flats."""

    house: House
    number: int
    floors: int
    dwellings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """The buildings of a compound (their cells not yet known) and the homes in them."""

    plan: CompoundPlan
    buildings: tuple[DemoBuilding, ...]
    homes: tuple[Flat, ...]


def estate_of(plan: CompoundPlan, houses: Sequence[House], *, frame: Frame, rng: random.Random) -> Estate:
    """Numbered buildings, north-west first, and exactly the compound's number of homes."""
    ordered = sorted(houses, key=_reading_order)
    floors = floors_of(plan, ordered, rng=rng)
    flats = [dwellings_of(house, count) for house, count in zip(ordered, floors, strict=True)]
    lived = lived_in([len(own) for own in flats], plan.households, rng=rng)
    lots = [
        _Lot(house=house, number=n, floors=floors[n - 1], dwellings=len(flats[n - 1]))
        for n, house in enumerate(ordered, start=1)
    ]
    buildings = tuple(_building(plan, lot, frame=frame, rng=rng) for lot in lots)
    homes = tuple(
        _home(building, own[i])
        for building, own, kept in zip(buildings, flats, lived, strict=True)
        for i in kept
    )
    return Estate(plan=plan, buildings=buildings, homes=homes)


def _reading_order(house: House) -> tuple[float, float]:
    """West to east in rows of about 60 m, the northern row first."""
    x, y = house.place(0.5, 0.5)
    return -(y // 60.0), x


def _building(plan: CompoundPlan, lot: _Lot, *, frame: Frame, rng: random.Random) -> DemoBuilding:
    """The building of a lot; its code and cell are filled in when all are known."""
    house = lot.house
    key = f"{plan.key}-{lot.number:03d}"
    built = rng.randint(*plan.built)
    return DemoBuilding(
        key=key,
        code="",
        compound=plan.key,
        cell="",
        number=lot.number,
        address=f"{plan.name} {lot.number}幢",
        kind=house.type.kind,
        units=house.units,
        floors=lot.floors,
        dwellings=lot.dwellings,
        built_year=built,
        condition=_condition(plan, house, rng=rng),
        lift=plan.lift and lot.floors > _FLOORS_WITHOUT_LIFT,
        geom=frame.polygon(house.shape),
    )


def _condition(plan: CompoundPlan, house: House, *, rng: random.Random) -> str:
    """A to D (good to dangerous); old courtyards are never better than C."""
    drawn = rng.choices(list(plan.conditions), list(plan.conditions.values()))[0]
    return max(drawn, "C") if house.type.kind == "courtyard" else drawn


def _home(building: DemoBuilding, dwelling: Dwelling) -> Flat:
    door = f"{dwelling.room}室" if building.kind == "courtyard" else f"{dwelling.unit}单元 {dwelling.room}室"
    return Flat(building=building.key, address=f"{building.address} {door}", dwelling=dwelling)
