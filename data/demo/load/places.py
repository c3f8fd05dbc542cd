"""Compounds, buildings, households, facilities, streets and land of the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from data.demo.load.ids import Loading
from data.demo.personas.records import DemoConsent as ConsentRecord
from data.demo.personas.records import DemoHousehold as HouseholdRecord
from data.demo.records import DemoBuilding as BuildingRecord
from data.demo.records import DemoCommunity
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.places.address import search_keys
from gisgrid.places.models import Building, Compound, Facility, Household, Landscape, Street
from gisgrid.storage.base import new_id


def load_places(loading: Loading, demo: DemoCommunity) -> None:
    """Everything that stands or lies on the ground."""
    loading.new("compound", [compound.key for compound in demo.compounds])
    compounds = [
        {
            "id": loading.ids["compound"][compound.key],
            "community_id": loading.community_id,
            "name": compound.name,
            "area_id": loading.ids["area"][compound.area],
        }
        for compound in demo.compounds
    ]
    loading.add(Compound, compounds)
    _buildings(loading, demo)
    _households(loading, demo)
    _ground(loading, demo)


def _buildings(loading: Loading, demo: DemoCommunity) -> None:
    loading.new("building", [building.key for building in demo.buildings])
    names = {compound.key: compound.name for compound in demo.compounds}
    loading.add(Building, [_building(loading, one, names[one.compound]) for one in demo.buildings])


def _building(loading: Loading, one: BuildingRecord, compound: str) -> dict[str, Any]:
    keys = search_keys(compound, str(one.number))
    return {
        "id": loading.ids["building"][one.key],
        "community_id": loading.community_id,
        "code": one.code,
        "address": one.address,
        "compound_id": loading.ids["compound"][one.compound],
        "floors": one.floors,
        "built_year": one.built_year,
        "condition": one.condition,
        "has_lift": one.lift,
        "dwellings": one.dwellings,
        "footprint": one.geom,
        "cell_id": loading.ids["cell"][one.cell],
        "search_text": keys.text,
        "search_pinyin": keys.pinyin,
        "search_initials": keys.initials,
    }


def _households(loading: Loading, demo: DemoCommunity) -> None:
    loading.new("household", [home.key for home in demo.households])
    cells = {building.key: building.cell for building in demo.buildings}
    answers = {answer.household: answer for answer in demo.consents}
    since: dict[str, Any] = {}
    for person in demo.residents:
        since[person.household] = min(since.get(person.household, person.lived_from), person.lived_from)
    founded = demo.areas[1].valid_from.date()
    rows = [
        _household(loading, home, cells[home.building], answers.get(home.key))
        | {"lived_from": since.get(home.key, founded)}
        for home in demo.households
    ]
    loading.add(Household, rows)


def _household(
    loading: Loading, home: HouseholdRecord, cell: str, answer: ConsentRecord | None
) -> dict[str, Any]:
    return {
        "id": loading.ids["household"][home.key],
        "community_id": loading.community_id,
        "building_id": loading.ids["building"][home.building],
        "unit": str(home.unit),
        "room": home.room,
        "std_address": home.address,
        "position": home.geom,
        "cell_id": loading.ids["cell"][cell],
        "consent": answer.status if answer else None,
        "last_verified_at": _verified_at(loading, home, answer),
    }


def _verified_at(loading: Loading, home: HouseholdRecord, answer: ConsentRecord | None) -> datetime | None:
    """When somebody was at the door last: some houses are visited often, some were not for half a year.

    Who refused was not visited again; who never answered was not met.
    """
    if answer is None or answer.status in NO_CONSENT:
        return answer.asked_at if answer else None
    house, door = (crc32(key.encode()) for key in (home.building, home.key))
    days = 1 + door % 130 + (0, 30, 110)[house % 3]
    return max(answer.asked_at, loading.now - timedelta(days=days))


def _ground(loading: Loading, demo: DemoCommunity) -> None:
    facilities = [
        {
            "id": new_id(),
            "community_id": loading.community_id,
            "type": one.kind,
            "name": one.name,
            "address": one.address or None,
            "floor_area_m2": one.floor_area_m2,
            "position": one.geom,
            "cell_id": loading.ids["cell"][one.cell],
        }
        for one in demo.facilities
    ]
    loading.add(Facility, facilities)
    shared = {"community_id": loading.community_id}
    streets = [
        {"id": new_id(), **shared, "name": one.name, "kind": one.kind, "geom": one.geom}
        for one in demo.streets
    ]
    loading.add(Street, streets)
    lands = [
        {"id": new_id(), **shared, "name": one.name, "kind": one.kind, "geom": one.geom}
        for one in demo.landscapes
    ]
    loading.add(Landscape, lands)
