"""Making and ending contracts by which an organisation serves somebody at home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound
from gisgrid.people.contracts.queries import organisations_here, who_agreed
from gisgrid.people.contracts.scope import is_listed_here
from gisgrid.people.core.contract_rules import HomeService
from gisgrid.people.core.models import Resident, ServiceContract
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id

_FIELDS = ("organisation", "service")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContract:
    """Which organisation (its account) does what for which resident, from today or ``first`` to ``until``."""

    resident: str
    account: str
    service: str
    first: date | None = None
    until: date | None = None


def make_contract(view: View, household_id: str, new: NewContract, *, now: datetime) -> str:
    """Hand a person to an organisation by contract, with that person's consent; the id of the contract.

    Raises
    ------
    NotAllowed
        The role makes no contracts.
    NotFound
        No such household within what the actor may ask, or no such person in it.
    InvalidInput
        No such organisation or service here, or days that are over or the wrong way round.
    Conflict
        The person has not agreed, or the organisation does this for the person in these days already.
    """
    require(view.actor, Action.CONTRACTS_MAKE)
    household = answerable_household(view, household_id, lock=True)
    today = day_of(now, view.tz)
    _check_person(view, household.id, new.resident, today)
    first = new.first or today
    _check(view, new, first, today, now=now)
    if new.resident not in set(view.session.scalars(who_agreed(household.id, today))):
        raise Conflict("this person has not agreed that an organisation learns name and address: ask first")
    if _is_known(view, new, first):
        raise Conflict("this organisation does this for this person in these days already")
    row = ServiceContract(
        id=new_id(),
        account_id=new.account,
        resident_id=new.resident,
        service=HomeService(new.service),
        from_day=first,
        until_day=new.until,
        made_at=now,
        made_by=view.actor.account_id,
    )
    view.session.add(row)
    _keep(view, "contracts:make", new.resident, now=now)
    return row.id


def end_contract(view: View, household_id: str, contract_id: str, *, now: datetime) -> None:
    """End a contract: from now on its organisation knows nothing by it.

    Raises
    ------
    NotAllowed
        The role makes no contracts.
    NotFound
        No such household within what the actor may ask, or no such contract in it.
    Conflict
        It has been ended.
    """
    require(view.actor, Action.CONTRACTS_MAKE)
    household = answerable_household(view, household_id, lock=True)
    here = select(Resident.id).where(Resident.household_id == household.id)
    row = view.session.scalar(
        select(ServiceContract).where(
            ServiceContract.id == contract_id, ServiceContract.resident_id.in_(here)
        )
    )
    if row is None:
        raise NotFound("no such contract")
    if row.ended_at is not None:
        raise Conflict("this contract has been ended")
    row.ended_at, row.ended_by = now, view.actor.account_id
    _keep(view, "contracts:end", row.resident_id, now=now)


def _check_person(view: View, household_id: str, resident_id: str, today: date) -> None:
    listed = (
        select(Resident.id)
        .join(Household, Household.id == Resident.household_id)
        .where(Resident.id == resident_id, Household.id == household_id, is_listed_here(today))
    )
    if view.session.scalar(listed) is None:
        raise NotFound("no such person in this household")


def _check(view: View, new: NewContract, first: date, today: date, *, now: datetime) -> None:
    faults = []
    if new.account not in {organisation["account"] for organisation in organisations_here(view, now=now)}:
        faults.append(Fault(message="no such organisation in this community", field="account"))
    if new.service not in set(HomeService):
        faults.append(Fault(message="no such service", field="service"))
    if new.until is not None and new.until < max(first, today):
        faults.append(Fault(message="the last day lies before the first one or before today", field="until"))
    if faults:
        raise InvalidInput(faults)


def _is_known(view: View, new: NewContract, first: date) -> bool:
    """Whether a contract of the same three parties has days in common with the new one."""
    last = ServiceContract.until_day
    same = select(ServiceContract.id).where(
        ServiceContract.account_id == new.account,
        ServiceContract.resident_id == new.resident,
        ServiceContract.service == new.service,
        ServiceContract.ended_at.is_(None),
        or_(last.is_(None), last >= first),
    )
    if new.until is not None:
        same = same.where(ServiceContract.from_day <= new.until)
    return view.session.scalar(same.limit(1)) is not None


def _keep(view: View, action: str, resident_id: str, *, now: datetime) -> None:
    record(view.session, view.actor, action, "resident", now=now, object_id=resident_id, fields=_FIELDS)
    touch(view.session, [view.community.id])
    view.session.flush()
