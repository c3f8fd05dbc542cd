"""Households with their residents, consents and needs. A refused household is only an address."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from shapely import Point

from data.demo.ground.buildings import Estate, Flat
from data.demo.ground.compounds import CompoundPlan, compound_plans
from data.demo.ground.frame import Frame
from data.demo.personas.families import TODAY, Person, family_of
from data.demo.personas.family_mix import FamilyType, family_mix
from data.demo.personas.records import DemoConsent, DemoHousehold, DemoNeed, DemoResident
from data.demo.personas.shares import share_of
from data.demo.tables import read_records

_GROWN_UP: Final = 18
_ELDER: Final = 60

_SHARING: Final = 400
"""Of so many households one gives the phone of its neighbour: what the list of duplicates is to find."""

PURPOSE: Final = "registration"
TEXT_VERSION: Final = "2025-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedHabit:
    """A kind of need with its legal basis; ``share``: how many have it, against their compound's share."""

    kind: str
    legal_basis: str
    share: float
    grades: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """All people of one compound, as lists that belong together by household key."""

    households: list[DemoHousehold] = field(default_factory=list)
    residents: list[DemoResident] = field(default_factory=list)
    consents: list[DemoConsent] = field(default_factory=list)
    needs: list[DemoNeed] = field(default_factory=list)


def population_of(estate: Estate, frame: Frame, *, rng: random.Random) -> Population:
    """A family in every home of a compound; exactly 4 % of the households (rounded) refuse consent."""
    plan, homes = estate.plan, estate.homes
    mix = family_mix(plan)
    families = rng.choices(mix.types, mix.shares, k=len(homes))
    refused = set(rng.sample(range(len(homes)), round(share_of("refused") * len(homes))))
    built = {building.key: building.built_year for building in estate.buildings}
    points = _points(homes, frame)
    result = Population()
    for n, (home, family_type) in enumerate(zip(homes, families, strict=True)):
        key = f"{plan.key}-H{n + 1:04d}"
        persons = None if n in refused else family_type.size
        result.households.append(_household(key, home, persons=persons, point=points[n]))
        result.consents.append(_consent(key, rng, is_refused=n in refused))
        if n not in refused:
            since = date(max(built[home.building] + 1, 1985), 1, 1)
            residents, needs = _family_records(key, family_type, plan=plan, since=since, rng=rng)
            result.residents.extend(residents)
            result.needs.extend(needs)
    return result


def _points(homes: Sequence[Flat], frame: Frame) -> list[Point]:
    return [Point(*frame.to_degrees(Point(home.dwelling.place)).coords[0]) for home in homes]


def _household(key: str, home: Flat, *, persons: int | None, point: Point) -> DemoHousehold:
    return DemoHousehold(
        key=key,
        building=home.building,
        unit=home.dwelling.unit,
        floor=home.dwelling.floor,
        room=home.dwelling.room,
        address=home.address,
        persons=persons,
        geom=point,
    )


def _consent(key: str, rng: random.Random, *, is_refused: bool) -> DemoConsent:
    """The answer; who asked is filled in once the grids have their members."""
    granted = "statutory_duty" if rng.random() < share_of("statutory_duty") else "granted"
    asked = datetime(2025, 3, 1, 1, 0, tzinfo=UTC) + timedelta(minutes=10 * rng.randrange(40_000))
    return DemoConsent(
        household=key,
        purpose=PURPOSE,
        status="refused" if is_refused else granted,
        text_version=TEXT_VERSION,
        asked_by="",
        asked_at=asked,
    )


def _family_records(
    key: str, family_type: FamilyType, *, plan: CompoundPlan, since: date, rng: random.Random
) -> tuple[list[DemoResident], list[DemoNeed]]:
    """The residents of a household, the contact first, and their needs."""
    people = family_of(family_type, rng)
    is_rented = rng.random() < plan.renter_share
    moved_in = _moved_in(since, rng, is_rented=is_rented)
    status = _household_status(rng, is_rented=is_rented)
    residents = [
        DemoResident(
            key=f"{key}-{n}",
            household=key,
            name=person.name,
            sex=person.sex,
            birth_date=person.birth_date,
            residence_status=_status(person, status, rng=rng),
            is_contact=n == 1,
            phone=_phone(key) if n == 1 else None,
            lived_from=max(moved_in, person.birth_date),
        )
        for n, person in enumerate(people, start=1)
    ]
    needs = [need for resident in residents for need in _needs(resident, people, plan=plan, rng=rng)]
    return residents, needs


def _moved_in(since: date, rng: random.Random, *, is_rented: bool) -> date:
    """Owners came at any time since the house stands, tenants in the last years."""
    first = max(since, date(2019, 1, 1)) if is_rented else since
    return first + timedelta(days=rng.randrange(max((date(2026, 10, 1) - first).days, 1)))


def _household_status(rng: random.Random, *, is_rented: bool) -> str:
    if not is_rented:
        return "registered_here"
    return "floating" if rng.random() < share_of("floating") else "resident"


def _status(person: Person, household_status: str, *, rng: random.Random) -> str:
    """A few grown-ups are registered here but live elsewhere."""
    is_grown = (TODAY - person.birth_date).days > _GROWN_UP * 365.25
    if household_status == "registered_here" and is_grown and rng.random() < share_of("absent"):
        return "absent"
    return household_status


def _phone(key: str) -> str:
    """A number in no assigned form, of its own but for a few: three digits, four zeros and a counter."""
    compound, text = key.split("-H")
    number = int(text) - (int(text) % _SHARING == 0)
    before = sum(plan.households for plan in compound_plans() if plan.key < compound)
    return f"199-0000-{before + number:04d}"


def _needs(
    resident: DemoResident, people: Sequence[Person], *, plan: CompoundPlan, rng: random.Random
) -> Iterator[DemoNeed]:
    """Needs with their legal basis: living alone, an ability grade, a minimum allowance."""
    alone, ability, disabled, allowance = read_records(NeedHabit, "demo/personas/needs")
    is_elder = (TODAY - resident.birth_date).days / 365.25 >= _ELDER
    if is_elder and len(people) == 1:
        yield _need(resident, alone, rng=rng)
    habit = ability if is_elder else disabled
    if rng.random() < habit.share * plan.need_share:
        yield _need(resident, habit, rng=rng)
    if resident.is_contact and rng.random() < allowance.share * plan.need_share:
        yield _need(resident, allowance, rng=rng)


def _need(resident: DemoResident, habit: NeedHabit, *, rng: random.Random) -> DemoNeed:
    grade = rng.choice(habit.grades) if habit.grades else None
    since = max(date(2018, 1, 1), resident.lived_from) + timedelta(days=rng.randrange(60))
    return DemoNeed(
        resident=resident.key,
        kind=habit.kind,
        grade=grade,
        legal_basis=habit.legal_basis,
        since=min(since, TODAY),
    )
