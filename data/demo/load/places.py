"""Compounds, buildings, households, facilities, streets and land of the demo.

The services keep buildings and streets and put everything into its cell. Compounds are inserted with the
area each is, which the service that makes them by name leaves open; so is land, which has none, and so are
households and facilities, whose services keep the rows of a file, with a record of its import by which it
can be taken back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from sqlalchemy import select

from data.demo.load.ids import Loading
from data.demo.personas.records import DemoConsent as ConsentRecord
from data.demo.personas.records import DemoHousehold as HouseholdRecord
from data.demo.records import DemoCommunity
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.places.models import Building, Compound, Facility, Household, Landscape
from gisgrid.places.service import NewBuilding, NewStreet, save_buildings, save_streets
from gisgrid.positions.placement import place_objects
from gisgrid.storage.base import new_id

_PASSED_BY: Final = {False: 40, True: 4}
"""One door in so many was passed by, and where nobody has been on duty lately."""


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
    place_objects(loading.session, loading.community_id, at=loading.now)


def _buildings(loading: Loading, demo: DemoCommunity) -> None:
    names = {compound.key: compound.name for compound in demo.compounds}
    buildings = [
        NewBuilding(
            row=row,
            code=building.code,
            address=building.address,
            compound=names[building.compound],
            floors=building.floors,
            built_year=building.built_year,
            condition=building.condition,
            has_lift=building.lift,
            dwellings=building.dwellings,
            footprint=building.geom,
        )
        for row, building in enumerate(demo.buildings, start=1)
    ]
    session, community_id = loading.session, loading.community_id
    save_buildings(session, loading.actor, community_id, buildings=buildings, at=loading.now)
    coded = select(Building.code, Building.id).where(Building.community_id == community_id)
    ids = dict(session.execute(coded).all())
    loading.ids.setdefault("building", {}).update(
        {building.key: ids[building.code] for building in demo.buildings}
    )


def _households(loading: Loading, demo: DemoCommunity) -> None:
    loading.new("household", [home.key for home in demo.households])
    answers = {answer.household: answer for answer in demo.consents}
    checks = {
        record.of: record.filled_at
        for record in demo.fieldwork.records
        if record.form == "household_check" and record.answers["outcome"] == "met"
    }
    since: dict[str, Any] = {}
    for person in demo.residents:
        since[person.household] = min(since.get(person.household, person.lived_from), person.lived_from)
    founded = demo.areas[1].valid_from.date()
    idle = demo.fieldwork.idle
    rows = [
        _household(
            loading, home, answers.get(home.key), checks.get(home.key), one_in=_PASSED_BY[home.key in idle]
        )
        | {"lived_from": since.get(home.key, founded)}
        for home in demo.households
    ]
    loading.add(Household, rows)


def _household(
    loading: Loading,
    home: HouseholdRecord,
    answer: ConsentRecord | None,
    checked: datetime | None,
    *,
    one_in: int,
) -> dict[str, Any]:
    verified = _verified_at(loading, home, answer, one_in)
    return {
        "id": loading.ids["household"][home.key],
        "community_id": loading.community_id,
        "building_id": loading.ids["building"][home.building],
        "unit": str(home.unit),
        "room": home.room,
        "std_address": home.address,
        "position": home.geom,
        "consent": answer.status if answer else None,
        "last_verified_at": max(verified, checked) if verified and checked else verified,
    }


def _verified_at(
    loading: Loading, home: HouseholdRecord, answer: ConsentRecord | None, one_in: int
) -> datetime | None:
    """When somebody was at the door last: some houses are visited often, some were not for months.

    One door in so many was passed by for more than half a year. Who refused was not visited again; who never
    answered was not met.
    """
    if answer is None or answer.status in NO_CONSENT:
        return answer.asked_at if answer else None
    house, door = (crc32(key.encode()) for key in (home.building, home.key))
    days = 200 if door % one_in == 0 else 1 + door % 130 + (0, 30, 50)[house % 3]
    return max(answer.asked_at, loading.now - timedelta(days=days))


def _ground(loading: Loading, demo: DemoCommunity) -> None:
    loading.new("facility", [facility.key for facility in demo.facilities])
    facilities = [
        {
            "id": loading.ids["facility"][facility.key],
            "community_id": loading.community_id,
            "type": facility.kind,
            "name": facility.name,
            "address": facility.address or None,
            "floor_area_m2": facility.floor_area_m2,
            "position": facility.geom,
        }
        for facility in demo.facilities
    ]
    loading.add(Facility, facilities)
    streets = [
        NewStreet(row=row, name=street.name, kind=street.kind, geom=street.geom)
        for row, street in enumerate(demo.streets, start=1)
    ]
    save_streets(loading.session, loading.actor, loading.community_id, streets=streets, at=loading.now)
    lands = [
        {
            "id": new_id(),
            "community_id": loading.community_id,
            "name": land.name,
            "kind": land.kind,
            "geom": land.geom,
        }
        for land in demo.landscapes
    ]
    loading.add(Landscape, lands)
