"""Needs of people that may be known, and whether anybody serves them, as SQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from gisgrid.areas.view import View
from gisgrid.care.service_rows import is_running
from gisgrid.people.contracts.scope import is_listed_here, is_passed_on
from gisgrid.people.contracts.scope import is_running as is_contract_running
from gisgrid.people.core.models import Need, Resident, ServiceContract
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.core.open_purposes import is_open
from gisgrid.people.core.purposes import VISIT_NEEDS, Purpose
from gisgrid.people.core.rules import ResidenceStatus
from gisgrid.places.models import Household
from gisgrid.storage.base import valid_at
from gisgrid.welfare.models import AssignedVisitor

NO_INCOME: Final = "no_income"
ALLOWANCE: Final = "min_allowance"
_GRADED: Final = "ability_grade"
_AT_HOME: Final = VISIT_NEEDS | {_GRADED, "disabled"}
"""Needs that a contract of services at home serves; the others are of money."""


def known_needs(view: View, scope: ColumnElement[bool], *columns: Any) -> Select[Any]:
    """Columns of the needs that hold on the day of the view and that people agreed to have known.

    ``scope``: of which households. Whoever is below 14, lives elsewhere, was erased or refused to be
    registered isn't there, nor is the ability grade of somebody who manages alone.
    """
    return (
        select(*columns)
        .select_from(Need)
        .join(Resident, Resident.id == Need.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(
            scope,
            is_listed_here(view.when.day),
            Resident.residence_status != ResidenceStatus.ABSENT,
            valid_at(Need, view.when.at),
            or_(Need.kind != _GRADED, Need.grade > 0),
            _is_agreed(),
        )
    )


def is_served(view: View) -> ColumnElement[bool]:
    """Needs, joined with their people and households, that somebody serves on the day of the view.

    Somebody is noted as serving the need, or a contract of services at home runs, or, of those who live
    alone or as an old couple, somebody visits.
    """
    noted = exists().where(
        NeedService.resident_id == Need.resident_id,
        NeedService.kind == Need.kind,
        is_running(view.when.day),
    )
    contracted = exists().where(
        ServiceContract.resident_id == Need.resident_id, is_contract_running(view.when.day)
    )
    visited = exists().where(
        AssignedVisitor.resident_id == Need.resident_id, valid_at(AssignedVisitor, view.when.at)
    )
    passed_on = func.coalesce(is_passed_on(), false())  # where nobody answered it is no truth in SQL
    return or_(
        noted,
        and_(Need.kind.in_(_AT_HOME), contracted, passed_on),
        and_(Need.kind.in_(VISIT_NEEDS), visited),
    )


def _is_agreed() -> ColumnElement[bool]:
    is_visit = Need.kind.in_(VISIT_NEEDS)
    return or_(
        and_(is_visit, is_open(Purpose.ELDER_VISITS)), and_(~is_visit, is_open(Purpose.SENSITIVE_NEEDS))
    )
