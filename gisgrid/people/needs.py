"""Needs of people: each with its legal basis, counted only where that and the person's answer allow it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import aliased

from gisgrid.areas.view import Look
from gisgrid.people.core.models import Consent, Need, Resident
from gisgrid.people.core.purposes import VISIT_NEEDS, Purpose
from gisgrid.people.core.rules import NO_CONSENT
from gisgrid.storage.base import lived_on, valid_at

_NO: Final = tuple(NO_CONSENT)


def is_counted(look: Look) -> ColumnElement[bool]:
    """Whether a need counts on maps and in tables, as SQL over ``need`` joined with ``resident``.

    It holds at the moment of the look and names a legal basis; the person lives there and has neither refused
    nor withdrawn being registered, nor the purpose of the need: by an own answer, else by the household's.
    """
    return and_(
        valid_at(Need, look.when.at),
        func.length(func.trim(Need.legal_basis)) > 0,
        lived_on(Resident.lived_from, Resident.lived_to, look.when.day),
        Resident.consent.not_in(_NO),
        Resident.erased_at.is_(None),
        func.coalesce(_answer(look.when.at), "none").not_in(_NO),
    )


def _answer(at: datetime) -> ColumnElement[str | None]:
    """The person's last answer to the purpose of the need, else the last one of the household."""
    purpose = case(
        (Need.kind.in_(VISIT_NEEDS), Purpose.ELDER_VISITS.value), else_=Purpose.SENSITIVE_NEEDS.value
    )
    answer = aliased(Consent)
    given = and_(answer.purpose == purpose, answer.asked_at <= at)
    latest = select(answer.status).order_by(answer.asked_at.desc(), answer.id.desc()).limit(1)
    own = latest.where(given, answer.resident_id == Resident.id).correlate(Need, Resident).scalar_subquery()
    shared = (
        latest.where(given, answer.household_id == Resident.household_id)
        .correlate(Need, Resident)
        .scalar_subquery()
    )
    return func.coalesce(own, shared)
