"""Whom an organisation may know of by contract, as SQL: today, with consent, and who still lives there."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.people.core.models import Consent, Resident, ServiceContract
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import LISTED_AGE, NO_CONSENT, ConsentStatus, latest_birth
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on

_NO: Final = tuple(NO_CONSENT)


def is_running(today: date) -> ColumnElement[bool]:
    """Contracts in whose days a day lies and that nobody has ended."""
    last = ServiceContract.until_day
    return and_(
        ServiceContract.ended_at.is_(None),
        ServiceContract.from_day <= today,
        or_(last.is_(None), last >= today),
    )


def is_listed_here(today: date) -> ColumnElement[bool]:
    """Residents, joined with their households, who live there that day, are registered and 14 or older."""
    born = Resident.birth_date
    return and_(
        lived_on(Resident.lived_from, Resident.lived_to, today),
        lived_on(Household.lived_from, Household.lived_to, today),
        Resident.erased_at.is_(None),
        Resident.consent.not_in(_NO),
        or_(Household.consent.is_(None), Household.consent.not_in(_NO)),
        or_(born.is_(None), born <= latest_birth(LISTED_AGE, today)),
    )


def is_passed_on() -> ColumnElement[bool]:
    """Residents, joined with their households, who agreed that an organisation learns name and address.

    The person's own last answer counts, else the household's; the household's no speaks for everybody.
    """
    own = _last_answer(Consent.resident_id, Resident.id)
    shared = _last_answer(Consent.household_id, Household.id)
    return and_(
        func.coalesce(own, shared) == ConsentStatus.GRANTED.value,
        func.coalesce(shared, "none").not_in(_NO),
    )


def _last_answer(subject: InstrumentedAttribute[str | None], of: Any) -> ColumnElement[str | None]:
    return (
        select(Consent.status)
        .where(subject == of, Consent.purpose == Purpose.CONTRACTED_SERVICES.value)
        .order_by(Consent.asked_at.desc(), Consent.id.desc())
        .limit(1)
        .correlate(Resident, Household)
        .scalar_subquery()
    )
