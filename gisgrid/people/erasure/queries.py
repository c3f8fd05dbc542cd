"""Requests to be erased: those of the community for its head, those of one household for who asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, case, func, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.view import View
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.models import ErasureRequest, Resident
from gisgrid.people.core.scope import answerable_household
from gisgrid.places.models import Household

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """A request: the address, how many people it is about, who asked when, and what became of it."""

    id: str
    household: str
    address: str
    is_one_person: bool
    people: int
    state: ErasureState
    asked_at: datetime
    asked_by: str | None
    decided_at: datetime | None
    reason: str | None


def list_erasures(view: View, *, page: int = 1, now: datetime) -> tuple[list[ErasureRow], int]:
    """Requests of the community, those that wait first. Leaves one audit entry.

    Raises
    ------
    NotAllowed
        The role decides nothing here.
    """
    require(view.actor, Action.ERASURE_DECIDE)
    here = ErasureRequest.community_id == view.community.id
    total = view.session.scalar(select(func.count()).select_from(ErasureRequest).where(here)) or 0
    waits = case((ErasureRequest.state == ErasureState.ASKED, 0), else_=1)
    statement = _rows().where(here).order_by(waits, ErasureRequest.asked_at.desc(), ErasureRequest.id)
    result = view.session.execute(statement.limit(PAGE).offset((page - 1) * PAGE))
    rows = [_row(view, *row) for row in result]
    record(view.session, view.actor, "erasure:list", "household", now=now, count=len(rows))
    return rows, total


def erasures_of(view: View, household_id: str) -> list[ErasureRow]:
    """Requests of one household, the newest first, for its page.

    Raises
    ------
    NotAllowed
        The role may not ask.
    NotFound
        No such household within what the actor may ask.
    """
    require(view.actor, Action.ERASURE_ASK)
    household = answerable_household(view, household_id)
    own = ErasureRequest.household_id == household.id
    statement = _rows().where(own).order_by(ErasureRequest.asked_at.desc(), ErasureRequest.id)
    return [_row(view, *row) for row in view.session.execute(statement)]


def _rows() -> Select[ErasureRequest, str, str | None]:
    return (
        select(ErasureRequest, Household.std_address, Account.name)
        .join(Household, Household.id == ErasureRequest.household_id)
        .outerjoin(Account, Account.id == ErasureRequest.asked_by)
    )


def _row(view: View, request: ErasureRequest, address: str, name: str | None) -> ErasureRow:
    people = select(func.count()).where(
        Resident.household_id == request.household_id, Resident.erased_at.is_(None)
    )
    left = view.session.scalar(people) or 0
    is_one = request.resident_id is not None
    return ErasureRow(
        id=request.id,
        household=request.household_id,
        address=address,
        is_one_person=is_one,
        people=min(left, 1) if is_one else left,
        state=ErasureState(request.state),
        asked_at=request.asked_at,
        asked_by=name,
        decided_at=request.decided_at,
        reason=request.reason,
    )
