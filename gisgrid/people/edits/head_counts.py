"""Whether how many live in a household by what they say agrees with those who are registered, and why not."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import func, or_, select
from typing_extensions import TypedDict

from gisgrid.areas.view import View
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, latest_birth
from gisgrid.places.models import Household, HouseholdKind
from gisgrid.storage.base import lived_on


class HeadCountReason(StrEnum):
    """Why the two counts of a household differ, or can't be compared."""

    AGREES = "agrees"
    NOT_SAID = "not_said"
    UNREGISTERED = "unregistered"
    """More live there than are registered."""
    TOO_MANY = "too_many"
    """More are registered than live there by what they say."""
    VACANT_BUT_LIVED_IN = "vacant_but_lived_in"
    SOME_REFUSED = "some_refused"
    """More live there than are registered, and somebody has refused."""


class HeadCount(TypedDict):
    """How many live in a household: by what they say, with an entry, below 14; and whether that agrees."""

    told: int | None
    persons: int
    minors: int
    agrees: bool
    why: HeadCountReason


def head_count(view: View, household: Household) -> HeadCount:
    """Both counts of a household as they stand in the transaction; children below 14 are counted once."""
    persons, refused = _count(view, household, refused=False), _count(view, household, refused=True)
    minors = household.minors or 0
    why = _why(household, persons + minors, refused)
    return HeadCount(
        told=household.people_told,
        persons=persons,
        minors=minors,
        agrees=why == HeadCountReason.AGREES,
        why=why,
    )


def _why(household: Household, known: int, refused: int) -> HeadCountReason:
    said = household.people_told
    if household.kind == HouseholdKind.VACANT and known:
        return HeadCountReason.VACANT_BUT_LIVED_IN
    if said is None:
        return HeadCountReason.NOT_SAID
    if said == known:
        return HeadCountReason.AGREES
    if said < known:
        return HeadCountReason.TOO_MANY
    return HeadCountReason.SOME_REFUSED if refused else HeadCountReason.UNREGISTERED


def _count(view: View, household: Household, *, refused: bool) -> int:
    """People of 14 and older who live there, registered or having refused."""
    born, day = Resident.birth_date, view.when.day
    statement = select(func.count()).where(
        Resident.household_id == household.id,
        Resident.erased_at.is_(None),
        lived_on(Resident.lived_from, Resident.lived_to, day),
        or_(born.is_(None), born <= latest_birth(LISTED_AGE, day)),
        Resident.consent.in_(NO_CONSENT) if refused else Resident.consent.not_in(NO_CONSENT),
    )
    return view.session.scalar(statement) or 0
