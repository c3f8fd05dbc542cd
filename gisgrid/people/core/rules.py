"""Rules about people: age, age bands, and the one definition of an elder.

Everything rests on one comparison, ``birth_date <= latest_birth(age, on)``, which Python, numpy and SQL
do alike. Dates are days of the deployment's zone; spans are half-open (``lived_to`` is the first day on
which the person no longer lives there).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from gisgrid.errors import InvalidInput

ELDER_AGE: Final = 60
OLD_ELDER_AGE: Final = 80
LISTED_AGE: Final = 14
"""Minors below this age are never listed."""


class ResidenceStatus(StrEnum):
    """Where a person is registered and where the person lives; exactly one holds."""

    REGISTERED_HERE = "registered_here"
    RESIDENT = "resident"
    FLOATING = "floating"
    ABSENT = "absent"


class Leaving(StrEnum):
    """Why a person lives in a household no more."""

    MOVED = "moved"
    DIED = "died"


class ConsentStatus(StrEnum):
    """What stands behind a record of a person, per purpose."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STATUTORY_DUTY = "statutory_duty"


class AgeBand(StrEnum):
    """Bands of completed years, both ends included."""

    CHILD = "0-13"
    YOUTH = "14-17"
    ADULT = "18-59"
    FROM_60 = "60-64"
    FROM_65 = "65-69"
    FROM_70 = "70-79"
    FROM_80 = "80+"


LIVING_HERE: Final = frozenset({ResidenceStatus.REGISTERED_HERE, ResidenceStatus.RESIDENT})
"""Who lives here for half a year or more."""

NO_CONSENT: Final = frozenset({ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN})

NOT_ASKED: Final = "not_asked"
"""In place of an answer where nobody has asked yet: neither a consent nor a refusal."""

_BAND_STARTS: Final = (
    (80, AgeBand.FROM_80),
    (70, AgeBand.FROM_70),
    (65, AgeBand.FROM_65),
    (60, AgeBand.FROM_60),
    (18, AgeBand.ADULT),
    (14, AgeBand.YOUTH),
    (0, AgeBand.CHILD),
)


def latest_birth(age: int, on: date) -> date:
    """The last birth date of those who are at least ``age`` years old on a day.

    An age is reached on the birthday; who was born on 29 February reaches it on 1 March in other years.
    Also the form for SQL: ``birth_date <= latest_birth(60, on)``.
    """
    year = on.year - age
    if (on.month, on.day) == (2, 29) and not _is_leap(year):
        return date(year, 2, 28)
    return date(year, on.month, on.day)


def age_on(birth_date: date, on: date) -> int:
    """Completed years on a day.

    Raises
    ------
    InvalidInput
        The day lies before the birth.
    """
    if on < birth_date:
        raise InvalidInput("the day lies before the date of birth", field="birth_date")
    years = on.year - birth_date.year
    return years - ((on.month, on.day) < (birth_date.month, birth_date.day))


def age_or_none(birth_date: date | None, on: date) -> int | None:
    """The same; nothing where the birth date is not known."""
    return age_on(birth_date, on) if birth_date else None


def age_band(birth_date: date, on: date) -> AgeBand:
    """The band of completed years in which a person is on a day."""
    age = age_on(birth_date, on)
    return next(band for start, band in _BAND_STARTS if age >= start)


def is_listed(birth_date: date | None, on: date) -> bool:
    """Whether a person may stand in a list at all: not below 14. An unknown birth date may."""
    return birth_date is None or birth_date <= latest_birth(LISTED_AGE, on)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
