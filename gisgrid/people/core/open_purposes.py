"""Whether data kept for a purpose exist for a resident, as SQL: the rule of a card, for whole lists."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.places.models import Household

_NO: Final = tuple(NO_CONSENT)
_NONE: Final = ""


def is_open(purpose: Purpose) -> ColumnElement[bool]:
    """Residents, joined with their households, for whom a purpose was agreed to or is a duty by law.

    The person's own last answer or the household's; a no of either speaks against it, and nobody's answer is
    none. Being registered is asked elsewhere, by the present answers of person and household.
    """
    own, shared = _answers(purpose)
    return and_(own.not_in(_NO), shared.not_in(_NO), own + shared != _NONE)


def is_refused(purpose: Purpose) -> ColumnElement[bool]:
    """Residents, joined with their households, one of whom said no to a purpose or took a yes back."""
    own, shared = _answers(purpose)
    return own.in_(_NO) | shared.in_(_NO)


def _answers(purpose: Purpose) -> tuple[ColumnElement[str], ColumnElement[str]]:
    own = _last_answer(purpose, Consent.resident_id, Resident.id)
    shared = _last_answer(purpose, Consent.household_id, Household.id)
    return func.coalesce(own, _NONE), func.coalesce(shared, _NONE)


def _last_answer(purpose: Purpose, subject: InstrumentedAttribute[str | None], of: Any) -> Any:
    return (
        select(Consent.status)
        .where(subject == of, Consent.purpose == purpose.value)
        .order_by(Consent.asked_at.desc(), Consent.id.desc())
        .limit(1)
        .correlate(Resident, Household)
        .scalar_subquery()
    )
