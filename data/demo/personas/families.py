"""Who lives together: ages, sexes and family names of one household."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from data.demo.personas.family_mix import FamilyType
from data.demo.personas.names import given_name, surname
from data.demo.personas.shares import share_of
from data.demo.tables import read_table

TODAY: Final = date(2026, 11, 24)
"""The day on which ages are as the census shares say."""

_CHILD_BORN_AT: Final = (23, 36)
_OLDEST: Final = 97


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of a family, the one to turn to first."""

    name: str
    sex: str
    birth_date: date


def family_of(family_type: FamilyType, rng: random.Random) -> list[Person]:
    """The members of an invented family: adults first, then elders, then children."""
    children = sorted((_age(rng, 0, high=14) for _ in range(family_type.children)), reverse=True)
    adults = _adult_ages(family_type, children, rng=rng)
    elders = _elder_ages(family_type.elders, rng)
    name = surname(rng)
    people = _couple(adults[:2], name, rng=rng)
    people += [_person(name, age, rng=rng) for age in adults[2:]]
    people += _couple(elders, name, rng=rng)
    return people + [_person(name, age, rng=rng) for age in children]


def _couple(ages: list[int], name: str, *, rng: random.Random) -> list[Person]:
    """Up to two persons; the second keeps a family name of her own, as is the custom."""
    if len(ages) < 2:
        return [_person(name, age, rng=rng) for age in ages]
    return [_person(name, ages[0], rng=rng, sex="m"), _person(surname(rng), ages[1], rng=rng, sex="f")]


def _person(name: str, age: int, *, rng: random.Random, sex: str | None = None) -> Person:
    sex = sex or ("m" if rng.random() < share_of("male") else "f")
    born = _birthday(age, rng)
    return Person(name=name + given_name(rng, sex=sex, birth_year=born.year), sex=sex, birth_date=born)


def _birthday(age: int, rng: random.Random) -> date:
    """A day that makes a person exactly ``age`` completed years old today."""
    last = date(TODAY.year - age, TODAY.month, TODAY.day)
    return last - timedelta(days=rng.randrange(365))


def _adult_ages(family_type: FamilyType, children: list[int], *, rng: random.Random) -> list[int]:
    """Ages from 15 to 59; parents are older than their eldest child by 23 to 36 years."""
    if not family_type.adults:
        return []
    first = _first_adult(family_type, children, rng=rng)
    ages = [first]
    if family_type.adults > 1:
        ages.append(min(max(first + rng.randint(-4, 2), 18), 59))
    others = range(family_type.adults - 2)
    return ages + [_grown_child(first, rng, is_uncle=bool(children)) for _ in others]


def _first_adult(family_type: FamilyType, children: list[int], *, rng: random.Random) -> int:
    """Parents by their eldest child; without children mostly those whose children have left or grown."""
    if children:
        return min(max(children) + rng.randint(*_CHILD_BORN_AT), 59)
    if family_type.adults > 2 or rng.random() < share_of("childless_old"):
        return _age(rng, 45, high=59)
    return _age(rng, 20, high=44)


def _grown_child(parent: int, rng: random.Random, *, is_uncle: bool) -> int:
    """A further adult: a brother or sister where there are children, else a grown child."""
    if is_uncle or parent < 40:
        return min(max(parent + rng.randint(-8, 6), 15), 59)
    return max(parent - rng.randint(*_CHILD_BORN_AT), 15)


def _elder_ages(count: int, rng: random.Random) -> list[int]:
    if not count:
        return []
    first = _age(rng, 60, high=_OLDEST)
    return [first, *(min(max(first + rng.randint(-5, 3), 60), _OLDEST) for _ in range(count - 1))]


def _age(rng: random.Random, low: int, *, high: int) -> int:
    """An age between two bounds, both included, as the census age groups have it."""
    ages, weights = _age_weights(low, high)
    return rng.choices(ages, weights)[0]


@lru_cache(maxsize=16)
def _age_weights(low: int, high: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Every year of age with its share; within the open last group the shares fall to nothing."""
    ages: list[int] = []
    weights: list[float] = []
    for row in read_table("reference/age_groups"):
        first, last, share = int(row["age_from"]), int(row["age_to"]), float(row["share"])
        years = range(first, last + 1)
        fall = [float(last + 1 - year) ** 2 if first >= 80 else 1.0 for year in years]
        for year, part in zip(years, fall, strict=True):
            if low <= year <= high:
                ages.append(year)
                weights.append(share * part / sum(fall))
    return tuple(ages), tuple(weights)
