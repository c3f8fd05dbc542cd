from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.people.core.rules import (
    AgeBand,
    ConsentStatus,
    ResidenceStatus,
    age_band,
    age_on,
    is_listed,
    latest_birth,
)
from tests.elders import ElderFacts, is_elder

ON = date(2026, 11, 24)


def facts(**changes: object) -> ElderFacts:
    usual: dict[str, object] = {
        "birth_date": date(1950, 1, 1),
        "residence_status": ResidenceStatus.REGISTERED_HERE,
        "lived_from": date(2001, 5, 1),
        "lived_to": None,
        "consent": ConsentStatus.GRANTED,
    }
    return ElderFacts(**{**usual, **changes})  # type: ignore[arg-type]


def days(first: date = date(1930, 1, 1), last: date = date(2030, 12, 31)) -> st.SearchStrategy[date]:
    leap_days = [date(year, 2, 29) for year in range(1932, 2030, 4) if first <= date(year, 2, 29) <= last]
    return st.one_of(st.dates(first, last), st.sampled_from(leap_days))


def slow_age(birth: date, on: date) -> int:
    """Walks from birthday to birthday; one of 29 February falls on 1 March in other years."""
    age = 0
    while True:
        year = birth.year + age + 1
        try:
            birthday = birth.replace(year=year)
        except ValueError:
            birthday = date(year, 3, 1)
        if birthday > on:
            return age
        age += 1


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(1966, 11, 24), date(2026, 11, 23), 59),
        (date(1966, 11, 24), date(2026, 11, 24), 60),
        (date(1964, 2, 29), date(2025, 2, 28), 60),
        (date(1964, 2, 29), date(2025, 3, 1), 61),
        (date(1964, 2, 29), date(2024, 2, 29), 60),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_is_reached_on_the_birthday(birth: date, on: date, age: int) -> None:
    assert age_on(birth, on) == age


@given(birth=days(), later=st.integers(0, 36_000))
def test_age_agrees_with_walking_from_birthday_to_birthday(birth: date, later: int) -> None:
    on = birth + timedelta(days=later)
    assert age_on(birth, on) == slow_age(birth, on)


@given(birth=days(last=date(1990, 1, 1)), on=days(first=date(1990, 1, 1)), age=st.integers(0, 100))
def test_latest_birth_says_the_same_as_the_age(birth: date, on: date, age: int) -> None:
    assert (birth <= latest_birth(age, on)) == (age_on(birth, on) >= age)


def test_age_before_birth_is_refused() -> None:
    with pytest.raises(InvalidInput, match="before the date of birth"):
        age_on(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, AgeBand.CHILD),
        (13, AgeBand.CHILD),
        (14, AgeBand.YOUTH),
        (18, AgeBand.ADULT),
        (59, AgeBand.ADULT),
        (60, AgeBand.FROM_60),
        (65, AgeBand.FROM_65),
        (79, AgeBand.FROM_70),
        (80, AgeBand.FROM_80),
        (101, AgeBand.FROM_80),
    ],
)
def test_age_bands_start_on_their_birthday(age: int, band: AgeBand) -> None:
    assert age_band(date(2026 - age, 11, 24), ON) is band


def test_minors_under_14_are_not_listed_until_their_birthday() -> None:
    assert not is_listed(date(2012, 11, 25), ON)
    assert is_listed(date(2012, 11, 24), ON)
    assert is_listed(None, ON)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"birth_date": date(1966, 11, 24)}, True),
        ({"birth_date": date(1966, 11, 25)}, False),
        ({"birth_date": None}, False),
        ({"residence_status": "resident"}, True),
        ({"residence_status": "floating"}, False),
        ({"residence_status": "absent"}, False),
        ({"lived_from": None}, True),
        ({"lived_from": ON}, True),
        ({"lived_from": ON + timedelta(days=1)}, False),
        ({"lived_to": ON}, False),
        ({"lived_to": ON + timedelta(days=1)}, True),
        ({"consent": "refused"}, False),
        ({"consent": "withdrawn"}, False),
        ({"consent": "statutory_duty"}, True),
        ({"consent": None}, True),
    ],
)
def test_elder_is_60_living_here_that_day_and_not_refused(
    changes: dict[str, object], *, expected: bool
) -> None:
    assert is_elder(facts(**changes), ON) is expected
