"""Contracts of an organisation, and those of a household for who may make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, case, literal, select

from gisgrid.access.accounts import ORGANISATIONS, organisation_name
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.accounts import accounts_of
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.people.contracts.scope import is_listed_here, is_passed_on, is_running
from gisgrid.people.core.contract_rules import ContractState, HomeService
from gisgrid.people.core.models import Resident, ServiceContract
from gisgrid.people.core.scope import answerable_household
from gisgrid.people.queries import persons_of
from gisgrid.places.models import Household


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracted:
    """What an organisation knows of somebody: nothing else. ``until`` is the last day, if there is one."""

    name: str | None
    address: str
    service: HomeService
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """A contract of a household; ``name`` where the actor may know it, whole or masked."""

    id: str
    name: str | None
    organisation: str
    service: HomeService
    first: date
    until: date | None
    state: ContractState


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCard:
    """Contracts of a household, and with whom and for whom one can be made: ``agreed`` of who has agreed."""

    household: str
    address: str
    rows: list[ContractRow]
    persons: list[dict[str, Any]]
    organisations: list[dict[str, str]]


def contracts_of(view: View, *, now: datetime) -> list[Contracted]:
    """Whom the organisation serves by contract today: name, address, service and until when.

    It is always of today, whatever day the view is about. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The actor stands for no organisation.
    """
    require(view.actor, Action.CONTRACTS_VIEW)
    today = day_of(now, view.tz)
    rows = view.session.execute(
        select(Resident.name, Household.std_address, ServiceContract.service, ServiceContract.until_day)
        .join(Resident, Resident.id == ServiceContract.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .where(
            ServiceContract.account_id == view.actor.account_id,
            Household.community_id == view.community.id,
            is_running(today),
            is_listed_here(today),
            is_passed_on(),
        )
        .order_by(Household.std_address, Resident.id, ServiceContract.service)
    ).all()
    record(view.session, view.actor, "contracts:list", "resident", now=now, count=len(rows), fields=("name",))
    return [
        Contracted(
            name=row.name, address=row.std_address, service=HomeService(row.service), until=row.until_day
        )
        for row in rows
    ]


def household_contracts(view: View, household_id: str, *, now: datetime) -> list[ContractRow]:
    """Contracts of who lives in a household, without names, what runs first.

    Raises
    ------
    NotAllowed
        The role records no answers.
    NotFound
        No such household within what the actor may ask.
    """
    require(view.actor, Action.CONSENT_RECORD)
    household = answerable_household(view, household_id)
    return [_describe(row, {}) for row in _rows(view, household.id, now=now)]


def contract_card(view: View, household_id: str, *, now: datetime) -> ContractCard:
    """A household's contracts with the names the actor may know. Who sees persons leaves an audit entry.

    Raises
    ------
    NotAllowed
        The role makes no contracts.
    NotFound
        No such household within what the actor may ask.
    """
    require(view.actor, Action.CONTRACTS_MAKE)
    household = answerable_household(view, household_id)
    persons = persons_of(view, household, reason=None, now=now).rows or []
    agreed = set(view.session.scalars(who_agreed(household.id, day_of(now, view.tz))))
    names = {person["id"]: person["name"] for person in persons}
    return ContractCard(
        household=household.id,
        address=household.std_address,
        rows=[_describe(row, names) for row in _rows(view, household.id, now=now)],
        persons=[{"id": row["id"], "name": row["name"], "agreed": row["id"] in agreed} for row in persons],
        organisations=organisations_here(view, now=now),
    )


def who_agreed(household_id: str, today: date) -> Any:
    """The ids of who lives in a household and may be named to an organisation, as a statement."""
    return (
        select(Resident.id)
        .join(Household, Household.id == Resident.household_id)
        .where(Household.id == household_id, is_listed_here(today), is_passed_on())
    )


def organisations_here(view: View, *, now: datetime) -> list[dict[str, str]]:
    """Organisations at work in the community: ``account``, ``name``, ``role``."""
    at_work = accounts_of(view.session, view.community.id, ORGANISATIONS, now=now)
    rows = view.session.execute(
        select(Account.id, organisation_name().label("name"), Account.role)
        .where(Account.id.in_(at_work))
        .order_by(Account.role, organisation_name(), Account.id)
    )
    return [{"account": row.id, "name": row.name, "role": row.role} for row in rows]


def _rows(view: View, household_id: str, *, now: datetime) -> list[Row[Any]]:
    today = day_of(now, view.tz)
    state = case(
        (
            and_(is_running(today), is_listed_here(today), is_passed_on()),
            literal(ContractState.RUNNING.value),
        ),
        (is_running(today), literal(ContractState.WITHHELD.value)),
        (
            and_(ServiceContract.ended_at.is_(None), ServiceContract.from_day > today),
            literal(ContractState.COMING.value),
        ),
        else_=literal(ContractState.OVER.value),
    ).label("state")
    statement = (
        select(ServiceContract, organisation_name().label("organisation"), state)
        .join(Resident, Resident.id == ServiceContract.resident_id)
        .join(Household, Household.id == Resident.household_id)
        .join(Account, Account.id == ServiceContract.account_id)
        .where(Household.id == household_id)
        .order_by(ServiceContract.from_day.desc(), ServiceContract.id)
    )
    places = list(ContractState)
    return sorted(view.session.execute(statement).all(), key=lambda row: places.index(row.state))


def _describe(row: Row[Any], names: Mapping[str, str | None]) -> ContractRow:
    contract: ServiceContract = row.ServiceContract
    return ContractRow(
        id=contract.id,
        name=names.get(contract.resident_id),
        organisation=row.organisation,
        service=HomeService(contract.service),
        first=contract.from_day,
        until=contract.until_day,
        state=ContractState(row.state),
    )
