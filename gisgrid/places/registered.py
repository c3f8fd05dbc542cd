"""Finds the building an address in a file means, and the household's standard address in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.cells.buildings import deciding_points
from gisgrid.geometry.lattice import as_array
from gisgrid.places.address import (
    AddressParts,
    AddressQuery,
    building_key,
    normalise,
    readings,
    standard_address,
)
from gisgrid.places.models import Building

_REMEMBERED: Final = 65_536

building_key_of = lru_cache(maxsize=_REMEMBERED)(building_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A building as an address needs it. ``point``, on the lattice, decides its cell; maybe empty."""

    id: str
    code: str | None
    address: str
    cell_id: str | None
    point: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a row says of an address: whole, or a building (code or address) with unit and room."""

    address: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredAddress:
    """A standard address with its parts; ``building`` is None where no building here has it."""

    std_address: str
    building: Registered | None
    unit: str | None
    room: str | None


@dataclass(slots=True)
class BuildingIndex:
    """The buildings of a community by code and by address; several at one address are told apart by code."""

    by_code: dict[str, Registered] = field(default_factory=dict)
    by_id: dict[str, Registered] = field(default_factory=dict)
    by_key: dict[str, list[Registered]] = field(default_factory=dict)
    by_address: dict[str, list[Registered]] = field(default_factory=dict)

    def home(self, place: Place) -> RegisteredAddress:
        """The home a row means.

        Raises
        ------
        InvalidInput
            It says too little, the building isn't known, or several buildings have the address.
        """
        if place.building:
            return self._in_building(place)
        if not place.address:
            raise InvalidInput("neither an address nor a building", field="address")
        return self._by_text(place)

    def _in_building(self, place: Place) -> RegisteredAddress:
        building = self.by_code.get(place.building) or self._of_text(place.building)
        if building is None:
            raise InvalidInput(
                say("no building here has the code or address {text!r}", text=place.building),
                field="building",
            )
        unit, room = place.unit or None, place.room or None
        if room is None and place.address:
            typed = next((reading for reading in readings(place.address) if reading.room), None)
            unit, room = (unit or typed.unit, typed.room) if typed else (unit, room)
        return _home(building, unit=unit, room=room)

    def _by_text(self, place: Place) -> RegisteredAddress:
        queries = readings(place.address)
        for reading in queries:
            building = self._of_reading(reading)
            if building is not None:
                return _home(building, unit=place.unit or reading.unit, room=place.room or reading.room)
        first = queries[0]
        unit, room = place.unit or first.unit, place.room or first.room
        parts = AddressParts(
            compound=first.compound, building=first.building, unit=unit or None, room=room or None
        )
        return RegisteredAddress(
            std_address=standard_address(parts), building=None, unit=parts.unit, room=parts.room
        )

    def _of_text(self, text: str) -> Registered | None:
        whole = _only(self.by_address.get(_spelt(text), []), text)
        if whole is not None:
            return whole
        return next((building for reading in readings(text) if (building := self._of_reading(reading))), None)

    def _of_reading(self, reading: AddressQuery) -> Registered | None:
        if not reading.compound:
            return None
        text = f"{reading.compound}{reading.building or ''}"
        if reading.building:
            building = _only(self.by_key.get(building_key_of(reading.compound, reading.building), []), text)
            if building is not None:
                return building
            return _only(self.by_address.get(_spelt(f"{reading.compound}{reading.building}幢"), []), text)
        return _only(self.by_address.get(_spelt(reading.compound), []), text)


def load_buildings(session: Session, community_id: str) -> BuildingIndex:
    """The buildings of a community, ready to be found by code or address."""
    rows = session.execute(
        select(
            Building.id,
            Building.code,
            Building.address,
            Building.cell_id,
            Building.search_text,
            Building.footprint,
        )
        .where(Building.community_id == community_id)
        .order_by(Building.fid)
    ).all()
    points = deciding_points(as_array([row.footprint for row in rows])) if rows else np.empty(0, np.object_)
    index = BuildingIndex()
    for row, point in zip(rows, points, strict=True):
        building = Registered(id=row.id, code=row.code, address=row.address, cell_id=row.cell_id, point=point)
        index.by_id[building.id] = building
        if building.code:
            index.by_code[building.code] = building
        index.by_key.setdefault(row.search_text, []).append(building)
        index.by_address.setdefault(_spelt(building.address), []).append(building)
    return index


def _home(building: Registered, *, unit: str | None, room: str | None) -> RegisteredAddress:
    parts = AddressParts(compound=building.address, unit=unit or None, room=room or None)
    return RegisteredAddress(
        std_address=standard_address(parts), building=building, unit=parts.unit, room=parts.room
    )


def _spelt(text: str) -> str:
    return normalise(text).replace(" ", "")


def _only(matches: list[Registered], text: str) -> Registered | None:
    if len(matches) > 1:
        raise InvalidInput(
            say(
                "{count} buildings have the address {text!r}: name one by its code",
                count=len(matches),
                text=text,
            ),
            field="building",
        )
    return matches[0] if matches else None
