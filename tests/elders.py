"""Who is an elder, person by person: the oracle of the SQL that every count rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from gisgrid.people.core.rules import (
    ELDER_AGE,
    LIVING_HERE,
    NO_CONSENT,
    ConsentStatus,
    ResidenceStatus,
    latest_birth,
)

ELDER_COLUMNS: Final = ("birth_date", "residence_status", "lived_from", "lived_to", "consent")


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


def is_elder(facts: ElderFacts, on: date, *, age: int = ELDER_AGE) -> bool:
    """Whether a person counts as an elder on a day: as `gisgrid.figures.counts.is_elder_sql` counts.

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


def lived_here(lived_from: date | None, lived_to: date | None, on: date) -> bool:
    """Whether a span covers a day: from ``lived_from``, up to but without ``lived_to``."""
    return (lived_from is None or lived_from <= on) and (lived_to is None or on < lived_to)
