"""Rules about people: age, age bands, and the one definition of an elder.

Everything rests on one comparison, ``birth_date <= latest_birth(age, on)``, which Python, numpy and SQL
do alike. Dates are days of the deployment's zone; spans are half-open (``lived_to`` is the first day on
which the person no longer lives there).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from gisgrid.errors import Fault, InvalidInput

ELDER_AGE: Final = 60
OLD_ELDER_AGE: Final = 80
LISTED_AGE: Final = 14
"""Minors below this age are never listed."""

ELDER_COLUMNS: Final = ("birth_date", "residence_status", "lived_from", "lived_to", "consent")


class ResidenceStatus(StrEnum):
    """Where a person is registered and where the person lives; exactly one holds."""

    REGISTERED_HERE = "registered_here"
    RESIDENT = "resident"
    FLOATING = "floating"
    ABSENT = "absent"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ElderFacts:
    """What decides whether a person counts as an elder; ``None`` is not known or, for a span, open.

    ``consent`` is ``None`` where nobody has asked yet: that is neither refused nor withdrawn.
    """

    birth_date: date | None
    residence_status: ResidenceStatus | str
    lived_from: date | None = None
    lived_to: date | None = None
    consent: ConsentStatus | str | None = None


def latest_birth(age: int, on: date) -> date:
    """The last birth date of those who are at least ``age`` years old on a day.

    An age is reached on the birthday; who was born on 29 February reaches it on 1 March in other years.
    Also the form for SQL: ``birth_date <= latest_birth(60, on)``.
    """
    year = on.year - age
    if (on.month, on.day) == (2, 29) and not _is_leap(year):
        return date(year, 2, 28)
    return date(year, on.month, on.day)


@overload
def age_on(birth_date: date, on: date) -> int: ...
@overload
def age_on(birth_date: None, on: date) -> None: ...
@overload
def age_on(birth_date: date | None, on: date) -> int | None: ...
def age_on(birth_date: date | None, on: date) -> int | None:
    """Completed years on a day; nothing where the birth date is not known.

    Raises
    ------
    InvalidInput
        The day lies before the birth.
    """
    if birth_date is None:
        return None
    if on < birth_date:
        raise InvalidInput("the day lies before the date of birth", field="birth_date")
    years = on.year - birth_date.year
    return years - ((on.month, on.day) < (birth_date.month, birth_date.day))


def age_band(birth_date: date, on: date) -> AgeBand:
    """The band of completed years in which a person is on a day."""
    age = age_on(birth_date, on)
    return next(band for start, band in _BAND_STARTS if age >= start)


def is_listed(birth_date: date | None, on: date) -> bool:
    """Whether a person may stand in a list at all: not below 14. An unknown birth date may."""
    return birth_date is None or birth_date <= latest_birth(LISTED_AGE, on)


def lived_here(lived_from: date | None, lived_to: date | None, on: date) -> bool:
    """Whether a span covers a day: from ``lived_from``, up to but without ``lived_to``."""
    return (lived_from is None or lived_from <= on) and (lived_to is None or on < lived_to)


def is_elder(facts: ElderFacts, on: date, *, age: int = ELDER_AGE) -> bool:
    """Whether a person counts as an elder on a day: the one definition, for every map, row and impact.

    At least ``age`` years old that day, ``registered_here`` or ``resident``, lived there that day, and
    consent neither refused nor withdrawn. An unknown birth date is no elder.
    """
    return (
        facts.birth_date is not None
        and facts.birth_date <= latest_birth(age, on)
        and facts.residence_status in LIVING_HERE
        and lived_here(facts.lived_from, facts.lived_to, on)
        and facts.consent not in NO_CONSENT
    )


def elder_mask(people: pd.DataFrame, on: date, *, age: int = ELDER_AGE) -> npt.NDArray[np.bool_]:
    """:func:`is_elder` for a frame: one flag per row, in the order of its rows.

    Columns: ``birth_date``, ``lived_from``, ``lived_to`` (dates, timestamps or ISO text; missing is not
    known), ``residence_status``, ``consent`` (missing is not asked). The frame is not changed.

    Raises
    ------
    InvalidInput
        A column is missing (all are named) or holds something that is no date.
    """
    missing = [name for name in ELDER_COLUMNS if name not in people.columns]
    if missing:
        raise InvalidInput([Fault(message="the column is missing", field=name) for name in missing])
    day = np.datetime64(on, "D")
    lived_from, lived_to = _days(people, "lived_from"), _days(people, "lived_to")
    # NaT compares false, so an unknown birth date is no elder and an open end needs to be said.
    is_old = _days(people, "birth_date") <= np.datetime64(latest_birth(age, on), "D")
    is_here = (np.isnat(lived_from) | (lived_from <= day)) & (np.isnat(lived_to) | (day < lived_to))
    lives = people["residence_status"].isin([str(status) for status in LIVING_HERE]).to_numpy(dtype=bool)
    refused = people["consent"].isin([str(status) for status in NO_CONSENT]).to_numpy(dtype=bool)
    result: npt.NDArray[np.bool_] = is_old & is_here & lives & ~refused
    return result


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(people: pd.DataFrame, name: str) -> npt.NDArray[np.datetime64]:
    try:
        return np.asarray(people[name].to_numpy(), dtype="datetime64[D]")
    except (ValueError, TypeError):
        raise InvalidInput("holds something that is no date", field=name) from None
