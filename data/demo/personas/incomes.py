"""People without income: some draw the minimum allowance, some nothing yet, spread over the community."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from data.demo.personas.families import TODAY
from data.demo.personas.households import Population
from data.demo.personas.records import DemoNeed, DemoResident
from gisgrid.people.core.rules import latest_birth

KIND: Final = "no_income"
LEGAL_BASIS: Final = "社会救助暂行办法:收入核对"
_ADULT, _ELDER = 18, 60
_ALLOWED: Final = 24
"""So many of those who draw the minimum allowance have no income beside it."""
_OTHERS: Final = 10
"""So many draw none."""
_KNOWN: Final = timedelta(days=40)
"""So long after an allowance it was noted that there is no income."""


def without_income(population: Population) -> Iterator[DemoNeed]:
    """Needs of adults below 60 who live here and have no income; every so many of those there are."""
    drawing = {need.resident: need for need in population.needs if need.kind == "min_allowance"}
    adults = [person for person in population.residents if _is_of_age(person)]
    for person in _spread([row for row in adults if row.key in drawing], _ALLOWED):
        yield _need(person, drawing[person.key])
    for person in _spread([row for row in adults if row.key not in drawing], _OTHERS):
        yield _need(person, None)


def _is_of_age(person: DemoResident) -> bool:
    is_adult = latest_birth(_ELDER, TODAY) < person.birth_date <= latest_birth(_ADULT, TODAY)
    return is_adult and person.residence_status != "absent" and person.lived_to is None


def _spread(people: Sequence[DemoResident], count: int) -> Sequence[DemoResident]:
    """So many of a list, at equal steps."""
    return people[:: max(len(people) // count, 1)][:count]


def _need(person: DemoResident, allowance: DemoNeed | None) -> DemoNeed:
    since = (allowance.since if allowance else max(person.lived_from, TODAY - timedelta(days=500))) + _KNOWN
    return DemoNeed(
        resident=person.key, kind=KIND, grade=None, legal_basis=LEGAL_BASIS, since=min(since, TODAY)
    )
